"""A store process for tests to kill: reads a file of blocks, prints a line per checkpoint."""

import asyncio
import sys
from pathlib import Path

from tests.fleet.store.conftest import DEVICES, ORGS, MemoryDims, MemoryLive, MemoryLog
from tram.fleet.store.engine.checkpoint import Checkpoint
from tram.fleet.store.ingest import ingest
from tram.fleet.store.interfaces import StorePorts
from tram.fleet.store.serving.store import Store
from tram.fleet.store.settings import StoreSettings
from tram.runtime.clock import SystemClock
from tram.runtime.processes.process import free_port


def main() -> None:
    folder, file = Path(sys.argv[1]), Path(sys.argv[2])
    log = MemoryLog()
    content = file.read_bytes()
    while content:
        size = int.from_bytes(content[:4], "big")
        log.append(content[4 : 4 + size])
        content = content[4 + size :]
    write = ingest.write_checkpoint

    def write_slowly(where: Path, checkpoint: Checkpoint) -> None:
        sys.stdout.write(f"inserted {checkpoint.seq}\n")
        sys.stdout.flush()
        write(where, checkpoint)
        sys.stdout.write(f"checkpoint {checkpoint.seq}\n")
        sys.stdout.flush()

    ingest.write_checkpoint = write_slowly
    store = Store(
        StoreSettings(batch_rows=1, batch_ms=1),
        folder,
        StorePorts(log, MemoryDims(ORGS + DEVICES), MemoryLive()),
        SystemClock(),
    )
    asyncio.run(store.run(asyncio.Event(), free_port(), "k"))


if __name__ == "__main__":
    main()
