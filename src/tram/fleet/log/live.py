"""Frames for eyes: what changed a moment ago, to whoever is looking. May be lost, never waits."""

from collections.abc import Awaitable, Callable

from tram.fleet.log.link import DOUBTS, Link
from tram.fleet.log.streams import LIVE_SUBJECT

__all__ = ("LiveBus",)


class LiveBus:
    """The store publishes frames, every web process receives them all."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def publish(self, payload: bytes) -> None:
        """Send one frame; without a connection it is skipped (views resync)."""
        try:
            await self._link.publish(LIVE_SUBJECT, payload)
        except DOUBTS:
            return

    async def subscribe(self, receive: Callable[[bytes], Awaitable[None]]) -> None:
        """Call ``receive`` with every frame from now on."""
        await self._link.subscribe(LIVE_SUBJECT, receive)
