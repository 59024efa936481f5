// What every map shares: the frame, colours of the theme, land and sea, names of places, controls.
import * as maplibre from "/static/vendor/maplibre-gl/maplibre-gl.mjs";
import { t } from "./text.js";

const BOUNDS = [[101.2, 6.2], [117.8, 23.8]];
export const FONT = ["Be Vietnam Pro"];
export const empty = { type: "FeatureCollection", features: [] };
export const frame = document.getElementById("map");
export const note = document.getElementById("map-note");

// MapLibre wants plain colours: read what light-dark() gives now.
function colour(name) {
  const probe = document.createElement("span");
  probe.className = `paint-${name}`;
  frame.parentElement.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

export const paletteOf = (names) => Object.fromEntries(names.map((name) => [name, colour(name)]));

export const baseSources = () => ({ coast: { type: "geojson", data: frame.dataset.coast },
  places: { type: "geojson", data: empty } });

export const groundLayers = (paint) => [
  { id: "sea", type: "background", paint: { "background-color": paint.sea } },
  { id: "land", type: "fill", source: "coast", paint: { "fill-color": paint.land } },
];

export const shoreLayer = (paint) => ({ id: "shore", type: "line", source: "coast", paint: { "line-color": paint.line,
  "line-width": 0.8 } });

export async function fetchPlaces(map) {
  const { places } = await (await fetch(frame.dataset.places)).json();
  map.getSource("places").setData({
    type: "FeatureCollection",
    features: places.map(({ lon, lat, ...properties }) => ({ type: "Feature",
      geometry: { type: "Point", coordinates: [lon, lat] }, properties })),
  });
}

export async function openMap(style, view) {
  await document.fonts.load('400 16px "Be Vietnam Pro"', "Aặữ");
  const map = new maplibre.Map({
    container: frame, style: style(), ...view,
    maxBounds: BOUNDS, minZoom: 4.5, maxZoom: 17, attributionControl: false, dragRotate: false, pitchWithRotate: false,
      fadeDuration: 0,
    locale: { "Map.Title": t("Map"), "NavigationControl.ZoomIn": t("Zoom in"),
      "NavigationControl.ZoomOut": t("Zoom out") },
  });
  frame.map = map;
  map.touchZoomRotate.disableRotation();
  map.addControl(new maplibre.NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new maplibre.ScaleControl({ unit: "metric" }), "bottom-left");
  return map;
}

// Draw anew in the colours of the other theme, then fill the sources again.
export function followTheme(map, style, fill) {
  const repaint = () => { map.setStyle(style(), { diff: false }); map.once("style.load", fill); };
  document.addEventListener("theme", repaint);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
}

export function sayUndrawn() {
  note.hidden = false;
  note.textContent = t("The map cannot be drawn here. The table shows the same.");
}
