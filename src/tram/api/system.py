"""The state of the machinery: does the store follow the log, and how far behind is it?"""

import msgspec

from tram.api.services import Services
from tram.registry.viewer import Viewer

__all__ = ("SystemStatus", "system_status")


class SystemStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Health in one line for everybody; the figures are None without ``ops.read``."""

    healthy: bool
    sentence: str
    rows: int | None
    lag_blocks: int | None
    doubled_dropped: int | None
    at_least_once: int | None
    quarantined: int | None
    as_of_ms: int


async def system_status(services: Services, viewer: Viewer) -> SystemStatus:
    """Return whether readings arrive and, to operators, the figures behind it."""
    raise NotImplementedError
