"""Official counts of stations: the table of a day, a form for the next count, and the entries."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, cast

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from tram.api.directives.documents import list_documents
from tram.api.http.parameters import TakenServices, TakenViewer
from tram.api.http.services import Services
from tram.api.network.counts import (
    CountForm,
    Technology,
    WithdrawalForm,
    correct_count,
    count_entries,
    count_table,
    enter_count,
    list_operators,
    show_count,
    withdraw_count,
)
from tram.api.places.zones import zones_to_choose
from tram.registry.kernel.viewer import Viewer
from tram.rollout.inventory.counts import PROVINCE
from tram.rollout.inventory.geography.communes import shipped_communes
from tram.rollout.inventory.views import CountEntry
from tram.runtime.errors import Fault, Refused
from tram.web.forms import Form, Typed, day_of, faults_of
from tram.web.pages.people.login import inside
from tram.web.rendering import Screen, TakenScreen
from tram.web.words.rollout import document_label

_HOME = "/reports/counts"
_ENTRIES_SHOWN = 50


@get("/reports/counts")
async def counts_page(
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    as_of: FromQuery[str] = "",
    next: FromQuery[str] = "",  # noqa: A002  # the address says next
) -> Response[str]:
    """Show the table as of a day; who may write enters the next count beside it."""
    return await _counts(services, viewer, screen, {"as_of_shown": as_of, "next": next})


@post("/reports/counts", status_code=HTTPStatus.CREATED)
async def add_count(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, data: Form
) -> Response[Any]:
    """Enter a count and go back to where the person came from."""
    form, faults = _read(data)
    if not faults:
        try:
            await enter_count(services, viewer, form)
        except Refused as error:
            faults = faults_of(error)
        else:
            return _back(data)
    return await _counts(services, viewer, screen, data, faults)


@get("/reports/counts/{entry:int}")
async def correction_page(
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    entry: FromPath[int],
    next: FromQuery[str] = "",  # noqa: A002  # the address says next
) -> Response[str]:
    """Show one entry with a form that corrects it."""
    found = await show_count(services, viewer, entry)
    return await _correction(services, viewer, screen, (found, {**_typed(found), "next": next}))


@post("/reports/counts/{entry:int}", status_code=HTTPStatus.CREATED)
async def mend_count(
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    entry: FromPath[int],
    data: Form,
) -> Response[Any]:
    """Put a corrected entry in its place."""
    found = await show_count(services, viewer, entry)
    form, faults = _read(data)
    if not faults:
        try:
            await correct_count(services, viewer, entry, form)
        except Refused as error:
            faults = faults_of(error)
        else:
            return _back(data)
    return await _correction(services, viewer, screen, (found, data), faults)


@post("/reports/counts/{entry:int}/withdraw", status_code=HTTPStatus.CREATED)
async def take_back_count(
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    entry: FromPath[int],
    data: Form,
) -> Response[Any]:
    """Take an entry out of the table."""
    found = await show_count(services, viewer, entry)
    try:
        await withdraw_count(services, viewer, entry, WithdrawalForm(note=data.get("note", "")))
    except Refused as error:
        typed = {**_typed(found), **data}
        return await _correction(services, viewer, screen, (found, typed), faults_of(error))
    return _back(data)


async def _counts(
    services: Services,
    viewer: Viewer,
    screen: Screen,
    data: Mapping[str, str],
    faults: tuple[Fault, ...] = (),
) -> Response[str]:
    entries = await count_entries(services, viewer, limit=_ENTRIES_SHOWN)
    return screen.show(
        "network/counts.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        tab="counts",
        table=await count_table(services, viewer, day_of(data.get("as_of_shown", ""))),
        entries=entries.items,
        more=entries.next is not None,
        operators=await _operators(services, viewer),
        documents=await _documents(services, viewer, screen),
        scopes=await _scopes(services, viewer),
        data=data,
        faults={fault.field: fault for fault in faults},
    )


async def _correction(
    services: Services,
    viewer: Viewer,
    screen: Screen,
    about: tuple[CountEntry, Mapping[str, str]],
    faults: tuple[Fault, ...] = (),
) -> Response[str]:
    entry, data = about
    return screen.show(
        "network/count.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        tab="counts",
        entry=entry,
        operators=await _operators(services, viewer),
        documents=await _documents(services, viewer, screen),
        scopes=await _scopes(services, viewer),
        data=data,
        faults={fault.field: fault for fault in faults},
    )


async def _operators(services: Services, viewer: Viewer) -> list[tuple[int, str]]:
    """Return number and name of the operators whose counts the person may enter."""
    found = await list_operators(services, viewer, writable=True)
    return [(item.id, item.name) for item in found.items]


async def _scopes(services: Services, viewer: Viewer) -> dict[str, str]:
    """Return the names of what a count may be of, besides the whole province."""
    zones = await zones_to_choose(services, viewer)
    communes = {f"commune:{commune.code}": commune.name for commune in shipped_communes()}
    return {f"zone:{zone.code}": zone.name for zone in zones} | communes


async def _documents(services: Services, viewer: Viewer, screen: Screen) -> list[tuple[str, str]]:
    """Return key and words of the documents that may prove a count."""
    if not viewer.may("directive.read"):
        return []
    found = await list_documents(services, viewer)
    return [(item.key, document_label(item, screen.locale)) for item in found.items]


def _read(data: Mapping[str, str]) -> tuple[CountForm, tuple[Fault, ...]]:
    typed = Typed(data)
    form = CountForm(
        operator=typed.choice("operator"),
        technology=cast(
            "Technology", typed.text("technology", needed=True)
        ),  # the register checks it
        count=typed.whole("count"),
        as_of=typed.day("as_of"),
        as_of_mark=typed.text("as_of_mark") or "stated",
        source=typed.text("source", needed=True),
        document=typed.text("document"),
        note=typed.text("note"),
        scope=typed.text("scope") or PROVINCE,
    )
    return form, tuple(typed.faults)


def _typed(entry: CountEntry) -> dict[str, str]:
    """Return an entry as its form shows it."""
    return {
        "operator": str(entry.operator),
        "technology": entry.technology,
        "count": "" if entry.count is None else str(entry.count),
        "as_of": entry.as_of.isoformat(),
        "as_of_mark": entry.as_of_mark,
        "source": entry.source.text,
        "document": entry.source.document,
        "note": "",
        "scope": entry.scope,
    }


def _back(data: Mapping[str, str]) -> Redirect:
    wanted = data.get("next", "")
    return Redirect(inside(wanted) if wanted else _HOME, status_code=303)
