// What every page does: ages that tick, the theme, the search key, tidy addresses.
import { age, t } from "./text.js";

document.documentElement.classList.add("scripted");

function tick() {
  for (const time of document.querySelectorAll("time.age[data-at]")) {
    const text = age(Number(time.dataset.at));
    if (time.textContent !== text) time.textContent = text;
  }
}
tick();
setInterval(tick, 1000);
document.addEventListener("htmx:afterSettle", tick);

const themes = ["auto", "light", "dark"];
const signs = { auto: "sun-moon", light: "sun", dark: "moon" };
const themeButton = document.getElementById("theme");
themeButton?.addEventListener("click", () => {
  const root = document.documentElement;
  const next = themes[(themes.indexOf(root.dataset.theme) + 1) % themes.length];
  root.dataset.theme = next;
  document.cookie = `tram_theme=${next};path=/;max-age=31536000;samesite=lax`;
  const use = themeButton.querySelector("use");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${signs[next]}`));
  const words = { auto: t("Automatic"), light: t("Light"), dark: t("Dark") };
  themeButton.querySelector("span").textContent = words[next];
  document.dispatchEvent(new CustomEvent("theme"));
});

let pending = "";
const ways = { m: "/map", d: "/devices", o: "/", a: "/alarms" };
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/") {
    event.preventDefault();
    (document.getElementById("search") ?? document.getElementById("find"))?.focus();
  } else if (pending === "g" && ways[event.key]) {
    location.href = ways[event.key];
  }
  pending = event.key;
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// An address carries only what filters.
document.addEventListener("htmx:configRequest", (event) => {
  const { parameters, target } = event.detail;
  for (const name of Object.keys(parameters)) {
    if (parameters[name] === "") delete parameters[name];
  }
  // A part that refreshes by itself waits while somebody works in it.
  const byItself = target.getAttribute("hx-trigger")?.startsWith("every");
  if (byItself && (document.hidden || target.contains(document.activeElement)
    || target.querySelector("details[open]"))) event.preventDefault();
});

// How many alarms nobody has seen yet, beside the word in the top bar.
const badge = document.getElementById("alarm-count");
async function countAlarms() {
  if (document.hidden) return;
  const answer = await fetch("/api/platform/v1/alarms/counts",
    { headers: { accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) return;
  const { unacked, by_severity: bySeverity } = await answer.json();
  badge.hidden = unacked === 0;
  badge.value = unacked > 999 ? "999+" : String(unacked);
  badge.setAttribute("aria-label", t("%(n)s alarms not acknowledged", { n: unacked }));
  badge.dataset.worst = ["critical", "major", "warning", "info"].find((word) => bySeverity[word]) ?? "";
}
if (badge) {
  countAlarms();
  setInterval(countAlarms, 5000);
  document.addEventListener("alarms", countAlarms);
}
