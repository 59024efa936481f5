"""The letter's findings as they were a moment ago: many look at them, few change anything."""

import asyncio
from dataclasses import dataclass, field

import msgspec

from tram.report.checks.letter_rules import Finding

__all__ = ("FindingTally", "RecentFindings")


class FindingTally(msgspec.Struct, frozen=True, kw_only=True):
    """The rules that the letter of today does not keep, gravest first, as of ``as_of_ms``."""

    errors: int
    warnings: int
    kept: int
    open: list[Finding]
    as_of_ms: int


@dataclass(slots=True)
class RecentFindings:
    """The last counts; it is the province's, hence the same for everybody who may read it."""

    counts: FindingTally | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
