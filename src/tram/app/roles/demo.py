"""The role ``demo``: simulated devices that speak to the gateway as any device would."""

import asyncio

from tram.app.demo.simulation import Simulation
from tram.app.installation.installation import Installation
from tram.runtime.ops_port import OpsPort

__all__ = ("run",)


async def run(installation: Installation, stop: asyncio.Event) -> None:
    """Simulate until stopped."""
    simulation = Simulation(
        installation.folder.demo_tokens_file, installation.settings.gateway, installation.clock
    )
    async with OpsPort(installation.port("ops_demo"), installation.keys.ops, lambda: None):
        await simulation.run(stop)
