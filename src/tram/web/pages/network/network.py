"""The network: stations as a list, one by one, and against zones and communes."""

from typing import Annotated
from urllib.parse import urlencode

import msgspec
from litestar import Response, get
from litestar.params import FromPath, FromQuery, QueryParameter

from tram.api.network.operator_presence import (
    LEVELS_DBM,
    SHARES_PERCENT,
    AreaMatrix,
    matrix_of_communes,
    matrix_of_zones,
    presence_rule,
)
from tram.api.network.stations import (
    count_stations,
    list_stations,
    network_operators,
    show_station,
)
from tram.api.network.targets import list_counting_rules
from tram.api.places.zones import zones_to_choose
from tram.domain.bounds import number_of
from tram.rollout.inventory.areas.presence import (
    COVERED,
    DISTANCES_M,
    INSIDE,
    RULES,
    WITHIN,
    PresenceRule,
)
from tram.rollout.inventory.exchange.positions import (
    MERIDIANS_TM3,
    MERIDIANS_UTM,
    VN2000_TM3,
    VN2000_UTM,
)
from tram.rollout.inventory.stations.stations import DECREE_88, PLAIN
from tram.rollout.inventory.stations.views import STATES, TECHNOLOGIES, StationFilter
from tram.rollout.inventory.views import Operator
from tram.runtime.errors import Refused
from tram.web.forms import day_of
from tram.web.page_context import PageContext, TakenPage
from tram.web.words.network import STATION_STATES

_ROWS = 100
_DEFAULT = PresenceRule()


def _whole(text: str) -> int | None:
    return number_of(text)


@get("/network")
async def stations_page(  # noqa: PLR0913  # one query parameter each
    page: TakenPage,
    *,
    operator: FromQuery[str] = "",
    technology: FromQuery[str] = "",
    wanted_state: Annotated[str, QueryParameter(name="state")] = "",
    zone: FromQuery[str] = "",
    commune: FromQuery[str] = "",
    search: FromQuery[str] = "",
    as_of: FromQuery[str] = "",
    shared: FromQuery[str] = "",
    rule: FromQuery[str] = PLAIN,
    cursor: FromQuery[str | None] = None,
) -> Response[str]:
    """Show the list with its filter, and how many stations count by a rule."""
    day = day_of(as_of)
    wanted = StationFilter(
        operator=_whole(operator),
        technology=technology if technology in TECHNOLOGIES else None,
        state=wanted_state if wanted_state in STATES else None,
        zone=_whole(zone),
        commune=commune or None,
        search=search,
        as_of=day,
        shared=shared == "true",
    )
    found = await page.call(list_stations, wanted, cursor, _ROWS)
    zones = await page.call(zones_to_choose)
    asked = {
        "operator": operator, "technology": technology, "state": wanted_state, "zone": zone,
        "commune": commune, "search": search, "as_of": day.isoformat() if day else "",
        "shared": "true" if wanted.shared else "",
    }  # fmt: skip
    return page.show(
        "network/stations.html",
        tab="stations",
        found=found,
        tally=await page.call(count_stations, day, rule),
        operators=await page.call(network_operators),
        technologies=TECHNOLOGIES,
        station_states=STATION_STATES,
        zones=zones,
        communes=page.services.province.communes,
        rules=(await page.call(list_counting_rules)).items,
        rule=rule if rule in {PLAIN, DECREE_88} else PLAIN,
        asked=asked,
        meridians={VN2000_TM3: MERIDIANS_TM3, VN2000_UTM: MERIDIANS_UTM},
        query=urlencode({key: value for key, value in asked.items() if value}),
        day=day,
    )


@get("/network/stations/{station:int}")
async def station_page(page: TakenPage, station: FromPath[int]) -> Response[str]:
    """Show one station with sectors, mast, neighbours on it, and its history."""
    found = await page.call(show_station, station)
    communes = {commune.code: commune.name for commune in page.services.province.communes}
    return page.show(
        "network/station.html",
        tab="stations",
        detail=found,
        station=found.station,
        commune=communes.get(found.station.commune, ""),
    )


@get("/network/zones")
async def zones_page(  # noqa: PLR0913  # one query parameter each
    page: TakenPage,
    *,
    rule: FromQuery[str] = INSIDE,
    distance_m: FromQuery[str] = "",
    share_percent: FromQuery[str] = "",
    level_dbm: FromQuery[str] = "",
    as_of: FromQuery[str] = "",
    without_5g: FromQuery[str] = "",
) -> Response[str]:
    """Show zones against operators by a stated rule."""
    chosen = _rule(rule, distance_m, share_percent, level_dbm)
    matrix = await page.call(matrix_of_zones, chosen, day_of(as_of))
    lacking = next((o for o in matrix.operators if o.id == _whole(without_5g)), None)
    if lacking:
        column = matrix.operators.index(lacking)
        items = [i for i in matrix.items if i.cells[column].present_5g is False]
        matrix = msgspec.structs.replace(matrix, items=items)
    return _areas(page, "zones", matrix, lacking)


@get("/network/communes")
async def communes_page(
    page: TakenPage,
    rule: FromQuery[str] = INSIDE,
    share_percent: FromQuery[str] = "",
    level_dbm: FromQuery[str] = "",
    as_of: FromQuery[str] = "",
) -> Response[str]:
    """Show communes against operators by a stated rule."""
    chosen = _rule(rule, "", share_percent, level_dbm)
    return _areas(page, "communes", await page.call(matrix_of_communes, chosen, day_of(as_of)))


def _areas(
    page: PageContext, part: str, matrix: AreaMatrix, lacking: Operator | None = None
) -> Response[str]:
    rules = RULES if part == "zones" else tuple(kind for kind in RULES if kind != WITHIN)
    return page.show(
        "places/areas.html",
        tab=part,
        file=part,
        matrix=matrix,
        nothing_on_air=_nothing_on_air(matrix),
        lacking=lacking,
        rules=rules,
        distances=DISTANCES_M,
        shares=SHARES_PERCENT,
        levels=LEVELS_DBM,
    )


def _nothing_on_air(matrix: AreaMatrix) -> bool:
    """Return whether zeros only say that no list was imported."""
    if matrix.limited or not matrix.items or matrix.rule.kind == COVERED:
        return False
    cells = (cell for item in matrix.items for cell in item.cells)
    return not any(cell.stations_4g or cell.stations_5g for cell in cells)


def _rule(kind: str, distance_m: str, share_percent: str, level_dbm: str) -> PresenceRule:
    """Return the rule of an address; what no rule has gives way to what it has by itself."""
    level = _whole(level_dbm.removeprefix("-"))
    try:
        return presence_rule(
            kind,
            _whole(distance_m) or _DEFAULT.distance_m,
            _whole(share_percent) or _DEFAULT.share_percent,
            -level if level else _DEFAULT.level_dbm,
        )
    except Refused:
        return _DEFAULT
