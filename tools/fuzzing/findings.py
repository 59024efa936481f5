"""What the run found: a 5xx, a part restarted, somebody's message lost."""

import json
import re
import time
from collections import Counter, deque
from pathlib import Path
from typing import Any

import httpx

__all__ = ("Findings",)

ALIKE_MAX = 3
"""Findings that differ in their numbers alone are kept so often; all are counted."""
BEFORE_MAX = 30
"""Deeds told with a finding: its cause lies among them."""
WHAT_MAX = 2_000
LIKENESS_MAX = 60
SERVER_FAULT = 500
BUSY = 503
_DIGITS = re.compile(r"\d+")


class Findings:
    """Counts deeds and answers, keeps findings; neighbours and attack write into one folder.

    ``deeds.log`` has every deed with the seed that repeats it, ``findings.jsonl`` a finding a line.
    """

    def __init__(self, folder: Path, who: str) -> None:
        self.done: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()
        self.found: Counter[str] = Counter()
        self._folder = folder
        self._who = who
        self._deeds = (folder / "deeds.log").open(
            "a", encoding="utf-8", errors="replace", buffering=1
        )
        self._lines = (folder / "findings.jsonl").open("a", encoding="ascii", buffering=1)

    def act(self, kind: str, what: str) -> None:
        """Note a deed."""
        self.done[kind] += 1
        line = " ".join(what[:WHAT_MAX].split())
        self._deeds.write(f"{time.time():.3f} {kind} {line}\n")

    def add(self, kind: str, what: str) -> None:
        """Note a finding, with the deeds before it."""
        likeness = f"{kind} {_DIGITS.sub('', what)[:LIKENESS_MAX]}"
        self.found[likeness] += 1
        if self.found[likeness] <= ALIKE_MAX:
            finding = {
                "kind": kind,
                "who": self._who,
                "what": what[:WHAT_MAX],
                "at_s": time.time(),
            }
            self._lines.write(json.dumps({**finding, "before": self._before()}) + "\n")

    def answered(self, who: str, response: httpx.Response, what: str, body: str = "") -> None:
        """Judge an answer: a server's fault is a finding; "busy, come again" is none to a hostile one."""
        status = response.status_code
        self.answers[f"{who} {status}"] += 1
        is_told_when = status == BUSY and "retry-after" in response.headers
        if status >= SERVER_FAULT and not is_told_when:
            self.add("5xx", f"{who}: {status} {what}: {body[:300]}")

    def all(self) -> list[dict[str, Any]]:
        """Return every finding of the folder."""
        with (self._folder / "findings.jsonl").open(encoding="ascii") as lines:
            return [json.loads(line) for line in lines]

    def close(self) -> None:
        """Close the files; leave the counts for whoever reads them."""
        self._deeds.close()
        self._lines.close()
        counts = {
            "done": self.done,
            "answers": self.answers,
            "cpu_s": round(time.process_time(), 1),
        }
        (self._folder / f"{self._who}.json").write_text(json.dumps(counts), encoding="ascii")

    def _before(self) -> list[str]:
        with (self._folder / "deeds.log").open(encoding="utf-8", errors="replace") as lines:
            return [line.rstrip("\n")[:400] for line in deque(lines, BEFORE_MAX)]
