// Coverage over the map: one grey picture of the signal, coloured here by the chosen threshold.
import { FONT, baseSources, empty, fetchPlaces, followTheme, frame, groundLayers, note, openMap, paletteOf, sayUndrawn,
  shoreLayer } from "./base_map.js";

const BASE_DBM = -160; // grey 1; each step is half a decibel, grey 0 is no signal
const COLOURS = [[-115, [122, 1, 119]], [-105, [44, 95, 168]], [-95, [29, 145, 192]], [-85, [65, 182, 122]],
  [999, [199, 217, 63]]];
const slider = document.getElementById("threshold");
const shown = document.getElementById("threshold-value");
const pick = document.getElementById("pick");
const [west, north, east, south] = JSON.parse(frame.dataset.corners);
let map;
let grey;
let canvas;
let picked = [];

function style() {
  const paint = paletteOf(["sea", "land", "line", "text", "quiet", "accent", "water-text"]);
  const name = (kind, size, look) => ({
    id: `place-${kind}`, type: "symbol", source: "places", filter: ["==", ["get", "kind"], kind],
    layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": size },
    paint: { "text-color": paint.text, "text-halo-color": paint.land, "text-halo-width": 1.4, ...look },
  });
  const water = { "text-color": paint["water-text"], "text-halo-color": paint.sea };
  return {
    version: 8,
    sources: {
      ...baseSources(),
      ends: { type: "geojson", data: empty },
      signal: { type: "canvas", canvas, animate: false, coordinates: [[west, north], [east, north], [east, south],
        [west, south]] },
    },
    layers: [
      ...groundLayers(paint),
      { id: "signal", type: "raster", source: "signal", paint: { "raster-opacity": 0.75, "raster-fade-duration": 0,
        "raster-resampling": "nearest" } },
      shoreLayer(paint),
      { ...name("place", 11.5), minzoom: 8 },
      name("town", 14),
      name("isle", 12, { "text-halo-color": paint.sea }),
      name("isles", 12.5, { "text-halo-color": paint.sea }),
      { ...name("sea", 18, water), minzoom: 7 },
      { ...name("ocean", 18, water), maxzoom: 7 },
      { id: "way", type: "line", source: "ends", paint: { "line-color": paint.accent, "line-width": 2 } },
      { id: "ends", type: "circle", source: "ends", filter: ["==", ["geometry-type"], "Point"],
        paint: { "circle-radius": 6, "circle-color": paint.accent, "circle-stroke-color": paint.land,
        "circle-stroke-width": 2 } },
    ],
  };
}

async function fetchPicture() {
  const answer = await fetch(frame.dataset.overlay);
  if (!answer.ok) throw new Error(`${answer.status}`);
  const bitmap = await createImageBitmap(await answer.blob(), { colorSpaceConversion: "none",
    premultiplyAlpha: "none" });
  canvas = document.createElement("canvas");
  canvas.width = bitmap.width;
  canvas.height = bitmap.height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  const pixels = context.getImageData(0, 0, bitmap.width, bitmap.height).data;
  grey = new Uint8Array(bitmap.width * bitmap.height);
  for (let i = 0; i < grey.length; i += 1) grey[i] = pixels[4 * i];
}

// At or above the threshold in colour, below it in grey, nothing where no signal is known.
function paint() {
  const threshold = Number(slider.value);
  const table = new Uint8Array(1024);
  for (let value = 1; value < 256; value += 1) {
    const level = BASE_DBM + (value - 1) / 2;
    const [, rgb] = COLOURS.find(([limit]) => level < limit);
    table.set(level >= threshold ? [...rgb, 255] : [120, 120, 120, 90], 4 * value);
  }
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  const from = new Uint32Array(table.buffer);
  const to = new Uint32Array(image.data.buffer);
  for (let i = 0; i < grey.length; i += 1) to[i] = from[grey[i]];
  context.putImageData(image, 0, 0);
  shown.textContent = `${slider.value} dBm`;
  frame.dataset.threshold = slider.value;
  const source = map?.getSource("signal");
  if (source) {
    source.play();
    map.triggerRepaint();
    map.once("render", () => source.pause());
  }
}

function showEnds() {
  const points = picked.map((coordinates) => ({ type: "Feature", geometry: { type: "Point", coordinates },
    properties: {} }));
  if (picked.length === 2) points.push({ type: "Feature", geometry: { type: "LineString", coordinates: picked },
    properties: {} });
  map.getSource("ends").setData({ type: "FeatureCollection", features: points });
}

function listen() {
  slider.addEventListener("input", paint);
  document.getElementById("layer").addEventListener("change", (event) => event.target.form.submit());
  for (const button of document.querySelectorAll(".go")) {
    button.addEventListener("click",
      () => map.easeTo({ center: [Number(button.dataset.lon), Number(button.dataset.lat)], zoom: 13 }));
  }
  pick.hidden = false;
  pick.addEventListener("click", () => {
    picked = [];
    showEnds();
    pick.setAttribute("aria-pressed", "true");
    map.getCanvas().style.cursor = "crosshair";
  });
  map.on("click", ({ lngLat }) => {
    if (pick.getAttribute("aria-pressed") !== "true") return;
    picked.push([lngLat.lng, lngLat.lat]);
    showEnds();
    document.getElementById(picked.length === 1 ? "path-a" : "path-b").value =
      `${lngLat.lat.toFixed(5)},${lngLat.lng.toFixed(5)}`;
    if (picked.length < 2) return;
    pick.setAttribute("aria-pressed", "false");
    map.getCanvas().style.cursor = "";
    document.getElementById("path").requestSubmit();
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "profile") event.target.scrollIntoView({ block: "nearest" });
  });
  followTheme(map, style, () => { fetchPlaces(map); showEnds(); paint(); });
}

async function start() {
  await fetchPicture();
  paint();
  map = await openMap(style, { bounds: [[west, south], [east, north]], fitBoundsOptions: { padding: 24 } });
  map.once("load", async () => {
    await fetchPlaces(map);
    listen();
    note.hidden = true;
    frame.dataset.ready = "yes";
  });
}

start().catch(sayUndrawn);
