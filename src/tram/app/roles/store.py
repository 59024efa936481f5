"""The role ``store``: the log in, readings out; it alone owns the embedded engine."""

import asyncio

from tram.app.installation.installation import Installation
from tram.app.roles.inspectors import inspector_of
from tram.fleet.log.nats_connection import open_link
from tram.fleet.log.reader import LogReader
from tram.fleet.log.reading_marks import ReadingMarks
from tram.fleet.store.interfaces import StorePorts
from tram.fleet.store.serving.store import Store
from tram.fleet.sync.live_frames import LiveBus
from tram.fleet.sync.registry_follower import RegistryFollower
from tram.runtime.ops_port import OpsPort
from tram.runtime.processes.memory import keep_freed_memory

__all__ = ("run",)


async def run(installation: Installation, stop: asyncio.Event) -> None:
    """Follow the log and answer questions until stopped.

    Raises:
        TramError: if the engine cannot open its folder.
    """
    keep_freed_memory()
    link = await open_link(installation.log_access("store"), "store")
    marks = ReadingMarks(link, "alarms")
    await marks.listen()
    live = LiveBus(link, installation.clock)
    await live.listen()
    reader = LogReader(link)
    inspector = inspector_of(
        installation, "store", await reader.epoch(), installation.folder.store
    )
    ports = StorePorts(reader, RegistryFollower(link), live, others=marks, inspector=inspector)
    store = Store(
        installation.settings.store,
        installation.folder.store,
        ports,
        installation.clock,
        keep_minutes=installation.settings.log.keep_minutes,
    )
    async with link, OpsPort(installation.port("ops_store"), installation.keys.ops, store.problem):
        await store.run(stop, installation.port("store"), installation.keys.store)
