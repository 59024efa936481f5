"""Sources in and out of the tables: every figure names where it was read, and how sure that is."""

from tram.registry.kernel.checks import Checked
from tram.registry.kernel.database import AnyRow
from tram.rollout.inventory.views import Source

__all__ = ("MARKS", "check_source", "source_of", "source_values")

MARKS = ("S", "M", "C", "")
TEXT_CHARACTERS_MAX = 500
DOCUMENT_CHARACTERS_MAX = 40


def check_source(checked: Checked, source: Source) -> dict[str, str]:
    """Return a source's columns; a missing citation or an unknown mark is a fault."""
    checked.choice("source.mark", source.mark, MARKS)
    text = checked.prose("source.text", source.text, TEXT_CHARACTERS_MAX)
    document = checked.text(
        "source.document", source.document, DOCUMENT_CHARACTERS_MAX, shortest=0
    )
    return source_values(Source(text, source.mark, document))


def source_values(source: Source) -> dict[str, str]:
    """Return a source's columns."""
    return {"source": source.text, "source_mark": source.mark, "document": source.document}


def source_of(row: AnyRow) -> Source:
    """Return the source of a row of any table of the inventory."""
    return Source(row.source, row.source_mark, row.document)
