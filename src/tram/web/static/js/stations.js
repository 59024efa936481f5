// Stations on the map: clustered points coloured by operator; 5G wears a ring; filters in the address.
import { fetchJson } from "./live.js";
import { count, t } from "./text.js";

const FONT = ["Be Vietnam Pro"];
const COLOURS = ["operator-1", "operator-2", "operator-3", "operator-4", "operator-5", "operator-6"];
const PARTS = [["operator", "o"], ["technology", "t"], ["station-state", "s"]];
const empty = { type: "FeatureCollection", features: [] };
const box = document.getElementById("show-stations");
let all = empty;
let names = {};
let order = [];
let colours = {};

const byOperator = () => (order.length ? ["match", ["get", "o"],
  ...order.flatMap((id, at) => [id, colours[COLOURS[at % COLOURS.length]]]), colours.quiet] : colours.quiet);

export const stationColours = COLOURS;

export function stationSources() {
  return {
    stations: {
      type: "geojson", data: empty, cluster: true, clusterRadius: 34, clusterMaxZoom: 11,
      clusterProperties: { fives: ["+", ["case", ["==", ["get", "t"], "5G"], 1, 0]] },
    },
  };
}

export function stationLayers(paint) {
  colours = paint;
  return [
    { id: "station-clusters", type: "circle", source: "stations", filter: ["has", "point_count"], paint: {
      "circle-color": paint.surface, "circle-opacity": 0.92, "circle-radius": ["step", ["get", "point_count"], 11, 10,
        14, 50, 18, 500, 23],
      "circle-stroke-width": ["case", [">", ["get", "fives"], 0], 2.5, 1.2], "circle-stroke-color": ["case",
        [">", ["get", "fives"], 0], paint.accent, paint.quiet],
    } },
    { id: "station-cluster-counts", type: "symbol", source: "stations", filter: ["has", "point_count"],
      layout: { "text-field": ["get", "point_count_abbreviated"], "text-font": FONT, "text-size": 11,
      "text-allow-overlap": true }, paint: { "text-color": paint.text } },
    { id: "stations", type: "circle", source: "stations", filter: ["!", ["has", "point_count"]], paint: {
      "circle-color": byOperator(), "circle-radius": ["case", ["==", ["get", "t"], "5G"], 6, 4.5],
      "circle-opacity": ["case", ["==", ["get", "s"], "on-air"], 1, 0.35],
      "circle-stroke-width": ["case", ["==", ["get", "t"], "5G"], 2.5, 1], "circle-stroke-color": ["case",
        ["==", ["get", "t"], "5G"], paint.text, paint.surface],
    } },
  ];
}

const chosen = (name) => new Set([...document.querySelectorAll(`input[name=${name}]:checked`)].map((input) =>
  input.value));

export function drawStations(map) {
  const kept = Object.fromEntries(PARTS.map(([name, key]) => [key, chosen(name)]));
  const features = box.checked
    ? all.features.filter(({ properties: p }) => PARTS.every(([, key]) => kept[key].has(String(p[key])))) : [];
  if (map.getLayer("stations")) map.setPaintProperty("stations", "circle-color", byOperator());
  map.getSource("stations")?.setData({ type: "FeatureCollection", features });
  document.getElementById("station-count").textContent = count(features.length);
  document.getElementById("by-station").hidden = !box.checked;
}

function tick(parent, name, value, word, colour, hidden) {
  const label = document.createElement("label");
  const input = document.createElement("input");
  Object.assign(input, { type: "checkbox", name, value, checked: !hidden.includes(String(value)) });
  const span = document.createElement("span");
  span.textContent = word;
  label.append(input);
  if (colour) {
    const swatch = document.createElement("span");
    swatch.className = `swatch paint-${colour}`;
    label.append(swatch);
  }
  label.append(span);
  parent.append(label);
}

// Fetches once, then only draws; a changed filter never asks the server again.
export async function loadStations(map, address, changed) {
  if (!box) return;
  if (!order.length && box.checked) {
    const found = await fetchJson("/map/stations");
    all = found;
    names = found.operators;
    order = [...new Set(found.features.map(({ properties: p }) => p.o))].sort((a, b) => a - b);
    const hidden = (name) => (address.get(`hide_${name}`) ?? "").split(",");
    const parent = document.getElementById("by-operator");
    order.forEach((id, at) => tick(parent, "operator", id, names[id], COLOURS[at % COLOURS.length],
      hidden("operator")));
    for (const input of document.querySelectorAll("input[name=technology], input[name=station-state]")) input.checked =
      !hidden(input.name).includes(input.value);
    for (const input of document.querySelectorAll("#by-station input")) input.addEventListener("change", changed);
    document.getElementById("station-synthetic").hidden = !found.synthetic;
    return true;
  }
  return false;
}

export const wantsStations = () => Boolean(box?.checked);

// The list filters by one value of each kind: the one that is left when all others are hidden.
function linkList() {
  const list = new URLSearchParams();
  for (const [name] of PARTS) {
    const [only, ...more] = chosen(name);
    if (only && !more.length) list.set(name.replace("station-", ""), only);
  }
  document.getElementById("stations-list").href = `/network?${list}`;
}

export function rememberStations(query) {
  if (!box?.checked) return;
  linkList();
  query.set("layer", "stations");
  for (const [name] of PARTS) {
    const off = [...document.querySelectorAll(`input[name=${name}]:not(:checked)`)].map((input) => input.value);
    if (off.length) query.set(`hide_${name}`, off.join(","));
  }
}

const states = { planned: () => t("Planned"), building: () => t("Under construction"), "on-air": () => t("On air"),
  off: () => t("Off") };

export async function describeStation(id) {
  const { station: s, shared } = await fetchJson(`/stations/${id}`);
  const rows = [
    [t("Operator"), s.operator_name], [t("Technology"), `${s.technology} ${s.band}`.trim()],
      [t("State"), states[s.state]?.() ?? s.state],
    [t("Sectors"), String(s.sectors.length)],
      [t("On the same mast"), shared.map((other) => `${other.operator_name} ${other.technology}`).join(", ") || "–"],
  ];
  if (s.synthetic) rows.push([t("Kind"), t("simulated")]);
  return { title: s.name || s.code, rows, href: `/network/stations/${id}`, place: [s.lon, s.lat] };
}
