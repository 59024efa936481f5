// The head of a device page: state and last seen follow the live frames.
import { age, isoTime, moment, stateWord } from "./text.js";

export function showState({ state, last_seen_ms: seen }) {
  const mark = document.querySelector("#device-state .state");
  if (mark && mark.dataset.state !== state) {
    mark.dataset.state = state;
    mark.querySelector("span").textContent = stateWord(state);
    const shape = mark.querySelector("svg");
    shape.setAttribute("class", `shape ${state}`);
    const use = shape.querySelector("use");
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${state}`));
  }
  if (seen) showSeen(seen);
}

export function showSeen(seen) {
  const place = document.getElementById("device-seen");
  let time = place.querySelector("time");
  if (!time) {
    time = document.createElement("time");
    time.className = "age";
    place.replaceChildren(time);
  }
  setAge(time, seen);
}

export function setAge(time, ms) {
  time.dataset.at = ms;
  time.dateTime = isoTime(ms);
  time.title = moment(ms);
  time.textContent = age(ms);
}
