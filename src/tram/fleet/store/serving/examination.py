"""Blocks taken one by one into an empty store, to see whether one of them is more than it can bear."""

from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

from tram.fleet.log.reader import StreamMessage
from tram.fleet.store.ingest.ingest import read_run
from tram.fleet.store.interfaces import StorePorts
from tram.fleet.store.serving.opening import Opening
from tram.fleet.store.settings import StoreSettings
from tram.fleet.sync.registry_follower import ChangeBatch
from tram.runtime.clock import SystemClock

__all__ = ("examine_block",)

_EPOCH = 1


class _Nowhere:
    """Neighbours that say and want nothing."""

    def read(self, after_seq: int) -> AsyncIterator[StreamMessage]:
        """Be asked by nobody."""
        raise NotImplementedError(after_seq)

    def follow(self, after_version: int) -> AsyncIterator[ChangeBatch]:
        """Be asked by nobody."""
        raise NotImplementedError(after_version)


def examine_block(_folder: Path, scratch: Path, blocks: Sequence[bytes]) -> Iterator[None]:
    """Insert each block as the store does, yielding after each."""
    nowhere: Any = _Nowhere()
    ports = StorePorts(nowhere, nowhere, nowhere)
    opening = Opening(StoreSettings(), scratch, ports, SystemClock())
    opened = opening.open(_EPOCH)
    try:
        for seq, payload in enumerate(blocks, 1):
            opened.ingest.process(read_run([StreamMessage(seq, payload)]))
            yield
    finally:
        opened.engine.close()
