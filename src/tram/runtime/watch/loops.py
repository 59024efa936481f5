"""Signs of life from inside each work loop: where it is, what it works on, and since when.

That a port answers says nothing about the loops behind it. Each loop of a process beats here; who
asks the process gets every beat and tells a loop that hangs from one that waits for a disk and from
one that stands before a record which it cannot get past.
"""

import asyncio
from typing import Final

import msgspec

from tram.runtime.clock import Clock, SystemClock

__all__ = (
    "HUNG",
    "LOOPS",
    "STUCK",
    "STUCK_S",
    "WAITS",
    "WELL",
    "Heartbeat",
    "Loop",
    "Loops",
    "problem_of",
)

STUCK_S: Final = 60.0
"""A position that stands still for so long, with something after it, is stuck."""
WELL: Final = "well"
WAITS: Final = "waits"
STUCK: Final = "stuck"
HUNG: Final = "hung"
_WORST_FIRST: Final = (HUNG, STUCK, WAITS)


class Loop(msgspec.Struct, frozen=True, kw_only=True):
    """What one loop last said, judged: ``state`` is well, waits, stuck or hung."""

    name: str
    state: str
    sentence: str
    age_s: float
    position: int
    target: int
    entry: str


class Heartbeat:
    """One loop's sign of life; the loop calls it, nobody else.

    A loop that only looks around calls ``heartbeat`` at each turn. One that is about to work says on what
    (``work``), one that waits to be woken says so (``rest``): it may then be silent for as long as
    it likes. ``wait`` says that something else must come back first, a disk or an engine.
    """

    __slots__ = (
        "_beaten_s", "_clock", "_may_be_silent", "_moved_s", "_quiet_s", "entry", "name",
        "position", "target", "why",
    )  # fmt: skip

    def __init__(self, name: str, quiet_s: float, clock: Clock) -> None:
        self.name = name
        self.position = 0
        self.target = 0
        self.entry = ""
        self.why = ""
        self._clock = clock
        self._quiet_s = quiet_s
        self._may_be_silent = False
        self._beaten_s = self._moved_s = clock.monotonic_s()

    def heartbeat(self) -> None:
        """Say that the loop turns, and works on nothing in particular."""
        self._say("", silent=False)

    def work(self, entry: str) -> None:
        """Say what the loop begins to work on."""
        self._say(entry, silent=False)

    def rest(self) -> None:
        """Say that there is nothing to do until somebody wakes the loop."""
        self._say("", silent=True)

    def wait(self, why: str) -> None:
        """Say that the loop waits for what passes, and for what."""
        self._say(self.entry, silent=True)
        self.why = why

    def reach(self, position: int) -> None:
        """Say how far the loop is."""
        if position != self.position:
            self.position = position
            self._moved_s = self._clock.monotonic_s()

    def know(self, target: int) -> None:
        """Say how far there is something to do."""
        if self.target <= self.position:  # until now there was nothing after the position
            self._moved_s = self._clock.monotonic_s()
        self.target = target

    def judged(self) -> Loop:
        """Return what is to be thought of this loop now."""
        now_s = self._clock.monotonic_s()
        age_s = now_s - self._beaten_s
        state, sentence = self._judge(age_s, now_s - self._moved_s)
        return Loop(
            name=self.name,
            state=state,
            sentence=sentence,
            age_s=round(age_s, 1),
            position=self.position,
            target=self.target,
            entry=self.entry,
        )

    def _judge(self, age_s: float, stood_s: float) -> tuple[str, str]:
        if not self._may_be_silent and age_s > self._quiet_s:
            on = f", at {self.entry}" if self.entry else ""
            return HUNG, f"hung: {self.name} has said nothing for {age_s:.0f} s{on}"
        if self.why:
            return WAITS, self.why
        if self.target > self.position and stood_s > STUCK_S:
            return STUCK, (
                f"stuck: {self.name} stands behind record {self.position + 1} for {stood_s:.0f} s"
            )
        return WELL, ""

    def _say(self, entry: str, *, silent: bool) -> None:
        self.entry = entry
        self.why = ""
        self._may_be_silent = silent
        self._beaten_s = self._clock.monotonic_s()


class Loops:
    """The loops of one process that run now."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._beats: list[Heartbeat] = []

    def begin(self, name: str, quiet_s: float) -> Heartbeat:
        """Give the running task its beat until it ends; silent for longer than ``quiet_s`` it is hung."""
        heartbeat = Heartbeat(name, quiet_s, self._clock)
        self._beats.append(heartbeat)
        task = asyncio.current_task()
        if task is not None:
            task.add_done_callback(lambda _: self._beats.remove(heartbeat))
        return heartbeat

    def judged(self) -> list[Loop]:
        """Return every loop as it stands."""
        return [heartbeat.judged() for heartbeat in self._beats]

    def problem(self) -> str | None:
        """Return None while every loop goes on, else the sentence of the worst off."""
        return problem_of(self.judged())


def problem_of(loops: list[Loop]) -> str | None:
    """Return the sentence of the loop that is worst off, None when all are well."""
    for state in _WORST_FIRST:
        for loop in loops:
            if loop.state == state:
                return loop.sentence
    return None


LOOPS = Loops(SystemClock())
"""The loops of this process."""
