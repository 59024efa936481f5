"""Values as cells of files that people open in a spreadsheet: CSV and XLSX, the same in both.

A spreadsheet runs what begins like a formula, keeps 15 digits of a number and days from 1900 on,
and an XLSX file with one sign that XML lacks cannot be opened at all.
"""

import math
import re
from datetime import date, datetime
from typing import Final

from tram.domain.text import visible

__all__ = (
    "CELL_UNITS_MAX",
    "FORMULA_STARTS",
    "SHEET_ROWS_MAX",
    "cell_text",
    "csv_cell",
    "sheet_cell",
    "sheet_text",
    "unescaped",
)

CELL_UNITS_MAX: Final = 32_767
"""Most UTF-16 units of one cell of a workbook."""
SHEET_ROWS_MAX: Final = 1_048_576
"""Rows of one sheet, with its header."""
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_EXACT_MAX = 10**15
_FIRST_YEAR = 1900
_LINE_BREAK = re.compile("\r\n?")
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_LIKE_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def sheet_cell(value: object) -> object:
    """Return a value of an XLSX sheet; what a sheet cannot hold as such becomes its text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value if -_EXACT_MAX < value < _EXACT_MAX else _number_text(value)
    if isinstance(value, date):
        # The sheet's calendar begins in 1900 and knows no zones.
        is_known = value.year > _FIRST_YEAR and not (isinstance(value, datetime) and value.tzinfo)
        return value if is_known else value.isoformat()
    return cell_text(_escaped(str(value)))


def sheet_text(text: str) -> str:
    """Return a text of an XLSX sheet, formula or not: what reads like an escape stays as it is.

    >>> sheet_text("=pump_x000D_")
    '=pump_x005F_x000D_'
    """
    return _plain_text(_escaped(text))


def unescaped(text: str) -> str:
    r"""Return the text that a text of an XLSX sheet stands for (``ST_Xstring``, ECMA-376 1 §22.9.2.19).

    Half of a pair without its other half becomes U+FFFD.

    >>> unescaped("a_x000D_b_x005F_x000D_")
    'a\rb_x000D_'
    """
    if "_x" not in text:
        return text
    units = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def csv_cell(value: object) -> object:
    """Return a value of a CSV line; numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else _number_text(value)
    return value.isoformat() if isinstance(value, date) else cell_text(str(value))


def cell_text(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula, as a cell can hold it."""
    text = _plain_text(text)
    return _plain_text(f"'{text}") if text.startswith(FORMULA_STARTS) else text


def _escaped(text: str) -> str:
    return _LIKE_ESCAPE.sub("_x005F_", text) if "_x" in text else text


def _plain_text(text: str) -> str:
    r"""Return a text as a cell can hold it; one that is too long for a cell ends by saying so.

    >>> _plain_text("a\x00b")
    'a␀b'
    """
    if not text.isprintable():
        text = visible(_LINE_BREAK.sub("\n", text), "\n\t")
    if 2 * len(text) <= CELL_UNITS_MAX or len(text.encode("utf-16-le")) <= 2 * CELL_UNITS_MAX:
        return text
    mark = f"… [cut: {len(text)} characters]"
    room = 2 * (CELL_UNITS_MAX - len(mark))
    return text.encode("utf-16-le")[:room].decode("utf-16-le", "ignore") + mark


def _number_text(value: float) -> str:
    if isinstance(value, int) or math.isfinite(value):
        return str(value)
    return "NaN" if math.isnan(value) else ("∞" if value > 0 else "-∞")
