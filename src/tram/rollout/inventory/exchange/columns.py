"""Which column means what: guessed by its name first, then by what stands in it."""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import product

from tram.domain.text import fold
from tram.rollout.inventory.exchange.cells import decimal_sign_of, number_of
from tram.rollout.inventory.exchange.faults import CellError
from tram.rollout.inventory.exchange.headers import FIELDS, Header
from tram.rollout.inventory.exchange.sheet import Cell, Sheet

__all__ = ("guess_columns", "header_score", "looks_projected")

_SAMPLE_ROWS = 200
_BRACKETS = re.compile(r"\([^)]*\)|\[[^]]*\]")
_DUMB = re.compile(r"[^a-z0-9]+")
# What coordinates of the province look like, by the values alone.
_RANGES: Mapping[str, tuple[float, float]] = {
    "lon": (106, 110),
    "lat": (13, 17),
    "easting": (200_000, 900_000),
    "northing": (1_400_000, 1_900_000),
}
_MOSTLY = 0.6
_NAME_CHARACTERS_MAX = 80
_PREFIX_CHARACTERS_MIN = 7


def guess_columns(sheet: Sheet) -> dict[str, str]:
    """Return the header of each field that was recognised; each header serves once.

    In Vietnamese lists X points north and Y east; coordinates are therefore told by their values.
    """
    found: dict[str, str] = {}
    for is_it in (_is_exact, _is_bare, _holds):
        for field, header in product(FIELDS, sheet.headers):
            _take(found, field.key, header, is_it(field, header))
    for key in _RANGES:
        # A name is believed until the values can only be another coordinate.
        if key in found and _looks_like(sheet, found[key]) not in {"", key}:
            del found[key]
    for key, header in product(_RANGES, sheet.headers):
        _take(found, key, header, key not in found and _fits(sheet, header, key))
    return found


def _take(found: dict[str, str], key: str, header: str, fits: bool) -> None:  # noqa: FBT001  # private
    """Give a header to a field when it fits and neither has another."""
    if fits and key not in found and header not in found.values():
        found[key] = header


def header_score(cells: Sequence[Cell]) -> int:
    """Return how many cells of a row are names of columns."""
    texts = [cell for cell in cells if isinstance(cell, str) and cell.strip()]
    return sum(
        _exact(text) in _EXACT or _bare(text) in _BARE
        for text in texts
        if len(text) <= _NAME_CHARACTERS_MAX
    )


def looks_projected(columns: Mapping[str, str]) -> bool:
    """Return whether the list gives metres and no degrees."""
    return "easting" in columns and "lon" not in columns


def _is_exact(field: Header, header: str) -> bool:
    return field.key in _EXACT.get(_exact(header), ())


def _is_bare(field: Header, header: str) -> bool:
    """Match without brackets, punctuation and doubled blanks."""
    return field.key in _BARE.get(_bare(header), ())


def _holds(field: Header, header: str) -> bool:
    """Match a longer header that begins with one of the names, as whole words."""
    bare = _bare(header)
    return any(
        field.key in keys and len(name) >= _PREFIX_CHARACTERS_MIN and bare.startswith(f"{name} ")
        for name, keys in _BARE.items()
    )


def _exact(text: str) -> str:
    return fold(text).strip()


def _bare(text: str) -> str:
    return _DUMB.sub(" ", _BRACKETS.sub(" ", fold(text))).strip()


def _known(way: Callable[[str], str]) -> dict[str, set[str]]:
    """Return the keys of fields by each of their names."""
    known: dict[str, set[str]] = {}
    for field in FIELDS:
        for name in field.all_names:
            known.setdefault(way(name), set()).add(field.key)
    return known


def _looks_like(sheet: Sheet, header: str) -> str:
    """Return the coordinate that most values of a column could be, empty if none."""
    return next((key for key in _RANGES if _fits(sheet, header, key)), "")


def _fits(sheet: Sheet, header: str, key: str) -> bool:
    """Return whether most values of a column could be this coordinate."""
    at = sheet.headers.index(header)
    cells = [row.cells[at] for row in sheet.rows[:_SAMPLE_ROWS] if row.cells[at] not in {None, ""}]
    if not cells:
        return False
    sign, (least, most) = decimal_sign_of(cells), _RANGES[key]
    good = 0
    for cell in cells:
        text = cell
        if isinstance(cell, str) and "°" in cell and key in {"lon", "lat"}:
            text = cell.split("°")[0]
        try:
            number_of(text, sign, least, most)
        except CellError:
            continue
        good += 1
    return good >= _MOSTLY * len(cells)


_EXACT = _known(_exact)
_BARE = _known(_bare)
