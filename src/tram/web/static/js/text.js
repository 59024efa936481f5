// Texts of this page's language; the server put them into the page.
const texts = JSON.parse(document.getElementById("texts").textContent);

export const locale = document.documentElement.lang;
const tag = locale === "vi" ? "vi-VN" : "en-GB";

export function t(message, values = {}) {
  const text = texts[message] ?? message;
  return text.replace(/%\((\w+)\)s/g, (_, name) => values[name] ?? "");
}

const whole = new Intl.NumberFormat(tag, { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat(tag, { maximumFractionDigits: 6 });
const dates = new Intl.DateTimeFormat(tag, {
  timeZone: "Asia/Ho_Chi_Minh", day: locale === "vi" ? "2-digit" : "numeric", month: locale === "vi" ? "2-digit" : "short", year: "numeric",
});
const clocks = new Intl.DateTimeFormat(tag, {
  timeZone: "Asia/Ho_Chi_Minh", hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false,
});

// A number as the language writes it; anything else as the device sent it.
export function reading(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "number") return String(value);
  return fine.format(value);
}

const tenths = new Intl.NumberFormat(tag, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
export const tenth = (value) => tenths.format(value);
export const count = (value) => whole.format(value);
export const clock = (ms) => clocks.format(ms);
export const moment = (ms) => `${dates.format(ms)}${locale === "vi" ? "" : ","} ${clock(ms)}`;

const exact = new Intl.NumberFormat(tag, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const days = new Intl.DateTimeFormat(tag, { timeZone: "UTC", day: "2-digit", month: locale === "vi" ? "2-digit" : "short", year: "numeric" });
export const ratio = (percent) => (percent === null ? "–" : `${exact.format(percent)}\u00a0%`);
export const day = (iso) => days.format(Date.parse(`${iso}T00:00:00Z`));

// The server's time: browsers of field phones are often minutes off.
const offset = Number(document.documentElement.dataset.now) - Date.now();
export const now = () => Date.now() + offset;

export function age(ms) {
  const seconds = Math.max(0, Math.round((now() - ms) / 1000));
  if (seconds < 60) return t("%(n)s s ago", { n: seconds });
  if (seconds < 3600) return t("%(n)s min ago", { n: Math.floor(seconds / 60) });
  if (seconds < 172800) return t("%(n)s h ago", { n: Math.floor(seconds / 3600) });
  return t("%(n)s days ago", { n: Math.floor(seconds / 86400) });
}

const stateWords = {
  online: () => t("Online"), silent: () => t("No signal"), unknown: () => t("Uncertain"), never: () => t("Never sent"),
};
export const stateWord = (state) => stateWords[state]?.() ?? state;

const sectorWords = {
  environment: () => t("Environment"), agriculture: () => t("Agriculture"), traffic: () => t("Traffic"),
  energy: () => t("Energy"), safety: () => t("Labour safety"),
};
export const sectorWord = (sector) => sectorWords[sector]?.() ?? sector;
