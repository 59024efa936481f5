"""Answers the questions over what the store has open: from memory, or in threads of its own."""

import inspect
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np

from tram.fleet.store.engine.engine import EngineError
from tram.fleet.store.queries.handlers import Handler, Lane, QueryContext
from tram.fleet.store.queries.questions import Asker, Correction, Inquiry
from tram.fleet.store.serving.opening import Opened
from tram.fleet.store.views import Revision
from tram.runtime.clock import Clock
from tram.runtime.errors import Unavailable

__all__ = ("Answering",)


class Answering:
    """Finds the answer to one question after the other; changes nothing but by corrections."""

    def __init__(
        self, opened: Opened, clock: Clock, in_thread: Callable[..., Awaitable[Any]]
    ) -> None:
        self._opened = opened
        self._clock = clock
        self._in_thread = in_thread
        self._context = QueryContext(
            engine=opened.engine,
            latest=opened.latest,
            devices=opened.devices,
            dimensions=opened.dimensions,
            ledger=opened.ledger,
            clock=clock,
            edge=opened.history.edge_ms,
            revise=self._revise,
        )

    async def answer(self, handler: Handler, inquiry: Inquiry[Any]) -> object:
        """Return the answer to a question, limited to what the asker may read.

        Raises:
            Refused: ``store.question`` if it cannot be answered, and what the question refuses.
            Unavailable: ``store.failed``.
        """
        asked = inquiry.question, inquiry.asker, self._context
        if handler.lane is Lane.MEMORY:
            return handler.answer(*asked)
        try:
            if inspect.iscoroutinefunction(handler.answer):
                return await handler.answer(*asked)
            return await self._in_thread(handler.answer, *asked)
        except EngineError as error:
            raise Unavailable("store.failed", error.sentence) from error

    async def _revise(self, series: int, wanted: Correction, asker: Asker) -> Revision:
        """Write a correction and let the newest value follow it."""
        opened, now_ms = self._opened, self._clock.now_ms()
        corrected = await self._in_thread(opened.history.revise, series, wanted, asker, now_ms)
        if opened.latest.correct(corrected.series, corrected.rows):
            opened.frames.note(np.array([corrected.series]), np.array([wanted.device]))
        revision: Revision = corrected.revision
        return revision
