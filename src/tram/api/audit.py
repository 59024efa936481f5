"""Who changed what, and when."""

import msgspec

from tram.api.services import Services
from tram.registry.viewer import Viewer

__all__ = ("AuditItem", "AuditPage", "list_audit")


class AuditItem(msgspec.Struct, frozen=True, kw_only=True):
    """One act of a person; ``before`` and ``after`` are JSON texts."""

    id: int
    at_ms: int
    person: str
    org: int | None
    action: str
    noun: str
    noun_id: int | None
    before: str
    after: str
    address: str


class AuditPage(msgspec.Struct, frozen=True):
    """One page, newest first."""

    items: list[AuditItem]
    next: str | None
    as_of_ms: int


async def list_audit(
    services: Services, viewer: Viewer, cursor: str | None = None, limit: int = 50
) -> AuditPage:
    """Return the acts within the viewer's organisations."""
    raise NotImplementedError
