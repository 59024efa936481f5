"""How documents are named: in full where first cited, by type and number afterwards."""

from tram.report.formats import day_short
from tram.rollout.directives.views import Document

__all__ = ("Citations", "cite_fully", "cite_shortly", "kind_of")

# A letter (công văn) is the only type without a code in its symbol, so "Văn bản" says nothing more.
_UNNAMED_KIND = "Văn bản"
_LETTER_KIND = "Công văn"


class Citations:
    """Remembers what was cited already, in the order of the letter."""

    def __init__(self) -> None:
        self._cited: set[str] = set()

    def cite(self, document: Document) -> str:
        """Return the full citation the first time, the short one afterwards."""
        if document.key in self._cited:
            return cite_shortly(document)
        self._cited.add(document.key)
        return cite_fully(document)

    def note(self, *keys: str) -> None:
        """Take documents as cited that a text names by itself."""
        self._cited.update(keys)


def cite_fully(document: Document) -> str:
    """Return type, number, date, issuer and abstract (what is unknown is left out)."""
    parts = [cite_shortly(document)]
    if document.issued_on is not None:
        parts.append(f"ngày {day_short(document.issued_on)}")
    if document.issuer:
        parts.append(f"của {document.issuer}")
    if document.subject:
        parts.append(_about(document.subject))
    return " ".join(parts)


def cite_shortly(document: Document) -> str:
    """Return type and number."""
    return f"{kind_of(document)} số {document.number}"


def kind_of(document: Document) -> str:
    """Return the document's type; one without a named type is a letter."""
    return _LETTER_KIND if document.kind == _UNNAMED_KIND else document.kind


def _about(subject: str) -> str:
    """Return the abstract as it follows an issuer."""
    return subject if subject.startswith(("về ", "V/v ")) else f"về {subject}"
