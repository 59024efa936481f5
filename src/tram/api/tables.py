"""Lists as CSV: the same rows as the page, opened safely by a spreadsheet."""

import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import date

import msgspec
from litestar.response import Stream

__all__ = ("CsvPage", "csv_of", "csv_response")

_MEDIA_TYPE = "text/csv; charset=utf-8"
_BYTE_ORDER_MARK = "\ufeff"
"""Without it a spreadsheet reads Vietnamese text in a foreign alphabet."""
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")

CsvPage = tuple[Sequence[msgspec.Struct], str | None]
_Fetch = Callable[[str | None], Awaitable[CsvPage]]


def csv_of(columns: Sequence[str], rows: Sequence[msgspec.Struct]) -> str:
    """Return the named fields of the rows as CSV lines, without a header."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerows([_cell(getattr(row, column)) for column in columns] for row in rows)
    return target.getvalue()


async def csv_response(name: str, columns: Sequence[str], fetch: _Fetch) -> Stream:
    """Return every page of a list as one download; ``fetch`` gives the page after a cursor.

    The first page is fetched before the answer starts, so that a refusal is still a refusal.
    """
    first = await fetch(None)

    async def lines() -> AsyncIterator[str]:
        """Yield the header, then each page's lines."""
        yield _BYTE_ORDER_MARK + ",".join(columns) + "\r\n"
        rows, cursor = first
        yield csv_of(columns, rows)
        while cursor is not None:
            rows, cursor = await fetch(cursor)
            yield csv_of(columns, rows)

    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Stream(lines(), media_type=_MEDIA_TYPE, headers=headers)


def _cell(value: object) -> object:
    """Return a value that no spreadsheet takes for a formula; numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, date):
        return value.isoformat()
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
