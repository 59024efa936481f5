"""What the reports give to pages, API and command line: plain frozen structs."""

from datetime import date

import msgspec

from tram.report.checks.letter_rules import Finding
from tram.report.letter.content import Letter

__all__ = (
    "BlockChange",
    "FileEntry",
    "LetterDraft",
    "LetterFile",
    "LetterFiles",
    "LetterVersion",
    "TextBlock",
)


class TextBlock(msgspec.Struct, frozen=True, kw_only=True):
    """One free text of the letter; ``edited`` when it differs from the ``shipped`` wording.

    ``from_letter`` is the day of the letter that it was written for: later letters take it over.
    """

    key: str
    section: str
    title_vi: str
    title_en: str
    text: str
    shipped: str
    edited: bool
    from_letter: date | None
    at_ms: int | None
    person_name: str


class BlockChange(msgspec.Struct, frozen=True, kw_only=True):
    """One change of a block: who, when, for the letter of which day, before and after."""

    id: int
    letter: date
    at_ms: int
    person_name: str
    before: str
    after: str


class LetterDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A letter as it would be written now, with what the rules say about it and its free texts."""

    letter: Letter
    findings: list[Finding]
    blocks: list[TextBlock]


class LetterFiles(msgspec.Struct, frozen=True, kw_only=True):
    """A letter in both forms; ``stem`` is the files' name without its end."""

    stem: str
    docx: bytes
    pdf: bytes


class FileEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One kept file: its name, digest (SHA-256, hexadecimal) and size."""

    name: str
    sha256: str
    bytes: int


class LetterVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A letter that was kept as it was, with its findings; ``letter`` is its whole content."""

    id: int
    as_of: date
    since: date
    made_ms: int
    person_name: str
    files: list[FileEntry]
    findings: list[Finding]
    letter: Letter


class LetterFile(msgspec.Struct, frozen=True, kw_only=True):
    """One kept file with its bytes."""

    name: str
    media_type: str
    content: bytes
