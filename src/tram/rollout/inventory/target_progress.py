"""How a target stands on a day: pure, on the target and the counts until then."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from msgspec.structs import replace

from tram.domain.figures import ratio_percent
from tram.rollout.inventory.allocation import OperatorHolding, equal_ratio, proportional
from tram.rollout.inventory.forecast import (
    Measure,
    days_left,
    days_over,
    forecast,
    gap,
    needed_pace,
    needed_stations,
    pace_so_far,
    reached_since,
    verdict,
)
from tram.rollout.inventory.views import (
    Allocation,
    CountPoint,
    CountRow,
    CountTable,
    OperatorProgress,
    Target,
    TargetProgress,
)

__all__ = ("STATION_RATIO", "percent_of", "progress_of_number", "progress_of_stations")

STATION_RATIO = "ratio_5g_4g"
_PER_CENT = 100


def percent_of(target: Target) -> Decimal:
    """Return the target's value in per cent of its base, whatever unit it is written in."""
    return target.value * _PER_CENT if target.unit == "ratio" else target.value


def progress_of_stations(
    target: Target,
    day: date,
    points: Sequence[CountPoint],
    now: CountTable,
    base_table: CountTable,
) -> TargetProgress:
    """Return how 5G stands against 4G.

    Args:
        target: One whose indicator is the ratio of 5G to 4G stations.
        day: The day of the question.
        points: The series of the province until that day.
        now: The counts of the day.
        base_table: The counts that a fixed base is taken from; those of the day with a moving one.
    """
    bases = {row.operator: row.stations_4g for row in base_table.rows}
    fixed = None if target.base_rule == "moving" else _fixed_base(target, base_table)
    measures = [
        Measure(point.as_of, point.stations_5g, base)
        for point in points
        if (base := point.stations_4g if target.base_rule == "moving" else fixed) is not None
    ]
    rows = [
        _operator(target, row, None if target.base_rule == "given" else bases.get(row.operator))
        for row in now.rows
    ]
    return _progress(target, day, measures, base=_base(target, fixed, base_table), rows=rows)


def progress_of_number(target: Target, day: date, measured: int | None) -> TargetProgress:
    """Return how a number measured on the day itself stands against the target's given base."""
    measures = []
    if measured is not None and target.base_value is not None:
        measures.append(Measure(day, measured, target.base_value))
    return _progress(target, day, measures, base=(target.base_value, target.base_date), rows=[])


def _fixed_base(target: Target, base_table: CountTable) -> int | None:
    """Return the base that does not move with the counts."""
    return target.base_value if target.base_rule == "given" else base_table.total_4g


def _base(
    target: Target, fixed: int | None, base_table: CountTable
) -> tuple[int | None, date | None]:
    """Return the fixed base and its date, for when nothing was counted against it."""
    if target.base_rule == "fixed":
        return fixed, max(base_table.dates, default=None)
    return fixed, target.base_date


def _operator(target: Target, row: CountRow, base: int | None) -> OperatorProgress:
    there = row.stations_5g
    needed = None if base is None else needed_stations(percent_of(target), base)
    missing = None if needed is None or there is None else gap(needed, there)
    return OperatorProgress(
        operator=row.operator,
        code=row.code,
        name=row.name,
        base=base,
        there=there,
        needed=needed,
        gap=missing,
        ratio_percent=None if base is None or there is None else ratio_percent(there, base),
        reached=missing == 0,
    )


def _allocations(percent: Decimal, rows: Sequence[OperatorProgress]) -> list[Allocation]:
    """Return the shares by every rule, of the operators whose counts are known."""
    holdings = [
        OperatorHolding(row.operator, row.code, row.name, row.base, row.there)
        for row in rows
        if row.base is not None and row.there is not None
    ]
    return [share(percent, holdings) for share in (equal_ratio, proportional)] if holdings else []


def _progress(
    target: Target,
    day: date,
    measures: Sequence[Measure],
    *,
    base: tuple[int | None, date | None],
    rows: list[OperatorProgress],
) -> TargetProgress:
    percent, (whole, base_on) = percent_of(target), base
    if measures:
        whole = measures[-1].base
        base_on = measures[-1].on if target.base_rule == "moving" else base_on
    progress = TargetProgress(
        target=target,
        day=day,
        base=whole,
        base_on=base_on,
        needed=None if whole is None else needed_stations(percent, whole),
        days_left=days_left(day, target.deadline),
        days_over=days_over(day, target.deadline),
        verdict=verdict(percent, measures, day, target.deadline),
        operators=rows,
        allocations=_allocations(percent, rows),
    )
    return _with_forecast(_with_distance(progress, measures), measures)


def _with_distance(progress: TargetProgress, measures: Sequence[Measure]) -> TargetProgress:
    if not measures:
        return progress
    last, target = measures[-1], progress.target
    missing = gap(needed_stations(percent_of(target), last.base), last.there)
    return replace(
        progress,
        there=last.there,
        counted_on=last.on,
        ratio_percent=ratio_percent(last.there, last.base),
        gap=missing,
        needed_pace=needed_pace(missing, progress.day, target.deadline),
        reached_on=reached_since(percent_of(target), measures),
    )


def _with_forecast(progress: TargetProgress, measures: Sequence[Measure]) -> TargetProgress:
    end = forecast(measures, progress.target.deadline)
    if end is None:
        return progress
    return replace(
        progress,
        pace_so_far=pace_so_far(measures),
        pace_since=measures[0].on,
        forecast=end.there,
        forecast_percent=ratio_percent(end.there, end.base),
    )
