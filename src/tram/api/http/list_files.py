"""Lists as files: the same rows as the page, as CSV, XLSX or JSON by the ending of the address.

Every table has one stable address with its filter: ``with_every_format`` gives each list of a
router its files.
"""

import csv
import inspect
import io
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import date
from operator import attrgetter
from typing import TYPE_CHECKING, Any, cast, get_args, get_type_hints

import msgspec
from litestar import Request
from litestar.handlers import HTTPRouteHandler, get
from litestar.response import Stream
from litestar.response.base import ASGIResponse

from tram.api.http.paging import LIMIT_MAX
from tram.api.http.query_reader import declare, struct_of
from tram.domain.cells import csv_cell, sheet_cell
from tram.domain.text import for_machine
from tram.runtime.processes.thread_pools import DOCUMENTS

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

__all__ = ("CsvPage", "TableFile", "csv_of", "csv_response", "table_of", "with_every_format")

XLSX_ROWS_MAX = 100_000
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": _XLSX,
    "json": "application/json",
}
_BYTE_ORDER_MARK = "\ufeff"
"""Without it a spreadsheet reads Vietnamese text in a foreign alphabet."""
_CHUNK_BYTES = 65_536
_NEVER_IN_FILES = frozenset({"secret"})

CsvPage = tuple[Sequence[msgspec.Struct], str | None]
_Fetch = Callable[[str | None], Awaitable[CsvPage]]
_encoder = msgspec.json.Encoder()


class TableFile(msgspec.Struct, frozen=True):
    """How a list looks as a file: its name, what its route is called, its columns, its rows.

    In the name stands what the path names, such as ``device-{device}-latest``. The columns are
    fields of a row, with spaces between them; none means all. ``rows`` takes the answer of the
    list's route, where it is not the list called ``part``.
    """

    name: str
    summary: str
    columns: str = ""
    rows: Callable[[Any], Sequence[msgspec.Struct]] | None = None
    part: str = "items"


class _Table(Stream):
    """A list as a download; which form, the address of the request decides."""

    def __init__(self, name: str, columns: Sequence[str], first: CsvPage, fetch: _Fetch) -> None:
        super().__init__(self._pick())
        self._name = name
        self._columns = columns
        self._first = first
        self._fetch = fetch
        self._form = "csv"

    def to_asgi_response(  # type: ignore[override]
        self,
        request: Request[Any, Any, Any],
        **given: Any,  # noqa: ANN401  # as the framework calls it
    ) -> ASGIResponse:
        """Answer in the form that the address names."""
        ending = request.url.path.rpartition(".")[2]
        self._form = ending if ending in _MEDIA_TYPES else "csv"
        self.headers["Content-Disposition"] = f'attachment; filename="{self._name}.{self._form}"'
        given["media_type"] = self.media_type = _MEDIA_TYPES[self._form]
        return super().to_asgi_response(request=request, **given)

    async def _pick(self) -> AsyncIterator[bytes]:
        forms = {"csv": self._csv, "xlsx": self._xlsx, "json": self._json}
        async for chunk in forms[self._form]():
            yield chunk

    async def _pages(self) -> AsyncIterator[Sequence[msgspec.Struct]]:
        rows, cursor = self._first
        yield rows
        while cursor is not None:
            rows, cursor = await self._fetch(cursor)
            yield rows

    async def _csv(self) -> AsyncIterator[bytes]:
        yield (_BYTE_ORDER_MARK + ",".join(self._columns) + "\r\n").encode()
        async for rows in self._pages():
            yield csv_of(self._columns, rows).encode()

    async def _json(self) -> AsyncIterator[bytes]:
        before = b"["
        async for rows in self._pages():
            for row in rows:
                named = {column: getattr(row, column) for column in self._columns}
                yield before + _json_of(named)
                before = b",\n"
        yield b"[]" if before == b"[" else b"]"

    async def _xlsx(self) -> AsyncIterator[bytes]:
        book = await DOCUMENTS.run(_new_book)
        sheet = cast("WriteOnlyWorksheet", book.create_sheet(self._name[:31]))
        sheet.append(list(self._columns))
        written = 0
        async for rows in self._pages():
            fitting = rows[: XLSX_ROWS_MAX - written]
            await DOCUMENTS.run(_append, sheet, self._columns, fitting)
            written += len(fitting)
            if len(fitting) < len(rows):
                sheet.append([f"More than {XLSX_ROWS_MAX} rows: take the same address with .csv"])
                break
        with tempfile.TemporaryFile() as file:
            await DOCUMENTS.run(book.save, file)
            file.seek(0)
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk


def csv_of(columns: Sequence[str], rows: Sequence[msgspec.Struct]) -> str:
    """Return the named fields of the rows as CSV lines, without a header."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerows([csv_cell(_flat(getattr(row, column))) for column in columns] for row in rows)
    return target.getvalue()


async def csv_response(name: str, columns: Sequence[str], fetch: _Fetch) -> Stream:
    """Return every page of a list as one download; ``fetch`` gives the page after a cursor.

    The first page is fetched before the answer starts, so that a refusal is still a refusal.
    """
    return _Table(name, columns, await fetch(None), fetch)


def with_every_format(handlers: Sequence[HTTPRouteHandler]) -> list[HTTPRouteHandler]:
    """Return the handlers and the files of every list among them.

    A list without a route of its own that ends in ``.csv`` gets one with all its columns; each
    route that ends in ``.csv`` gets its other forms.
    """
    paths = {path for handler in handlers for path in handler.paths}
    lists = [
        handler
        for handler in handlers
        if _row_of(handler, "items") and not paths & {f"{path}.csv" for path in handler.paths}
    ]
    with_files = [*handlers, *(table_of(handler) for handler in lists)]
    siblings = []
    for handler in with_files:
        for path in sorted(handler.paths):
            if not path.endswith(".csv"):
                continue
            for form in ("xlsx", "json"):
                made = get(
                    f"{path.removesuffix('.csv')}.{form}",
                    summary=f"{handler.summary} (.{form})",
                    tags=handler.tags,
                    media_type=_MEDIA_TYPES[form],
                    dependencies=handler.dependencies,
                )
                siblings.append(made(handler.fn))
    return [*with_files, *siblings]


def table_of(
    handler: HTTPRouteHandler, part: str = "items", table: TableFile | None = None
) -> HTTPRouteHandler:
    """Return the route of one list in the answer of another route, as a file.

    It takes the same filter and fetches every page. The list of ``/alarms/setup`` called ``chains``
    is ``/alarms/setup/chains.csv``; without a ``table`` it names all fields of a row.

    Raises:
        TypeError: the answer has no such list, or its rows no such column.
    """
    asked = inspect.signature(handler.fn).parameters
    path = str(min(handler.paths))
    path += "" if part == "items" or path.endswith(f"/{part}") else f"/{part}"
    file = table or _whole_table(handler, part, path)
    columns = _columns_of(handler, part, file)
    rows_of = file.rows or attrgetter(part)
    is_paged = "cursor" in asked
    paging = {"cursor", "limit"} & set(asked) if is_paged else set()

    async def export(**given: object) -> Stream:
        """The same list as a file, with every field of a row."""

        async def fetch(cursor: str | None) -> CsvPage:
            """Return the page after a cursor."""
            more = {"cursor": cursor, "limit": LIMIT_MAX}
            page = await handler.fn(**given, **{key: more[key] for key in paging})
            return rows_of(page), page.next if is_paged else None

        return await csv_response(file.name.format(**given), columns, fetch)

    if table:
        export.__name__ = f"{handler.fn.__name__ if part == 'items' else f'get_{part}'}_csv"
        export.__doc__ = "The same list as a file."
    kept = [one for one in asked.values() if one.name not in paging]
    made = get(
        f"{path}.csv",
        summary=file.summary,
        tags=handler.tags,
        media_type="text/csv" if table else _MEDIA_TYPES["csv"],
        dependencies=handler.dependencies,
    )
    return made(declare(export, kept, Stream))


def _whole_table(handler: HTTPRouteHandler, part: str, path: str) -> TableFile:
    """Return a table of all columns, named after its address."""
    name = "-".join(word for word in path.split("/") if word and "{" not in word)
    about = "as a file" if part == "items" else part
    return TableFile(name, f"{handler.summary}: {about}")


def _columns_of(handler: HTTPRouteHandler, part: str, file: TableFile) -> list[str]:
    """Return the columns of a file; without any, every field of a row that may leave the house."""
    row, columns = _row_of(handler, part), file.columns.split()
    if file.rows is not None:
        return columns
    fields = row.__struct_fields__ if row else ()
    missing = [column for column in columns if column not in fields] if row else [part]
    if missing:
        raise TypeError(f"file of {min(handler.paths)}: there is no {', '.join(missing)}")
    return columns or [name for name in fields if name not in _NEVER_IN_FILES]


def _row_of(handler: HTTPRouteHandler, part: str) -> type[msgspec.Struct] | None:
    """Return the class of the rows that a reading route lists, None when it lists none."""
    listed = get_type_hints(handler.fn).get("return")
    if "GET" not in handler.http_methods or struct_of(listed) is None:
        return None
    row = get_args(get_type_hints(listed).get(part))
    return struct_of(row[0]) if row else None


def _new_book() -> "Workbook":
    # Loaded here, in a thread: a process that writes no workbook starts without it.
    from openpyxl import Workbook  # noqa: PLC0415

    return Workbook(write_only=True)


def _append(
    sheet: "WriteOnlyWorksheet", columns: Sequence[str], rows: Sequence[msgspec.Struct]
) -> None:
    for row in rows:
        sheet.append([sheet_cell(_flat(getattr(row, column))) for column in columns])


def _json_of(value: object) -> bytes:
    """Return JSON; halves of pairs, which UTF-8 cannot hold, are named in their places."""
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError:
        return _encoder.encode(_held(msgspec.to_builtins(value)))


def _held(value: Any) -> Any:  # noqa: ANN401  # JSON
    if isinstance(value, str):
        return for_machine(value)
    if isinstance(value, list | tuple):
        return [_held(item) for item in value]
    if isinstance(value, dict):
        return {_held(key): _held(item) for key, item in value.items()}
    return value


def _flat(value: object) -> object:
    """Return a value that a cell can hold: lists and structs as JSON."""
    if value is None or isinstance(value, bool | int | float | str | date):
        return value
    return _json_of(value).decode()
