"""How Vietnamese official documents write numbers, dates and lists (Decree 30/2020)."""

from datetime import date
from decimal import Decimal

from tram.domain.figures import ratio_percent, rounded

__all__ = ("day_long", "day_short", "decimal_text", "number_text", "percent_text")

_LEADING_ZERO_DAY = 10
_LEADING_ZERO_MONTH = 3


def number_text(number: int) -> str:
    """Return a whole number with points between thousands.

    >>> number_text(2635)
    '2.635'
    """
    return f"{number:,}".replace(",", ".")


def decimal_text(number: Decimal, places: int) -> str:
    """Return a number with ``places`` decimals, rounded half up, with a decimal comma.

    >>> decimal_text(Decimal("4.365"), 2)
    '4,37'
    """
    return f"{rounded(number, places):,f}".translate(str.maketrans(",.", ".,"))


def percent_text(part: int, whole: int) -> str:
    """Return part of whole in percent with two decimals, empty when there is no whole.

    >>> percent_text(115, 2635)
    '4,36'
    """
    ratio = ratio_percent(part, whole)
    return "" if ratio is None else decimal_text(ratio, 2)


def day_short(day: date) -> str:
    """Return a day as citations write it; days below 10 and months 1 and 2 get a zero.

    >>> day_short(date(2025, 4, 3)), day_short(date(2025, 2, 18))
    ('03/4/2025', '18/02/2025')
    """
    return f"{_day(day)}/{_month(day)}/{day.year}"


def day_long(day: date) -> str:
    """Return a day as the date line writes it.

    >>> day_long(date(2025, 7, 30))
    'ngày 30 tháng 7 năm 2025'
    """
    return f"ngày {_day(day)} tháng {_month(day)} năm {day.year}"


def _day(day: date) -> str:
    return f"{day.day:02d}" if day.day < _LEADING_ZERO_DAY else str(day.day)


def _month(day: date) -> str:
    return f"{day.month:02d}" if day.month < _LEADING_ZERO_MONTH else str(day.month)
