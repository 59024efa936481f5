"""Files of readings: asked for on a form, made while one does something else, fetched for a week."""

from collections.abc import Mapping

from litestar import Response, get
from litestar.params import FromPath

from tram.api.overview.jobs import cancel_job
from tram.api.places.zones import zones_to_choose
from tram.api.readings.exports import ExportForm, list_exports, order_export, remove_export
from tram.domain.days import start_of_day_ms
from tram.domain.permissions import Permission
from tram.domain.sectors import SECTORS
from tram.fleet.exports.files import FORMATS
from tram.web.forms import Form, Typed, chosen
from tram.web.page_context import PageContext, TakenPage
from tram.web.submission import NO_FAULTS, Faults, submission

_HOME = "/devices/exports"
_NOTHING: Mapping[str, str] = {}


async def _exports(
    page: PageContext, data: Mapping[str, str] = _NOTHING, faults: Faults = NO_FAULTS
) -> Response[str]:
    """Show the form and one's own files."""
    page.viewer.needs(Permission.DEVICE_READ)
    return page.show(
        "devices/exports.html",
        data=data,
        faults=faults,
        kinds=list(FORMATS),
        sectors=SECTORS,
        zones=await page.call(zones_to_choose),
        items=(await page.call(list_exports)).items,
    )


@get("/devices/exports")
async def exports_page(page: TakenPage) -> Response[str]:
    """Show the form and one's own files."""
    return await _exports(page)


@get("/devices/exports/list")
async def exports_progress(page: TakenPage) -> Response[str]:
    """Show one's own files, for the page that waits for them."""
    items = (await page.call(list_exports)).items
    return page.show("devices/export_list.html", items=items)


@submission("/devices/exports", _exports)
async def ask_for_export(page: TakenPage, data: Form) -> str:
    """Ask for a file; the page then shows how far it is."""
    typed = Typed(data)
    first, last = typed.day("from"), typed.day("to")
    typed.refuse()
    form = ExportForm(
        kind=data.get("kind", ""),
        start_ms=start_of_day_ms(first),
        end_ms=start_of_day_ms(last, after=1),
        metrics=[word.strip() for word in data.get("metrics", "").split(",") if word.strip()],
        zone=chosen(data.get("zone", "")),
        sector=data.get("sector") or None,
    )
    await page.call(order_export, form)
    return f"{_HOME}#files"


@submission("/devices/exports/{job:int}/remove")
async def take_export_away(page: TakenPage, job: FromPath[int]) -> str:
    """Remove a file."""
    await page.call(remove_export, job)
    return f"{_HOME}#files"


@submission("/devices/exports/{job:int}/cancel")
async def cancel_export(page: TakenPage, job: FromPath[int]) -> str:
    """Ask that a file is not made; nothing of it is kept."""
    await page.call(cancel_job, job)
    return f"{_HOME}#files"
