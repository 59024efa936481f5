// The readings around an alarm: an hour before until its end, with the limit and the start.
import { withHoles } from "./holes.js";
import { axisOf, chart, paint, upright } from "./line_chart.js";
import { moment, reading, t } from "./text.js";

const HOUR_MS = 3600000;

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

function look(holder, { start, high, low }) {
  const accent = paint(holder, "paint-accent");
  const amber = paint(holder, "paint-amber");
  const axis = axisOf(holder);
  const limits = [high, low].filter((value) => value !== "").map(Number);
  return {
    cursor: { y: false },
    scales: { y: { range: (_, least, most) => {
      const all = [least ?? 0, most ?? 1, ...limits];
      const room = (Math.max(...all) - Math.min(...all)) * 0.1 || 1;
      return [Math.min(...all) - room, Math.max(...all) + room];
    } } },
    axes: [{ ...axis, space: 90, size: 28, values: (_, splits) => splits.map((at) => moment(at * 1000).slice(-8, -3)) },
      { ...axis, size: 64, values: (_, splits) => splits.map((value) => reading(Number(value.toPrecision(6)))) }],
    series: [{}, { stroke: accent, width: 1.5, spanGaps: false, points: { show: true, size: 5, fill: accent } }],
    hooks: { draw: [(plot) => {
      across(plot, high, amber);
      across(plot, low, amber);
      upright(plot, Number(start) / 1000, amber);
    }] },
  };
}

async function show(figure) {
  const { device, metric, start, end, interval } = figure.dataset;
  const until = Math.max(Number(end), Number(start) + 60000) + HOUR_MS / 4;
  const query = new URLSearchParams({ metric, start_ms: Number(start) - HOUR_MS, end_ms: until, points: 600 });
  const columns = ({ times, values, raw }) => (
    withHoles([times.map((ms) => ms / 1000), values.map(Number)], raw, Number(interval) || Infinity));
  const holder = figure.querySelector(".plot");
  const course = await chart(holder, {
    address: `/devices/${device}/readings?${query}`, height: 180, zone: "Asia/Ho_Chi_Minh", columns,
    has: ({ times }) => times.length,
    look: () => look(holder, figure.dataset),
    words: ({ values }) => t("%(metric)s around the alarm, from %(low)s to %(high)s",
      { metric, low: reading(Math.min(...values.map(Number))), high: reading(Math.max(...values.map(Number))) }),
  }).catch(() => null);
  if (!course) holder.textContent = t("No readings in this span.");
  figure.dataset.points = String(course?.times.length ?? 0);
  if (course) figure.dataset.holes = String(columns(course)[0].length - course.times.length);
}

await Promise.all([...document.querySelectorAll(".alarm-chart")].map(show));
