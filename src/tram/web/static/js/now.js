// The newest values: they change in place; each number has the line of its last hour.
import { askAgain, fetchJson, watch } from "./live.js";
import { setAge, showSeen, showState } from "./head.js";
import { withHoles } from "./holes.js";
import { now, reading } from "./text.js";

const HOUR_MS = 3600000;
const SPARK_POINTS = 60;
const { device, interval } = document.getElementById("device").dataset;
const rows = new Map([...document.querySelectorAll("tr[data-metric]")].map((row) => [row.dataset.metric, row]));
const isWhole = document.querySelector("table.values")?.dataset.parts === "1";
const knownCourses = new Map();

// The spans in which the device spoke, each as a line of its own: a silence is a hole.
function draw(row, { raw, points }) {
  const svg = row.querySelector(".spark");
  const start = now() - HOUR_MS;
  const shown = points.filter(([at, value]) => at > start && Number.isFinite(value));
  if (shown.length < 2) return svg.replaceChildren();
  const [times, values] = withHoles([shown.map(([at]) => at / 1000), shown.map(([, value]) => value)], raw,
    Number(interval));
  const low = Math.min(...shown.map(([, value]) => value));
  const span = Math.max(...shown.map(([, value]) => value)) - low || 1;
  const spans = [[]];
  times.forEach((at, place) => {
    if (values[place] === null) return spans.push([]);
    return spans.at(-1).push(
      `${(((at * 1000 - start) / HOUR_MS) * 120).toFixed(1)},${(22 - ((values[place] - low) / span) * 20).toFixed(1)}`);
  });
  svg.replaceChildren(...spans.map((points) => {
    const line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
    line.setAttribute("points", points.length > 1 ? points.join(" ") : `${points[0]} ${points[0]}`);
    return line;
  }));
}

async function course(metric, row) {
  const end = Math.round(now()) + 60000;
  const query = new URLSearchParams({ metric, start_ms: end - HOUR_MS, end_ms: end, points: SPARK_POINTS });
  const found = await fetchJson(`/devices/${device}/readings?${query}`);
  knownCourses.set(metric,
    { raw: found.raw, points: found.times.map((at, place) => [at, Number(found.values[place])]) });
  draw(row, knownCourses.get(metric));
}

async function courses() {
  for (const [metric, row] of rows) {
    if (row.dataset.kind !== "text") await course(metric, row).catch(() => {});
  }
}

function show(metric, value, at) {
  const row = rows.get(metric);
  if (!row) return isWhole || !rows.size ? location.reload() : undefined; // else it stands on another part
  if (at < Number(row.querySelector("time").dataset.at)) return undefined;
  row.querySelector(".value").textContent = reading(value);
  setAge(row.querySelector("time"), at);
  const known = knownCourses.get(metric);
  if (known && typeof value === "number") {
    const last = known.points.at(-1);
    if (!known.raw && last && at - last[0] < HOUR_MS / SPARK_POINTS) last[1] = value;
    else known.points.push([at, value]);
    draw(row, known);
  }
  return undefined;
}

async function fetchAll() {
  const latest = await fetchJson(`/devices/${device}/latest`);
  for (const item of latest.items) show(item.metric, item.value, item.observed_at_ms);
}

await watch(`device=${device}`, {
  changes(frame) {
    for (const change of frame.changes) show(change.metric, change.value, change.t);
    if (frame.changes.length) showSeen(frame.at);
    for (const state of frame.states) showState(state);
  },
  resync: () => fetchAll().catch(() => {}),
});
await fetchAll().catch(() => {});
askAgain(fetchAll);
await courses();
