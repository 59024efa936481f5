"""What the province keeps of a zone: area with its source, investors' needs, state, authority."""

import msgspec

from tram.api.http.services import Services
from tram.domain.bounds import Line, Number, Paragraphs, Real
from tram.domain.ids import OrgId, ZoneId
from tram.domain.permissions import Permission
from tram.registry.kernel.viewer import Viewer
from tram.rollout.inventory.areas.areas import ZoneArea, ZoneFacts
from tram.runtime.errors import Refused

__all__ = (
    "ZoneFactsForm",
    "ZoneFactsView",
    "change_zone_facts",
    "list_authorities",
    "show_zone_facts",
)


class ZoneFactsForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Replaces all that was kept; ``area_ha`` [ha] None leaves the area as it is."""

    authority: Number | None = None
    needs: Paragraphs = ""
    state: Line = ""
    note: Line = ""
    area_ha: Real | None = None
    area_source: Line = ""


class ZoneFactsView(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a zone; ``authority`` answers surveys about it."""

    zone: int
    code: str
    name: str
    area_ha: float | None
    area_source: str
    authority: int | None
    authority_name: str
    needs: str
    state: str
    note: str


async def show_zone_facts(services: Services, viewer: Viewer, zone: int) -> ZoneFactsView:
    """Return what is kept of a zone.

    Raises:
        Refused: ``zone.unknown``.
    """
    row = await services.registry.zones.one(viewer, ZoneId(zone))
    facts, authority_name = await services.inventory.areas.facts(viewer, zone)
    return ZoneFactsView(
        zone=row.id,
        code=row.code,
        name=row.name,
        area_ha=row.area_ha,
        area_source=row.area_source,
        authority=facts.authority,
        authority_name=authority_name,
        needs=facts.needs,
        state=facts.state,
        note=facts.note,
    )


async def change_zone_facts(
    services: Services, viewer: Viewer, zone: int, form: ZoneFactsForm
) -> ZoneFactsView:
    """Keep what is known of a zone; only who keeps the province's data may.

    Raises:
        Refused: ``zone.unknown``, ``zone.wrong`` with every wrong field.
    """
    facts = ZoneFacts(
        authority=None if form.authority is None else OrgId(form.authority),
        needs=form.needs,
        state=form.state,
        note=form.note,
    )
    area = None if form.area_ha is None else ZoneArea(form.area_ha, form.area_source)
    await services.inventory.areas.change_facts(viewer, zone, facts, area)
    return await show_zone_facts(services, viewer, zone)


async def list_authorities(services: Services, viewer: Viewer) -> list[tuple[int, str]]:
    """Return the public bodies that may be a zone's authority; none to who may not change it."""
    if not viewer.may(Permission.INVENTORY_WRITE):
        return []
    try:
        return await services.inventory.areas.authorities(viewer)
    except Refused as error:
        if error.code != "access.denied":
            raise
        return []
