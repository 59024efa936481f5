"""Who changed what, when and from where."""

import msgspec

from tram.api.http.paging import LIMIT_DEFAULT
from tram.api.http.parameters import Cursor, PageLimit
from tram.api.http.services import Services
from tram.registry.kernel.audit import AuditFilter
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import AuditRow

__all__ = ("AuditItem", "AuditPage", "list_audit")


class AuditItem(msgspec.Struct, frozen=True, kw_only=True):
    """One act; ``before`` and ``after`` are JSON texts, empty where there is nothing."""

    id: int
    at_ms: int
    person: int | None
    person_name: str
    org: int
    action: str
    noun: str
    noun_id: int
    before: str
    after: str
    address: str


class AuditPage(msgspec.Struct, frozen=True):
    """One page, newest first; ``total`` is a lower bound unless ``is_exact``: 10,000 are counted."""

    items: list[AuditItem]
    next: str | None
    as_of_ms: int
    total: int
    is_exact: bool


async def list_audit(
    services: Services,
    viewer: Viewer,
    wanted: AuditFilter = AuditFilter(),  # noqa: B008  # frozen
    cursor: Cursor = None,
    limit: PageLimit = LIMIT_DEFAULT,
) -> AuditPage:
    """Return the acts within the viewer's organisations that match."""
    page = await services.registry.audit.page(viewer, wanted=wanted, after=cursor, limit=limit)
    items = [_item(row) for row in page.items]
    now_ms = services.clock.now_ms()
    return AuditPage(items, page.next_after, now_ms, page.total, page.is_exact)


def _item(row: AuditRow) -> AuditItem:
    texts = {"before": _text(row.before), "after": _text(row.after)}
    return AuditItem(**msgspec.structs.asdict(row) | texts)


def _text(value: object) -> str:
    return "" if value is None else msgspec.json.encode(value).decode()
