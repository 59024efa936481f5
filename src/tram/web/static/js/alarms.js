// The console by keyboard: j and k move, x chooses, a acknowledges, c ends, Enter opens.
import { t } from "./text.js";

const csrf = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRF-Token"];
const list = () => document.getElementById("list");
const rows = () => [...list().querySelectorAll("tr[data-alarm]")];
const isChosen = (row) => row.getAttribute("aria-selected") === "true";
let at = -1;
let asked = 0;

function stand(all, place) {
  at = place;
  all.forEach((row, number) => row.classList.toggle("at", number === at));
}

function focus() {
  rows()[at].querySelector("a").focus({ preventScroll: true });
}

function move(step) {
  const all = rows();
  if (!all.length) return;
  stand(all, Math.min(Math.max(at + step, 0), all.length - 1));
  focus();
  all[at].scrollIntoView({ block: "nearest" });
}

function show() {
  const chosen = rows().filter(isChosen).length;
  const word = list().querySelector("#picked");
  if (word) word.textContent = chosen ? t("%(n)s chosen", { n: chosen }) : t("None chosen");
}

function choose(row, on) {
  row.setAttribute("aria-selected", String(on));
  const box = row.querySelector("input");
  if (box) box.checked = on;
  show();
}

function targets() {
  const chosen = rows().filter(isChosen);
  if (chosen.length) return chosen;
  return at >= 0 && rows()[at] ? [rows()[at]] : [];
}

async function call(method, path, body) {
  const answer = await fetch(`/api/platform/v1${path}`, {
    method, headers: { "content-type": "application/json", "X-CSRF-Token": csrf() }, body: JSON.stringify(body),
  });
  const word = list().querySelector("#picked");
  if (!answer.ok && word) word.textContent = (await answer.json()).detail;
  return answer.ok;
}

async function act(deed) {
  const alarms = targets().map((row) => Number(row.dataset.alarm));
  if (!alarms.length || !list().dataset.may) return;
  if (!await call("POST", "/alarms/acts", { alarms, deed })) return;
  rows().filter((row) => alarms.includes(Number(row.dataset.alarm))).forEach((row) => choose(row, false));
  await renew();
}

// What somebody has chosen, and where they stand, meanwhile stays: by the alarm, for new ones move all rows.
async function renew() {
  const mine = ++asked;
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (mine !== asked) return;
  const isElsewhere = document.activeElement?.closest("form");
  const chosen = new Set(rows().filter(isChosen).map((row) => row.dataset.alarm));
  const here = rows()[at]?.dataset.alarm;
  list().replaceWith(page.getElementById("list"));
  document.dispatchEvent(new Event("htmx:afterSettle"));
  document.dispatchEvent(new CustomEvent("alarms"));
  const all = rows();
  all.filter((row) => chosen.has(row.dataset.alarm)).forEach((row) => choose(row, true));
  const place = all.findIndex((row) => row.dataset.alarm === here);
  if (at < 0 || !all.length) {
    at = -1;
    return;
  }
  stand(all, place >= 0 ? place : Math.min(at, all.length - 1));
  if (!isElsewhere) focus();
}

const keys = {
  j: () => move(1),
  k: () => move(-1),
  x: () => { const row = rows()[at]; if (row) choose(row, !isChosen(row)); },
  A: () => { const all = rows(); const on = !all.every(isChosen); all.forEach((row) => choose(row, on)); },
  a: () => act("ack"),
  c: () => act("clear"),
};
document.addEventListener("keydown", (event) => {
  if (event.target.closest("input:not([type=checkbox]), select, textarea") || event.ctrlKey || event.metaKey
    || event.altKey) return;
  const deed = keys[event.key];
  if (!deed) return;
  event.preventDefault();
  deed();
});
document.addEventListener("change", (event) => {
  const row = event.target.closest("tr[data-alarm]");
  if (row) choose(row, event.target.checked);
});
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-deed]");
  if (button) await act(button.dataset.deed);
  const forget = event.target.closest("button[data-forget]");
  if (forget && await call("DELETE", `/alarms/filters/${forget.dataset.forget}`, {})) forget.parentElement.remove();
});
document.getElementById("keep").addEventListener("submit", async (event) => {
  event.preventDefault();
  const name = document.getElementById("keep-name").value.trim();
  if (name && await call("POST", "/alarms/filters", { name, query: location.search.slice(1) })) location.reload();
});
// New alarms come by themselves while nobody has begun to choose.
setInterval(() => {
  const busy = document.hidden || rows().some(isChosen) || document.activeElement?.closest("form");
  if (!busy) renew();
}, 5000);
