"""What a rule says, before it is in a language: a sentence by its code, with the values in it."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from tram.report.checks.finding_sentences import SENTENCES
from tram.report.formats import decimal_text
from tram.runtime.i18n import SOURCE_LOCALE, catalog_of

__all__ = (
    "Figure",
    "InBoth",
    "Joined",
    "Said",
    "Unglossed",
    "Wording",
    "figure",
    "joined",
    "say",
    "wording",
)

_SWAPPED = str.maketrans(",.", ".,")


class Figure(NamedTuple):
    """A number, written with ``places`` decimals in the manner of the language."""

    value: Decimal
    places: int


class InBoth(NamedTuple):
    """A name that a register or the domain has in both languages."""

    vi: str
    en: str


class Unglossed(NamedTuple):
    """Words of the letter that only the Vietnamese sentence repeats."""

    text: str


class Joined(NamedTuple):
    """Values one after the other, with ``by`` between them."""

    parts: tuple["Said", ...]
    by: str


class Wording(NamedTuple):
    """A sentence or a word of the catalogue by its code, with its values by name."""

    code: str
    values: tuple[tuple[str, "Said"], ...]


Said: TypeAlias = str | int | Figure | InBoth | Unglossed | Joined | Wording
"""What stands in a sentence; texts are quotations and names, the same in both languages."""


def wording(code: str, /, **values: Said) -> Wording:
    """Return a sentence or a word by its code in ``SENTENCES``."""
    return Wording(code, tuple(values.items()))


def joined(parts: Iterable[Said], by: str = "") -> Joined:
    """Return values one after the other."""
    return Joined(tuple(parts), by)


def figure(number: int | Decimal, places: int = 0) -> Figure:
    """Return a number that each language writes in its manner."""
    return Figure(Decimal(number), places)


def say(said: Said, locale: str) -> str:
    """Return the text in a language, ``vi`` or ``en``."""
    if isinstance(said, Wording):
        values = {name: say(value, locale) for name, value in said.values}
        return catalog_of(locale).gettext(SENTENCES[said.code]) % values
    if isinstance(said, Joined):
        return said.by.join(say(part, locale) for part in said.parts)
    return _english(said) if locale == SOURCE_LOCALE else _vietnamese(said)


def _vietnamese(said: str | int | Figure | InBoth | Unglossed) -> str:
    match said:
        case Figure():
            return decimal_text(said.value, said.places)
        case InBoth():
            return said.vi
        case Unglossed():
            return said.text
        case _:
            return str(said)


def _english(said: str | int | Figure | InBoth | Unglossed) -> str:
    match said:
        case Figure():
            return decimal_text(said.value, said.places).translate(_SWAPPED)
        case InBoth():
            return said.en
        case Unglossed():
            return ""
        case _:
            return str(said)
