// The past of each metric on one time axis; new readings join at the right edge.
import uPlot from "/static/vendor/uplot/uPlot.esm.js";
import { withHoles } from "./holes.js";
import { axisOf, paint } from "./line_chart.js";
import { askAgain, fetchJson, watch } from "./live.js";
import { showSeen, showState } from "./head.js";
import { clock, count, locale, moment, now, reading, t } from "./text.js";

const HOUR_MS = 3600000;
const HEIGHT_PX = 180;
const TWIN_ROWS = 50;
const FEW_POINTS = 40;
const LATE_EVERY_MS = 60000;
const SOON_MS = 1500;
const EARLY_MAX = 200;
const NUMERIC = new Set(["float", "integer", "boolean"]);
const device = document.getElementById("device").dataset.device;
const interval = Number(document.getElementById("device").dataset.interval);
const holder = document.getElementById("charts");
const span = Number(holder?.dataset.hours ?? 1) * HOUR_MS;
const note = document.getElementById("chart-live");
const other = holder?.dataset.with ?? "";
const charts = new Map();
const early = [];
// A past that is over ends at a fixed moment: nothing joins it.
const ended = Number(holder?.dataset.end ?? 0);
const whole = () => (ended ? { start: ended - span, end: ended, live: false } : { start: 0, end: 0, live: true });
const view = whole();
const back = document.getElementById("chart-back");

// The window that all charts share: it moves with the clock, or stands where somebody zoomed.
function edges() {
  return view.live ? [now() - span, now()] : [view.start, view.end];
}
const zone = "Asia/Ho_Chi_Minh";

function options(width, chart) {
  const axis = axisOf(holder);
  const line = paint(holder, "paint-accent");
  return {
    width, height: HEIGHT_PX,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone),
    legend: { show: false },
    cursor: { y: false, sync: { key: "time" }, points: { size: 7 }, drag: { x: true, y: false, setScale: false } },
    hooks: { setSelect: [zoom], drawClear: [(plot) => drawMarks(plot, chart)],
      draw: [(plot) => drawRevisions(plot, chart)] },
    scales: { x: { time: true, range: () => edges().map((ms) => ms / 1000) },
      y: { range: (_, low, high) => padded(low, high) } },
    axes: [
      { ...axis, space: 90, size: 28, values: (_, splits) => splits.map((s) => tick(s * 1000)) },
      { ...axis, size: 64, values: (_, splits) => splits.map((value) => reading(Number(value.toPrecision(8)))) },
    ],
    series: [{}, { stroke: line, width: 1.5, spanGaps: false,
      points: { show: (plot) => plot.data[0].length < FEW_POINTS, size: 5, fill: line } },
      { stroke: "transparent", points: { show: false } }, { stroke: "transparent", points: { show: false } },
      { stroke: paint(holder, "paint-compare"), width: 1.5, dash: [5, 4], points: { show: false } }],
    bands: [{ series: [3, 2], fill: paint(holder, "paint-band") }],
  };
}

const days = new Intl.DateTimeFormat(locale === "vi" ? "vi-VN" : "en-GB", { timeZone: zone, day: "2-digit",
  month: "2-digit", hour: "2-digit", minute: "2-digit", hour12: false });
const minutes = new Intl.DateTimeFormat(locale === "vi" ? "vi-VN" : "en-GB", { timeZone: zone, hour: "2-digit",
  minute: "2-digit", hour12: false });
const tick = (ms) => (edges()[1] - edges()[0] > 24 * HOUR_MS ? days.format(ms).replace(",", "") : minutes.format(ms));

function padded(low, high) {
  if (low === null || !Number.isFinite(low)) return [0, 1];
  const room = (high - low) * 0.1 || Math.abs(high) * 0.05 || 1;
  return [low - room, high + room];
}

// What is drawn: the series with its holes, and the one beside it on the same axis.
function drawn(chart) {
  const own = withHoles(chart.data, chart.raw, interval);
  const beside = chart.beside ? withHoles(chart.beside, chart.besideRaw, interval) : [[], []];
  return uPlot.join([own, beside]);
}

// Spans in which readings are not plain measurements lie behind the line.
function drawMarks(plot, chart) {
  const marks = chart.marks ?? [];
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = paint(holder, "paint-mark");
  for (let place = 0; place < marks.length; place += 1) {
    if (!/calibrating|fault|invalid|partly_good/.test(marks[place])) continue;
    const from = plot.valToPos(chart.data[0][place], "x", true);
    const until = plot.valToPos(chart.data[0][Math.min(place + 1, chart.data[0].length - 1)], "x", true);
    ctx.fillRect(from - 1, bbox.top, Math.max(3, until - from), bbox.height);
  }
  ctx.restore();
}

// A revised reading has a diamond.
function drawRevisions(plot, chart) {
  const marks = chart.marks ?? [];
  const { ctx } = plot;
  ctx.save();
  ctx.fillStyle = paint(holder, "paint-revised");
  const size = marks.filter(Boolean).length > FEW_POINTS ? 2.5 : 6;
  for (let place = 0; place < marks.length; place += 1) {
    if (!/corrected|conflicting/.test(marks[place])) continue;
    const x = plot.valToPos(chart.data[0][place], "x", true);
    const y = plot.valToPos(chart.data[1][place], "y", true);
    ctx.beginPath();
    ctx.moveTo(x, y - size);
    ctx.lineTo(x + size, y);
    ctx.lineTo(x, y + size);
    ctx.lineTo(x - size, y);
    ctx.fill();
  }
  ctx.restore();
}

const markWords = {
  calibrating: () => t("Calibrating"), fault: () => t("Device fault"), invalid: () => t("Calibration not valid"),
  corrected: () => t("Corrected"), conflicting: () => t("Revised value"),
    partly_good: () => t("Not all readings valid"),
};

function tellMarks(chart) {
  const words = new Set((chart.marks ?? []).flatMap((mark) => mark.split(" ")).filter(Boolean));
  const note = chart.figure.querySelector(".marks");
  note.textContent = [...words].map((word) => markWords[word]?.() ?? word).join(" · ");
  chart.figure.dataset.marks = [...words].join(" ");
}

function zoom(plot) {
  const { left, width } = plot.select;
  if (width < 4) return;
  view.start = Math.round(plot.posToVal(left, "x") * 1000);
  view.end = Math.round(plot.posToVal(left + width, "x") * 1000);
  view.live = false;
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  moved();
}

let connected = false;
function tellLive() {
  if (view.live) note.textContent = connected ? t("Live: new readings join by themselves.")
    : t("Connection lost; trying again…");
}

async function moved() {
  back.hidden = view.live || (view.start === ended - span && view.end === ended);
  tellLive();
  if (!view.live) note.textContent = `${moment(view.start)} – ${moment(view.end)}`;
  for (const link of holder.querySelectorAll("a[data-kind]")) link.href = download(link);
  await loadAll().catch(() => { note.textContent = t("The readings cannot be loaded now."); });
}

function download(link) {
  const [start, end] = edges().map(Math.round);
  const query = new URLSearchParams({ device, metric: link.closest(".chart").dataset.metric, start_ms: start,
    end_ms: end + 1 });
  return `/api/platform/v1/exports/${link.dataset.kind}?${query}`;
}

function twin(chart) {
  const body = chart.figure.querySelector("tbody");
  const [times, values] = chart.data;
  const rows = [];
  for (let place = times.length - 1; place >= 0 && rows.length < TWIN_ROWS; place -= 1) {
    if (values[place] === null) continue;
    const row = document.createElement("tr");
    row.insertCell().textContent = moment(times[place] * 1000);
    const cell = row.insertCell();
    cell.className = "num";
    cell.textContent = reading(values[place]);
    rows.push(row);
  }
  body.replaceChildren(...rows);
}

async function fetchSeries(of, metric, points) {
  const [start, end] = edges().map(Math.round);
  const query = new URLSearchParams({ metric, start_ms: start, end_ms: view.live ? end + 60000 : end + 1, points });
  return fetchJson(`/devices/${of}/readings?${query}`);
}

// What was told live and is not stored yet stays drawn.
function newerThan(last, data) {
  const from = data ? data[0].findIndex((at) => at > last) : -1;
  return from < 0 ? [[], [], [], []] : data.map((column) => column.slice(from));
}

async function load(figure) {
  const metric = figure.dataset.metric;
  const plot = figure.querySelector(".plot");
  const points = Math.max(200, Math.min(1500, plot.clientWidth));
  const asked = view.start;
  const found = await fetchSeries(device, metric, points);
  if (asked !== view.start) return; // somebody has zoomed since
  const times = found.times.map((ms) => ms / 1000);
  const values = found.values.map(Number);
  const low = found.raw ? [...values] : found.low;
  const high = found.raw ? [...values] : found.high;
  const chart = charts.get(metric) ?? { figure, metric };
  const told = found.raw && view.live ? newerThan(times.at(-1) ?? 0, chart.data) : [[], [], [], []];
  chart.data = [times, values, low, high].map((column, place) => [...column, ...told[place]]);
  chart.raw = found.raw;
  chart.marks = found.marks;
  if (other) {
    const beside = await fetchSeries(other, metric, points);
    chart.beside = [beside.times.map((ms) => ms / 1000), beside.values.map(Number)];
    chart.besideRaw = beside.raw;
    figure.dataset.beside = count(beside.times.length);
  }
  charts.set(metric, chart);
  if (!chart.plot) build(chart, plot);
  else chart.plot.setData(drawn(chart));
  tellMarks(chart);
  figure.dataset.points = count(times.length);
  figure.dataset.raw = found.raw;
  figure.dataset.newest = found.times.at(-1) ?? 0;
  if (figure.querySelector("details").open) twin(chart);
}

function build(chart, plot) {
  chart.plot?.destroy();
  chart.plot = new uPlot(options(plot.clientWidth, chart), drawn(chart), plot);
  chart.plot.root.querySelector("canvas").setAttribute("role", "img");
  chart.plot.root.querySelector("canvas").setAttribute("aria-label",
    t("Course over time; the table below holds the same figures."));
  const output = chart.figure.querySelector(".reading");
  chart.plot.over.addEventListener("mousemove", () => {
    const place = chart.plot.cursor.idx;
    if (place !== null) output.textContent =
      `${clock(chart.plot.data[0][place] * 1000)}  ${reading(chart.plot.data[1][place])}`;
  });
  chart.plot.over.addEventListener("mouseleave", () => { output.textContent = reading(chart.data[1].at(-1)); });
}

function add(metric, value, at) {
  const chart = charts.get(metric);
  if (typeof value === "string" || !view.live) return;
  if (!chart) {
    if (early.length < EARLY_MAX) early.push([metric, value, at]);
    return;
  }
  const number = Number(value);
  const times = chart.data[0];
  if (times.length && at / 1000 <= times.at(-1)) return;
  chart.data[0].push(at / 1000);
  chart.data[1].push(number);
  chart.data[2].push(number);
  chart.data[3].push(number);
  chart.fresh = true;
  chart.figure.querySelector(".reading").textContent = reading(number);
  chart.figure.dataset.newest = at;
}

// Readings join the picture four times a second at most; the axis moves on with the clock.
function redraw() {
  if (document.hidden || !view.live) return;
  for (const chart of charts.values()) {
    chart.plot.setData(drawn(chart));
    if (chart.fresh && chart.figure.querySelector("details").open) twin(chart);
    chart.fresh = false;
  }
}

async function loadAll() {
  await Promise.all(figures().map(load));
}

// A metric's first number makes its chart: the page is made anew when the store knows it.
async function seekFirst() {
  if (holder && holder.dataset.parts !== "1") return; // what is not here stands on another part
  const latest = await fetchJson(`/devices/${device}/latest`);
  const isNew = ({ metric, kind }) => NUMERIC.has(kind)
    && !figures().some((figure) => figure.dataset.metric === metric);
  if (latest.items.some(isNew)) location.reload();
}

// Readings that came late, or were stored after they were asked for, join what is drawn.
async function loadLate() {
  if (!view.live || document.hidden) return;
  await seekFirst();
  await loadAll();
  tellLive();
}

const figures = () => [...document.querySelectorAll("#charts .chart")];

function follow() {
  return watch(`device=${device}`, {
    changes(frame) {
      for (const change of frame.changes) add(change.metric, change.value, change.t);
      if (frame.changes.length) showSeen(frame.at);
      for (const state of frame.states) showState(state);
    },
    resync: () => loadAll().catch(() => {}),
    status(up) { connected = up; tellLive(); },
  });
}

if (holder) {
  await (ended ? null : follow());
  await (ended ? moved() : loadAll().catch(() => { note.textContent = t("The readings cannot be loaded now."); }));
  for (const change of early.splice(0)) if (charts.has(change[0])) add(...change);
  askAgain(loadLate);
  setInterval(() => loadLate().catch(() => {}), LATE_EVERY_MS);
  holder.addEventListener("dblclick", () => { Object.assign(view, whole()); moved(); });
  back.addEventListener("click", () => { Object.assign(view, whole()); moved(); });
  setInterval(redraw, span > HOUR_MS ? 5000 : 1000);
  new ResizeObserver(() => {
    for (const chart of charts.values()) chart.plot.setSize({ width: chart.figure.querySelector(".plot").clientWidth,
      height: HEIGHT_PX });
  }).observe(holder);
  const rebuild = () => { for (const chart of charts.values()) build(chart, chart.figure.querySelector(".plot")); };
  document.addEventListener("theme", rebuild);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", rebuild);
  holder.addEventListener("toggle",
    (event) => { if (event.target.open) twin(charts.get(event.target.closest(".chart").dataset.metric)); }, true);
} else if (note === null && document.getElementById("device-state")) {
  const soon = () => setTimeout(() => seekFirst().catch(() => {}), SOON_MS);
  await watch(`device=${device}`, { changes: soon, resync: soon });
  askAgain(seekFirst);
  setInterval(soon, LATE_EVERY_MS);
}
