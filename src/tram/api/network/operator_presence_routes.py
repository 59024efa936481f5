"""Routes of presence: zones and communes against operators by a stated rule."""

from litestar.params import FromQuery

from tram.api.http.list_files import TableFile
from tram.api.http.route_table import get, tagged
from tram.api.network import operator_presence
from tram.rollout.inventory.areas.presence import INSIDE, PresenceRule

__all__ = ("ROUTES",)

_COLUMNS = " ".join(operator_presence.AreaLine.__struct_fields__)


async def provide_presence_rule(
    rule: FromQuery[str] = INSIDE,
    distance_m: FromQuery[int] = 1_000,
    share_percent: FromQuery[int] = 80,
    level_dbm: FromQuery[int] = -105,
) -> PresenceRule:
    """Read by which rule an operator is present."""
    return operator_presence.presence_rule(rule, distance_m, share_percent, level_dbm)


ROUTES = tagged(
    "stations",
    get(
        "/presence/zones",
        operator_presence.matrix_of_zones,
        "Zones against operators",
        (
            "By ``rule``: a station ``inside``, ``within`` a distance, or the area ``covered`` "
            "by signal."
        ),
        noun="zone_presence",
        files=(
            TableFile(
                "zones-presence", "Download zones", _COLUMNS, operator_presence.matrix_lines
            ),
        ),
        query=provide_presence_rule,
    ),
    get(
        "/presence/communes",
        operator_presence.matrix_of_communes,
        "Communes against operators",
        "By ``rule``: a station of the commune, or the commune ``covered`` by signal.",
        noun="commune_presence",
        files=(
            TableFile(
                "communes-presence", "Download communes", _COLUMNS, operator_presence.matrix_lines
            ),
        ),
        query=provide_presence_rule,
    ),
)
