"""The past of one device: how complete it is, what is missing, what people corrected."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any, NamedTuple

from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath
from litestar.response import Redirect

from tram.api.devices.devices import show_device
from tram.api.http.parameters import TakenServices, TakenViewer
from tram.api.http.services import Services
from tram.api.readings.corrections import CorrectionForm, correct, corrections_of, undo_correction
from tram.api.readings.past import (
    CompletenessRow,
    PastQuery,
    completeness_of,
    gaps_of,
    quarantine_of,
)
from tram.api.readings.readings import LatestReadings, latest_readings
from tram.domain.bounds import is_day
from tram.registry.kernel.viewer import Viewer
from tram.runtime.errors import Fault, Refused
from tram.web.answers import if_answered
from tram.web.formats import LOCAL_ZONE
from tram.web.forms import faults_of
from tram.web.rendering import Screen, TakenScreen

_MONTHS_SHOWN = 3
_GAPS_SHOWN = 100
_QUARANTINE_SHOWN = 200
_LEVELS = (0.999, 0.95, 0.75, 0.25)
"""Shares from which a day of the calendar has its shade, the fullest first."""

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


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
async def gaps_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, device: FromPath[int]
) -> Response[str]:
    """Show a calendar of completeness, completeness by metric, and the gap ledger."""
    view = await show_device(services, viewer, device)
    today = datetime.fromtimestamp(services.clock.now_ms() / 1000, LOCAL_ZONE).date()
    first = _month_before(today, _MONTHS_SHOWN - 1)
    start_ms, end_ms = _start_ms(first), _start_ms(today + timedelta(days=1))
    past = partial(PastQuery, device=device, start_ms=start_ms, end_ms=end_ms)
    by_day = await if_answered(completeness_of(services, viewer, past(step="day")))
    by_metric = await if_answered(completeness_of(services, viewer, past(by="metric")))
    entries = await if_answered(gaps_of(services, viewer, past(limit=_GAPS_SHOWN)))
    return screen.show(
        "devices/device_gaps.html",
        device=view,
        tab="gaps",
        months=_calendar(first, today, by_day.items) if by_day else None,
        metrics=by_metric,
        entries=entries,
    )


@get("/devices/{device:int}/corrections")
async def corrections_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, device: FromPath[int]
) -> Response[str]:
    """Show who corrected what, and the form for it where the person may."""
    return await _corrections(services, viewer, screen, device, {})


@post("/devices/{device:int}/corrections", status_code=HTTPStatus.CREATED)
async def add_correction(
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    device: FromPath[int],
    data: Form,
) -> Response[Any]:
    """Correct a span of readings; a fault brings the form back with what was typed."""
    form, faults = _read(data)
    if not faults:
        try:
            await correct(services, viewer, device, form)
        except Refused as error:
            faults = faults_of(error)
        else:
            return Redirect(f"/devices/{device}/corrections", status_code=303)
    return await _corrections(services, viewer, screen, device, data, faults)


@post("/devices/{device:int}/corrections/{correction:int}/undo", status_code=HTTPStatus.CREATED)
async def take_back_correction(  # noqa: PLR0913, PLR0917  # what the page takes
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    device: FromPath[int],
    correction: FromPath[int],
    data: Form,
) -> Response[Any]:
    """Bring back what the readings were before a correction."""
    try:
        await undo_correction(services, viewer, device, correction, data.get("reason", ""))
    except Refused as error:
        return await _corrections(services, viewer, screen, device, {}, faults_of(error))
    return Redirect(f"/devices/{device}/corrections", status_code=303)


@get("/quarantine")
async def quarantine_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen
) -> Response[str]:
    """Show the rows that no table took, of every device that the person may see."""
    rows = await if_answered(quarantine_of(services, viewer, None, _QUARANTINE_SHOWN))
    return screen.show("devices/quarantine.html", rows=rows)


async def _corrections(  # noqa: PLR0913, PLR0917  # what the page takes
    services: Services,
    viewer: Viewer,
    screen: Screen,
    device: int,
    data: Mapping[str, str],
    faults: tuple[Fault, ...] = (),
) -> Response[str]:
    view = await show_device(services, viewer, device)
    latest = await if_answered(latest_readings(services, viewer, device))
    journal = await if_answered(corrections_of(services, viewer, device))
    return screen.show(
        "devices/device_corrections.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        device=view,
        tab="corrections",
        metrics=_named_metrics(latest, screen.locale),
        journal=journal,
        may_write="device.write" in view.permissions,
        data={"factor": "1", "offset": "0", **data},
        faults={fault.field: fault for fault in faults},
    )


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


def _start_ms(day: date) -> int:
    midnight = datetime(day.year, day.month, day.day, tzinfo=LOCAL_ZONE)
    return int(midnight.timestamp()) * 1000


def _read(data: Mapping[str, str]) -> tuple[CorrectionForm, tuple[Fault, ...]]:
    faults: list[Fault] = []
    start_ms, end_ms = _moment(data, "from", faults), _moment(data, "until", faults)
    operation = data.get("operation", "")
    is_scale = operation == "scale"
    form = CorrectionForm(
        metric=data.get("metric", ""),
        operation=operation,
        start_ms=start_ms,
        end_ms=end_ms,
        reason=data.get("reason", "").strip(),
        factor=_decimal(data, "factor", faults) if is_scale else 1.0,
        offset=_decimal(data, "offset", faults) if is_scale else 0.0,
    )
    if not form.reason:
        faults.append(Fault("reason", "field.missing"))
    if not form.metric:
        faults.append(Fault("metric", "choice.missing"))
    if not faults and end_ms <= start_ms:
        faults.append(Fault("until", "span.end"))
    return form, tuple(faults)


def _moment(data: Mapping[str, str], field: str, faults: list[Fault]) -> int:
    """Return a time that a browser sends in the province's zone (2025-07-30T08:15)."""
    try:
        found = datetime.fromisoformat(data.get(field, "")).replace(tzinfo=LOCAL_ZONE)
    except ValueError:
        faults.append(Fault(field, "moment.unreadable"))
        return 0
    if not is_day(found.date()):
        faults.append(Fault(field, "moment.unreadable"))
        return 0
    return int(found.timestamp() * 1000)


def _decimal(data: Mapping[str, str], field: str, faults: list[Fault]) -> float:
    """Return a number; a comma may stand for the point."""
    try:
        return float(data.get(field, "").strip().replace(",", "."))
    except ValueError:
        faults.append(Fault(field, "number.wanted"))
        return 0.0
