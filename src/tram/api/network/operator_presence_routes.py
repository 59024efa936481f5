"""Routes of presence: zones and communes against operators by a stated rule."""

from datetime import date

from litestar import Router, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromQuery

from tram.api.http.list_files import TableFile, table_of, with_every_format
from tram.api.http.parameters import TakenServices, TakenViewer
from tram.api.network.operator_presence import (
    AreaLine,
    AreaMatrix,
    matrix_lines,
    matrix_of_communes,
    matrix_of_zones,
    presence_rule,
)
from tram.rollout.inventory.areas.presence import INSIDE, PresenceRule

__all__ = ("operator_presence_routes",)

_COLUMNS = AreaLine.__struct_fields__


async def provide_presence_rule(
    rule: FromQuery[str] = INSIDE,
    distance_m: FromQuery[int] = 1_000,
    share_percent: FromQuery[int] = 80,
    level_dbm: FromQuery[int] = -105,
) -> PresenceRule:
    """Read by which rule an operator is present."""
    return presence_rule(rule, distance_m, share_percent, level_dbm)


TakenRule = NamedDependency[PresenceRule]


@get("/presence/zones", summary="Zones against operators", tags=["stations"])
async def get_zone_presence(
    services: TakenServices,
    viewer: TakenViewer,
    by_rule: TakenRule,
    as_of: FromQuery[date | None] = None,
) -> AreaMatrix:
    """By ``rule``: a station ``inside``, ``within`` a distance, or the area ``covered`` by signal."""
    return await matrix_of_zones(services, viewer, as_of, by_rule)


@get("/presence/communes", summary="Communes against operators", tags=["stations"])
async def get_commune_presence(
    services: TakenServices,
    viewer: TakenViewer,
    by_rule: TakenRule,
    as_of: FromQuery[date | None] = None,
) -> AreaMatrix:
    """By ``rule``: a station of the commune, or the commune ``covered`` by signal."""
    return await matrix_of_communes(services, viewer, as_of, by_rule)


def operator_presence_routes() -> Router:
    """Return the routes of this module."""
    return Router(
        "/",
        route_handlers=with_every_format(
            [
                get_zone_presence,
                table_of(
                    get_zone_presence,
                    table=TableFile("zones-presence", _COLUMNS, "Download zones", matrix_lines),
                ),
                get_commune_presence,
                table_of(
                    get_commune_presence,
                    table=TableFile(
                        "communes-presence", _COLUMNS, "Download communes", matrix_lines
                    ),
                ),
            ]
        ),
        dependencies={"by_rule": Provide(provide_presence_rule)},
    )
