"""Official dated counts of stations: the table of a day, its course, and the entries behind it."""

from datetime import date
from typing import Annotated, Literal

import msgspec
from litestar.params import FromQuery, QueryParameter

from tram.api.http.paging import LIMIT_MAX, cut
from tram.api.http.parameters import AsOf, Cursor, PageLimit
from tram.api.http.services import Services
from tram.domain.bounds import Count, Day, Line, Number
from tram.domain.days import local_day
from tram.domain.ids import OrgId
from tram.registry.kernel.viewer import Viewer
from tram.rollout.inventory.counts import PROVINCE
from tram.rollout.inventory.views import CountEntry, NewCount, Operator, Source
from tram.runtime.errors import Refused

__all__ = (
    "CountEntries",
    "CountForm",
    "CountPointItem",
    "CountRowItem",
    "CountSeries",
    "CountTableView",
    "OperatorList",
    "SpokesForm",
    "Technology",
    "WithdrawalForm",
    "correct_count",
    "count_entries",
    "count_series",
    "count_table",
    "enter_count",
    "link_operator",
    "list_operators",
    "show_count",
    "withdraw_count",
)


class OperatorList(msgspec.Struct, frozen=True):
    """The mobile operators whose stations are counted, in the order of the letter."""

    items: list[Operator]
    as_of_ms: int


class SpokesForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which organisation's people speak for an operator; None for nobody."""

    org: Number | None


class CountRowItem(msgspec.Struct, frozen=True, kw_only=True):
    """One operator's stations; ``as_of`` is the older of its two counts' days.

    ``entry_4g`` and ``entry_5g`` are the entries to mend; None where nothing was entered.
    """

    operator: int
    code: str
    name: str
    stations_4g: int | None
    stations_5g: int | None
    ratio_percent: float | None
    share_4g_percent: float | None
    share_5g_percent: float | None
    as_of: date | None
    as_of_4g: date | None
    as_of_5g: date | None
    entry_4g: int | None
    entry_5g: int | None


class CountTableView(msgspec.Struct, frozen=True, kw_only=True):
    """The newest counts that were valid on the day ``as_of``; totals are of what is known."""

    as_of: date
    scope: str
    rows: list[CountRowItem]
    total_4g: int | None
    total_5g: int | None
    total_ratio_percent: float | None
    dates: list[date]
    marks: list[str]
    sources: list[Source]
    missing: list[str]


class CountPointItem(msgspec.Struct, frozen=True, kw_only=True):
    """The stations of all operators on a day on which something was counted."""

    as_of: date
    stations_4g: int
    stations_5g: int
    ratio_percent: float | None


class CountSeries(msgspec.Struct, frozen=True):
    """The course of the counts, oldest first."""

    items: list[CountPointItem]
    as_of_ms: int


class CountEntries(msgspec.Struct, frozen=True):
    """One page of the entries, newest first, corrected ones too."""

    items: list[CountEntry]
    next: str | None
    as_of_ms: int


Where = Annotated[
    str, QueryParameter(name="scope", description="province, zone:CODE or commune:CODE.")
]
Technology = Literal["4G", "5G"]


class CountForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A count as entered; ``source`` in words, ``document`` the key of a registered document.

    ``scope`` is the province, ``zone:CODE`` or ``commune:CODE``.
    """

    operator: Number
    technology: Technology
    count: Count
    as_of: Day
    as_of_mark: Line = "stated"
    source: Line
    document: Line = ""
    note: Line = ""
    scope: Line = PROVINCE


class WithdrawalForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why an entry no longer holds."""

    note: Line


async def list_operators(
    services: Services, viewer: Viewer, *, writable: bool = False
) -> OperatorList:
    """Return the operators, or those only whose counts the viewer may enter."""
    found = await services.inventory.counts.operators(viewer, writable=writable)
    return OperatorList(list(found), services.clock.now_ms())


async def link_operator(
    services: Services, viewer: Viewer, operator: int, form: SpokesForm
) -> Operator:
    """Let the people of an organisation keep an operator's stations and answer for it.

    Raises:
        Refused: ``operator.unknown``, ``operator.wrong``.
    """
    org = None if form.org is None else OrgId(form.org)
    return await services.inventory.operators.link(viewer, operator, org)


async def count_table(
    services: Services, viewer: Viewer, day: AsOf = None, scope: Where = PROVINCE
) -> CountTableView:
    """Return the table of a scope as of a day, today if None."""
    wanted = day or local_day(services.clock.now_ms())
    table = await services.inventory.counts.as_of(viewer, wanted, scope=scope)
    return msgspec.convert(table, CountTableView, from_attributes=True)


async def count_series(
    services: Services,
    viewer: Viewer,
    until: FromQuery[date | None] = None,
    operator: FromQuery[int | None] = None,
) -> CountSeries:
    """Return the course up to a day, of one operator or of all."""
    points = await services.inventory.counts.series(viewer, until=until, operator=operator)
    items = msgspec.convert(points, list[CountPointItem], from_attributes=True)
    return CountSeries(items, services.clock.now_ms())


async def count_entries(
    services: Services, viewer: Viewer, cursor: Cursor = None, limit: PageLimit = LIMIT_MAX
) -> CountEntries:
    """Return who entered which count when, with its source."""
    found, following = cut(await services.inventory.counts.entries(viewer), cursor, limit)
    return CountEntries(found, following, services.clock.now_ms())


async def show_count(services: Services, viewer: Viewer, entry: int) -> CountEntry:
    """Return one entry.

    Raises:
        Refused: ``count.unknown``.
    """
    for found in await services.inventory.counts.entries(viewer):
        if found.id == entry:
            return found
    raise Refused("count.unknown", "There is no such count.")


async def enter_count(services: Services, viewer: Viewer, form: CountForm) -> CountEntry:
    """Add a count to the series.

    Raises:
        Refused: ``count.wrong`` with every wrong field, ``count.taken``.
    """
    return await services.inventory.counts.enter(viewer, _new(form))


async def correct_count(
    services: Services, viewer: Viewer, entry: int, form: CountForm
) -> CountEntry:
    """Put a new entry in the place of a wrong one; the wrong one stays on record.

    Raises:
        Refused: ``count.wrong``, ``count.unknown``, ``correction.taken``.
    """
    return await services.inventory.counts.correct(viewer, entry, _new(form))


async def withdraw_count(
    services: Services, viewer: Viewer, entry: int, form: WithdrawalForm
) -> CountEntry:
    """Take an entry out of the table; it stays on record.

    Raises:
        Refused: ``count.wrong``, ``count.unknown``, ``correction.taken``.
    """
    return await services.inventory.counts.withdraw(viewer, entry, form.note)


def _new(form: CountForm) -> NewCount:
    return NewCount(
        operator=form.operator,
        technology=form.technology,
        count=form.count,
        as_of=form.as_of,
        as_of_mark=form.as_of_mark,
        source=Source(text=form.source, mark="", document=form.document),
        note=form.note,
        scope=form.scope,
    )
