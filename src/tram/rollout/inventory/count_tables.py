"""Entries brought into the letter's table and into a series: pure, on entries by date."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from tram.domain.figures import ratio_percent
from tram.rollout.inventory.views import CountEntry, CountPoint, CountRow, CountTable, Operator

__all__ = ("points_of", "table_of")

_Latest = dict[tuple[int, str], CountEntry]


def table_of(
    operators: Sequence[Operator], entries: Iterable[CountEntry], day: date, scope: str
) -> CountTable:
    """Return the table of the last entries; ``entries`` are in force, in the order of their dates."""
    latest: _Latest = {(entry.operator, entry.technology): entry for entry in entries}
    total_4g, total_5g = _total(latest, "4G"), _total(latest, "5G")
    used = sorted(latest.values(), key=lambda entry: (entry.as_of, entry.id))
    return CountTable(
        as_of=day,
        scope=scope,
        rows=[_row(operator, latest, total_4g, total_5g) for operator in operators],
        total_4g=total_4g,
        total_5g=total_5g,
        total_ratio_percent=_ratio(total_5g, total_4g) if _is_even(latest) else None,
        dates=list(dict.fromkeys(entry.as_of for entry in used)),
        marks=list(dict.fromkeys(entry.as_of_mark for entry in used)),
        sources=list({_key(entry): entry.source for entry in used}.values()),
        missing=[
            f"{operator.name} {technology}"
            for operator in operators
            for technology in ("4G", "5G")
            if (operator.id, technology) not in latest
        ],
    )


def points_of(entries: Sequence[CountEntry]) -> list[CountPoint]:
    """Return the totals on each date on which every operator of the series is known.

    The operators of the series are those that have both counts at its end.
    """
    final = {(entry.operator, entry.technology) for entry in entries}
    whole = {number for number, _ in final if {(number, "4G"), (number, "5G")} <= final}
    latest: _Latest = {}
    points: dict[date, CountPoint] = {}
    for entry in entries:
        if entry.operator in whole:
            latest[entry.operator, entry.technology] = entry
            if len(latest) == 2 * len(whole):
                points[entry.as_of] = _point(entry.as_of, latest)
    return list(points.values())


def _point(day: date, latest: _Latest) -> CountPoint:
    fours, fives = _total(latest, "4G") or 0, _total(latest, "5G") or 0
    return CountPoint(
        as_of=day,
        stations_4g=fours,
        stations_5g=fives,
        ratio_percent=ratio_percent(fives, fours),
    )


def _row(
    operator: Operator, latest: _Latest, total_4g: int | None, total_5g: int | None
) -> CountRow:
    fours, on_4g, entry_4g = _seen(latest.get((operator.id, "4G")))
    fives, on_5g, entry_5g = _seen(latest.get((operator.id, "5G")))
    return CountRow(
        operator=operator.id,
        code=operator.code,
        name=operator.name,
        stations_4g=fours,
        stations_5g=fives,
        ratio_percent=_ratio(fives, fours),
        share_4g_percent=_ratio(fours, total_4g),
        share_5g_percent=_ratio(fives, total_5g),
        as_of=min((day for day in (on_4g, on_5g) if day), default=None),
        as_of_4g=on_4g,
        as_of_5g=on_5g,
        entry_4g=entry_4g,
        entry_5g=entry_5g,
    )


def _seen(entry: CountEntry | None) -> tuple[int | None, date | None, int | None]:
    """Return count, date and number of an entry."""
    return (None, None, None) if entry is None else (entry.count, entry.as_of, entry.id)


def _ratio(part: int | None, whole: int | None) -> Decimal | None:
    return None if part is None or whole is None else ratio_percent(part, whole)


def _is_even(latest: _Latest) -> bool:
    """Return whether 4G and 5G are of the same operators, so that their ratio means something."""
    fours = {number for number, technology in latest if technology == "4G"}
    return fours == {number for number, technology in latest if technology == "5G"}


def _total(latest: _Latest, technology: str) -> int | None:
    counts = [entry.count or 0 for (_, kind), entry in latest.items() if kind == technology]
    return sum(counts) if counts else None


def _key(entry: CountEntry) -> tuple[str, str, str]:
    return entry.source.text, entry.source.mark, entry.source.document
