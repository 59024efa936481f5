// The way of the 5G stations so far, and the way that is left to the target.
import { axisOf, chart, paint, upright } from "./line_chart.js";
import { count, day, ratio, t } from "./text.js";

const DAY_S = 86400;
const NEAR = 0.04;

const seconds = (iso) => Date.parse(`${iso}T00:00:00Z`) / 1000;

function monthTick(at) {
  const day = new Date(at * 1000);
  const two = (value) => String(value).padStart(2, "0");
  return day.getUTCDate() === 1 ? `${two(day.getUTCMonth() + 1)}/${day.getUTCFullYear()}`
    : `${two(day.getUTCDate())}/${two(day.getUTCMonth() + 1)}`;
}

// One column of times; each line has values only where it is known.
function columns({ points, standing }) {
  const deadline = seconds(standing.target.deadline);
  const from = seconds(standing.counted_on);
  const open = standing.days_left > 0 && standing.gap > 0;
  const starts = seconds(points[0].as_of);
  const ends = Math.max(deadline, seconds(standing.day));
  const counted = new Map(points.map((point) => [seconds(point.as_of), point.stations_5g]));
  const way = new Map(open ? [[from, standing.there], [deadline, standing.needed]] : []);
  const ahead = new Map(open && standing.forecast !== null ? [[from, standing.there], [deadline, standing.forecast]]
    : []);
  const goal = new Map([[starts, standing.needed], [ends, standing.needed]]);
  const times = [...new Set([...counted.keys(), ...way.keys(), ...goal.keys()])].sort((a, b) => a - b);
  const column = (line) => times.map((time) => line.get(time) ?? null);
  return { data: [times, column(counted), column(way), column(ahead), column(goal)], starts, ends, deadline };
}

function look(holder, answer) {
  const { starts, ends, deadline } = columns(answer);
  const quiet = paint(holder, "paint-quiet");
  const accent = paint(holder, "paint-accent");
  const amber = paint(holder, "paint-amber");
  const axis = axisOf(holder);
  const room = (ends - starts) * NEAR + DAY_S;
  const line = (stroke, dash) => ({ stroke, width: 2, dash, spanGaps: true, points: { show: false } });
  return {
    cursor: { y: false, points: { size: 7 } },
    scales: { x: { time: true, range: () => [starts - room, ends + room] },
      y: { range: (_, _low, high) => [0, Math.max(10, high * 1.12)] } },
    axes: [
      { ...axis, space: 80, size: 28, values: (_, splits) => splits.map((at) => monthTick(at)) },
      { ...axis, size: 56, values: (_, splits) => splits.map(count) },
    ],
    series: [
      {},
      { stroke: accent, width: 2, spanGaps: true, points: { show: true, size: 8, fill: accent } },
      line(amber, [6, 4]),
      line(accent, [2, 4]),
      line(quiet, [1, 3]),
    ],
    hooks: { draw: [(plot) => mark(plot, deadline, quiet)] },
  };
}

// A thin upright line at the deadline, with its word.
function mark(plot, at, colour) {
  const { x, top } = upright(plot, at, colour);
  plot.ctx.save();
  plot.ctx.fillStyle = colour;
  plot.ctx.font = `${12 * devicePixelRatio}px "Be Vietnam Pro"`;
  plot.ctx.textAlign = "right";
  plot.ctx.textBaseline = "top";
  plot.ctx.fillText(t("deadline"), x - 6 * devicePixelRatio, top + 2);
  plot.ctx.restore();
}

function twin(figure, points) {
  figure.querySelector("tbody").replaceChildren(...points.map((point) => {
    const row = document.createElement("tr");
    row.insertCell().textContent = day(point.as_of);
    for (const text of [count(point.stations_4g), count(point.stations_5g), ratio(point.ratio_percent)]) {
      const cell = row.insertCell();
      cell.className = "num";
      cell.textContent = text;
    }
    return row;
  }));
}

async function show(article) {
  const figure = article.querySelector(".course");
  if (!figure) return;
  const course = await chart(figure.querySelector(".plot"), {
    address: `/targets/${article.dataset.target}/course?as_of=${article.dataset.day}`, height: 240, zone: "UTC", look,
    columns: (answer) => columns(answer).data,
    has: ({ points }) => points.length,
    words: () => t("Course over time; the table below holds the same figures."),
  });
  if (!course) return;
  twin(figure, course.points);
  figure.dataset.points = course.points.length;
}

await Promise.all([...document.querySelectorAll(".target")].map(show));
