// The newest values: they change in place; each number has the line of its last hour.
import { askAgain, fetchJson, watch } from "./live.js";
import { setAge, showSeen, showState } from "./head.js";
import { now, reading } from "./text.js";

const HOUR_MS = 3600000;
const SPARK_POINTS = 60;
const device = document.getElementById("device").dataset.device;
const rows = new Map([...document.querySelectorAll("tr[data-metric]")].map((row) => [row.dataset.metric, row]));
const knownCourses = new Map();

function draw(row, course) {
  const svg = row.querySelector(".spark");
  const shown = course.filter(([at, value]) => at > now() - HOUR_MS && Number.isFinite(value));
  if (shown.length < 2) return svg.replaceChildren();
  const values = shown.map(([, value]) => value);
  const low = Math.min(...values);
  const span = Math.max(...values) - low || 1;
  const start = now() - HOUR_MS;
  const points = shown.map(([at, value]) => `${(((at - start) / HOUR_MS) * 120).toFixed(1)},${(22 - ((value - low) / span) * 20).toFixed(1)}`);
  const line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
  line.setAttribute("points", points.join(" "));
  svg.replaceChildren(line);
}

async function course(metric, row) {
  const end = Math.round(now()) + 60000;
  const query = new URLSearchParams({ metric, start_ms: end - HOUR_MS, end_ms: end, points: SPARK_POINTS });
  const found = await fetchJson(`/devices/${device}/readings?${query}`);
  knownCourses.set(metric, found.times.map((at, place) => [at, Number(found.values[place])]));
  draw(row, knownCourses.get(metric));
}

async function courses() {
  for (const [metric, row] of rows) {
    if (row.dataset.kind !== "text") await course(metric, row).catch(() => {});
  }
}

function show(metric, value, at) {
  const row = rows.get(metric);
  if (!row) return location.reload();
  if (at < Number(row.querySelector("time").dataset.at)) return undefined;
  row.querySelector(".value").textContent = reading(value);
  setAge(row.querySelector("time"), at);
  const known = knownCourses.get(metric);
  if (known && typeof value === "number") {
    known.push([at, value]);
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
