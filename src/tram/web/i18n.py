"""The two languages: gettext catalogues read as text at start, so that nothing has to be compiled."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from tram.runtime.errors import Broken

__all__ = ("DEFAULT_LOCALE", "LOCALES", "Catalog", "load_catalogs", "script_msgids")

LOCALES: tuple[str, ...] = ("vi", "en")
DEFAULT_LOCALE = "vi"
_FOLDER = Path(__file__).parent / "locale"
_SCRIPTS = Path(__file__).parent / "static" / "js"


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
    return {locale: _load(locale) for locale in LOCALES}


def script_msgids() -> tuple[str, ...]:
    """Return every message that the scripts ask for by ``t("…")``."""
    found: set[str] = set()
    for path in sorted(_SCRIPTS.glob("*.js")):
        for item in extract_from_file("javascript", path, keywords={"t": None}):
            found.add(str(item[1]))
    return tuple(sorted(found))


def _load(locale: str) -> Catalog:
    path = _FOLDER / locale / "tram.po"
    try:
        with path.open("rb") as file:
            catalog = read_po(file, locale=locale, abort_invalid=True)
    except (OSError, ValueError) as error:
        raise Broken("locale.damaged", f"The texts of {locale} cannot be read: {error}") from error
    texts: dict[str, tuple[str, ...]] = {}
    for message in catalog:
        if not message.id:
            continue
        singular = message.id if isinstance(message.id, str) else message.id[0]
        strings = message.string or ()
        texts[singular] = (strings,) if isinstance(strings, str) else tuple(strings)
    return Catalog(locale, texts)
