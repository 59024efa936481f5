"""How a list is to be read, and what an examination of it finds: plain frozen structs."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from tram.domain.bounds import Count, Day, Line, Number
from tram.domain.province import Extent
from tram.rollout.inventory.exchange.faults import RowFault
from tram.rollout.inventory.exchange.positions import Reference

__all__ = ("Examination", "ImportPlan", "Neighbour", "StationDraft", "Surroundings")


COLUMNS_MAX = 500
FIXES_MAX = 20_000
"""Rows that a person corrects by hand."""
Fix = Annotated[dict[Line, Line], msgspec.Meta(max_length=COLUMNS_MAX)]


class ImportPlan(msgspec.Struct, frozen=True, kw_only=True):
    """All that a person decides about a list.

    Attributes:
        columns: Header by field (``station_columns.STATION_COLUMNS``).
        reference: In what the coordinates are given; None while nobody has said.
        as_of: The day of the list: a station on air without a date counts from then on.
        operator: Whose stations they are where no column says so.
        technology: The same for the technology; empty when a column says it.
        state: What a station is where neither state nor date is given.
        sheet: Sheet or layer; the first without it.
        encoding: Of a CSV file; found without it.
        allow_near: Whether a station beside another of its kind is a second station.
        synthetic: Whether the whole list is simulated.
        fixes: Corrected cells by row and header.
    """

    columns: Annotated[dict[Line, Line], msgspec.Meta(max_length=COLUMNS_MAX)] = {}
    reference: Reference | None = None
    as_of: Day
    operator: Number | None = None
    technology: Line = ""
    state: Line = "on-air"
    sheet: Line = ""
    encoding: Line = ""
    allow_near: bool = False
    synthetic: bool = False
    fixes: Annotated[dict[Count, Fix], msgspec.Meta(max_length=FIXES_MAX)] = {}


class Neighbour(msgspec.Struct, frozen=True):
    """A station that is on the list already, to find near-duplicates by."""

    operator: int
    technology: str
    code: str
    lon: float
    lat: float


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What an examination knows besides the file.

    ``operators`` by every folded name, ``writable`` those whose stations may be sent,
    ``communes`` name by code; stations stand within ``bounds``.
    """

    operators: Mapping[str, int]
    operator_names: Mapping[int, str]
    writable: frozenset[int]
    communes: Mapping[str, str]
    bounds: Extent
    neighbours: tuple[Neighbour, ...] = ()


class StationDraft(msgspec.Struct, frozen=True, kw_only=True):
    """One station of the list: what the list says of it, and nothing that it does not say."""

    operator: int
    technology: str
    code: str
    rows: tuple[int, ...]
    given: dict[str, Any]
    sectors: tuple[dict[str, Any], ...] | None = None

    @property
    def key(self) -> tuple[int, str, str]:
        """What makes it the same station in every list."""
        return self.operator, self.technology, self.code


class Examination(msgspec.Struct, frozen=True, kw_only=True):
    """Everything found in a list: the stations to keep, and all faults by row."""

    rows: int
    drafts: tuple[StationDraft, ...]
    faults: tuple[RowFault, ...]

    @property
    def failed_rows(self) -> frozenset[int]:
        """Rows that an error keeps out."""
        return frozenset(fault.row for fault in self.faults if fault.grade == "error")
