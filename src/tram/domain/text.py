"""Vietnamese text: one normal form for storage, one folded form for search."""

import unicodedata

__all__ = ("fold", "normal")

_STROKE = str.maketrans({"đ": "d", "Đ": "D"})


def normal(text: str) -> str:
    """Return the text in NFC with runs of white space made one blank."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def fold(text: str) -> str:
    """Return the search key: lower case, without diacritics, đ as d.

    >>> fold("Khu kinh tế Dung Quất, Đăk Tô")
    'khu kinh te dung quat, dak to'
    """
    split = unicodedata.normalize("NFD", normal(text).translate(_STROKE))
    return "".join(c for c in split if not unicodedata.combining(c)).casefold()
