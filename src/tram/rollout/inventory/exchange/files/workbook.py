"""Workbooks (.xlsx, ECMA-376) row by row: nothing is loaded that was not counted first.

A cell may say that it stands in column XFD, a part may unpack to a thousand times its size, and a
row may never end; here each cell is seen once, as it streams by, and empty space is never filled.
"""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime, time
from typing import IO, Any
from xml.parsers import expat

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from tram.domain.cells import unescaped
from tram.rollout.inventory.exchange import limits
from tram.rollout.inventory.exchange.sheet import Cell, Line

__all__ = ("Workbook",)

_MAIN = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
_DAMAGED = (expat.ExpatError, zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError)
"""What a damaged archive brings out of the libraries."""
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_CHUNK_BYTES = 256 * 1024
_WHOLE_DIGITS_MAX = 15
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_ROW_NUMBER_MAX = 1_048_576
_PART_ELEMENTS_MAX = 200_000
_MARK = " "


class Workbook:
    """A workbook whose parts were counted; sheets are read when they are asked for.

    Raises:
        Refused: ``import.unreadable``, ``import.too_large``.
    """

    def __init__(self, file: IO[bytes]) -> None:
        try:
            self._archive = zipfile.ZipFile(file)
        except (*_DAMAGED, NotImplementedError) as error:
            raise _no_workbook() from error
        parts = self._archive.infolist()
        if len(parts) > limits.PARTS_MAX:
            raise limits.too_large("parts")
        if sum(part.file_size for part in parts) > limits.UNPACKED_BYTES_MAX:
            raise limits.too_large("unpacked")
        if any(part.compress_type not in _COMPRESSIONS for part in parts):
            raise _no_workbook()
        self._names = {part.filename for part in parts}
        self._parts: dict[str, str] = {}
        self._base, relations = self._relations()
        self.sheets: dict[str, str] = {}
        self._epoch = CALENDAR_WINDOWS_1900
        self._outline(relations)
        if len(self.sheets) > limits.SHEETS_MAX:
            raise limits.too_large("parts")
        self._kinds = self._formats()
        self._texts: list[str] | None = None

    def lines(self, sheet: str) -> Iterator[Line]:
        """Yield the rows of a sheet that have a value, in the order of the file."""
        if self._texts is None:
            self._texts = list(self._strings())
        reader = _Sheet(self._value)
        yield from self._streamed(self.sheets[sheet], reader)

    def close(self) -> None:
        """Close the file."""
        self._archive.close()

    def _relations(self) -> tuple[str, dict[str, str]]:
        """Return the part of the workbook, and its other parts by their relation's number."""
        main = "xl/workbook.xml"
        for tag, given in self._elements("_rels/.rels"):
            if tag == "Relationship" and given.get("Type", "").endswith("/officeDocument"):
                main = given.get("Target", "").lstrip("/")
        folder, _, name = main.rpartition("/")
        found = {}
        for tag, given in self._elements(f"{folder}/_rels/{name}.rels".lstrip("/")):
            if tag == "Relationship":
                part = _joined(folder, given.get("Target", ""))
                found[given.get("Id", "")] = part
                self._parts[given.get("Type", "").rpartition("/")[2]] = part
        return main, found

    def _outline(self, relations: dict[str, str]) -> None:
        if self._base not in self._names:
            raise _no_workbook()
        for tag, given in self._elements(self._base):
            if tag == "sheet":
                number = next((v for k, v in given.items() if k.endswith(f"{_MARK}id")), "")
                part = relations.get(number, "")
                if part in self._names:
                    self.sheets[given.get("name", "")] = part
            elif tag == "workbookPr" and given.get("date1904") in {"1", "true"}:
                self._epoch = CALENDAR_MAC_1904
        if not self.sheets:
            raise _no_workbook()

    def _formats(self) -> list[str]:
        """Return by style whether a number is a day, a span of time, or just a number."""
        texts = dict(BUILTIN_FORMATS)
        kinds: list[str] = []
        is_inside = False
        for tag, given in self._elements(self._parts.get("styles", "")):
            if tag == "numFmt":
                texts[_whole(given.get("numFmtId", ""))] = given.get("formatCode", "")
            elif tag in {"cellStyleXfs", "cellXfs", "cellStyles", "dxfs"}:
                is_inside = tag == "cellXfs"
            elif tag == "xf" and is_inside:
                text = texts.get(_whole(given.get("numFmtId", "")), "General")
                kinds.append(_kind_of(text))
        return kinds

    def _strings(self) -> Iterator[str]:
        part = self._parts.get("sharedStrings", "")
        if part in self._names:
            yield from self._streamed(part, _Strings())

    def _elements(self, part: str) -> Iterator[tuple[str, dict[str, str]]]:
        """Yield the elements of a small part, names without their space."""
        if part in self._names:
            yield from self._streamed(part, _Elements())

    def _streamed(self, part: str, reader: "_Reader") -> Iterator[Any]:
        """Feed a part to a reader and yield what it found after each piece."""
        parser = expat.ParserCreate(namespace_separator=_MARK)
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _no_types
        reader.attach(parser)
        try:
            with self._archive.open(part) as stream:
                while chunk := stream.read(_CHUNK_BYTES):
                    parser.Parse(chunk, False)  # noqa: FBT003  # the library takes no name
                    yield from reader.take()
                parser.Parse(b"", True)  # noqa: FBT003  # the library takes no name
                yield from reader.take()
        except _DAMAGED as error:
            raise limits.unreadable("file.workbook_damaged") from error
        except (NotImplementedError, RuntimeError) as error:  # another compression, a password
            raise limits.unreadable("file.workbook_locked") from error

    def _value(self, kind: str, style: str, text: str) -> Cell:  # noqa: PLR0911  # a table of kinds
        if kind == "s":
            at = _whole(text)
            texts = self._texts or []
            return texts[at] if 0 <= at < len(texts) else None
        if kind in {"inlineStr", "str", "e"}:
            return unescaped(text)
        if not text.strip():
            return None
        if kind == "b":
            return text.strip() in {"1", "true"}
        if kind == "d":
            return text.strip()
        number = _number(text.strip())
        at = _whole(style) if style else 0
        of = self._kinds[at] if 0 <= at < len(self._kinds) else ""
        return self._day(number, of) if of and isinstance(number, int | float) else number

    def _day(self, number: float, kind: str) -> Cell:
        try:
            found = from_excel(number, self._epoch, timedelta=kind == "span")
        except (ValueError, OverflowError):
            return number
        if isinstance(found, time):
            return found.isoformat()
        return found if isinstance(found, datetime) else str(found)


class _Reader:
    """What hears the events of a parser and hands over what it made of them."""

    def __init__(self) -> None:
        self._made: list[Any] = []
        self._pieces: list[str] = []
        self._parser: Any = None

    def attach(self, parser: Any) -> None:  # noqa: ANN401  # expat has no name for it
        self._parser = parser
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end

    def take(self) -> list[Any]:
        made, self._made = self._made, []
        return made

    def _start(self, name: str, given: dict[str, str]) -> None:
        raise NotImplementedError

    def _end(self, name: str) -> None:
        """Hear nothing."""

    def _listen(self) -> None:
        self._pieces = []
        self._parser.CharacterDataHandler = self._hear

    def _hear(self, text: str) -> None:
        self._pieces.append(text)
        if len(self._pieces) > 1 and sum(map(len, self._pieces)) > limits.CELL_CHARACTERS_MAX:
            raise limits.too_large("cell")

    def _heard(self) -> str:
        self._parser.CharacterDataHandler = None
        text, self._pieces = "".join(self._pieces), []
        return text


class _Elements(_Reader):
    """Every element with its attributes, of a part that has few."""

    def __init__(self) -> None:
        super().__init__()
        self._left = _PART_ELEMENTS_MAX

    def _start(self, name: str, given: dict[str, str]) -> None:
        self._left -= 1
        if self._left < 0:
            raise limits.too_large("parts")
        self._made.append((name.rpartition(_MARK)[2], given))


class _Strings(_Reader):
    """The shared strings, without how they are read aloud."""

    def __init__(self) -> None:
        super().__init__()
        self._text: list[str] = []
        self._is_aloud = False
        self._count = self._characters = 0

    def _start(self, name: str, given: dict[str, str]) -> None:
        tag = _NAMES.get(name)
        if tag == "sst" and _whole(given.get("uniqueCount", "")) > limits.STRINGS_MAX:
            raise limits.too_large("strings")
        if tag == "rPh":
            self._is_aloud = True
        elif tag == "t" and not self._is_aloud:
            self._listen()

    def _end(self, name: str) -> None:
        tag = _NAMES.get(name)
        if tag == "t" and not self._is_aloud:
            self._text.append(self._heard())
        elif tag == "rPh":
            self._is_aloud = False
        elif tag == "si":
            text, self._text = unescaped("".join(self._text)), []
            self._count += 1
            self._characters += len(text)
            if (
                self._count > limits.STRINGS_MAX
                or self._characters > limits.STRINGS_CHARACTERS_MAX
            ):
                raise limits.too_large("strings")
            self._made.append(text)


class _Sheet(_Reader):
    """The rows of a sheet; rows, cells and columns are counted as they come."""

    def __init__(self, value: Callable[[str, str, str], Cell]) -> None:
        super().__init__()
        self._value = value
        self._number = self._rows = self._cells = 0
        self._line: list[Cell] = []
        self._at = 0
        self._kind = self._style = self._text = ""

    def _start(self, name: str, given: dict[str, str]) -> None:
        tag = _NAMES.get(name)
        if tag == "c":
            self._at = self._column(given.get("r", ""))
            self._kind, self._style, self._text = given.get("t", ""), given.get("s", ""), ""
        elif tag in {"v", "t"}:
            self._listen()
        elif tag == "row":
            self._number = _whole(given.get("r", "")) or self._number + 1
            if not 0 < self._number <= _ROW_NUMBER_MAX:
                raise limits.unreadable("file.workbook_row")
            self._line, self._at = [], -1

    def _end(self, name: str) -> None:
        tag = _NAMES.get(name)
        if tag == "c":
            self._put()
        elif tag in {"v", "t"}:
            self._text += self._heard()
        elif tag == "row":
            self._close_row()

    def _column(self, place: str) -> int:
        """Return where a cell stands, from 0; one without a place follows the one before."""
        found = _PLACE.fullmatch(place)
        if found is None:
            return self._at + 1
        column = 0
        for letter in found[1]:
            column = column * 26 + ord(letter) - 64
        return column - 1

    def _put(self) -> None:
        cell = self._value(self._kind, self._style, self._text)
        if cell is None or cell == "":
            return
        if self._at >= limits.ROW_CELLS_MAX:
            raise limits.too_large("row")
        line = self._line
        while len(line) <= self._at:
            line.append(None)
        line[self._at] = cell

    def _close_row(self) -> None:
        if not self._line:
            return
        self._rows += 1
        self._cells += len(self._line)
        if self._rows > limits.ROWS_MAX + 1:
            raise limits.too_large("rows")
        if self._cells > limits.CELLS_MAX:
            raise limits.too_large("cells")
        self._made.append((self._number, self._line))
        self._line = []


_NAMES = {
    f"{space}{_MARK}{tag}": tag
    for space in _MAIN
    for tag in ("c", "v", "t", "row", "sst", "si", "rPh")
}


def _kind_of(text: str) -> str:
    if is_timedelta_format(text):
        return "span"
    return "day" if is_date_format(text) else ""


def _number(text: str) -> Cell:
    """Return a number; one with more digits than a workbook keeps is rounded as it rounds."""
    try:
        if text.lstrip("-").isdigit() and len(text) <= _WHOLE_DIGITS_MAX:
            return int(text)
        return float(text)
    except ValueError:
        return text


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0  # noqa: PLR2004  # digits


def _joined(folder: str, target: str) -> str:
    """Return the name of a part that another names, from its folder or from the root."""
    if target.startswith("/"):
        return target.lstrip("/")
    parts = [part for part in folder.split("/") if part]
    for step in target.split("/"):
        if step == "..":
            parts = parts[:-1]
        elif step not in {"", "."}:
            parts.append(step)
    return "/".join(parts)


def _no_types(*_: object) -> None:
    raise limits.unreadable("file.workbook_types")


def _no_workbook() -> Exception:
    return limits.unreadable("file.workbook")
