// One socket to what changes: it comes back by itself, later each time, and says when to fetch anew.
// Wait for the returned promise before the first fetch: then nothing falls between fetch and socket.
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 20000;
const PATIENCE_MS = 1500;
const SESSION_ENDED = 4401;
// A reading is told before it is stored: what was on its way when a page was made is asked for again.
const UNDER_WAY_MS = [3000, 10000];

export function watch(query, { changes, resync, status }) {
  let wait = FIRST_WAIT_MS;
  let met = false;
  let missed = false;
  let begin;
  const begun = new Promise((done) => { begin = done; });
  const address = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live?${query}`;

  function connect() {
    const socket = new WebSocket(address);
    socket.addEventListener("message", (event) => {
      const frame = JSON.parse(event.data);
      if (frame.kind === "hello") {
        wait = FIRST_WAIT_MS;
        status?.(true);
        if (missed) resync?.();
        met = true;
        missed = true;
        begin();
      } else if (frame.kind === "resync") {
        resync?.();
      } else if (frame.kind === "changes") {
        changes(frame);
      }
    });
    socket.addEventListener("close", (event) => {
      status?.(false);
      if (event.code === SESSION_ENDED) {
        location.href = `/login?next=${encodeURIComponent(location.pathname + location.search)}`;
        return;
      }
      setTimeout(connect, wait * (0.75 + Math.random() / 2));
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    });
  }
  connect();
  setTimeout(() => {
    missed ||= !met;
    begin();
  }, PATIENCE_MS);
  return begun;
}

export function askAgain(question) {
  for (const wait of UNDER_WAY_MS) setTimeout(() => question().catch(() => {}), wait);
}

export async function fetchJson(path) {
  const answer = await fetch(`/api/platform/v1${path}`, { headers: { accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status} ${path}`);
  return answer.json();
}
