"""Bounds of every number and date that is kept: what lies beyond is refused where it comes in.

A value that fits none of these types was typed, computed or sent by mistake or in bad faith, and no
part behind the interfaces is made for it: keys pack a device's number beside a metric's into 64 bits, and
databases, calendars and JavaScript each end somewhere.
"""

from datetime import date
from typing import Annotated, Final

from msgspec import Meta

__all__ = (
    "COUNT_MAX",
    "DAY_MAX",
    "DAY_MIN",
    "LINES_MAX",
    "LINE_CHARACTERS_MAX",
    "MOMENT_MS_MAX",
    "NUMBERS_MAX",
    "NUMBER_MAX",
    "REAL_MAX",
    "SECONDS_MAX",
    "TEXT_CHARACTERS_MAX",
    "Count",
    "Day",
    "Line",
    "Lines",
    "MomentMs",
    "Number",
    "Numbers",
    "Paragraphs",
    "Real",
    "Seconds",
    "is_day",
    "is_moment_ms",
    "is_number",
    "number_of",
)

NUMBER_MAX: Final = 2**43 - 1
"""Greatest number of a row: a device's number and 20 bits of a metric fill a signed 64-bit key."""
COUNT_MAX: Final = 2**53 - 1
"""Greatest count: every whole number up to it is exact in JSON, JavaScript and a double."""
MOMENT_MS_MAX: Final = 4_102_444_800_000
"""2100-01-01T00:00:00Z; a device's clock beyond it is wrong."""
DAY_MIN: Final = date(1900, 1, 1)
DAY_MAX: Final = date(2100, 12, 31)

LINE_CHARACTERS_MAX: Final = 2_000
"""Longest text of one line; the registers keep names, notes and addresses shorter, each its own."""
TEXT_CHARACTERS_MAX: Final = 200_000
"""Longest text of paragraphs."""
NUMBERS_MAX: Final = 20_000
"""Longest list of numbers of rows in one request."""

LINES_MAX: Final = 2_000
"""Longest list of texts in one request."""
REAL_MAX: Final = 1e300
SECONDS_MAX: Final = 10 * 366 * 86_400

Number = Annotated[int, Meta(ge=1, le=NUMBER_MAX)]
Count = Annotated[int, Meta(ge=0, le=COUNT_MAX)]
MomentMs = Annotated[int, Meta(ge=0, le=MOMENT_MS_MAX)]
Line = Annotated[str, Meta(max_length=LINE_CHARACTERS_MAX)]
Paragraphs = Annotated[str, Meta(max_length=TEXT_CHARACTERS_MAX)]
Numbers = Annotated[list[Number], Meta(max_length=NUMBERS_MAX)]
Lines = Annotated[list[Line], Meta(max_length=LINES_MAX)]
Real = Annotated[float, Meta(ge=-REAL_MAX, le=REAL_MAX)]
"""A measure; no infinity, and room to reckon with."""
Seconds = Annotated[int, Meta(ge=0, le=SECONDS_MAX)]
Day = Annotated[date, Meta(extra={"bounds": "day"})]
"""A day between ``DAY_MIN`` and ``DAY_MAX``; registers refuse others (``Checked.bounded``)."""


def is_number(value: int) -> bool:
    """Tell whether a number may be that of a row."""
    return 1 <= value <= NUMBER_MAX


def number_of(text: str) -> int | None:
    """Return the number of a row that a text names, None where it names none that there can be.

    >>> number_of("42")
    42
    >>> [number_of(text) for text in ("", "0", "-1", "²", "١", "1_0", "9" * 5_000)]
    [None, None, None, None, None, None, None]
    """
    if len(text) > len(str(NUMBER_MAX)) or not (text.isascii() and text.isdigit()):
        return None
    number = int(text)
    return number if is_number(number) else None


def is_moment_ms(value: int) -> bool:
    """Tell whether a time lies between 1970 and 2100 (epoch milliseconds)."""
    return 0 <= value <= MOMENT_MS_MAX


def is_day(value: date) -> bool:
    """Tell whether a day lies between 1900 and 2100: room for every decree and every plan."""
    return DAY_MIN <= value <= DAY_MAX
