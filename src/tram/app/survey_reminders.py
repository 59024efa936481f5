"""Survey rounds remind by themselves: what the role ``work`` does about them, for ever."""

from tram.app.installation import Installation
from tram.registry.registry import Registry
from tram.registry.viewer import system_viewer
from tram.rollout.inventory.inventory import Inventory
from tram.runtime.errors import TramError
from tram.runtime.logging import get_logger
from tram.runtime.progress import LOOPS
from tram.runtime.settings import Settings

__all__ = ("remind_by_itself", "site_of")

LOOK_EVERY_S = 600.0
QUIET_S = 900.0


def site_of(settings: Settings) -> str:
    """Return the address of the pages as letters name it."""
    return (settings.web.site or settings.alarms.public_url).rstrip("/")


async def remind_by_itself(installation: Installation, registry: Registry) -> None:
    """Look every ten minutes which reminders of open rounds have come due, for ever."""
    inventory = Inventory(registry.database, installation.clock, site_of(installation.settings))
    beat = LOOPS.begin("reminders of surveys", QUIET_S)
    while True:
        beat.work("open rounds")
        try:
            viewer = system_viewer(await registry.seed_base())
            reminded = await inventory.surveys.remind_due(viewer)
            if reminded:
                get_logger().info("survey rounds reminded", replies=reminded)
        except TramError as error:
            get_logger().warning("reminders of survey rounds wait", error=error.sentence)
        beat.rest()
        await installation.clock.sleep(LOOK_EVERY_S)
