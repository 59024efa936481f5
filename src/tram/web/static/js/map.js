// The map: coast, zones and devices in WebGL layers; colour and shape tell the state, live.
import { FONT, baseSources, empty, fetchPlaces, followTheme, frame, groundLayers, note, openMap, paletteOf, sayUndrawn,
  shoreLayer } from "./base_map.js";
import { describeLine, drawLines, lineColours, lineLayerNames, lineLayers, lineSources, readLines, rememberLines,
  tickCommunes } from "./lines.js";
import { fetchJson, watch } from "./live.js";
import { drawShapes } from "./shapes.js";
import { describeStation, drawStations, loadStations, rememberStations, stationColours, stationLayers, stationSources,
  wantsStations } from "./stations.js";
import { age, clock, count, moment, now, sectorWord, stateWord, t, visible } from "./text.js";

const REDRAW_MS = 1000;
const NEAR = 7; // from this zoom on, the name of the sea stands off the province
const chosen = document.getElementById("chosen");
const seesDevices = "devices" in document.getElementById("map").dataset;
const devices = new Map();
let map;
let selected = null;
let selectedStation = null;
let stale = false;
let drawn = false; // the shapes are there: devices may be shown

const address = new URLSearchParams(location.search);

const palette = () => paletteOf(["sea", "land", "line", "text", "quiet", "accent", "amber", "surface", "water-text",
  "unknown", "never", ...stationColours, ...lineColours]);

function style() {
  const paint = palette();
  const halo = { "text-halo-color": paint.land, "text-halo-width": 1.4 };
  const name = (kind, layout, look) => ({
    id: `place-${kind}`, type: "symbol", source: "places", filter: ["==", ["get", "kind"], kind],
    layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": 12, ...layout },
      paint: { "text-color": paint.quiet, ...halo, ...look },
  });
  const beside = { "text-variable-anchor": ["left", "right", "bottom", "top"], "text-radial-offset": 1.7,
    "text-justify": "auto" };
  const water = { "text-size": ["interpolate", ["linear"], ["zoom"], 5, 16, 9, 20], "text-letter-spacing": 0.18,
    "text-allow-overlap": true };
  return {
    version: 8,
    sources: {
      ...baseSources(),
      zones: { type: "geojson", data: empty },
      devices: {
        type: "geojson", data: empty, cluster: true, clusterRadius: 30, clusterMaxZoom: 11,
        clusterProperties: { silent: ["+", ["case", ["==", ["get", "state"], "silent"], 1, 0]] },
      },
      chosen: { type: "geojson", data: empty },
      ...stationSources(),
      ...lineSources(),
    },
    layers: [
      ...groundLayers(paint),
      shoreLayer(paint),
      ...lineLayers(paint),
      { ...name("place", { "text-size": 11.5, ...beside }, {}), minzoom: 8 },
      name("town", { "text-size": 14, ...beside }, { "text-color": paint.text }),
      name("isle", { "text-size": 12, "text-offset": [0, 1.1] },
        { "text-color": paint.text, "text-halo-color": paint.sea }),
      { id: "zones", type: "symbol", source: "zones", minzoom: 7.5, layout: {
        "icon-image": "zone", "icon-allow-overlap": true, "icon-size": 1,
        "text-field": ["step", ["zoom"], "", 10, ["get", "label"]], "text-font": FONT, "text-size": 11.5,
          "text-optional": true, "text-max-width": 14,
        "text-variable-anchor": ["top", "bottom", "left", "right"], "text-radial-offset": 0.9, "text-justify": "auto",
      }, paint: { "text-color": paint.quiet, ...halo } },
      ...stationLayers(paint),
      { id: "clusters", type: "circle", source: "devices", filter: ["has", "point_count"], paint: {
        "circle-color": paint.surface, "circle-radius": ["step", ["get", "point_count"], 12, 10, 15, 50, 19, 500, 24],
        "circle-stroke-width": ["case", [">", ["get", "silent"], 0], 3, 2], "circle-stroke-color": ["case",
          [">", ["get", "silent"], 0], paint.amber, paint.accent],
      } },
      { id: "cluster-counts", type: "symbol", source: "devices", filter: ["has", "point_count"],
        layout: { "text-field": ["get", "point_count_abbreviated"], "text-font": FONT, "text-size": 12,
        "text-allow-overlap": true, "text-padding": 9 }, paint: { "text-color": paint.text } },
      { id: "chosen", type: "circle", source: "chosen", paint: { "circle-radius": 13, "circle-color": "transparent",
        "circle-stroke-color": paint.accent, "circle-stroke-width": 2 } },
      { id: "devices", type: "symbol", source: "devices", filter: ["!", ["has", "point_count"]], layout: {
        "icon-image": ["concat", "device-", ["get", "state"]], "icon-allow-overlap": true,
        "text-field": ["step", ["zoom"], "", 12.5, ["get", "name"]], "text-font": FONT, "text-size": 11.5,
          "text-anchor": "left", "text-offset": [0.9, 0], "text-optional": true,
      }, paint: { "text-color": paint.text, ...halo } },
      name("isles", { "text-size": 12.5, "text-allow-overlap": true },
        { "text-color": paint.text, "text-halo-color": paint.sea }),
      { ...name("sea", water, { "text-color": paint["water-text"], "text-halo-color": paint.sea }), minzoom: NEAR },
      { ...name("ocean", water, { "text-color": paint["water-text"], "text-halo-color": paint.sea }), maxzoom: NEAR },
    ],
  };
}

const ticked = (name) => new Set([...document.querySelectorAll(`input[name=${name}]:checked`)].map((box) => box.value));

function features() {
  const states = ticked("state");
  const sectors = ticked("sector");
  return {
    type: "FeatureCollection",
    features: [...devices.values()].filter(({ properties: p }) => states.has(p.state) && sectors.has(p.sector)),
  };
}

function tally() {
  const counts = {};
  let simulated = false;
  for (const { properties: p } of devices.values()) {
    counts[p.state] = (counts[p.state] ?? 0) + 1;
    counts[p.sector] = (counts[p.sector] ?? 0) + 1;
    simulated ||= p.synthetic;
  }
  for (const output of document.querySelectorAll("output[data-count]")) output.textContent =
    count(counts[output.dataset.count] ?? 0);
  document.getElementById("synthetic-note").hidden = !simulated;
  document.getElementById("map-time").textContent = t("data as of %(time)s", { time: clock(now()) });
}

function redraw() {
  stale = false;
  map.getSource("devices").setData(features());
  tally();
}

function remember() {
  const { lng, lat } = map.getCenter();
  const query = new URLSearchParams({ lon: lng.toFixed(4), lat: lat.toFixed(4), zoom: map.getZoom().toFixed(2) });
  if (selected) query.set("device", selected);
  const off = (name) => [...document.querySelectorAll(`input[name=${name}]:not(:checked)`)].map((box) => box.value);
  for (const name of ["state", "sector"]) if (off(name).length) query.set(`hide_${name}`, off(name).join(","));
  if (selectedStation) query.set("station", selectedStation);
  rememberStations(query);
  rememberLines(query);
  history.replaceState(null, "", `/map?${query}`);
}

function cell(list, term, value) {
  const dt = document.createElement("dt");
  const dd = document.createElement("dd");
  dt.textContent = term;
  if (value instanceof Node) dd.append(value);
  else dd.textContent = visible(String(value ?? ""));
  list.append(dt, dd);
}

function showDevice(feature) {
  const { properties: p, id } = feature;
  const list = document.createElement("dl");
  cell(list, t("State"), stateWord(p.state));
  cell(list, t("Sector"), sectorWord(p.sector));
  if (p.last_seen_ms) {
    const time = document.createElement("time");
    time.className = "age";
    time.dataset.at = p.last_seen_ms;
    time.title = moment(p.last_seen_ms);
    time.textContent = age(p.last_seen_ms);
    cell(list, t("Last seen"), time);
  }
  if (p.synthetic) cell(list, t("Kind"), t("simulated"));
  panel(p.name, list, `/devices/${id}`, t("Open the device page"));
}

function showZone({ properties: p, id }) {
  const list = document.createElement("dl");
  const kinds = { KKT: t("Economic zone"), KCN: t("Industrial park"), CCN: t("Industrial cluster") };
  cell(list, t("Kind"), kinds[p.kind] ?? p.kind);
  if (p.approximate) cell(list, t("Position"), t("approximate"));
  cell(list, t("Source"), p.coord_quality);
  const linked = (term, href, words) => {
    const link = document.createElement("a");
    link.href = href;
    link.textContent = words;
    cell(list, term, link);
  };
  if (document.getElementById("stations-layer")) {
    linked(t("Stations here"), `/network?zone=${id}`, t("List of stations"));
    linked(t("Presence"), `/network/zones/${id}`, t("4G and 5G by operator"));
  }
  panel(p.name, list, seesDevices && `/devices?zone=${id}`, t("Devices here"));
}

function showLine(feature) {
  const { title, rows } = describeLine(feature);
  const list = document.createElement("dl");
  for (const [term, value] of rows) cell(list, term, value);
  panel(title, list, "/map?view=table#t-layers", t("The same as a list"));
}

function panel(title, list, href, word) {
  const head = document.createElement("h2");
  head.textContent = visible(String(title ?? ""));
  const row = document.createElement("p");
  row.className = "row";
  if (href) {
    const link = document.createElement("a");
    link.href = href;
    link.textContent = word;
    row.append(link);
  }
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = t("Close");
  close.addEventListener("click", () => choose(null));
  row.append(close);
  chosen.replaceChildren(head, list, row);
  chosen.hidden = false;
}

async function chooseStation(id) {
  const { title, rows, href, place } = await describeStation(id);
  selected = null;
  selectedStation = id;
  const list = document.createElement("dl");
  for (const [term, value] of rows) cell(list, term, value);
  map.getSource("chosen").setData({ type: "Feature", geometry: { type: "Point", coordinates: place }, properties: {} });
  panel(title, list, href, t("Open the station page"));
  remember();
}

async function showLines() {
  await drawLines(map);
  remember();
}

async function showStations() {
  if (wantsStations()) tickCommunes(address);
  const fresh = await loadStations(map, address, () => { drawStations(map); remember(); });
  if (fresh) { map.setStyle(style(), { diff: false }); map.once("style.load", fill); } else drawStations(map);
  await showLines();
}

function choose(feature) {
  selectedStation = null;
  selected = feature && devices.has(feature.id) ? feature.id : null;
  map.getSource("chosen").setData(feature ? { type: "Feature", geometry: feature.geometry, properties: {} } : empty);
  if (!feature) chosen.hidden = true;
  else if (selected) showDevice(feature);
  else if (feature.layer) showLine(feature);
  else showZone(feature);
  remember();
}

const late = new Map();

function apply({ device, state, last_seen_ms: seen }) {
  const known = devices.get(device);
  if (!known) return;
  stale ||= known.properties.state !== state;
  known.properties.state = state;
  known.properties.last_seen_ms = seen;
  if (device === selected) showDevice(known);
}

function follow() {
  return seesDevices && watch("scope=map", {
    changes(frame) {
      for (const change of frame.states) {
        late.set(change.device, change);
        apply(change);
      }
    },
    resync: () => { if (drawn) fetchDevices().catch(() => {}); },
  });
}

async function fetchDevices() {
  if (!seesDevices) {
    note.hidden = true;
    return;
  }
  late.clear();
  const found = await fetchJson("/map/devices");
  devices.clear();
  for (const feature of found.features) devices.set(feature.id, feature);
  for (const change of late.values()) apply(change);
  late.clear();
  note.hidden = !found.problem && !found.truncated;
  if (found.problem) note.textContent = t("The states are not known at the moment.");
  else if (found.truncated) note.textContent = t("Not all devices are drawn: there are too many.");
  redraw();
  if (selected && devices.has(selected)) showDevice(devices.get(selected));
}

async function fetchZones() {
  const found = await fetchJson("/map/zones");
  for (const feature of found.features) feature.properties.label = feature.properties.approximate
    ? `≈ ${feature.properties.name}` : feature.properties.name;
  map.getSource("zones").setData(found);
}

function listen() {
  map.on("moveend", remember);
  map.on("click", async (event) => {
    const around = [[event.point.x - 4, event.point.y - 4], [event.point.x + 4, event.point.y + 4]];
    const [hit] = map.queryRenderedFeatures(around, { layers: ["devices", "clusters", "stations", "station-clusters",
      "zones", ...lineLayerNames] });
    if (!hit) return choose(null);
    if (hit.layer.id === "stations") return chooseStation(hit.id);
    if (hit.layer.id.endsWith("clusters")) {
      const zoom = await map.getSource(hit.source).getClusterExpansionZoom(hit.properties.cluster_id);
      return map.easeTo({ center: hit.geometry.coordinates, zoom: Math.min(zoom, 15) });
    }
    if (lineLayerNames.includes(hit.layer.id)) {
      const at = event.lngLat.toArray();
      return choose({ geometry: { type: "Point", coordinates: at }, properties: hit.properties, layer: hit.layer });
    }
    return choose(hit.layer.id === "devices" ? devices.get(hit.id) : { id: hit.id, geometry: hit.geometry,
      properties: hit.properties });
  });
  for (const layer of ["devices", "clusters", "stations", "station-clusters", "zones"]) {
    map.on("mouseenter", layer, () => { map.getCanvas().style.cursor = "pointer"; });
    map.on("mouseleave", layer, () => { map.getCanvas().style.cursor = ""; });
  }
  for (const box of document.querySelectorAll("#by-state input, #by-sector input")) box.addEventListener("change",
    () => { redraw(); remember(); });
  document.getElementById("show-stations")?.addEventListener("change", showStations);
  followTheme(map, style, fill);
  setInterval(() => { if (stale) redraw(); }, REDRAW_MS);
}

async function fill() {
  drawShapes(map, palette());
  drawn = true;
  if (wantsStations()) {
    await loadStations(map, address, () => { drawStations(map); remember(); });
    drawStations(map);
  }
  await Promise.all([fetchPlaces(map), fetchZones().catch(() => {}), fetchDevices()]);
  await drawLines(map);
  if (selected) choose(devices.get(selected) ?? null);
}

// The view that the address names, else the whole province.
function view() {
  const [lon, lat, zoom] = ["lon", "lat", "zoom"].map((name) => parseFloat(address.get(name)));
  if (Number.isFinite(lon) && Number.isFinite(lat)) return { center: [lon, lat], zoom: Number.isFinite(zoom) ? zoom
    : 11 };
  return { bounds: JSON.parse(frame.dataset.view), fitBoundsOptions: { padding: 24 } };
}

async function start() {
  for (const name of ["state", "sector"]) {
    for (const value of (address.get(`hide_${name}`) ?? "").split(",")) {
      const box = document.querySelector(`input[name=${name}][value="${CSS.escape(value)}"]`);
      if (box) box.checked = false;
    }
  }
  selected = Number(address.get("device")) || null;
  readLines(address, showLines);
  const shown = document.getElementById("show-stations");
  if (shown) shown.checked = address.get("layer") === "stations" || address.has("station");
  const following = follow();
  map = await openMap(style, view());
  map.once("load", async () => {
    await following;
    await fill();
    listen();
    if (wantsStations()) await showStations().catch(() => {});
    if (address.get("station")) await chooseStation(Number(address.get("station"))).catch(() => {});
    frame.dataset.ready = "yes";
  });
}

start().catch(sayUndrawn);
