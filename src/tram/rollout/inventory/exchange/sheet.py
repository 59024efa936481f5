"""A table as it was read from a file, before anybody knows what its columns mean."""

from datetime import date, datetime

import msgspec

__all__ = ("Cell", "Line", "Sheet", "SheetRow", "shown")

Cell = str | int | float | bool | date | datetime | None
Line = tuple[int, list[Cell]]
"""A row with its number, from 1, and its cells up to the last that has a value."""
_EXACT_MAX = 1e15


class SheetRow(msgspec.Struct, frozen=True):
    """Cells under the headers; ``number`` as a spreadsheet counts, from 1 with the header."""

    number: int
    cells: tuple[Cell, ...]
    surplus: int = 0
    """How many cells stand beyond the last header."""


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """The headers and rows of one table, and how they were read."""

    format: str
    headers: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    encoding: str = ""
    sure: bool = True
    """Whether the encoding is certain: False asks for a person's eye."""
    sheet: str = ""
    sheets: tuple[str, ...] = ()


def shown(cell: Cell) -> str:
    """Return a cell as a person would type it."""
    if cell is None or isinstance(cell, bool):
        return {None: "", True: "có", False: "không"}[cell]
    if isinstance(cell, datetime) and not (cell.hour or cell.minute or cell.second):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    is_whole = isinstance(cell, float) and cell.is_integer() and abs(cell) < _EXACT_MAX
    return str(int(cell)) if is_whole else str(cell)
