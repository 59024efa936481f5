"""How far the other readers of the block log are: said by them, minded by whoever purges it.

A mark may be lost: the next one comes within seconds. Until a reader has spoken nothing is purged.
"""

import msgspec

from tram.fleet.log.nats_connection import DOUBTS, NatsConnection
from tram.fleet.log.streams import READER_SUBJECT

__all__ = ("MarkSender", "ReadingMarks")


class _Mark(msgspec.Struct, frozen=True):
    epoch: int
    seq: int


class MarkSender:
    """Says for one reader that it does not need the log up to a sequence any more."""

    def __init__(self, link: NatsConnection, reader: str) -> None:
        self._link = link
        self._subject = f"{READER_SUBJECT}.{reader}"

    async def send(self, epoch: int, seq: int) -> None:
        """Send the mark; without a connection it is left out."""
        try:
            await self._link.publish(self._subject, msgspec.json.encode(_Mark(epoch, seq)))
        except DOUBTS:
            return


class ReadingMarks:
    """Hears the marks of the one other reader, which judges rules."""

    def __init__(self, link: NatsConnection, reader: str) -> None:
        self._link = link
        self._subject = f"{READER_SUBJECT}.{reader}"
        self._mark: _Mark | None = None

    async def listen(self) -> None:
        """Hear marks from now on."""
        await self._link.subscribe(self._subject, self._hear)

    def needed_from(self, epoch: int) -> int | None:
        """Return the first sequence of this epoch that is still needed, None while unknown."""
        if self._mark is None or self._mark.epoch != epoch:
            return None
        return self._mark.seq + 1

    async def _hear(self, payload: bytes) -> None:
        self._mark = msgspec.json.decode(payload, type=_Mark)
