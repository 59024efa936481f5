"""The product's store on a real log, alone in its process, for the benchmark to measure."""

import argparse
import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

from benchmarks.history_data import GROUPS, ORG, group
from tram.fleet.log.nats_connection import NatsAccess, open_link
from tram.fleet.log.reader import LogReader
from tram.fleet.store.interfaces import StorePorts
from tram.fleet.store.serving.store import Store
from tram.fleet.store.settings import StoreSettings
from tram.fleet.sync.registry_follower import ChangeBatch
from tram.registry.kernel.changes import Body, DevicePut, OrgPut
from tram.runtime.clock import SystemClock
from tram.runtime.logging import start_logging
from tram.runtime.processes.memory import keep_freed_memory

__all__ = ("KEY", "main")

KEY = "benchmark-" + "k" * 22
_PROVINCE = 1


class _Dims:
    """All devices at once, then silence."""

    async def follow(self, after_version: int) -> AsyncIterator[ChangeBatch]:
        """Yield everything, once."""
        changes: list[Body] = [OrgPut(_PROVINCE, [_PROVINCE]), OrgPut(ORG, [ORG, _PROVINCE])]
        for name in GROUPS:
            plan = group(name, 100_000_000)
            changes += [
                DevicePut(number, ORG, None, "energy", 1)
                for number in range(plan.first, plan.first + plan.devices)
            ]
        if after_version < 1:
            yield ChangeBatch(1, is_reset=True, changes=changes)
        await asyncio.Event().wait()


class _Live:
    """Takes frames and forgets them."""

    def is_watched(self) -> bool:
        """Nobody looks."""
        return False

    async def publish(self, payload: bytes) -> None:
        """Do nothing."""


async def _run(options: argparse.Namespace) -> None:
    keep_freed_memory()  # as the product's store does
    link = await open_link(NatsAccess(options.nats, options.seed), "store")
    store = Store(
        StoreSettings(query_seconds_max=300),
        options.folder,
        StorePorts(LogReader(link), _Dims(), _Live()),
        SystemClock(),
        keep_minutes=24 * 60,
    )
    stop = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    try:
        await store.run(stop, options.port, KEY)
    finally:
        await link.close()


def main() -> None:
    """Run until a signal comes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.store_process")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--nats", required=True)
    parser.add_argument("--seed", required=True)
    parser.add_argument("--port", type=int, required=True)
    start_logging("benchmark", level="warning")
    asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
