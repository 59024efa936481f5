// One chart of lines: it draws what `query` answers, follows theme and width, and says what it shows.
import uPlot from "/static/vendor/uplot/uPlot.esm.js";
import { fetchJson } from "./live.js";

const FONT = '12px "Be Vietnam Pro"';
const drawn = [];
const sizes = new ResizeObserver(() => drawn.forEach(({ plot, holder, height }) => (
  plot.setSize({ width: holder.clientWidth, height }))));

// uPlot wants plain colours: read what light-dark() gives now.
export function paint(holder, name) {
  const probe = document.createElement("span");
  probe.className = name;
  holder.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

export const axisOf = (holder) => ({
  stroke: paint(holder, "paint-quiet"), grid: { stroke: paint(holder, "paint-rule"), width: 1 },
  ticks: { show: false }, font: FONT, labelFont: FONT,
});

// A thin upright line at a moment.
export function upright(plot, at, colour) {
  const x = Math.round(plot.valToPos(at, "x", true));
  const { top, height } = plot.bbox;
  plot.ctx.save();
  plot.ctx.strokeStyle = colour;
  plot.ctx.beginPath();
  plot.ctx.moveTo(x, top);
  plot.ctx.lineTo(x, top + height);
  plot.ctx.stroke();
  plot.ctx.restore();
  return { x, top };
}

function draw(entry) {
  entry.plot?.destroy();
  const { holder, height, query, answer } = entry;
  const look = { width: holder.clientWidth, height, legend: { show: false }, ...query.look(holder, answer) };
  entry.plot = new uPlot({ ...look, tzDate: (at) => uPlot.tzDate(new Date(at * 1000), query.zone) },
    query.columns(answer), holder);
  const canvas = entry.plot.root.querySelector("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", query.words(answer));
}

// Asks `address` and draws the answer into `element`: `columns` are its data, `look` the options of
// uPlot, `words` what it shows. Returns the answer, or null where there is nothing to draw.
export async function chart(element, query) {
  const answer = await fetchJson(query.address);
  if (!query.has(answer)) return null;
  const entry = { holder: element, height: query.height, query, answer };
  draw(entry);
  drawn.push(entry);
  sizes.observe(element);
  return answer;
}

await document.fonts.load(FONT, "Aặ");
const redraw = () => drawn.forEach(draw);
document.addEventListener("theme", redraw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
