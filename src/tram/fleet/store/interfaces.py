"""What the store needs of its neighbours."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tram.fleet.log.reader import LogReader
from tram.fleet.log.reading_marks import ReadingMarks
from tram.fleet.store.engine.engine import ChdbEngine, Engine
from tram.fleet.sync.live_frames import LiveBus
from tram.fleet.sync.registry_follower import RegistryFollower
from tram.runtime.watch.inspection import Inspector

__all__ = ("StorePorts",)

_BEYOND_ALL = 2**62


class NoOtherReaders:
    """The store reads alone."""

    def needed_from(self, epoch: int) -> int:  # noqa: ARG002  # whatever the epoch
        """Return a sequence beyond all."""
        return _BEYOND_ALL


@dataclass(frozen=True, slots=True)
class StorePorts:
    """The store's three neighbours, and its engine."""

    reader: LogReader
    dimensions: RegistryFollower
    live: LiveBus
    make_engine: Callable[[Path, int], Engine] = ChdbEngine
    """From the folder and the longest query (seconds): the seam for another engine."""
    others: ReadingMarks | NoOtherReaders = field(default_factory=NoOtherReaders)
    inspector: Inspector = field(default_factory=Inspector)
    """What becomes of a block that alone brings the store down."""
