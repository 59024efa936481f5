"""Targets: how far, how fast it would have to go, how fast it goes, and who has to build how many."""

from datetime import date

import msgspec

from tram.api.http.parameters import AsOf
from tram.api.http.services import Services
from tram.api.network.counts import CountPointItem
from tram.domain.days import local_day
from tram.registry.kernel.viewer import Viewer
from tram.rollout.inventory.views import AllocationRow, CountingRule, NewTarget, Source, TargetEdit

__all__ = (
    "AllocationItem",
    "AllocationLine",
    "CountingRules",
    "OperatorWay",
    "PaceItem",
    "TargetCourse",
    "TargetItem",
    "TargetLine",
    "TargetList",
    "TargetProgressView",
    "change_target",
    "create_target",
    "list_counting_rules",
    "list_targets",
    "retire_target",
    "show_target",
    "target_course",
    "target_lines",
)


class TargetItem(msgspec.Struct, frozen=True, kw_only=True):
    """What a document demands; ``base_stated`` is false where it leaves the base open."""

    id: int
    key: str
    name_vi: str
    name_en: str
    indicator: str
    scope: str
    unit: str
    value: float
    base_rule: str
    base_date: date | None
    base_value: int | None
    base_stated: bool
    base_note: str
    deadline: date
    source: Source
    quote: str
    counting_rule: str
    note: str


class PaceItem(msgspec.Struct, frozen=True, kw_only=True):
    """Stations per day and per month over the days that are left."""

    per_day: float
    per_month: int
    days: int
    months: int


class OperatorWay(msgspec.Struct, frozen=True, kw_only=True):
    """One operator's own way to the target."""

    operator: int
    code: str
    name: str
    base: int | None
    there: int | None
    needed: int | None
    gap: int | None
    ratio_percent: float | None
    reached: bool


class AllocationLine(AllocationRow, frozen=True, kw_only=True):
    """What a rule asks of one operator: stations to have, and stations to add."""


class AllocationItem(msgspec.Struct, frozen=True, kw_only=True):
    """A rule's shares; the sum of rounded rows and the rounded total are both kept."""

    rule: str
    rows: list[AllocationLine]
    needed_rows_sum: int
    needed_total: int
    more_rows_sum: int
    more_total: int


class TargetProgressView(msgspec.Struct, frozen=True, kw_only=True):
    """Where a target stands as of ``day``; ``verdict`` in one word, ``days_over`` past deadline."""

    target: TargetItem
    day: date
    base: int | None
    base_on: date | None
    there: int | None
    counted_on: date | None
    ratio_percent: float | None
    needed: int | None
    gap: int | None
    days_left: int
    days_over: int
    needed_pace: PaceItem | None
    pace_so_far: float | None
    pace_since: date | None
    forecast: int | None
    forecast_percent: float | None
    reached_on: date | None
    verdict: str
    operators: list[OperatorWay]
    allocations: list[AllocationItem]


class TargetList(msgspec.Struct, frozen=True):
    """Every target with its standing."""

    items: list[TargetProgressView]
    day: date
    as_of_ms: int


class TargetLine(msgspec.Struct, frozen=True, kw_only=True):
    """A target's standing in one line of a table."""

    key: str
    name_vi: str
    name_en: str
    value: float
    unit: str
    deadline: date
    source: str
    day: date
    there: int | None
    base: int | None
    ratio_percent: float | None
    needed: int | None
    gap: int | None
    days_left: int
    days_over: int
    needed_per_day: float | None
    pace_so_far: float | None
    forecast: int | None
    verdict: str


class TargetCourse(msgspec.Struct, frozen=True, kw_only=True):
    """The way so far, and the ends of the way that is still needed."""

    points: list[CountPointItem]
    standing: TargetProgressView


class CountingRules(msgspec.Struct, frozen=True):
    """How stations may be counted, each rule with its source."""

    items: list[CountingRule]
    as_of_ms: int


async def list_targets(services: Services, viewer: Viewer, day: AsOf = None) -> TargetList:
    """Return the standing of every target as of a day, today if None."""
    wanted = day or local_day(services.clock.now_ms())
    found = await services.inventory.targets.list(viewer)
    items = [await show_target(services, viewer, target.id, wanted) for target in found]
    return TargetList(items, wanted, services.clock.now_ms())


async def show_target(
    services: Services, viewer: Viewer, target: int, day: AsOf = None
) -> TargetProgressView:
    """Return the standing of one target.

    Raises:
        Refused: ``target.unknown``.
    """
    wanted = day or local_day(services.clock.now_ms())
    standing = await services.inventory.targets.progress(viewer, target, wanted)
    return msgspec.convert(standing, TargetProgressView, from_attributes=True)


async def target_course(
    services: Services, viewer: Viewer, target: int, day: AsOf = None
) -> TargetCourse:
    """Return what a chart of the target needs.

    Raises:
        Refused: ``target.unknown``.
    """
    standing = await show_target(services, viewer, target, day)
    points = await services.inventory.counts.series(viewer, until=standing.day)
    items = msgspec.convert(points, list[CountPointItem], from_attributes=True)
    return TargetCourse(points=items, standing=standing)


async def create_target(services: Services, viewer: Viewer, form: NewTarget) -> TargetProgressView:
    """Keep another target.

    Raises:
        Refused: with every wrong field.
    """
    made = await services.inventory.targets.create(viewer, form)
    return await show_target(services, viewer, made.id)


async def change_target(
    services: Services, viewer: Viewer, target: int, form: TargetEdit
) -> TargetProgressView:
    """Change a target.

    Raises:
        Refused: ``target.unknown``, or with every wrong field.
    """
    await services.inventory.targets.change(viewer, target, form)
    return await show_target(services, viewer, target)


async def retire_target(services: Services, viewer: Viewer, target: int) -> None:
    """Take a target off the list; what was said about it stays readable.

    Raises:
        Refused: ``target.unknown``.
    """
    await services.inventory.targets.retire(viewer, target)


async def list_counting_rules(services: Services, viewer: Viewer) -> CountingRules:
    """Return the counting rules."""
    found = await services.inventory.rules.list(viewer)
    return CountingRules(list(found), services.clock.now_ms())


def target_lines(targets: TargetList) -> list[TargetLine]:
    """Return the list as lines of a table."""
    return [_line(item) for item in targets.items]


def _line(standing: TargetProgressView) -> TargetLine:
    target, pace = standing.target, standing.needed_pace
    return TargetLine(
        key=target.key,
        name_vi=target.name_vi,
        name_en=target.name_en,
        value=target.value,
        unit=target.unit,
        deadline=target.deadline,
        source=target.source.text,
        day=standing.day,
        there=standing.there,
        base=standing.base,
        ratio_percent=standing.ratio_percent,
        needed=standing.needed,
        gap=standing.gap,
        days_left=standing.days_left,
        days_over=standing.days_over,
        needed_per_day=pace.per_day if pace else None,
        pace_so_far=standing.pace_so_far,
        forecast=standing.forecast,
        verdict=standing.verdict,
    )
