"""Bring the catalogues up to date with the messages that templates, scripts and code ask for.

New messages are added without a text (a test then fails until somebody writes it), messages that
nothing asks for any more are removed. English, the language of the messages themselves, keeps only
texts that differ from their message. Usage: messages.py
"""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from tram.runtime.i18n import LOCALES, SOURCE_LOCALE
from tram.runtime.messages import HINTS, SENTENCES

SOURCE = Path(__file__).parent.parent / "src" / "tram"
CATALOGS = SOURCE / "runtime" / "locale"
METHODS = [
    ("web/static/vendor/**", "ignore"),
    ("web/templates/**.html", "jinja2.ext:babel_extract"),
    ("web/static/js/**.js", "javascript"),
    ("**.py", "python"),
]
OPTIONS = {
    "web/templates/**.html": {"newstyle_gettext": "true", "trimmed": "true", "silent": "false"}
}
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None, "t": None}
LINE_LETTERS_MAX = 120


def collect() -> Catalog:
    """Return every message that people may read, with the files that ask for it."""
    catalog = Catalog(project="tram", fuzzy=False)
    found = extract_from_dir(SOURCE, METHODS, OPTIONS, keywords=KEYWORDS)
    for name, _line, message, _comments, _context in found:
        catalog.add(message, locations=[(name.removeprefix("web/"), None)])
    remedies = (hint for code, hint in HINTS.items() if code in SENTENCES)
    for message in (*SENTENCES.values(), *remedies):
        catalog.add(message, locations=[("runtime/messages.py", None)])
    return catalog


def update(locale: str) -> None:
    """Rewrite one catalogue: the known texts stay, the rest comes and goes."""
    path = CATALOGS / locale / "tram.po"
    known = Catalog(locale)
    if path.exists():
        with path.open("rb") as file:
            known = read_po(file, locale=locale)
    fresh = Catalog(locale, project="tram", fuzzy=False)
    for message in collect():
        if message.id:
            before = known.get(message.id)
            text = before.string if before else None
            if locale == SOURCE_LOCALE and (not text or text == message.id):
                continue
            fresh.add(message.id, text, locations=message.locations)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(
            file, fresh, width=LINE_LETTERS_MAX, omit_header=True, sort_output=True,
            include_lineno=False,
        )  # fmt: skip


if __name__ == "__main__":
    for locale in LOCALES:
        update(locale)
