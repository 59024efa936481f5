"""The letter as data: every box of Decree 30/2020 by name, the body as blocks in order.

Both writers (.docx and .pdf), the page's preview and the checks read this and nothing else, so
what is examined is what is signed. Empty places (number, day, month, signature, name) are not
fields: nobody can fill them here.
"""

from datetime import date
from typing import TypeAlias

import msgspec

__all__ = (
    "Block",
    "Caption",
    "Cell",
    "Closing",
    "Column",
    "Grid",
    "Heading",
    "Item",
    "Letter",
    "Paragraph",
    "Point",
    "Section",
    "letter_text",
)


class Heading(msgspec.Struct, frozen=True, kw_only=True):
    """The head of the first page: boxes 1, 2, 3, 4, 5b and 9a."""

    agency_above: str
    agency: str
    country: str
    motto: str
    number: str
    place_and_date: str
    subject: str
    addressee: str


class Section(msgspec.Struct, frozen=True, tag="section"):
    """A numbered heading, bold: "1. …"."""

    text: str


class Point(msgspec.Struct, frozen=True, tag="point"):
    """A lettered heading under a section, bold: "a) …"."""

    text: str


class Paragraph(msgspec.Struct, frozen=True, tag="paragraph"):
    """A paragraph with a first-line indent; ``key`` names the text block it comes from, if any."""

    text: str
    key: str = ""


class Item(msgspec.Struct, frozen=True, tag="item"):
    """A paragraph that begins with a dash; ``key`` as for a paragraph."""

    text: str
    key: str = ""


class Caption(msgspec.Struct, frozen=True, tag="caption"):
    """Number and title of the table below it, and its date in a second line."""

    text: str
    as_of: str


class Column(msgspec.Struct, frozen=True):
    """One column of a table: ``width_mm`` and ``align`` (``left``, ``center`` or ``right``)."""

    width_mm: int
    align: str


class Cell(msgspec.Struct, frozen=True):
    """One cell; it may cover several columns or rows."""

    text: str
    columns: int = 1
    rows: int = 1


class Grid(msgspec.Struct, frozen=True, tag="grid", kw_only=True):
    """A table; ``head`` repeats on each page, ``total`` is the bold last row (may be empty)."""

    name: str
    columns: list[Column]
    head: list[list[Cell]]
    rows: list[list[str]]
    total: list[str]


Block: TypeAlias = Section | Point | Paragraph | Item | Caption | Grid


class Closing(msgspec.Struct, frozen=True, kw_only=True):
    """The end: recipients (box 9b) and the signer's office (box 7a), one line each."""

    recipients_title: str
    recipients: list[str]
    signer: list[str]


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A whole letter about ``[since, as_of]``; it is a draft until a person signs it elsewhere."""

    as_of: date
    since: date
    title: str
    heading: Heading
    body: list[Block]
    closing: Closing


def letter_text(letter: Letter) -> list[str]:
    """Return the prose of the body in order, without headings' formatting and without tables."""
    return [block.text for block in letter.body if not isinstance(block, Grid)]
