"""Fair turns at what there is little of: so many at once, one after another by owner, few waiting.

Owners (organisations, mostly) take turns, however much each of them asks for; who asks for more
than may wait is told to come again. Nothing waits without bound and nobody waits behind a crowd.
"""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from tram.runtime.errors import Unavailable

__all__ = ("Turns",)

Waiter = asyncio.Future[None]

_RETRY_AFTER_S = 5


@dataclass(slots=True)
class _TurnState:
    """Who has a turn and who waits, in one event loop."""

    running: Counter[Hashable] = field(default_factory=Counter)
    waiting: OrderedDict[Hashable, deque[Waiter]] = field(default_factory=OrderedDict)

    @property
    def waiting_count(self) -> int:
        return sum(len(queue) for queue in self.waiting.values())


class Turns:
    """``at_once`` turns in all and ``each_at_once`` for one owner; owners are served in rotation.

    Args:
        name: What it is turns at, as the sentence of a refusal says it.
        at_once: How many have a turn at the same time.
        waiting_max: How many may wait in all; None for no bound, where the callers are bounded.
        each_at_once: How many turns one owner has at the same time; None for all of them. Who
            names no owner is bound by the bounds of all only.
        each_waiting_max: How many of one owner may wait; None for ``waiting_max``.
    """

    def __init__(
        self,
        name: str,
        at_once: int,
        *,
        waiting_max: int | None,
        each_at_once: int | None = None,
        each_waiting_max: int | None = None,
    ) -> None:
        self.name = name
        self.at_once = at_once
        self._waiting_max = waiting_max
        self._each_at_once = each_at_once or at_once
        self._each_waiting_max = each_waiting_max
        # Tests have many loops in one process; a turn is a matter of one of them.
        self._states: WeakKeyDictionary[asyncio.AbstractEventLoop, _TurnState] = (
            WeakKeyDictionary()
        )

    @asynccontextmanager
    async def turn(self, owner: Hashable = None) -> AsyncIterator[None]:
        """Wait for a turn and hold it.

        Raises:
            Unavailable: ``queue.full`` when too many wait already.
        """
        await self.take(owner)
        try:
            yield
        finally:
            self.give_back(owner)

    async def take(self, owner: Hashable = None) -> None:
        """Wait for a turn; it must be given back.

        Raises:
            Unavailable: ``queue.full`` when too many wait already.
        """
        state = self._state()
        if not state.waiting and self._may_run(state, owner):
            state.running[owner] += 1
            return
        self._must_have_room(state, owner)
        waiter: Waiter = asyncio.get_running_loop().create_future()
        state.waiting.setdefault(owner, deque()).append(waiter)
        self._grant(state)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self.give_back(owner)
            else:
                self._leave(state, owner, waiter)
            raise

    def give_back(self, owner: Hashable = None) -> None:
        """End a turn; the next owner in rotation gets it."""
        state = self._state()
        state.running[owner] -= 1
        if not state.running[owner]:
            del state.running[owner]
        self._grant(state)

    def _state(self) -> _TurnState:
        return self._states.setdefault(asyncio.get_running_loop(), _TurnState())

    def _may_run(self, state: _TurnState, owner: Hashable) -> bool:
        each = self.at_once if owner is None else self._each_at_once
        return state.running.total() < self.at_once and state.running[owner] < each

    def _must_have_room(self, state: _TurnState, owner: Hashable) -> None:
        own = 0 if owner is None else len(state.waiting.get(owner, ()))
        is_full = self._waiting_max is not None and state.waiting_count >= self._waiting_max
        if is_full or (self._each_waiting_max is not None and own >= self._each_waiting_max):
            raise Unavailable(
                "queue.full",
                f"Too many wait for {self.name} already.",
                "Try again in a moment.",
                _RETRY_AFTER_S,
            )

    def _grant(self, state: _TurnState) -> None:
        """Give free turns to owners in rotation; one that has all its turns is passed over."""
        for owner in list(state.waiting):
            if state.running.total() >= self.at_once:
                return
            queue = state.waiting[owner]
            while queue and queue[0].done():  # cancelled, and its task has not noticed yet
                queue.popleft()
            if queue and not self._may_run(state, owner):
                continue
            if queue:
                queue.popleft().set_result(None)
                state.running[owner] += 1
                state.waiting.move_to_end(owner)
            if not queue:
                del state.waiting[owner]

    @staticmethod
    def _leave(state: _TurnState, owner: Hashable, waiter: Waiter) -> None:
        queue = state.waiting.get(owner)
        if queue is not None and waiter in queue:
            queue.remove(waiter)
            if not queue:
                del state.waiting[owner]
