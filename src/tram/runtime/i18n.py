"""The two languages: gettext catalogues read as text at start, so that nothing has to be compiled."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages.pofile import PoFileError, read_po

from tram.runtime.errors import Broken

__all__ = (
    "DEFAULT_LOCALE",
    "LOCALES",
    "N_",
    "SOURCE_LOCALE",
    "Catalog",
    "catalog_of",
    "load_catalogs",
)

LOCALES: tuple[str, ...] = ("vi", "en")
DEFAULT_LOCALE = "vi"
SOURCE_LOCALE = "en"
"""The language of the messages themselves."""
_FOLDER = Path(__file__).parent / "locale"


def N_(message: str) -> str:  # noqa: N802  # the name that gettext tools look for
    """Mark a message for the catalogues and return it unchanged."""
    return message


@dataclass(frozen=True, slots=True)
class Catalog:
    """The texts of one language by English message; plural texts by their singular."""

    locale: str
    texts: Mapping[str, tuple[str, ...]]

    def gettext(self, message: str) -> str:
        """Return the text, or the message itself where the catalogue has none."""
        return self.texts.get(message, (message,))[0]

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        """Return the text for this count; Vietnamese has one form, English two."""
        forms = self.texts.get(singular, (singular, plural))
        return forms[0] if count == 1 or len(forms) == 1 else forms[1]

    def for_scripts(self, msgids: tuple[str, ...]) -> dict[str, str]:
        """Return the texts that the page's scripts use."""
        return {msgid: self.gettext(msgid) for msgid in msgids}


def load_catalogs() -> dict[str, Catalog]:
    """Read every catalogue.

    Raises:
        Broken: when a catalogue is not a valid .po file.
    """
    return {locale: catalog_of(locale) for locale in LOCALES}


@cache
def catalog_of(locale: str) -> Catalog:
    """Return the texts of one language, read once; English for one that is not kept.

    Raises:
        Broken: when its catalogue is not a valid .po file.
    """
    if locale not in LOCALES:
        return catalog_of(SOURCE_LOCALE)
    path = _FOLDER / locale / "tram.po"
    try:
        with path.open("rb") as file:
            catalog = read_po(file, locale=locale, abort_invalid=True)
    except (OSError, ValueError, PoFileError) as error:
        raise Broken("locale.damaged", f"The texts of {locale} cannot be read: {error}") from error
    texts: dict[str, tuple[str, ...]] = {}
    for message in catalog:
        if not message.id:
            continue
        singular = message.id if isinstance(message.id, str) else message.id[0]
        strings = message.string or ()
        texts[singular] = (strings,) if isinstance(strings, str) else tuple(strings)
    return Catalog(locale, texts)
