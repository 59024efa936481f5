"""What the letter's font can set: its coverage as the font files themselves say it.

One sign that a font lacks would keep the whole letter from being an archive PDF, so whatever the
registers hold is set with a box in its place, and a check names the place.
"""

import re
import struct
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec

from tram.domain.text import COMBINING_MAX, UnfitSign, sign_name
from tram.report.letter.content import Letter

__all__ = ("BOX", "FONTS", "covered", "set_letter", "set_text", "unset_signs")

FONTS: Final = Path(__file__).parent.parent / "fonts"
BOX: Final = "□"
"""Stands for a sign that the font lacks."""
_STYLES = ("Regular", "Bold", "Italic", "BoldItalic")
_UNICODE_PLANE_0 = (3, 1)
_BREAKS = re.compile(r"[\n\r\t\v\f\x1c-\x1f\x85\u2028\u2029]+")


@cache
def covered() -> frozenset[str]:
    """Return the signs that every style of the font has and that a reader can see."""
    styles = (
        set(_mapped((FONTS / f"LiberationSerif-{style}.ttf").read_bytes())) for style in _STYLES
    )
    signs = map(chr, set.intersection(*styles))
    # Signs of private use show whatever a font's maker drew.
    return frozenset(c for c in signs if c.isprintable() or unicodedata.category(c) == "Zs")


def unset_signs(text: str) -> list[UnfitSign]:
    """Return every sign of a text that the letter cannot show, with its place; each once."""
    known = covered()
    found: dict[str, UnfitSign] = {}
    for place, (sign, marks) in enumerate(_with_marks(text), start=1):
        if sign not in known or marks > COMBINING_MAX:
            found.setdefault(sign, UnfitSign(place, sign_name(sign)))
    return list(found.values())


def set_text(text: str) -> str:
    """Return a text as the letter shows it: boxes for signs that the font lacks.

    A sign that nobody could see is named, like [U+202E]; marks piled up beyond four are left out.
    """
    if text.isascii() and text.isprintable():
        return text
    known = covered()
    lines = _BREAKS.sub(" ", unicodedata.normalize("NFC", text))
    return "".join(
        sign if sign in known else _box(sign)
        for sign, marks in _with_marks(lines)
        if marks <= COMBINING_MAX
    )


def set_letter(letter: Letter) -> Letter:
    """Return a letter of which every text can be set."""
    return msgspec.convert(_each_text(msgspec.to_builtins(letter)), Letter)


def _each_text(value: Any) -> Any:  # noqa: ANN401  # what a letter is made of
    if isinstance(value, str):
        return set_text(value)
    if isinstance(value, list):
        return [_each_text(item) for item in value]
    return {k: _each_text(v) for k, v in value.items()} if isinstance(value, dict) else value


def _with_marks(text: str) -> Iterator[tuple[str, int]]:
    """Yield each sign with how many combining marks stand in a row up to it."""
    marks = 0
    for sign in text:
        marks = marks + 1 if unicodedata.category(sign) in {"Mn", "Me"} else 0
        yield sign, marks


def _box(sign: str) -> str:
    is_seen = sign.isprintable() or unicodedata.category(sign) in {"Cn", "Co"}
    return BOX if is_seen else f"[{sign_name(sign)}]"


def _mapped(font: bytes) -> Iterator[int]:
    """Yield the code points that a TrueType font has a glyph for (cmap, format 4)."""
    tables = struct.unpack_from(">H", font, 4)[0]
    starts = [12 + 16 * number for number in range(tables)]
    cmap = next(
        struct.unpack_from(">I", font, at + 8)[0] for at in starts if font[at : at + 4] == b"cmap"
    )
    maps = struct.unpack_from(">H", font, cmap + 2)[0]
    entries = [struct.unpack_from(">HHI", font, cmap + 4 + 8 * number) for number in range(maps)]
    at = cmap + next(entry[2] for entry in entries if entry[:2] == _UNICODE_PLANE_0)
    count = struct.unpack_from(">H", font, at + 6)[0] // 2
    # Four arrays: ends (then two bytes), starts, deltas, offsets.
    ends, begins, deltas, offsets = (
        struct.unpack_from(f">{count}H", font, at + 14 + 2 * part * count + 2 * (part > 0))
        for part in range(4)
    )
    offsets_at = at + 16 + 6 * count
    for number, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        for code in range(begin, end + 1):
            glyph = code
            if offsets[number]:
                inside = 2 * number + offsets[number] + 2 * (code - begin)
                glyph = struct.unpack_from(">H", font, offsets_at + inside)[0]
                if not glyph:
                    continue
            if (glyph + deltas[number]) & 0xFFFF:
                yield code
