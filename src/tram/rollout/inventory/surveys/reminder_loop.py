"""Survey rounds remind by themselves: what the role ``work`` does about them, for ever."""

from tram.registry.kernel.viewer import system_viewer
from tram.registry.registry import Registry
from tram.rollout.inventory.surveys.surveys import Surveys
from tram.runtime.logging import get_logger

__all__ = ("LOOK_EVERY_S", "remind_once")

LOOK_EVERY_S = 600.0


async def remind_once(surveys: Surveys, registry: Registry) -> None:
    """Write the reminders of open rounds that have come due; a round that raises is set aside."""
    viewer = system_viewer(await registry.seed_base())
    reminded = await surveys.remind_due(viewer)
    if reminded:
        get_logger().info("survey rounds reminded", replies=reminded)
