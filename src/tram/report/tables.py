"""The tables of the reports, in the registry's database (schema 0002)."""

from sqlalchemy import JSON, Date, String, Text

from tram.registry.kernel.personal_data import authorship, declare
from tram.registry.kernel.tables import BIG, indexes, numbered_table, optional, required

__all__ = ("report_texts", "report_versions")

# Append-only: the newest row of a letter's block is its text, all of them are its history.
report_texts = numbered_table(
    "report_texts",
    *required(letter=String(60), block=String(60), text=Text, at_ms=BIG),
    *optional(person_id="people.id"),
    *required(person_name=String(200)),
    *indexes("letter, block, id"),
)

report_versions = numbered_table(
    "report_versions",
    *required(letter=String(60), as_of=Date),
    *optional(since=Date),
    *required(made_ms=BIG),
    *optional(person_id="people.id"),
    *required(person_name=String(200), content=JSON, findings=JSON, files=JSON),
    *indexes("as_of, id"),
)

declare(report_texts, authorship("person_name"), free=("text",), plain=("letter", "block"))
# The content of a kept version is the official letter as it was sent: it stays as it is.
declare(
    report_versions, authorship("person_name"), plain=("letter", "content", "findings", "files")
)
