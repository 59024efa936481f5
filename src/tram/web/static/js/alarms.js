// The console by keyboard: j and k move, x chooses, a acknowledges, c ends, Enter opens.
import { t } from "./text.js";

const csrf = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRF-Token"];
const list = () => document.getElementById("list");
const rows = () => [...list().querySelectorAll("tr[data-alarm]")];
let at = -1;

function move(step) {
  const all = rows();
  if (!all.length) return;
  at = Math.min(Math.max(at + step, 0), all.length - 1);
  all.forEach((row, place) => row.classList.toggle("at", place === at));
  all[at].querySelector("a").focus({ preventScroll: true });
  all[at].scrollIntoView({ block: "nearest" });
}

function show() {
  const chosen = rows().filter((row) => row.getAttribute("aria-selected") === "true").length;
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
  const chosen = rows().filter((row) => row.getAttribute("aria-selected") === "true");
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
  if (await call("POST", "/alarms/acts", { alarms, deed })) await renew();
}

async function renew() {
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  list().replaceWith(page.getElementById("list"));
  document.dispatchEvent(new Event("htmx:afterSettle"));
  document.dispatchEvent(new CustomEvent("alarms"));
  const keep = at;
  at = -1;
  if (keep >= 0 && rows().length) move(Math.min(keep, rows().length - 1) + 1);
}

const keys = {
  j: () => move(1),
  k: () => move(-1),
  x: () => { const row = rows()[at]; if (row) choose(row, row.getAttribute("aria-selected") !== "true"); },
  A: () => { const all = rows(); const on = all.some((row) => row.getAttribute("aria-selected") !== "true"); all.forEach((row) => choose(row, on)); },
  a: () => act("ack"),
  c: () => act("clear"),
};
document.addEventListener("keydown", (event) => {
  if (event.target.closest("input:not([type=checkbox]), select, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
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
  const busy = document.hidden || rows().some((row) => row.getAttribute("aria-selected") === "true") || document.activeElement?.closest("form");
  if (!busy) renew();
}, 5000);
