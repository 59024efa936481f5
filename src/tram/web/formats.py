"""Numbers, times and ages as a reader in Vietnam expects them, in either language.

Every function takes whatever a device may have sent: NaN, 1e308 and moments that no calendar has.
"""

import math
from datetime import date
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent
from jinja2.filters import FILTERS

from tram.domain.days import moment_of
from tram.domain.reading import Value
from tram.domain.text import visible

__all__ = (
    "LOCAL_ZONE",
    "day",
    "harmless",
    "iso",
    "lines",
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
_PLAIN_MAX = 1e15
"""From here on a double has no decimals and few readers count the digits."""
_INTEGER_MAX = 1 << 64
TEXT_SHOWN_MAX = 500
"""Most characters of one text reading on a page; its file has all of it."""
_LAYOUT = "\n\t\r"
NONE_MARK = "–"


def number(value: float | None, locale: str, decimals: int = 0) -> str:
    """Return the number with the separators of the language; None is a dash."""
    if value is None:
        return NONE_MARK
    if not _is_plain(value):
        return _scientific(value, locale)
    pattern = "#,##0" + ("." + "#" * decimals if decimals else "")
    return format_decimal(_rounded(value, decimals), format=pattern, locale=locale)


def percent(part: float, whole: float, locale: str) -> str:
    """Return a share in per cent with one decimal at most; of nothing it is a dash."""
    if not whole:
        return NONE_MARK
    if not _is_plain(part / whole):
        return _scientific(part / whole * 100, locale) + "\u00a0%"
    return format_percent(part / whole, format="#,##0.# %", locale=locale)


def ratio(value: float | None, locale: str, decimals: int = 2) -> str:
    """Return a figure that is in per cent already, always with its decimals; None is a dash."""
    if value is None:
        return NONE_MARK
    if not _is_plain(value):
        return _scientific(value, locale) + "\u00a0%"
    fraction = "." + "0" * decimals if decimals else ""
    rounded = _rounded(value, decimals)
    return format_decimal(rounded, format=f"#,##0{fraction}", locale=locale) + "\u00a0%"


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
    """Return a time of day in the province's zone; None is a dash.

    A number that no calendar has stays a number, with its unit: a device's clock may say anything.
    """
    if at_ms is None:
        return NONE_MARK
    local = moment_of(at_ms, LOCAL_ZONE)
    if local is None:
        return f"{at_ms} ms"
    patterns = _DAY if day_only else _MOMENT
    return format_datetime(local, patterns[locale], LOCAL_ZONE, locale)


def iso(at_ms: int) -> str:
    """Return the time for machines, in the province's zone; nothing where no calendar has it."""
    local = moment_of(at_ms, LOCAL_ZONE)
    return "" if local is None else local.isoformat(timespec="milliseconds")


def reading_text(value: Value | None, locale: str) -> str:
    """Return a reading as text: numbers with separators, the rest as the device sent it.

    Of a text the first 500 characters are shown.
    """
    if value is None:
        return NONE_MARK
    if isinstance(value, bool) or not isinstance(value, int | float):
        text = str(value)
        return text if len(text) <= TEXT_SHOWN_MAX else f"{text[:TEXT_SHOWN_MAX]}…"
    return number(value, locale, _DECIMALS_MAX if isinstance(value, float) else 0)


def size_step(part: int, whole: int, width: int) -> float:
    """Return the length of a bar of ``width`` units that stands for part of whole."""
    return round(width * part / whole, 1) if whole else 0.0


def harmless(value: object) -> object:
    """Return what a template puts out; signs that nobody sees or that turn the reading are named.

    Texts kept before they were refused stand in names, notes and readings.
    """
    if not isinstance(value, str) or value.isprintable():
        return value
    # Markup stays markup: it was made of parts that came by here.
    return value if hasattr(value, "__html__") else visible(value, _LAYOUT)


def lines(text: str | None) -> str:
    """Return a note as markup with its line breaks."""
    shown = FILTERS["escape"](visible(text or "", _LAYOUT))
    joined: str = FILTERS["safe"]("<br>").join(shown.splitlines())
    return joined


def _is_plain(value: float) -> bool:
    limit = _INTEGER_MAX if isinstance(value, int) else _PLAIN_MAX
    return -limit < value < limit


def _rounded(value: float, decimals: int) -> float:
    """Return a number that is never minus zero."""
    return value if isinstance(value, int) else round(value, decimals) + 0.0


def _scientific(value: float, locale: str) -> str:
    if not isinstance(value, int) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("∞" if value > 0 else "-∞")
    text = f"{Decimal(value):.6e}"
    return text.replace(".", ",") if locale == "vi" else text
