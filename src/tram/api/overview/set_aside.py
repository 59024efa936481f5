"""What loops have set aside: listed for whom it belongs to, and tried again when they ask."""

import msgspec

from tram.api.http.services import Services
from tram.domain.permissions import Permission
from tram.registry.kernel.set_aside import SetAsideRow
from tram.registry.kernel.viewer import Viewer

__all__ = ("AsidePage", "list_aside", "try_again")


class AsidePage(msgspec.Struct, frozen=True, kw_only=True):
    """The newest 200 entries within the viewer's reach; ``state`` is aside, or again."""

    items: list[SetAsideRow]


async def list_aside(services: Services, viewer: Viewer) -> AsidePage:
    """Return what is set aside of the organisations whose jobs the viewer sees."""
    viewer.needs(Permission.JOB_READ)
    return AsidePage(items=await services.registry.set_aside.list(viewer))


async def try_again(services: Services, viewer: Viewer, entry: int) -> None:
    """Let the loop try one again."""
    viewer.needs(Permission.JOB_WRITE)
    await services.registry.set_aside.try_again(viewer, entry)
