"""The past of one device: how complete it is, what is missing, what people corrected."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import NamedTuple

from litestar import Response, get
from litestar.params import FromPath

from tram.api.devices.devices import show_device
from tram.api.readings.corrections import (
    CorrectionForm,
    Reason,
    correct,
    corrections_of,
    undo_correction,
)
from tram.api.readings.past import (
    CompletenessRow,
    PastQuery,
    completeness_of,
    gaps_of,
    quarantine_of,
)
from tram.api.readings.readings import LatestReadings, latest_readings
from tram.domain.bounds import is_day
from tram.domain.days import start_of_day_ms
from tram.domain.permissions import Permission
from tram.runtime.errors import Fault
from tram.web.answers import if_answered
from tram.web.formats import LOCAL_ZONE
from tram.web.forms import Form, Typed
from tram.web.page_context import PageContext, TakenPage
from tram.web.submission import NO_FAULTS, Faults, submission

_MONTHS_SHOWN = 3
_GAPS_SHOWN = 100
_QUARANTINE_SHOWN = 200
_LEVELS = (0.999, 0.95, 0.75, 0.25)
"""Shares from which a day of the calendar has its shade, the fullest first."""


class DayCell(NamedTuple):
    """One day of the calendar; ``level`` is 0 (nothing came) to 5 (all), -1 where none was due."""

    day: date
    level: int
    came: int
    expected: int
    share: float


class Month(NamedTuple):
    """One month: its weeks from Monday to Sunday, None outside the month."""

    first: date
    weeks: list[list[DayCell | None]]


@get("/devices/{device:int}/gaps")
async def gaps_page(page: TakenPage, device: FromPath[int]) -> Response[str]:
    """Show a calendar of completeness, completeness by metric, and the gap ledger."""
    view = await page.call(show_device, device)
    today = datetime.fromtimestamp(page.screen.now_ms / 1000, LOCAL_ZONE).date()
    first = _month_before(today, _MONTHS_SHOWN - 1)
    start_ms, end_ms = start_of_day_ms(first), start_of_day_ms(today, after=1)
    past = partial(PastQuery, device=device, start_ms=start_ms, end_ms=end_ms)
    by_day = await if_answered(page.call(completeness_of, past(step="day")))
    by_metric = await if_answered(page.call(completeness_of, past(by="metric")))
    entries = await if_answered(page.call(gaps_of, past(limit=_GAPS_SHOWN)))
    return page.show(
        "devices/device_gaps.html",
        device=view,
        tab="gaps",
        months=_calendar(first, today, by_day.items) if by_day else None,
        metrics=by_metric,
        entries=entries,
    )


async def _corrections(
    page: PageContext,
    device: int,
    data: Mapping[str, str],
    faults: Faults = NO_FAULTS,
) -> Response[str]:
    """Show the journal of corrections with the form of another."""
    view = await page.call(show_device, device)
    latest = await if_answered(page.call(latest_readings, device))
    return page.show(
        "devices/device_corrections.html",
        device=view,
        tab="corrections",
        metrics=_named_metrics(latest, page.screen.locale),
        journal=await if_answered(page.call(corrections_of, device)),
        may_write=Permission.DEVICE_WRITE in view.permissions,
        data={"factor": "1", "offset": "0", **data},
        faults=faults,
    )


@get("/devices/{device:int}/corrections")
async def corrections_page(page: TakenPage, device: FromPath[int]) -> Response[str]:
    """Show who corrected what, and the form for it where the person may."""
    return await _corrections(page, device, {})


@submission("/devices/{device:int}/corrections", _corrections)
async def add_correction(page: TakenPage, device: FromPath[int], data: Form) -> str:
    """Correct a span of readings; a fault brings the form back with what was typed."""
    await page.call(correct, device, _read(data))
    return f"/devices/{device}/corrections"


async def _not_undone(page: PageContext, device: int, faults: Faults) -> Response[str]:
    return await _corrections(page, device, {}, faults)


@submission("/devices/{device:int}/corrections/{correction:int}/undo", _not_undone)
async def take_back_correction(
    page: TakenPage, device: FromPath[int], correction: FromPath[int], data: Form
) -> str:
    """Bring back what the readings were before a correction."""
    reason = Reason(data.get("reason", ""))
    await page.call(undo_correction, device, correction, reason)
    return f"/devices/{device}/corrections"


@get("/quarantine")
async def quarantine_page(page: TakenPage) -> Response[str]:
    """Show the rows that no table took, of every device that the person may see."""
    rows = await if_answered(page.call(quarantine_of, None, _QUARANTINE_SHOWN))
    return page.show("devices/quarantine.html", rows=rows)


def _named_metrics(latest: LatestReadings | None, locale: str) -> list[tuple[str, str]]:
    """Return key and words of the metrics that the device has."""
    items = latest.items if latest else []
    return [(item.metric, item.name_vi if locale == "vi" else item.name_en) for item in items]


def _calendar(first: date, last: date, rows: list[CompletenessRow]) -> list[Month]:
    known = {datetime.fromtimestamp(row.start_ms / 1000, LOCAL_ZONE).date(): row for row in rows}
    months: list[Month] = []
    day = first
    while day <= last:
        if day.day == 1:
            months.append(Month(day, [[None] * day.weekday()]))
        weeks = months[-1].weeks
        if len(weeks[-1]) == len("MTWTFSS"):
            weeks.append([])
        weeks[-1].append(_cell(day, known.get(day)))
        day += timedelta(days=1)
    for month in months:
        month.weeks[-1].extend([None] * (len("MTWTFSS") - len(month.weeks[-1])))
    return months


def _cell(day: date, row: CompletenessRow | None) -> DayCell:
    if row is None:
        return DayCell(day, -1, 0, 0, 0.0)
    level = next((5 - place for place, least in enumerate(_LEVELS) if row.share >= least), 1)
    return DayCell(day, level if row.came else 0, row.came, row.expected, row.share)


def _month_before(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def _read(data: Mapping[str, str]) -> CorrectionForm:
    typed = Typed(data)
    start_ms, end_ms = _moment(typed, data, "from"), _moment(typed, data, "until")
    is_scale = data.get("operation", "") == "scale"
    metric, reason = data.get("metric", ""), typed.text("reason", needed=True)
    if not metric:
        typed.faults.append(Fault("metric", "choice.missing"))
    factor = _decimal(typed, data, "factor") if is_scale else 1.0
    offset = _decimal(typed, data, "offset") if is_scale else 0.0
    if not typed.faults and end_ms <= start_ms:
        typed.faults.append(Fault("until", "span.end"))
    typed.refuse()
    return CorrectionForm(
        metric=metric,
        operation=data.get("operation", ""),
        start_ms=start_ms,
        end_ms=end_ms,
        reason=reason,
        factor=factor,
        offset=offset,
    )


def _moment(typed: Typed, data: Mapping[str, str], field: str) -> int:
    """Return a time that a browser sends in the province's zone (2025-07-30T08:15)."""
    try:
        found = datetime.fromisoformat(data.get(field, "")).replace(tzinfo=LOCAL_ZONE)
    except ValueError:
        found = None
    if found is None or not is_day(found.date()):
        typed.faults.append(Fault(field, "moment.unreadable"))
        return 0
    return int(found.timestamp() * 1000)


def _decimal(typed: Typed, data: Mapping[str, str], field: str) -> float:
    """Return a number; a comma may stand for the point."""
    try:
        return float(data.get(field, "").strip().replace(",", "."))
    except ValueError:
        typed.faults.append(Fault(field, "number.wanted"))
        return 0.0
