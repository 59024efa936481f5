// Waits for a new device's first word: green when it is understood, else what came and why not.
import { fetchJson, watch } from "./live.js";
import { moment, reading, t } from "./text.js";

const ASK_EVERY_MS = 2000;
const box = document.getElementById("waiting");
const title = document.getElementById("waiting-title");
const detail = document.getElementById("waiting-detail");
const device = box.dataset.device;
let seenRefusal = 0;

function line(text, className) {
  const element = document.createElement("p");
  if (className) element.className = className;
  element.textContent = text;
  return element;
}

function raw(text) {
  const element = document.createElement("p");
  const code = document.createElement("code");
  code.className = "raw";
  code.textContent = text;
  element.append(code);
  return element;
}

async function arrived() {
  const latest = await fetchJson(`/devices/${device}/latest`);
  if (!latest.items.length) return false;
  box.dataset.phase = "arrived";
  title.textContent = t("The first message has arrived.");
  const pairs = latest.items.map((item) => `${item.metric} = ${reading(item.value)}`).join(" · ");
  detail.replaceChildren(raw(pairs), line(moment(latest.items[0].received_at_ms), "quiet"));
  return true;
}

const reasons = {
  "payload.not_json": () => t("The message is not valid JSON."),
  "payload.wrong": () => t("The message has wrong values."),
  "payload.too_large": () => t("The message is too large."),
  "topic.unknown": () => t("The message came to an unknown topic."),
};

async function refused() {
  const events = await fetchJson(`/devices/${device}/events?kind=refused&limit=1`);
  const [newest] = events.items;
  if (!newest || newest.at_ms <= seenRefusal) return;
  seenRefusal = newest.at_ms;
  box.dataset.phase = "refused";
  title.textContent = t("A message came, but was refused.");
  const reason = reasons[newest.code]?.() ?? newest.code;
  detail.replaceChildren(line(reason), raw(newest.detail), line(t("Mend it and send again: this page goes on waiting."),
    "quiet"));
}

let done = false;
let asking = false;
async function ask() {
  if (done || asking) return;
  asking = true;
  try {
    done = await arrived();
    if (!done) await refused();
  } catch {
    // The next turn asks again.
  } finally {
    asking = false;
  }
}

watch(`device=${device}`, { changes: ask, resync: ask });
setInterval(ask, ASK_EVERY_MS);
ask();
