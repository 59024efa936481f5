// Borders and lines that were imported: each kind is fetched once, when its box is first ticked.
import { empty } from "./base_map.js";
import { fetchJson } from "./live.js";
import { t, tenth } from "./text.js";

const LOOKS = {
  province: { colour: "text", width: 1.4 },
  commune: { colour: "quiet", width: 0.7, dash: [3, 2] },
  zone: { colour: "accent", width: 1.6 },
  road: { colour: "never", width: 1.6 },
  fibre: { colour: "compare", width: 1.8, dash: [2, 1] },
};
const boxes = [...document.querySelectorAll("input[name=line]")];
const usual = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
const fetched = {};

export const lineColours = [...new Set(Object.values(LOOKS).map(({ colour }) => colour))];
export const lineLayerNames = boxes.map(({ value }) => `line-${value}`);
export const lineSources = () => Object.fromEntries(boxes.map(({ value }) => [`line-${value}`,
  { type: "geojson", data: empty }]));

export const lineLayers = (paint) => boxes.map(({ value }) => {
  const { colour, width, dash } = LOOKS[value];
  return {
    id: `line-${value}`, type: "line", source: `line-${value}`, layout: { "line-join": "round" },
    paint: { "line-color": paint[colour], "line-width": width, ...(dash ? { "line-dasharray": dash } : {}) },
  };
});

export async function drawLines(map) {
  for (const { value, checked } of boxes) {
    if (checked) fetched[value] ??= await fetchJson(`/map/shapes/${value}`).catch(() => undefined);
    map.getSource(`line-${value}`)?.setData((checked && fetched[value]) || empty);
  }
}

// Stations are easier to place between the borders of communes.
export function tickCommunes(address) {
  const box = boxes.find(({ value }) => value === "commune");
  if (box && !address.has("lines")) box.checked = true;
}

export function readLines(address, changed) {
  const asked = address.get("lines")?.split(",");
  for (const box of boxes) {
    if (asked) box.checked = asked.includes(box.value);
    box.addEventListener("change", changed);
  }
}

export function rememberLines(query) {
  const on = boxes.filter((box) => box.checked).map((box) => box.value);
  if (on.length !== usual.size || on.some((value) => !usual.has(value))) query.set("lines", on.join(","));
}

export function describeLine({ properties: p, layer }) {
  const label = document.querySelector(`input[name=line][value="${layer.id.replace("line-", "")}"]`).closest("label");
  const rows = [[t("Layer"), label.querySelector("span").textContent]];
  if (p.kind) rows.push([t("Kind"), p.kind]);
  if (p.km) rows.push([t("Length"), `${tenth(p.km)}\u00a0km`]);
  return { title: p.name || p.code, rows };
}
