"""Numbers, times and ages as a reader in Vietnam expects them, in either language."""

from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent

from tram.domain.reading import Value

__all__ = (
    "LOCAL_ZONE",
    "day",
    "iso",
    "moment",
    "number",
    "percent",
    "ratio",
    "reading_text",
    "size_step",
    "typed_day",
)

LOCAL_ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
_MOMENT = {"vi": "dd/MM/yyyy HH:mm:ss", "en": "d MMM yyyy, HH:mm:ss"}
_DAY = {"vi": "dd/MM/yyyy", "en": "d MMM yyyy"}
_DECIMALS_MAX = 6
NONE_MARK = "–"


def number(value: float | None, locale: str, decimals: int = 0) -> str:
    """Return the number with the separators of the language; None is a dash."""
    if value is None:
        return NONE_MARK
    pattern = "#,##0" + ("." + "#" * decimals if decimals else "")
    return format_decimal(value, format=pattern, locale=locale)


def percent(part: float, whole: float, locale: str) -> str:
    """Return a share in per cent with one decimal at most; of nothing it is a dash."""
    if not whole:
        return NONE_MARK
    return format_percent(part / whole, format="#,##0.# %", locale=locale)


def ratio(value: float | None, locale: str, decimals: int = 2) -> str:
    """Return a figure that is in per cent already, always with its decimals; None is a dash."""
    if value is None:
        return NONE_MARK
    fraction = "." + "0" * decimals if decimals else ""
    return format_decimal(value, format=f"#,##0{fraction}", locale=locale) + "\u00a0%"


def day(value: date | None, locale: str) -> str:
    """Return a calendar day; None is a dash."""
    return NONE_MARK if value is None else format_date(value, _DAY[locale], locale)


def typed_day(text: str) -> str:
    """Return a day as people type it; what is not a machine's day stays as it was typed."""
    try:
        return date.fromisoformat(text).strftime("%d/%m/%Y")
    except ValueError:
        return text


def moment(at_ms: int | None, locale: str, *, day_only: bool = False) -> str:
    """Return a time of day in the province's zone; None is a dash."""
    if at_ms is None:
        return NONE_MARK
    patterns = _DAY if day_only else _MOMENT
    return format_datetime(
        datetime.fromtimestamp(at_ms / 1000, UTC), patterns[locale], LOCAL_ZONE, locale
    )


def iso(at_ms: int) -> str:
    """Return the time for machines, in the province's zone."""
    return datetime.fromtimestamp(at_ms / 1000, LOCAL_ZONE).isoformat(timespec="milliseconds")


def reading_text(value: Value | None, locale: str) -> str:
    """Return a reading as text: numbers with separators, the rest as the device sent it."""
    if value is None:
        return NONE_MARK
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return number(value, locale, _DECIMALS_MAX if isinstance(value, float) else 0)


def size_step(part: int, whole: int, width: int) -> float:
    """Return the length of a bar of ``width`` units that stands for part of whole."""
    return round(width * part / whole, 1) if whole else 0.0
