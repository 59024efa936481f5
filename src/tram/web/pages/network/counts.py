"""Official counts of stations: the table of a day, a form for the next count, and the entries."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from tram.api.directives.documents import list_documents
from tram.api.network.counts import (
    CountForm,
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
from tram.domain.permissions import Permission
from tram.rollout.inventory.views import CountEntry
from tram.web.forms import Form, Typed, day_of, typed_of
from tram.web.page_context import PageContext, TakenPage
from tram.web.pages.people.login import inside
from tram.web.submission import NO_FAULTS, Faults, submission
from tram.web.words.rollout import document_label

_HOME = "/reports/counts"
_ENTRIES_SHOWN = 50


async def _counts(
    page: PageContext, data: Mapping[str, str], faults: Faults = NO_FAULTS
) -> Response[str]:
    """Show the table of a day with the form of the next count."""
    entries = await page.call(count_entries, limit=_ENTRIES_SHOWN)
    return page.show(
        "network/counts.html",
        tab="counts",
        table=await page.call(count_table, day_of(data.get("as_of_shown", ""))),
        entries=entries.items,
        more=entries.next is not None,
        **await _choices(page),
        data=data,
        faults=faults,
    )


@get("/reports/counts")
async def counts_page(
    page: TakenPage,
    as_of: FromQuery[str] = "",
    next: FromQuery[str] = "",  # noqa: A002  # the address says next
) -> Response[str]:
    """Show the table as of a day; who may write enters the next count beside it."""
    return await _counts(page, {"as_of_shown": as_of, "next": next})


@submission("/reports/counts", _counts)
async def add_count(page: TakenPage, data: Form) -> str:
    """Enter a count and go back to where the person came from."""
    await page.call(enter_count, Typed(data).read(CountForm))
    return _back(data)


async def _correction(
    page: PageContext, entry: int, data: Mapping[str, str], faults: Faults = NO_FAULTS
) -> Response[str]:
    """Show an entry with the form that corrects it."""
    return page.show(
        "network/count.html",
        tab="counts",
        entry=await page.call(show_count, entry),
        **await _choices(page),
        data=data,
        faults=faults,
    )


async def _kept(
    page: PageContext, entry: int, data: Mapping[str, str], faults: Faults = NO_FAULTS
) -> Response[str]:
    """Show an entry with the form that corrects it, filled with what is kept."""
    typed = _typed(await page.call(show_count, entry))
    return await _correction(page, entry, {**typed, **data}, faults)


@get("/reports/counts/{entry:int}")
async def correction_page(
    page: TakenPage,
    entry: FromPath[int],
    next: FromQuery[str] = "",  # noqa: A002  # the address says next
) -> Response[str]:
    """Show one entry with a form that corrects it."""
    return await _kept(page, entry, {"next": next})


@submission("/reports/counts/{entry:int}", _correction)
async def mend_count(page: TakenPage, entry: FromPath[int], data: Form) -> str:
    """Put a corrected entry in its place."""
    await page.call(correct_count, entry, Typed(data).read(CountForm))
    return _back(data)


@submission("/reports/counts/{entry:int}/withdraw", _kept)
async def take_back_count(page: TakenPage, entry: FromPath[int], data: Form) -> str:
    """Take an entry out of the table."""
    await page.call(withdraw_count, entry, WithdrawalForm(note=data.get("note", "")))
    return _back(data)


async def _choices(page: PageContext) -> dict[str, Any]:
    """Return the operators whose counts the person may enter, what proves one, and what it is of."""
    operators = await page.call(list_operators, writable=True)
    may_read = page.may(Permission.DIRECTIVE_READ)
    documents = (await page.call(list_documents)).items if may_read else []
    zones = await page.call(zones_to_choose)
    listed = page.services.province.communes
    communes = {f"commune:{commune.code}": commune.name for commune in listed}
    return {
        "operators": [(item.id, item.name) for item in operators.items],
        "documents": [(item.key, document_label(item, page.screen.locale)) for item in documents],
        "scopes": {f"zone:{zone.code}": zone.name for zone in zones} | communes,
    }


def _typed(entry: CountEntry) -> dict[str, str]:
    """Return an entry as its form shows it: the reason of a correction is another one."""
    source = {"source": entry.source.text, "document": entry.source.document}
    return {**typed_of(entry), **source, "note": ""}


def _back(data: Mapping[str, str]) -> str:
    wanted = data.get("next", "")
    return inside(wanted) if wanted else _HOME
