"""The role ``work``: hands the registry's changes to the fleet, and tidies up."""

import asyncio

from tram.app.engines import open_registry
from tram.app.installation import Installation
from tram.fleet.log.desk import serve_desk
from tram.fleet.log.identity_pump import IdentityPump
from tram.fleet.log.link import open_link
from tram.runtime.ops_port import OpsPort

__all__ = ("run",)


async def run(installation: Installation, stop: asyncio.Event) -> None:
    """Work until stopped.

    Raises:
        TramError: if the registry is newer than this program.
    """
    link = await open_link(installation.log_access("work"), "work")
    registry = await open_registry(installation)
    pump = IdentityPump(link, registry, installation.clock)
    ops = OpsPort(
        installation.port("ops_work"),
        installation.keys.ops,
        lambda: "the log cannot take identity changes" if pump.is_behind else None,
    )
    await serve_desk(link, {})
    await ops.start()
    try:
        await pump.run(stop)
    finally:
        await ops.close()
        await registry.close()
        await link.close()
