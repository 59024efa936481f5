"""Text: one normal form for storage, one folded form for search, one harmless form for showing.

Unicode holds signs that no name needs and that spoil what stands around them: controls, marks that
turn the direction of reading, signs of no width, halves of pairs. Entry refuses them
(``unfit_sign``); what is kept already is shown with their names in their places (``visible``), the
same way on pages, in mails and in files.
"""

import re
import unicodedata
from typing import NamedTuple

__all__ = (
    "COMBINING_MAX",
    "UnfitSign",
    "fold",
    "for_machine",
    "line_break",
    "normal",
    "normal_lines",
    "one_line",
    "sign_name",
    "unfit_sign",
    "visible",
)

COMBINING_MAX = 4
"""Most marks on one letter; what a language writes after composition has fewer."""
_STROKE = str.maketrans({"đ": "d", "Đ": "D"})
_PLANES = "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17))
# Controls, formats, separators of lines, halves of pairs and what is no character (Unicode: Cc, Cf,
# Zl, Zp, Cs, noncharacters).
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\ufdd0-\ufdef\ufeff\ufff9-\ufffb\U000110bd\U000110cd"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001"
    f"\U000e0020-\U000e007f\ud800-\udfff{_PLANES}]"
)
_HALVES = re.compile("[\ud800-\udfff]")
_LINE_BREAKS = re.compile("\r\n|[\n\r\v\f\x1c-\x1f\x85\u2028\u2029]")
_PICTURES = 0x2400
_DELETE, _DELETE_PICTURE = 0x7F, "\u2421"
_CONTROLS = 0x20


class UnfitSign(NamedTuple):
    """A sign that a text cannot keep: its place (from 1), and its name such as U+202E."""

    place: int
    name: str


def normal(text: str) -> str:
    """Return the text in NFC with runs of white space made one blank."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def normal_lines(text: str) -> str:
    """Return a text of several lines: NFC, one kind of line break, no blanks at the ends of lines."""
    lines = _LINE_BREAKS.sub("\n", unicodedata.normalize("NFC", text)).split("\n")
    return "\n".join(" ".join(line.split()) for line in lines).strip("\n")


def fold(text: str) -> str:
    """Return the search key: lower case, without diacritics, đ as d.

    >>> fold("Khu kinh tế Đông Nam, Đắk Lắk")
    'khu kinh te dong nam, dak lak'
    """
    split = unicodedata.normalize("NFD", normal(text).translate(_STROKE))
    return "".join(c for c in split if not unicodedata.combining(c)).casefold()


def sign_name(sign: str) -> str:
    """Return the name that tables of Unicode list a sign under.

    >>> sign_name("①")
    'U+2460'
    """
    return f"U+{ord(sign):04X}"


def unfit_sign(text: str, keeping: str = "") -> UnfitSign | None:
    r"""Return the first sign that a text may not keep, besides those of ``keeping``; None if all fit.

    >>> unfit_sign("Trạm\u202e 1")
    UnfitSign(place=5, name='U+202E')
    """
    if text.isascii() and text.isprintable():
        return None
    marks = 0
    for place, sign in enumerate(text, start=1):
        marks = marks + 1 if unicodedata.category(sign) in {"Mn", "Me"} else 0
        if marks > COMBINING_MAX or not (sign.isprintable() or sign in keeping):
            return UnfitSign(place, sign_name(sign))
    return None


def line_break(text: str) -> UnfitSign | None:
    """Return the first break of a line (U+000A, U+2028 …); None for a text of one line."""
    found = _LINE_BREAKS.search(text)
    return None if found is None else UnfitSign(found.start() + 1, sign_name(found.group()[0]))


def visible(text: str, keeping: str = "") -> str:
    r"""Return the text with what cannot be seen named in its place, besides the signs of ``keeping``.

    >>> visible("a\x01b\u202ec")
    'a␁b[U+202E]c'
    """
    if text.isprintable():
        return text
    return _HIDDEN.sub(lambda found: _picture(found.group(), keeping), text)


def one_line(text: str) -> str:
    """Return the text as a header, a log line, a label or a file's name can hold it."""
    return visible(normal(_LINE_BREAKS.sub(" ", text)))


def for_machine(text: str) -> str:
    """Return the text as UTF-8 can hold it (JSON, Parquet, GeoPackage): halves of pairs are named."""
    return text if text.isascii() else _HALVES.sub(lambda found: _picture(found.group()), text)


def _picture(sign: str, keeping: str = "") -> str:
    """Return the picture of a control, the name of another sign in brackets."""
    code = ord(sign)
    if sign in keeping:
        return sign
    if code < _CONTROLS:
        return chr(_PICTURES + code)
    return _DELETE_PICTURE if code == _DELETE else f"[{sign_name(sign)}]"
