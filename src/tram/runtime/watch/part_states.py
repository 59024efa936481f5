"""How every part of an installation stands, as its supervisor sees it: one small file for all to read.

The supervisor writes it every two seconds; pages, ``/health``, ``/metrics`` and the doctor read it. An
old file is news as well: then nobody watches.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec
from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from tram.runtime.clock import Clock
from tram.runtime.watch.loops import HUNG, STUCK, WAITS, WELL, Loop

__all__ = (
    "NOT_WELL",
    "RESTARTS",
    "STARTING",
    "PartState",
    "PartStates",
    "PartStatesCollector",
    "PartStatesFile",
    "public_sentence",
)

RESTARTS: Final = "restarts"
STARTING: Final = "starting"
UNWATCHED: Final = "unwatched"
STALE_S: Final = 30.0
"""A file older than this says that its writer has gone or hangs."""
_STATES: Final = (WELL, STARTING, WAITS, STUCK, RESTARTS, HUNG)
NOT_WELL: Final = {
    HUNG: "a part of this installation hangs",
    RESTARTS: "a part of this installation is started again and again",
    STUCK: "a part of this installation is stuck behind a record",
    STARTING: "a part of this installation does not come up",
    WAITS: "a part of this installation waits for a disk, an engine or the network",
    UNWATCHED: "nobody watches over this installation",
}
"""What strangers may know, worst first; parts and reasons are for who keeps the machinery."""


class PartState(msgspec.Struct, frozen=True, kw_only=True):
    """One part: ``sentence`` is empty while it is well, or as good as (just being started again)."""

    state: str
    sentence: str
    restarts: int
    loops: list[Loop] = []


class PartStates(msgspec.Struct, frozen=True, kw_only=True):
    """Every part, at a moment of the machine's monotonic clock."""

    at_s: float
    parts: dict[str, PartState]


class PartStatesFile:
    """The file; whoever writes it is the only one."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock

    def write(self, parts: dict[str, PartState]) -> None:
        """Replace the file; it need not outlive the machine, so nothing waits for the disk."""
        content = msgspec.json.encode(PartStates(at_s=self._clock.monotonic_s(), parts=parts))
        part = self._path.with_suffix(".part")
        part.write_bytes(content)
        part.replace(self._path)

    def remove(self) -> None:
        """Say nothing any more."""
        self._path.unlink(missing_ok=True)

    def read(self) -> PartStates | None:
        """Return how the parts stand; None where nothing is noted or can be read."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=PartStates)
        except (OSError, msgspec.DecodeError):
            return None

    def is_fresh(self, standings: PartStates) -> bool:
        """Tell whether somebody still watches."""
        return 0 <= self._clock.monotonic_s() - standings.at_s <= STALE_S

    def problems(self) -> list[tuple[str, str, str]]:
        """Return part, state and sentence of all that is not well; nothing where nothing is noted."""
        standings = self.read()
        if standings is None:
            return []
        if not self.is_fresh(standings):
            return [("supervisor", UNWATCHED, "it has not reported for half a minute")]
        return [
            (name, part.state, part.sentence)
            for name, part in standings.parts.items()
            if part.sentence
        ]


def public_sentence(problems: list[tuple[str, str, str]]) -> str | None:
    """Return what strangers are told of problems, None when there are none."""
    states = {state for _, state, _ in problems}
    return next((f"Not well: {NOT_WELL[state]}." for state in NOT_WELL if state in states), None)


class PartStatesCollector(Collector):
    """The figures of all parts for Prometheus."""

    def __init__(self, file: PartStatesFile) -> None:
        self._file = file

    def collect(self) -> Iterable[Metric]:
        """Return the families; none while nothing is noted."""
        standings = self._file.read()
        if standings is None:
            return
        state = GaugeMetricFamily(
            "tram_part_state", "1 for the state that a part is in.", labels=("part", "state")
        )
        restarts = CounterMetricFamily(
            "tram_part_restarts", "Starts of a part after its first.", labels=("part",)
        )
        for name, part in standings.parts.items():
            restarts.add_metric((name,), part.restarts)
            for one in _STATES:
                state.add_metric((name, one), int(part.state == one))
        yield state
        yield restarts
        yield from _of_loops(standings)


def _of_loops(standings: PartStates) -> Iterable[Metric]:
    labels = ("part", "loop")
    age = GaugeMetricFamily(
        "tram_part_beat_age_seconds", "Since a loop last said that it goes on.", labels=labels
    )
    position = GaugeMetricFamily("tram_part_position", "How far a loop is.", labels=labels)
    target = GaugeMetricFamily("tram_part_target", "How far there is something.", labels=labels)
    for name, part in standings.parts.items():
        for loop in part.loops:
            age.add_metric((name, loop.name), loop.age_s)
            if loop.position or loop.target:
                position.add_metric((name, loop.name), loop.position)
                target.add_metric((name, loop.name), loop.target)
    yield age
    yield position
    yield target
