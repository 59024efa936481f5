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
  timeZone: "Asia/Ho_Chi_Minh", day: locale === "vi" ? "2-digit" : "numeric", month: locale === "vi" ? "2-digit"
    : "short", year: "numeric",
});
const clocks = new Intl.DateTimeFormat(tag, {
  timeZone: "Asia/Ho_Chi_Minh", hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false,
});

// Signs that nobody sees, or that turn the direction of reading, are named: as the server does.
const HIDDEN =
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
export const visible = (text) => text.replace(HIDDEN,
  (sign) => `[U+${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}]`);
const TEXT_SHOWN_MAX = 500;
const PLAIN_MAX = 1e15;

// A number as the language writes it; anything else as the device sent it.
export function reading(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "number") return visible(String(value).slice(0, TEXT_SHOWN_MAX));
  if (Math.abs(value) < PLAIN_MAX) return fine.format(value);
  const text = value.toExponential(6);
  return locale === "vi" ? text.replace(".", ",") : text;
}

const tenths = new Intl.NumberFormat(tag, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
export const tenth = (value) => tenths.format(value);
export const count = (value) => whole.format(value);
// The years 1 to 9999; a device's clock may say anything else.
const isMoment = (ms) => ms >= -62135510400000 && ms < 253402214400000;
export const isoTime = (ms) => (isMoment(ms) ? new Date(ms).toISOString() : "");
export const clock = (ms) => (isMoment(ms) ? clocks.format(ms) : `${ms} ms`);
export const moment = (ms) => (!isMoment(ms) ? `${ms} ms`
  : `${dates.format(ms)}${locale === "vi" ? "" : ","} ${clock(ms)}`);

const exact = new Intl.NumberFormat(tag, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const days = new Intl.DateTimeFormat(tag, { timeZone: "UTC", day: "2-digit", month: locale === "vi" ? "2-digit"
  : "short", year: "numeric" });
export const ratio = (percent) => (percent === null ? "–" : `${exact.format(percent)}\u00a0%`);
export const day = (iso) => days.format(Date.parse(`${iso}T00:00:00Z`));

// The server's time: browsers of field phones are often minutes off.
const offset = Number(document.documentElement.dataset.now) - Date.now();
export const now = () => Date.now() + offset;

export function age(ms) {
  if (!isMoment(ms)) return moment(ms);
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

export const sectorWord = (sector) => texts.sectors[sector] ?? sector;
