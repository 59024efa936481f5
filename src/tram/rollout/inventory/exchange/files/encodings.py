"""Text of lists in the encodings that Vietnamese offices use: told where it can be, else asked.

UTF-8, UTF-16, Windows-1258, and the font encodings of before Unicode: TCVN3 (TCVN 5712:1993, VN3)
and VNI. Eight-bit encodings cannot be told apart by their bytes: what gives Vietnamese syllables is
taken, and only if the others give clearly fewer.
"""

import codecs
import re
import unicodedata
from typing import NamedTuple

__all__ = ("ENCODINGS", "Text", "read_text")

ENCODINGS = ("utf-8", "utf-16", "cp1258", "tcvn3", "vni")
"""What a person may choose among; the interface takes every name that Python knows as well."""
_NULL_SHARE = 0.3
_SURE_SHARE = 0.8
_AHEAD_SHARE = 0.3
_SURE_WORDS = 3
_WORDS_MAX = 20_000
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")

# Letters by the bytes of TCVN3 from A1 on; capitals with tones come from fonts of capitals.
_TCVN3_LETTERS = (
    (0xA1, "ĂÂÊÔƠƯĐăâêôơưđ"),
    (0xB5, "àảãáạ"),
    (0xBB, "ằẳẵắ"),
    (0xC6, "ặầẩẫấậè"),
    (0xCE, "ẻẽéẹềểễếệìỉ"),
    (0xDC, "ĩíịò"),
    (0xE1, "ỏõóọồổỗốộờởỡớợù"),
    (0xF1, "ủũúụừửữứựỳỷỹýỵ"),
)
_TCVN3 = {
    start + at: letter for start, letters in _TCVN3_LETTERS for at, letter in enumerate(letters)
}
# VNI writes a letter and then its marks as a letter of its own; ơ, ư, đ and toned i are single.
_VNI_MARKS = {
    "ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ï": "\u0323",
    "â": "\u0302", "á": "\u0302\u0301", "à": "\u0302\u0300", "å": "\u0302\u0309",
    "ã": "\u0302\u0303", "ä": "\u0302\u0323", "ê": "\u0306", "é": "\u0306\u0301",
    "è": "\u0306\u0300", "ú": "\u0306\u0309", "ü": "\u0306\u0303", "ë": "\u0306\u0323",
}  # fmt: skip
_VNI_SINGLE = {
    "ô": "ơ", "ö": "ư", "ñ": "đ", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ",
}  # fmt: skip
_VNI_BEARERS = frozenset("aeouyôö")
_SYLLABLE = re.compile(
    r"(ngh|ng|gh|gi|kh|ch|nh|ph|th|tr|qu|[bcdđghklmnpqrstvx])?"
    r"(iê|ia|yê|ya|uyê|uya|uơ|uô|ươ|ưa|ua|oa|oă|oe|uâ|uê|uy|oo|[aăâeêioôơuưy])"
    r"(ch|nh|ng|[mnptciuoy])?"
)
_WORD = re.compile(r"[^\W\d_]*[^\x00-\x7f][^\s\x00-\x40\[-`{-\x7f]*")


class Text(NamedTuple):
    """Text, its encoding, and whether it is certain: somebody has to look at it otherwise."""

    text: str
    encoding: str
    sure: bool


def read_text(data: bytes, encoding: str = "") -> Text | None:
    """Return the text of a file, None if it is not in the encoding that is named."""
    if encoding:
        text = _decoded(data, encoding)
        return None if text is None else Text(text, encoding, sure=True)
    for name in _told_by_bytes(data):
        text = _decoded(data, name)
        if text is not None:
            return Text(text, name.removesuffix("-sig"), sure=True)
    found = [(name, text) for name in ("cp1258", "tcvn3", "vni") if (text := _decoded(data, name))]
    scored = sorted(
        ((*_vietnamese(text), name, text) for name, text in found), key=lambda item: -item[0]
    )
    if not scored:
        return None
    best, words, name, text = scored[0]
    second = scored[1][0] if len(scored) > 1 else 0.0
    is_ahead = best >= _SURE_SHARE and best - second >= _AHEAD_SHARE
    return Text(text, name, sure=is_ahead and words >= _SURE_WORDS)


def _told_by_bytes(data: bytes) -> list[str]:
    """Return the encodings that a file's own bytes tell."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ["utf-16"]
    if data[:1_000].count(0) > _NULL_SHARE * len(data[:1_000]):
        return ["utf-16-le" if data[1:2] == b"\x00" else "utf-16-be"]
    return ["utf-8-sig"]


def _decoded(data: bytes, name: str) -> str | None:
    try:
        if name == "tcvn3":
            return data.decode("cp1252").translate(_TCVN3)
        if name == "vni":
            return _from_vni(data.decode("cp1252"))
        # The code page has marks that follow their letters: normal form joins them.
        return unicodedata.normalize("NFC", data.decode(name)).removeprefix("\ufeff")
    except (UnicodeDecodeError, LookupError):
        return None


def _from_vni(text: str) -> str:
    """Return text with VNI's pairs of letter and mark joined."""
    made: list[str] = []
    bearer = ""
    for letter in text:
        marks = _VNI_MARKS.get(letter.lower()) if bearer else None
        if marks:
            made[-1] = unicodedata.normalize("NFC", made[-1] + marks)
            bearer = ""
            continue
        low = letter.lower()
        single = _VNI_SINGLE.get(low)
        if single:
            made.append(single.upper() if letter != low else single)
        else:
            made.append(letter)
        bearer = low if low in _VNI_BEARERS else ""
    return "".join(made)


def _vietnamese(text: str) -> tuple[float, int]:
    """Return which share of the words with other letters than English ones are syllables, and how many."""
    words = set(_WORD.findall(text)[:_WORDS_MAX])
    good = sum(_is_syllable(word) for word in words)
    return (good / len(words) if words else 0.0), good


def _is_syllable(word: str) -> bool:
    parted = unicodedata.normalize("NFD", word.lower())
    tones = sum(letter in _TONES for letter in parted)
    bare = unicodedata.normalize("NFC", "".join(c for c in parted if c not in _TONES))
    return tones <= 1 and _SYLLABLE.fullmatch(bare) is not None
