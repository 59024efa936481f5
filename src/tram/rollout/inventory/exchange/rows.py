"""One row of a list on its way from cells to a station."""

from dataclasses import dataclass, field
from typing import Any

from tram.rollout.inventory.exchange.faults import RowFault

__all__ = ("ReadRow",)


@dataclass(slots=True)
class ReadRow:
    """One row with what could be read of it; ``typed`` is what stood there, ``faults`` are errors."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    faults: list[RowFault] = field(default_factory=list)
