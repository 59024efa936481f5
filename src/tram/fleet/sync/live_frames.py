"""Frames for eyes: what changed a moment ago, to whoever is looking. May be lost, never waits."""

import contextlib
from collections.abc import Awaitable, Callable

from tram.fleet.log.nats_connection import DOUBTS, NatsConnection
from tram.fleet.log.streams import LIVE_SUBJECT, LOOKING_SUBJECT
from tram.runtime.clock import Clock

__all__ = ("LOOKING_S", "LiveBus")

LOOKING_S = 10.0
"""So long after the last word of a viewer frames are still made."""


class LiveBus:
    """The store publishes frames while anybody looks; every web process receives them all."""

    def __init__(self, link: NatsConnection, clock: Clock) -> None:
        self._link = link
        self._clock = clock
        self._looked_s = float("-inf")

    async def publish(self, payload: bytes) -> None:
        """Send one frame; without a connection it is skipped (views resync)."""
        with contextlib.suppress(*DOUBTS):
            await self._link.publish(LIVE_SUBJECT, payload)

    async def subscribe(self, receive: Callable[[bytes], Awaitable[None]]) -> None:
        """Call ``receive`` with every frame from now on."""
        await self._link.subscribe(LIVE_SUBJECT, receive)

    async def look(self) -> None:
        """Say that somebody looks; to be said again within seconds."""
        with contextlib.suppress(*DOUBTS):
            await self._link.publish(LOOKING_SUBJECT, b"")

    async def listen(self) -> None:
        """Hear from now on whether anybody looks."""
        await self._link.subscribe(LOOKING_SUBJECT, self._hear)

    def is_watched(self) -> bool:
        """Return whether anybody looked a moment ago."""
        return self._clock.monotonic_s() - self._looked_s < LOOKING_S

    async def _hear(self, _: bytes) -> None:
        self._looked_s = self._clock.monotonic_s()
