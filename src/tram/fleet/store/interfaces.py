"""What the store needs of its neighbours; the log's classes fulfil it, tests feed lists."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from tram.fleet.store.engine.engine import ChdbEngine, Engine
from tram.registry.kernel.changes import Body
from tram.runtime.watch.inspection import Inspector

__all__ = ("BlockReader", "DimensionBatch", "DimensionFeed", "LiveSink", "LogEntry", "StorePorts")

_BEYOND_ALL = 2**62


class LogEntry(Protocol):
    """One message of the block log."""

    @property
    def seq(self) -> int:
        """Return its sequence in the stream."""
        ...

    @property
    def payload(self) -> bytes:
        """Return the block's bytes."""
        ...


class LogState(Protocol):
    """How far the log reaches."""

    @property
    def last_seq(self) -> int:
        """Return the newest sequence, 0 before the first message."""
        ...


class BlockReader(Protocol):
    """The block log, in order."""

    async def epoch(self) -> int:
        """Return the number that changes whenever the stream is made anew."""
        ...

    async def state(self) -> LogState:
        """Return how far the log reaches now."""
        ...

    def read(self, after_seq: int) -> AsyncIterator[LogEntry]:
        """Yield every message above ``after_seq``, for ever."""
        ...

    async def purge_below(self, seq: int) -> None:
        """Remove the messages below ``seq``."""
        ...


class DimensionBatch(Protocol):
    """Changes up to ``version``; ``is_reset`` means they are everything there is."""

    @property
    def version(self) -> int:
        """Return the number of the last change."""
        ...

    @property
    def is_reset(self) -> bool:
        """Return whether what is not among the changes is gone."""
        ...

    @property
    def changes(self) -> Sequence[Body]:
        """Return the changes in order."""
        ...


class DimensionFeed(Protocol):
    """Devices, organisations and grants as the registry knows them."""

    def follow(self, after_version: int) -> AsyncIterator[DimensionBatch]:
        """Yield changes above ``after_version``, for ever; negative means nothing is known."""
        ...


class LiveSink(Protocol):
    """Where frames for open views go; they may be lost."""

    async def publish(self, payload: bytes) -> None:
        """Send one frame."""
        ...

    def is_watched(self) -> bool:
        """Return whether anybody looks; otherwise no frame need be made."""
        ...


class OtherReaders(Protocol):
    """Who else reads the block log."""

    def needed_from(self, epoch: int) -> int | None:
        """Return the first sequence that somebody still needs, None while nobody has said so."""
        ...


class NoOtherReaders:
    """The store reads alone."""

    def needed_from(self, epoch: int) -> int:  # noqa: ARG002  # whatever the epoch
        """Return a sequence beyond all."""
        return _BEYOND_ALL


@dataclass(frozen=True, slots=True)
class StorePorts:
    """The store's three neighbours, and its engine."""

    reader: BlockReader
    dimensions: DimensionFeed
    live: LiveSink
    make_engine: Callable[[Path, int], Engine] = ChdbEngine
    """From the folder and the longest query (seconds): the seam for another engine."""
    others: OtherReaders = field(default_factory=NoOtherReaders)
    inspector: Inspector = field(default_factory=Inspector)
    """What becomes of a block that alone brings the store down."""
