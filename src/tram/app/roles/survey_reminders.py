"""Survey rounds remind by themselves: what the role ``work`` does about them, for ever."""

from tram.app.installation.installation import Installation
from tram.registry.kernel.viewer import system_viewer
from tram.registry.registry import Registry
from tram.rollout.inventory.inventory import Inventory
from tram.runtime.logging import get_logger
from tram.runtime.settings import Settings

__all__ = ("LOOK_EVERY_S", "remind_once", "site_of")

LOOK_EVERY_S = 600.0


def site_of(settings: Settings) -> str:
    """Return the address of the pages as letters name it."""
    return (settings.web.site or settings.alarms.public_url).rstrip("/")


async def remind_once(installation: Installation, registry: Registry) -> None:
    """Write the reminders of open rounds that have come due; a round that raises is set aside."""
    inventory = Inventory(registry.database, installation.clock, site_of(installation.settings))
    viewer = system_viewer(await registry.seed_base())
    reminded = await inventory.surveys.remind_due(viewer)
    if reminded:
        get_logger().info("survey rounds reminded", replies=reminded)
