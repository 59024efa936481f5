// The readings around an alarm: an hour before until its end, with the limit and the start.
import uPlot from "/static/vendor/uplot/uPlot.esm.js";
import { withHoles } from "./holes.js";
import { fetchJson } from "./live.js";
import { moment, reading, t } from "./text.js";

const HOUR_MS = 3600000;
const HEIGHT_PX = 180;
const plots = [];

function paint(holder, name) {
  const probe = document.createElement("span");
  probe.className = name;
  holder.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

function across(plot, value, colour) {
  if (value === "") return;
  const y = Math.round(plot.valToPos(Number(value), "y", true));
  const { left, width } = plot.bbox;
  plot.ctx.save();
  plot.ctx.strokeStyle = colour;
  plot.ctx.setLineDash([6, 4]);
  plot.ctx.beginPath();
  plot.ctx.moveTo(left, y);
  plot.ctx.lineTo(left + width, y);
  plot.ctx.stroke();
  plot.ctx.restore();
}

function upright(plot, ms, colour) {
  const x = Math.round(plot.valToPos(ms / 1000, "x", true));
  const { top, height } = plot.bbox;
  plot.ctx.save();
  plot.ctx.strokeStyle = colour;
  plot.ctx.beginPath();
  plot.ctx.moveTo(x, top);
  plot.ctx.lineTo(x, top + height);
  plot.ctx.stroke();
  plot.ctx.restore();
}

function build({ figure, holder, data }) {
  const { start, high, low } = figure.dataset;
  const quiet = paint(holder, "paint-quiet");
  const accent = paint(holder, "paint-accent");
  const amber = paint(holder, "paint-amber");
  const axis = { stroke: quiet, grid: { stroke: paint(holder, "paint-rule"), width: 1 }, ticks: { show: false },
    font: '12px "Be Vietnam Pro"' };
  const limits = [high, low].filter((value) => value !== "").map(Number);
  return new uPlot({
    width: holder.clientWidth, height: HEIGHT_PX, legend: { show: false }, cursor: { y: false },
    tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "Asia/Ho_Chi_Minh"),
    scales: { y: { range: (_, least, most) => {
      const all = [least ?? 0, most ?? 1, ...limits];
      const room = (Math.max(...all) - Math.min(...all)) * 0.1 || 1;
      return [Math.min(...all) - room, Math.max(...all) + room];
    } } },
    axes: [{ ...axis, space: 90, size: 28, values: (_, splits) => splits.map((at) => moment(at * 1000).slice(-8, -3)) },
      { ...axis, size: 64, values: (_, splits) => splits.map((value) => reading(Number(value.toPrecision(6)))) }],
    series: [{}, { stroke: accent, width: 1.5, spanGaps: false, points: { show: true, size: 5, fill: accent } }],
    hooks: { draw: [(plot) => { across(plot, high, amber); across(plot, low, amber);
      upright(plot, Number(start), amber); }] },
  }, data, holder);
}

async function show(figure) {
  const { device, metric, start, end } = figure.dataset;
  const query = new URLSearchParams({ metric, start_ms: Number(start) - HOUR_MS, end_ms: Math.max(Number(end),
    Number(start) + 60000) + HOUR_MS / 4, points: 600 });
  const course = await fetchJson(`/devices/${device}/readings?${query}`).catch(() => null);
  const holder = figure.querySelector(".plot");
  if (!course?.times.length) {
    holder.textContent = t("No readings in this span.");
    figure.dataset.points = "0";
    return;
  }
  const values = course.values.map(Number);
  const data = withHoles([course.times.map((ms) => ms / 1000), values], course.raw, Number(figure.dataset.interval)
    || Infinity);
  const entry = { figure, holder, data };
  entry.plot = build(entry);
  const canvas = entry.plot.root.querySelector("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", t("%(metric)s around the alarm, from %(low)s to %(high)s",
    { metric, low: reading(Math.min(...values)), high: reading(Math.max(...values)) }));
  figure.dataset.points = String(course.times.length);
  figure.dataset.holes = String(data[0].length - course.times.length);
  plots.push(entry);
}

await document.fonts.load('12px "Be Vietnam Pro"', "Aặ");
await Promise.all([...document.querySelectorAll(".alarm-chart")].map(show));
const rebuild = () => plots.forEach((entry) => { entry.plot.destroy(); entry.plot = build(entry); });
document.addEventListener("theme", rebuild);
const sizes = new ResizeObserver(() => plots.forEach(({ plot, holder }) => plot.setSize({ width: holder.clientWidth,
  height: HEIGHT_PX })));
plots.forEach(({ holder }) => sizes.observe(holder));
