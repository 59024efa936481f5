"""One zone: what stands in it, what is kept of it, and a form for who keeps the province's data."""

from collections.abc import Mapping

from litestar import Response, get
from litestar.params import FromPath

from tram.api.network.operator_presence import presence_of_zone, presence_rule
from tram.api.places.zone_facts import (
    ZoneFactsForm,
    change_zone_facts,
    list_authorities,
    show_zone_facts,
)
from tram.rollout.inventory.areas.presence import RULES
from tram.web.forms import Form, Typed, typed_of
from tram.web.page_context import PageContext, TakenPage
from tram.web.submission import NO_FAULTS, Faults, submission

_EMPTY_LEAVES_IT = {"area_ha": "", "area_source": ""}


async def _zone(
    page: PageContext,
    zone: int,
    data: Mapping[str, str] | None = None,
    faults: Faults = NO_FAULTS,
) -> Response[str]:
    """Show what is kept of a zone, with its form."""
    found = await page.call(show_zone_facts, zone)
    rules = [presence_rule(kind) for kind in RULES]
    return page.show(
        "places/zone.html",
        tab="zones",
        zone=found,
        presence=await page.call(presence_of_zone, found.zone, rules),
        authorities=await page.call(list_authorities),
        data={**typed_of(found), **_EMPTY_LEAVES_IT} if data is None else data,
        faults=faults,
    )


@get("/network/zones/{zone:int}")
async def zone_page(page: TakenPage, zone: FromPath[int]) -> Response[str]:
    """Show what is kept of a zone."""
    return await _zone(page, zone)


@submission("/network/zones/{zone:int}", _zone)
async def mend_zone(page: TakenPage, zone: FromPath[int], data: Form) -> str:
    """Keep what was typed."""
    typed = Typed(data)
    authority = typed.choice("authority") if data.get("authority") else None
    form = typed.read(ZoneFactsForm, authority=authority)
    await page.call(change_zone_facts, zone, form)
    return f"/network/zones/{zone}"
