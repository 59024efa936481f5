"""What a supervisor makes of one part: well, starting, waiting, stuck, hung, or restarting for good."""

from collections import deque
from typing import Final

from tram.runtime.clock import Clock
from tram.runtime.ops_port import PartProgress
from tram.runtime.watch.loops import HUNG, STUCK, WAITS, WELL, Loop, problem_of
from tram.runtime.watch.part_states import RESTARTS, STARTING, PartState

__all__ = ("PartWatch",)

MUTE_S_TOLD: Final = 10.0
"""A part that answers nothing for this long is told of as hung."""
MUTE_S_MAX: Final = 60.0
"""A part that answers nothing for this long is killed and started again."""
RESTARTS_MAX: Final = 3
RESTARTS_S: Final = 600.0
"""So many starts again within so long are no accident."""
STARTING_S_TOLD: Final = 15.0
"""A part that is not well so long after its start is told of."""
_HUNG_LOOKS: Final = 2
"""A loop is seen hung so often before its part is ended."""


class PartWatch:
    """Keeps what was seen of a part over all its starts."""

    def __init__(self, clock: Clock) -> None:
        self.starts = 0
        self._clock = clock
        self._again_s: deque[float] = deque(maxlen=1_000)
        self._problem: str | None = None
        self._loops: list[Loop] = []
        self._hung_looks = 0
        self._fresh()

    def started(self) -> None:
        """Note a new process."""
        self.starts += 1
        if self.starts > 1:
            self._again_s.append(self._clock.monotonic_s())
        self._fresh()

    def saw(self, seen: PartProgress | None) -> None:
        """Note what the part answered, None for no answer."""
        if seen is None:
            return
        self._heard_s = self._clock.monotonic_s()
        self._has_spoken = True
        self._problem = seen.problem
        self._loops = seen.loops
        is_hung = any(loop.state == HUNG for loop in seen.loops)
        self._hung_looks = self._hung_looks + 1 if is_hung else 0
        self._was_well |= self._problem is None and problem_of(self._loops) is None

    @property
    def is_well(self) -> bool:
        """Whether this process has been well once."""
        return self._was_well

    def must_end(self) -> str | None:
        """Return why the process must be ended, if it must.

        Never while it says that it waits for something: another start would not bring that back.
        """
        mute_s = self._clock.monotonic_s() - self._heard_s
        if self._has_spoken and mute_s > MUTE_S_MAX:
            return f"hung: it has not answered for {mute_s:.0f} s"
        if self._hung_looks >= _HUNG_LOOKS and self._problem is None:
            return problem_of(self._loops)
        return None

    def state(self) -> PartState:
        """Return how the part stands now."""
        state, sentence = self._judged()
        return PartState(
            state=state,
            sentence=sentence,
            restarts=max(0, self.starts - 1),
            loops=self._loops,
        )

    def _judged(self) -> tuple[str, str]:
        now_s = self._clock.monotonic_s()
        mute_s = now_s - self._heard_s
        # One that was never well is busy getting up: what it loads and compiles keeps it from answering.
        if self._was_well and mute_s > MUTE_S_TOLD:
            return HUNG, f"hung: it has not answered for {mute_s:.0f} s"
        worst = next((loop for loop in self._loops if loop.state == HUNG), None)
        if worst is not None:
            return HUNG, worst.sentence
        again = sum(at_s > now_s - RESTARTS_S for at_s in self._again_s)
        if again >= RESTARTS_MAX:
            minutes = RESTARTS_S / 60
            return RESTARTS, f"restarts again and again: {again} times in {minutes:.0f} minutes"
        if not self._was_well:
            return self._starting(now_s - self._started_s)
        return self._going()

    def _starting(self, for_s: float) -> tuple[str, str]:
        if for_s < STARTING_S_TOLD:
            return STARTING, ""
        why = self._problem or problem_of(self._loops) or "it does not answer yet"
        return STARTING, f"starting for {for_s:.0f} s: {why}"

    def _going(self) -> tuple[str, str]:
        stuck = next((loop for loop in self._loops if loop.state == STUCK), None)
        if stuck is not None:
            return STUCK, stuck.sentence
        problem = self._problem or problem_of(self._loops)
        return (WELL, "") if problem is None else (WAITS, problem)

    def _fresh(self) -> None:
        now_s = self._clock.monotonic_s()
        self._started_s = self._heard_s = now_s
        self._has_spoken = self._was_well = False
        self._problem = None
        self._loops = []
        self._hung_looks = 0
