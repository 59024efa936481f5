"""Zones and communes against operators by a stated rule, and only what the viewer can know of them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Annotated

import msgspec
from litestar.params import QueryParameter

from tram.api.http.services import Services
from tram.api.network.stations import network_operators
from tram.domain.days import local_day
from tram.registry.kernel.viewer import Viewer
from tram.rollout.coverage.network import BANDS
from tram.rollout.coverage.results import LADDER_DBM, CoverageRun
from tram.rollout.inventory.areas.areas import AreaRow
from tram.rollout.inventory.areas.presence import COVERED, INSIDE, RULES, WITHIN, PresenceRule
from tram.rollout.inventory.stations.visibility import Sight
from tram.rollout.inventory.views import SIMULATED, Operator
from tram.runtime.errors import Fault, Refused

__all__ = (
    "LEVELS_DBM",
    "SHARES_PERCENT",
    "Area",
    "AreaCell",
    "AreaLine",
    "AreaMatrix",
    "CoverageBasis",
    "ZoneLine",
    "ZonePresence",
    "matrix_lines",
    "matrix_of_communes",
    "matrix_of_zones",
    "presence_of_zone",
    "presence_rule",
)

LEVELS_DBM = (-95, -105, -110, -120)
"""Levels that the pages offer; the interface takes every step of the ladder."""
SHARES_PERCENT = (50, 80, 95)
_DISTANCE_M_MAX = 20_000
_INSIDE = PresenceRule()
_Day = Annotated[date | None, QueryParameter(name="as_of")]
_KEPT = tuple[float | None, float | None]
_NOT_KNOWN: _KEPT = (None, None)


class AreaCell(msgspec.Struct, frozen=True, kw_only=True):
    """One operator in an area; None is not known to the viewer, never 0.

    ``share_4g`` and ``share_5g`` are per cent of the area at or above the rule's level, by the
    rule ``covered`` only.
    """

    operator: int
    stations_4g: int | None
    stations_5g: int | None
    present_4g: bool | None
    present_5g: bool | None
    share_4g: float | None = None
    share_5g: float | None = None

    @property
    def known(self) -> bool:
        """Whether the rule can be answered for one technology at least."""
        return self.present_4g is not None or self.present_5g is not None


class Area(msgspec.Struct, frozen=True, kw_only=True):
    """A zone or commune against the operators."""

    key: str
    code: str
    name: str
    kind: str
    area_ha: float | None
    population: int | None
    population_simulated: bool
    shape: str
    needs: str
    cells: list[AreaCell]
    has_4g: bool
    has_5g: bool


class CoverageBasis(msgspec.Struct, frozen=True, kw_only=True):
    """The prediction that presence by coverage rests on; ``run`` is empty before the first."""

    run: str = ""
    made_ms: int = 0
    model: str = ""
    terrain: str = ""
    terrain_synthetic: bool = False
    layers: int = 0


class AreaMatrix(msgspec.Struct, frozen=True, kw_only=True):
    """Areas against operators by a stated rule, on a day.

    ``limited`` when the viewer sees not everything: areas and operators of which it can know
    nothing are left out. ``coverage`` is there by the rule ``covered`` only.
    """

    rule: PresenceRule
    as_of: date
    operators: list[Operator]
    items: list[Area]
    with_5g: int
    synthetic: bool
    limited: bool
    coverage: CoverageBasis | None
    as_of_ms: int


class AreaLine(msgspec.Struct, frozen=True, kw_only=True):
    """One area and operator as a row of a table."""

    code: str
    name: str
    kind: str
    area_ha: float | None
    population: int | None
    population_simulated: bool
    shape: str
    operator: str
    simulated: bool
    stations_4g: int | None
    stations_5g: int | None
    share_4g: float | None
    share_5g: float | None
    present_4g: bool | None
    present_5g: bool | None
    rule: str
    as_of: date
    needs: str


class ZoneLine(msgspec.Struct, frozen=True):
    """One operator in a zone, a cell for each rule; None where the viewer can know nothing."""

    operator: Operator
    cells: list[AreaCell | None]


class ZonePresence(msgspec.Struct, frozen=True, kw_only=True):
    """One zone by several rules."""

    rules: list[PresenceRule]
    lines: list[ZoneLine]
    coverage: CoverageBasis | None


def presence_rule(
    kind: str = INSIDE, distance_m: int = 1_000, share_percent: int = 80, level_dbm: int = -105
) -> PresenceRule:
    """Return the rule that is asked for.

    Raises:
        Refused: ``request.invalid`` with every wrong field.
    """
    faults = [
        fault
        for holds, fault in (
            (kind in RULES, Fault("rule", "presence.rule", {"choices": ", ".join(RULES)})),
            (
                0 < distance_m <= _DISTANCE_M_MAX,
                Fault("distance_m", "distance.range", {"most": _DISTANCE_M_MAX}),
            ),
            (0 < share_percent <= 100, Fault("share_percent", "share.range")),  # noqa: PLR2004  # per cent
            (
                level_dbm in LADDER_DBM,
                Fault(
                    "level_dbm",
                    "coverage.level",
                    {"least": LADDER_DBM[0], "most": LADDER_DBM[-1]},
                ),
            ),
        )
        if not holds
    ]
    if faults:
        raise Refused(
            "request.invalid",
            "There is no such rule of presence.",
            "Mend the fields named under faults.",
            tuple(faults),
        )
    return PresenceRule(kind, distance_m, share_percent, level_dbm)


async def matrix_of_zones(
    services: Services, viewer: Viewer, rule: PresenceRule = _INSIDE, day: _Day = None
) -> AreaMatrix:
    """Return the zones of which the viewer can know something against operators."""
    day = day or local_day(services.clock.now_ms())
    rows = await services.inventory.areas.zone_matrix(viewer, day, rule)
    sight = await services.inventory.areas.sight(viewer)

    def is_known(row: AreaRow, operator: int) -> bool:
        if not row.shape:
            return False
        # Beyond the border of its zone somebody sees no station of it.
        within_zone = rule.kind != WITHIN and int(row.key) in sight.zones
        return sight.everything or operator in sight.operators or within_zone

    return await _matrix(services, viewer, _Question(rows, day, rule, sight, "zone", is_known))


async def matrix_of_communes(
    services: Services, viewer: Viewer, rule: PresenceRule = _INSIDE, day: _Day = None
) -> AreaMatrix:
    """Return communes against operators; a station counts in the commune that it is kept in."""
    if rule.kind == WITHIN:
        rule = msgspec.structs.replace(rule, kind=INSIDE)
    day = day or local_day(services.clock.now_ms())
    rows = await services.inventory.areas.commune_matrix(viewer, day)
    sight = await services.inventory.areas.sight(viewer)

    def is_known(row: AreaRow, operator: int) -> bool:
        del row
        return sight.everything or operator in sight.operators

    return await _matrix(services, viewer, _Question(rows, day, rule, sight, "commune", is_known))


async def presence_of_zone(
    services: Services, viewer: Viewer, zone: int, rules: Sequence[PresenceRule]
) -> ZonePresence:
    """Return today's presence in one zone by each of the rules."""
    lines: dict[int, list[AreaCell | None]] = {}
    operators: dict[int, Operator] = {}
    coverage = None
    for at, rule in enumerate(rules):
        matrix = await matrix_of_zones(services, viewer, rule)
        operators |= {item.id: item for item in matrix.operators}
        coverage = matrix.coverage or coverage
        item = next((item for item in matrix.items if item.key == str(zone)), None)
        for cell in item.cells if item and any(c.known for c in item.cells) else ():
            lines.setdefault(cell.operator, [None] * len(rules))[at] = cell
    return ZonePresence(
        rules=list(rules),
        lines=[
            ZoneLine(operator, lines[key]) for key, operator in operators.items() if key in lines
        ],
        coverage=coverage,
    )


def matrix_lines(matrix: AreaMatrix) -> list[AreaLine]:
    """Return the matrix as a table: a row for each area and operator."""
    named = {operator.id: operator for operator in matrix.operators}
    words = _rule_words(matrix.rule)
    return [
        AreaLine(
            code=item.code,
            name=item.name,
            kind=item.kind,
            area_ha=item.area_ha,
            population=item.population,
            population_simulated=item.population_simulated,
            shape=item.shape,
            operator=named[cell.operator].name,
            simulated=named[cell.operator].code.startswith(SIMULATED),
            stations_4g=cell.stations_4g,
            stations_5g=cell.stations_5g,
            share_4g=cell.share_4g,
            share_5g=cell.share_5g,
            present_4g=cell.present_4g,
            present_5g=cell.present_5g,
            rule=words,
            as_of=matrix.as_of,
            needs=item.needs,
        )
        for item in matrix.items
        for cell in item.cells
    ]


def _rule_words(rule: PresenceRule) -> str:
    if rule.kind == WITHIN:
        return f"{WITHIN} {rule.distance_m} m"
    if rule.kind == COVERED:
        return f"{COVERED} {rule.share_percent} % >= {rule.level_dbm} dBm"
    return INSIDE


class _Question(msgspec.Struct, frozen=True):
    """What a matrix is made of."""

    rows: list[AreaRow]
    day: date
    rule: PresenceRule
    sight: Sight
    kind: str
    is_known: Callable[[AreaRow, int], bool]


async def _matrix(services: Services, viewer: Viewer, asked: _Question) -> AreaMatrix:
    rule, coverage, shares = asked.rule, None, None
    operators = await network_operators(services, viewer)
    if rule.kind == COVERED:
        run = await services.coverage.newest(viewer)
        coverage = _basis(run)
        shares = _shares(run, asked.kind, rule.level_dbm)
    items = [_area(asked, row, operators, shares) for row in asked.rows]
    if not asked.sight.everything:
        known = [any(item.cells[at].known for item in items) for at in range(len(operators))]
        operators = [
            operator for operator, is_there in zip(operators, known, strict=True) if is_there
        ]
        items = [
            msgspec.structs.replace(
                item,
                cells=[cell for cell, is_there in zip(item.cells, known, strict=True) if is_there],
            )
            for item in items
            if any(cell.known for cell in item.cells)
        ]
    return AreaMatrix(
        rule=rule,
        as_of=asked.day,
        operators=operators,
        items=items,
        with_5g=sum(item.has_5g for item in items),
        synthetic=any(item.code.startswith(SIMULATED) for item in operators),
        limited=not asked.sight.everything,
        coverage=coverage,
        as_of_ms=services.clock.now_ms(),
    )


def _area(
    asked: _Question,
    row: AreaRow,
    operators: Sequence[Operator],
    shares: Mapping[tuple[str, str], _KEPT] | None,
) -> Area:
    cells = [_cell(asked, row, operator, shares) for operator in operators]
    return Area(
        key=row.key,
        code=row.code,
        name=row.name,
        kind=row.kind,
        area_ha=row.area_ha,
        population=row.population.count if row.population else None,
        population_simulated=bool(row.population and row.population.synthetic),
        shape=row.shape,
        needs=row.facts.needs,
        cells=cells,
        has_4g=any(cell.present_4g for cell in cells),
        has_5g=any(cell.present_5g for cell in cells),
    )


def _cell(
    asked: _Question,
    row: AreaRow,
    operator: Operator,
    shares: Mapping[tuple[str, str], _KEPT] | None,
) -> AreaCell:
    is_known = asked.is_known(row, operator.id)
    fours = row.counts.get((operator.id, "4G"), 0) if is_known else None
    fives = row.counts.get((operator.id, "5G"), 0) if is_known else None
    if shares is None:
        return AreaCell(
            operator=operator.id,
            stations_4g=fours,
            stations_5g=fives,
            present_4g=None if fours is None else fours > 0,
            present_5g=None if fives is None else fives > 0,
        )
    share_4g, share_5g = shares.get((operator.code, row.code), _NOT_KNOWN)
    least = asked.rule.share_percent
    return AreaCell(
        operator=operator.id,
        stations_4g=fours,
        stations_5g=fives,
        present_4g=None if share_4g is None else share_4g >= least,
        present_5g=None if share_5g is None else share_5g >= least,
        share_4g=share_4g,
        share_5g=share_5g,
    )


def _basis(run: CoverageRun | None) -> CoverageBasis:
    if run is None:
        return CoverageBasis()
    return CoverageBasis(
        run=run.id,
        made_ms=run.made_ms,
        model=run.model,
        terrain=run.terrain,
        terrain_synthetic=run.terrain_synthetic,
        layers=len(run.layers),
    )


def _shares(run: CoverageRun | None, kind: str, level_dbm: int) -> dict[tuple[str, str], _KEPT]:
    """Return per cent of 4G and 5G by operator's and area's code: the best of the bands of each."""
    found: dict[tuple[str, str], dict[str, float]] = {}
    step = LADDER_DBM.index(level_dbm)
    for layer in run.layers if run else ():
        if layer.band not in BANDS:
            continue
        technology = BANDS[layer.band].technology
        for region in layer.regions:
            if region.kind == kind and region.unknown < 1:
                best = found.setdefault((layer.operator, region.key), {})
                share = round(region.ladder[step] * 100, 1)
                best[technology] = max(best.get(technology, 0.0), share)
    return {key: (best.get("4G"), best.get("5G")) for key, best in found.items()}
