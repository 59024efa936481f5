"""What the rules look at: a letter taken apart, with the registers that it was made from."""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import NamedTuple

from tram.report.checks.finding_wording import Said, wording
from tram.report.letter.content import (
    Block,
    Caption,
    Grid,
    Item,
    Letter,
    Paragraph,
    Point,
    Section,
)
from tram.report.sources import Sources

__all__ = (
    "DOCUMENT_NUMBER",
    "Case",
    "OperatorRow",
    "RuleOutcome",
    "Totals",
    "broken",
    "kept",
    "number_in",
    "ratio_in",
)

DOCUMENT_NUMBER = re.compile(r"\d+ ?[-/][A-ZĐƯ][A-ZĐƯa-z0-9&]*(?:[-/][A-ZĐƯ][A-ZĐƯa-z0-9&]*)*")
"""A document's number and symbol, like 359-KH/TU or 3228/CVT-TTĐLCL."""
_END = "closing"
_COLUMNS_4G_5G_RATIO = (2, 3, 4)


class RuleOutcome(NamedTuple):
    """What a rule found: whether it is kept, and one sentence with the numbers."""

    holds: bool
    says: Said


def kept(code: str, /, **values: Said) -> RuleOutcome:
    """Say by a code of the sentences that a rule is kept."""
    return RuleOutcome(holds=True, says=wording(code, **values))


def broken(code: str, /, **values: Said) -> RuleOutcome:
    """Say by a code of the sentences that a rule is broken."""
    return RuleOutcome(holds=False, says=wording(code, **values))


class OperatorRow(NamedTuple):
    """One row of the table of stations as it is printed; None where no number can be read."""

    name: str
    stations_4g: int | None
    stations_5g: int | None
    ratio: str


class Totals(NamedTuple):
    """The last row of the table of stations as it is printed."""

    cells: list[str]
    stations_4g: int | None
    stations_5g: int | None


class Case:
    """One letter under examination."""

    def __init__(self, letter: Letter, sources: Sources) -> None:
        self.letter = letter
        self.sources = sources

    @cached_property
    def parts(self) -> dict[str, list[Block]]:
        """The body by place: ``0``, ``1``, ``2a``, ``2b``, ``2c``, ``3``, ``4`` and ``closing``."""
        parts: dict[str, list[Block]] = {}
        place = section = "0"
        for block in self.letter.body:
            if isinstance(block, Section):
                place = section = block.text.split(".", 1)[0]
            elif isinstance(block, Point):
                place = section + block.text.split(")", 1)[0]
            parts.setdefault(place, []).append(block)
        last = parts.get("4", [])
        items = [number for number, block in enumerate(last) if isinstance(block, Item)]
        if items:
            parts["4"], parts[_END] = last[: items[-1] + 1], last[items[-1] + 1 :]
        return parts

    def texts(self, *places: str) -> list[str]:
        """Return the prose of these places in order; of the whole body when none is named."""
        blocks = (
            [block for place in places for block in self.parts.get(place, [])]
            if places
            else self.letter.body
        )
        return [block.text for block in blocks if not isinstance(block, Grid)]

    def items(self, place: str) -> list[str]:
        """Return the list items of a place."""
        return [block.text for block in self.parts.get(place, []) if isinstance(block, Item)]

    def conclusions(self) -> list[str]:
        """Return the paragraphs and items of the assessment."""
        return [
            block.text for block in self.parts.get("2c", []) if isinstance(block, Item | Paragraph)
        ]

    @cached_property
    def grids(self) -> list[Grid]:
        """The tables in order."""
        return [block for block in self.letter.body if isinstance(block, Grid)]

    @cached_property
    def stations(self) -> Grid | None:
        """The table of stations."""
        return next((grid for grid in self.grids if grid.name == "stations"), None)

    @cached_property
    def operators(self) -> list[OperatorRow]:
        """The rows of the table of stations."""
        if self.stations is None:
            return []
        of_4g, of_5g, ratio = _COLUMNS_4G_5G_RATIO
        return [
            OperatorRow(row[1], number_in(row[of_4g]), number_in(row[of_5g]), row[ratio])
            for row in self.stations.rows
        ]

    @cached_property
    def totals(self) -> Totals:
        """The total row of the table of stations."""
        of_4g, of_5g, ratio = _COLUMNS_4G_5G_RATIO
        cells = self.stations.total if self.stations else []
        if len(cells) <= ratio:
            return Totals(cells, None, None)
        return Totals(cells, number_in(cells[of_4g]), number_in(cells[of_5g]))

    def captions(self) -> Iterator[tuple[Grid, Caption | None]]:
        """Yield each table with the title that stands directly above it."""
        before: Block | None = None
        for block in self.letter.body:
            if isinstance(block, Grid):
                yield block, before if isinstance(before, Caption) else None
            before = block

    def printed(self) -> list[str]:
        """Return every text of the letter: head, prose, tables, closing."""
        letter = self.letter
        heading = letter.heading
        head = [heading.subject, heading.addressee, heading.agency_above, heading.agency]
        cells = [
            text
            for grid in self.grids
            for text in [
                *(cell.text for row in grid.head for cell in row),
                *(text for row in grid.rows for text in row),
                *grid.total,
            ]
        ]
        return [
            *head,
            *self.texts(),
            *cells,
            *letter.closing.recipients,
            *letter.closing.signer,
        ]


def number_in(text: str) -> int | None:
    """Return a whole number as it is printed, with or without points between thousands."""
    digits = text.replace(".", "").strip()
    return int(digits) if digits.isdecimal() else None


def ratio_in(text: str) -> Decimal | None:
    """Return a decimal as it is printed, with a comma or a point."""
    try:
        ratio = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return None
    return ratio if ratio.is_finite() else None
