"""One cell to one value: numbers, degrees, days, words; what cannot be read raises CellError."""

import math
import re
from collections.abc import Mapping
from datetime import date, datetime

from tram.domain.text import fold, normal, unfit_sign
from tram.rollout.inventory.exchange.faults import CellError
from tram.rollout.inventory.exchange.sheet import Cell, shown
from tram.rollout.inventory.stations.views import Life

__all__ = (
    "day_of",
    "decimal_sign_of",
    "degrees_of",
    "life_of",
    "life_text",
    "number_of",
    "state_of",
    "technologies_of",
    "text_of",
    "truth_of",
)

POINT, COMMA = ".", ","
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
_DEGREES = re.compile(
    r"""(?P<d>\d{1,3})\s*[°ºo]\s*(?P<m>\d{1,2}(?:[.,]\d+)?)?\s*['’′]?\s*"""
    r"""(?P<s>\d{1,2}(?:[.,]\d+)?)?\s*(?:["”″]|'')?\s*(?P<h>[NSEWĐBTnsewđbt]?)"""
)
_YEARS = (1990, 2100)
_STATES: Mapping[str, tuple[str, ...]] = {
    "planned": ("planned", "plan", "ke hoach", "du kien", "quy hoach", "chua trien khai"),
    "building": ("building", "dang xay dung", "xay dung", "dang lap dat", "dang trien khai"),
    "on-air": (
        *("on-air", "on air", "onair", "dang phat song", "phat song", "da phat song"),
        *("hoat dong", "dang hoat dong", "active", "on"),
    ),
    "off": (
        *("off", "ngung", "ngung phat song", "ngung hoat dong", "dung", "dung hoat dong"),
        *("tam ngung", "thu hoi", "da thao do", "tat", "inactive"),
    ),
}
_STATE_OF = {word: state for state, words in _STATES.items() for word in words}
_TECHNOLOGIES = {
    "2g": "2G", "gsm": "2G", "3g": "3G", "umts": "3G", "nodeb": "3G", "wcdma": "3G",
    "4g": "4G", "lte": "4G", "enodeb": "4G", "enb": "4G", "5g": "5G", "nr": "5G", "gnodeb": "5G",
    "gnb": "5G",
}  # fmt: skip
_YES = {"co", "yes", "true", "1", "x", "dung"}
_NO = {"khong", "no", "false", "0", "", "sai"}


def text_of(cell: Cell, longest: int) -> str:
    """Return a text in normal form."""
    text = normal(shown(cell))
    if len(text) > longest:
        raise CellError("too-long", most=str(longest))
    if unfit_sign(text) is not None:
        raise CellError("unprintable")
    return text


def decimal_sign_of(cells: list[Cell]) -> str:
    """Return what parts the decimals in a column: a comma as soon as it can be nothing else.

    >>> decimal_sign_of(["15,1205", "15,3"]), decimal_sign_of(["1.205,5"]), decimal_sign_of(["1.5"])
    (',', ',', '.')
    """
    for cell in cells:
        if isinstance(cell, str) and COMMA in cell:
            after = cell.rpartition(COMMA)[2].strip()
            if cell.count(COMMA) == 1 and POINT not in after:
                return COMMA
    return POINT


def number_of(cell: Cell, sign: str, least: float, most: float) -> float:
    """Return a number within bounds; separators of thousands may stand in it.

    >>> number_of("1.672.345,5", ",", 0, 1e7)
    1672345.5
    """
    if isinstance(cell, bool | date):
        raise CellError("number")
    value = float(cell) if isinstance(cell, int | float) else _read_number(shown(cell), sign)
    if not least <= value <= most:  # NaN fails too
        raise CellError("range", least=f"{least:g}", most=f"{most:g}")
    return value


def degrees_of(cell: Cell, sign: str, most: float) -> float:
    """Return degrees, written as a number or as degrees, minutes and seconds (15°07'12"N)."""
    if isinstance(cell, str) and (found := _DEGREES.fullmatch(cell.strip())):
        parts = [float((found[name] or "0").replace(COMMA, POINT)) for name in "dms"]
        if parts[1] >= 60 or parts[2] >= 60:  # noqa: PLR2004  # minutes and seconds
            raise CellError("number")
        value = parts[0] + parts[1] / 60 + parts[2] / 3600
        negative = found["h"].upper() in ("S", "W", "T")
        return number_of(-value if negative else value, sign, -most, most)
    return number_of(cell, sign, -most, most)


def day_of(cell: Cell) -> date:
    """Return a day of a spreadsheet, or one written 30/07/2025, 30-07-2025 or 2025-07-30."""
    if isinstance(cell, datetime):
        found: date | None = cell.date()
    elif isinstance(cell, date):
        found = cell
    else:
        found = _read_day(shown(cell).strip())
    if found is None or not _YEARS[0] <= found.year <= _YEARS[1]:
        raise CellError("day")
    return found


def technologies_of(cell: Cell) -> tuple[str, ...]:
    """Return one technology, or each of several written in one cell (4G/5G)."""
    words = [word for word in re.split(r"[\s/,;+&]+|\bva\b", fold(shown(cell))) if word]
    found = [_TECHNOLOGIES.get(word.strip("().-")) for word in words]
    if not found or None in found:
        raise CellError("technology")
    return tuple(dict.fromkeys(name for name in found if name))


def state_of(cell: Cell) -> str:
    """Return a state by its word in either language."""
    state = _STATE_OF.get(fold(shown(cell)).strip())
    if state is None:
        raise CellError("state")
    return state


def truth_of(cell: Cell) -> bool:
    """Return yes or no."""
    word = fold(shown(cell)).strip()
    if word not in _YES | _NO:
        raise CellError("yes-no")
    return word in _YES


def life_of(cell: Cell) -> tuple[Life, ...]:
    """Return the whole history of states, as an export writes it."""
    life = []
    for entry in filter(None, (part.strip() for part in shown(cell).split(";"))):
        since, _, state = entry.partition(" ")
        try:
            life.append(Life(date.fromisoformat(since), _STATE_OF[state.strip()]))
        except (ValueError, KeyError):
            raise CellError("life") from None
    days = [item.since for item in life]
    if not life or days != sorted(set(days)):
        raise CellError("life")
    return tuple(life)


def life_text(life: tuple[Life, ...]) -> str:
    """Return a history of states as one text.

    >>> life_text((Life(date(2024, 6, 1), "on-air"),))
    '2024-06-01 on-air'
    """
    return "; ".join(f"{item.since.isoformat()} {item.state}" for item in life)


def _read_number(text: str, sign: str) -> float:
    text = "".join(text.split()).replace("\u00a0", "")
    thousands = POINT if sign == COMMA else COMMA
    whole, _, rest = text.partition(sign)
    if thousands in rest:
        raise CellError("number")
    if thousands in whole:
        if sign == COMMA and text.count(POINT) == 1 and not rest and _groups(whole, POINT) is None:
            # 15.1205 among 15,1205: a point that cannot part thousands parts decimals.
            whole, rest = whole.split(POINT)
        else:
            joined = _groups(whole, thousands)
            if joined is None:
                raise CellError("number")
            whole = joined
    plain = f"{whole}.{rest}" if rest else whole
    if not _NUMBER.fullmatch(plain):
        raise CellError("number")
    value = float(plain)
    if not math.isfinite(value):
        raise CellError("number")
    return value


def _groups(text: str, mark: str) -> str | None:
    """Return the digits of a number with marks of thousands, None when they stand wrong."""
    first, *groups = text.split(mark)
    if not 1 <= len(first.lstrip("+-")) <= 3 or any(len(group) != 3 for group in groups):  # noqa: PLR2004  # thousands
        return None
    return first + "".join(groups)


def _read_day(text: str) -> date | None:
    text = text.removesuffix("T00:00:00").removesuffix(" 00:00:00")
    parts = re.split(r"[-/.]", text)
    if len(parts) != len("ymd") or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    if len(parts[0]) == 4:  # noqa: PLR2004  # digits of a year
        year, month, day = map(int, parts)
    elif len(parts[2]) == 4:  # noqa: PLR2004  # digits of a year
        day, month, year = map(int, parts)
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
