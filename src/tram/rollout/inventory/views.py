"""What the inventory is given and gives back: plain frozen structs."""

from datetime import date
from decimal import Decimal

import msgspec

from tram.domain.bounds import Count, Day, Line, Number, Paragraphs
from tram.domain.ids import OrgId

__all__ = (
    "SIMULATED",
    "Allocation",
    "AllocationRow",
    "CountEntry",
    "CountPoint",
    "CountRow",
    "CountTable",
    "CountingRule",
    "NewCount",
    "NewOperator",
    "NewTarget",
    "Operator",
    "OperatorProgress",
    "Pace",
    "Source",
    "Target",
    "TargetEdit",
    "TargetProgress",
)


SIMULATED = "MP-"
"""How the codes of simulated operators begin (mô phỏng); no real operator's may."""


class Source(msgspec.Struct, frozen=True):
    """Where a figure comes from: a citation in words and how sure it is.

    ``mark`` is S (read in the source), M (from memory: verify), C (computed) or empty (entered by
    a person); ``document`` is the key of a document in the directives register, or empty.
    """

    text: Paragraphs
    mark: Line = ""
    document: Line = ""


class Operator(msgspec.Struct, frozen=True, kw_only=True):
    """A telecom operator; ``org`` is its organisation in the registry, if it has one."""

    id: int
    code: str
    name: str
    org: OrgId | None


class NewOperator(msgspec.Struct, frozen=True, kw_only=True):
    """An operator to register; ``code`` is unique, its people may enter its own counts."""

    code: str
    name: str
    org: OrgId | None = None


class NewCount(msgspec.Struct, frozen=True, kw_only=True):
    """A count to enter; ``as_of_mark`` tells a stated date from the date of the paper itself."""

    operator: Number
    technology: Line
    count: Count
    as_of: Day
    as_of_mark: Line
    source: Source
    note: Line = ""
    scope: Line = "province"


class CountEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry, kept for ever; ``count`` None withdraws the entry that it corrects."""

    id: int
    operator: int
    operator_code: str
    operator_name: str
    technology: str
    count: int | None
    as_of: date
    as_of_mark: str
    scope: str
    source: Source
    note: str
    entered_ms: int
    entered_by: str
    corrects: int | None
    corrected_by: int | None


class CountRow(msgspec.Struct, frozen=True, kw_only=True):
    """One operator in a table of counts; ratio and shares in per cent with two decimals."""

    operator: int
    code: str
    name: str
    stations_4g: int | None
    stations_5g: int | None
    ratio_percent: Decimal | None
    share_4g_percent: Decimal | None
    share_5g_percent: Decimal | None
    as_of: date | None
    as_of_4g: date | None
    as_of_5g: date | None
    entry_4g: int | None
    entry_5g: int | None


class CountTable(msgspec.Struct, frozen=True, kw_only=True):
    """What was known on a day: the last counts until then, with their dates and sources.

    Totals are of what is known; ``missing`` names each operator and technology without a count.
    """

    as_of: date
    scope: str
    rows: list[CountRow]
    total_4g: int | None
    total_5g: int | None
    total_ratio_percent: Decimal | None
    dates: list[date]
    marks: list[str]
    sources: list[Source]
    missing: list[str]


class CountPoint(msgspec.Struct, frozen=True, kw_only=True):
    """Totals on one date of the series, on which every operator of the series was known."""

    as_of: date
    stations_4g: int
    stations_5g: int
    ratio_percent: Decimal | None


class CountingRule(msgspec.Struct, frozen=True, kw_only=True):
    """What counts as one station."""

    key: str
    name_vi: str
    name_en: str
    text_vi: str
    text_en: str
    source: Source


class TargetEdit(msgspec.Struct, frozen=True, kw_only=True):
    """All that may change about a target; every field replaces what was.

    ``base_rule`` tells what ``value`` is measured by: ``moving`` the count of the day, ``fixed``
    that of ``base_date``, ``given`` the number ``base_value``. ``base_stated`` is false when the
    document does not say and the rule is our reading.
    """

    name_vi: Line
    name_en: Line
    value: Decimal
    base_rule: Line
    deadline: Day
    source: Source
    base_date: Day | None = None
    base_value: Count | None = None
    base_stated: bool = True
    base_note: Line = ""
    quote: Paragraphs = ""
    counting_rule: Line = ""
    note: Line = ""


class NewTarget(TargetEdit, frozen=True, kw_only=True):
    """A target to keep; ``unit`` is ``percent``, or ``ratio`` for so many per one of the base."""

    key: Line
    indicator: Line
    unit: Line = "percent"
    scope: Line = "province"


class Target(NewTarget, frozen=True, kw_only=True):
    """A target as data, with where it is written."""

    id: int
    retired_ms: int | None


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """Stations per day (one decimal) and per month (whole) over the days and months left."""

    per_day: Decimal
    per_month: int
    days: int
    months: int


class OperatorProgress(msgspec.Struct, frozen=True, kw_only=True):
    """How far one operator is from the target measured by its own base."""

    operator: int
    code: str
    name: str
    base: int | None
    there: int | None
    needed: int | None
    gap: int | None
    ratio_percent: Decimal | None
    reached: bool


class AllocationRow(msgspec.Struct, frozen=True, kw_only=True):
    """One operator's share: ``needed`` stations in all, ``more`` to build."""

    operator: int
    code: str
    name: str
    base: int
    there: int
    needed: int
    more: int


class Allocation(msgspec.Struct, frozen=True, kw_only=True):
    """Shares by one rule; the sums of the rows stand beside the totals of the province."""

    rule: str
    rows: list[AllocationRow]
    needed_rows_sum: int
    needed_total: int
    more_rows_sum: int
    more_total: int


class TargetProgress(msgspec.Struct, frozen=True, kw_only=True):
    """How a target stands on a day.

    ``days_left`` is 0 from the deadline on, ``days_over`` until then; ``needed_pace`` is None when
    nothing is missing or no time is left. ``verdict`` is ``reached``, ``reached-late``, ``on-way``, ``behind``, ``undecided`` (one count
    makes no pace), ``missed`` (by ``days_over`` days) or ``unmeasured`` (nothing counts it).
    ``counted_on`` is the date of the last count: a verdict knows nothing after it.
    """

    target: Target
    day: date
    base: int | None
    base_on: date | None
    needed: int | None
    days_left: int
    days_over: int
    verdict: str
    operators: list[OperatorProgress]
    allocations: list[Allocation]
    there: int | None = None
    counted_on: date | None = None
    ratio_percent: Decimal | None = None
    gap: int | None = None
    needed_pace: Pace | None = None
    reached_on: date | None = None
    pace_so_far: Decimal | None = None
    pace_since: date | None = None
    forecast: int | None = None
    forecast_percent: Decimal | None = None
