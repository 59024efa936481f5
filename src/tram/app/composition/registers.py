"""The registers of an installation over one open registry."""

import contextlib
from collections.abc import AsyncIterator

from tram.app.composition.engines import open_registry
from tram.app.installation.installation import Installation
from tram.app.installation.settings import Settings
from tram.fleet.alarms.alarms import Alarms
from tram.registry.kernel.viewer import Viewer, system_viewer
from tram.registry.registry import Registry
from tram.rollout.directives.directives import Directives
from tram.rollout.inventory.inventory import Inventory

__all__ = ("Registers", "open_registers")


class Registers:
    """The registry with the registers that other packages keep in its database."""

    def __init__(self, installation: Installation, registry: Registry) -> None:
        database, clock = registry.database, installation.clock
        self.installation = installation
        self.registry = registry
        self.inventory = Inventory(
            database, clock, installation.province, _site_of(installation.settings)
        )
        self.directives = Directives(database, clock)
        self.alarms = Alarms(database, clock, installation.keys.hmac)

    async def seed(self) -> Viewer:
        """Add what the product ships and is missing; return the system as a viewer."""
        viewer = system_viewer(await self.registry.seed_base())
        await self.inventory.seed(viewer)
        await self.directives.seed(viewer, self.installation.province)
        return viewer


@contextlib.asynccontextmanager
async def open_registers(installation: Installation) -> AsyncIterator[Registers]:
    """Open the registry, migrating it where it is older, and close it at the end.

    Raises:
        Refused: if it is newer than this program.
        Unavailable: if its database does not answer.
    """
    registry = await open_registry(installation)
    try:
        yield Registers(installation, registry)
    finally:
        await registry.close()


def _site_of(settings: Settings) -> str:
    """Return the address of the pages as letters name it."""
    return (settings.web.site or settings.alarms.public_url).rstrip("/")
