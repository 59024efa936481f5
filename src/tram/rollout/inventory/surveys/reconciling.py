"""Official counts against the list of stations: every difference named. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from tram.rollout.inventory.stations.views import StationCount
from tram.rollout.inventory.views import CountTable

__all__ = ("Difference", "reconcile")

PROVINCE = "province"


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """Where official count and list do not say the same; ``listed`` 0 when the list has none.

    ``scope`` is the province, ``zone:CODE`` or ``commune:CODE``; there is no official count where
    ``official`` is None.
    """

    scope: str
    operator: int
    operator_name: str
    technology: str
    as_of: date | None
    official: int | None
    listed: int

    @property
    def by(self) -> int:
        """How many more stations the list has."""
        return self.listed - (self.official or 0)


def reconcile(
    tables: Sequence[CountTable],
    tallies: Mapping[tuple[str, str], Sequence[StationCount]],
) -> list[Difference]:
    """Return all differences, in the order of scopes, operators and technologies.

    Args:
        tables: Official counts of a day, one for each scope that has any.
        tallies: What the list has, by scope and day of the official count (ISO, or empty).
    """
    found = []
    for table in tables:
        for row in table.rows:
            pairs = (("4G", row.stations_4g, row.as_of_4g), ("5G", row.stations_5g, row.as_of_5g))
            for technology, official, day in pairs:
                tally = tallies.get((table.scope, day.isoformat() if day else ""), ())
                listed = sum(
                    item.count
                    for item in tally
                    if item.operator == row.operator and item.technology == technology
                )
                if official != listed and (official is not None or listed):
                    found.append(
                        Difference(
                            scope=table.scope,
                            operator=row.operator,
                            operator_name=row.name,
                            technology=technology,
                            as_of=day,
                            official=official,
                            listed=listed,
                        )
                    )
    return found
