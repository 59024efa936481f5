"""The tables of the stations, in the registry's database."""

from sqlalchemy import JSON, Boolean, Column, Date, Float, ForeignKey, Index, String, Text

from tram.registry.kernel.personal_data import authorship, declare
from tram.registry.kernel.tables import BIG, indexes, numbered_table, optional, required, table
from tram.rollout.inventory.tables import operators

__all__ = (
    "changes",
    "imports",
    "operators",
    "places",
    "sectors",
    "states",
    "station_zones",
    "stations",
)

places = numbered_table(
    "places",
    # Empty for a place that nobody named: it was found by distance.
    *required(code=String(80)),
    *required(name=String(200), owner=String(200), kind=String(40)),
    *optional(height_m=Float),
    *required(lon=Float, lat=Float, synthetic=Boolean),
    *indexes("lon, lat", "code"),
)

stations = numbered_table(
    "stations",
    Column("operator_id", BIG, ForeignKey(operators.c.id), nullable=False),
    *required(technology=String(4), code=String(80), place_id="places.id", name=String(200)),
    *required(folded=Text),
    # The state of its last entry; ``states`` has all of them.
    *required(state=String(12)),
    *required(state_since=Date, band=String(40), indoor=Boolean, antennas=String(12)),
    *optional(accepted_on=Date),
    *required(lon=Float, lat=Float, commune=String(12)),
    # As its list says it; ``commune`` is by border where this is empty.
    *required(commune_given=String(12)),
    *required(address=String(300)),
    # As written before July 2025, with district: kept to find a site by, never asked for.
    *required(address_before=String(300)),
    # The mast as this operator describes it; ``places`` has it once for all who share it.
    *required(mast_code=String(80)),
    *required(mast_name=String(200), mast_owner=String(200), mast_kind=String(40)),
    *optional(mast_height_m=Float),
    *required(note=String(500), synthetic=Boolean),
    *optional(removed_ms=BIG),
    Index(None, "operator_id", "technology", "code", unique=True),
    *indexes("lon, lat", "place_id", "commune", "folded, id"),
)

# By border, or by the circle that stands for one: a park may lie inside an economic zone.
station_zones = table(
    "station_zones",
    Column("zone_id", BIG, ForeignKey("zones.id"), primary_key=True),
    Column("station_id", BIG, ForeignKey("stations.id"), primary_key=True),
    *indexes("station_id"),
)

# What a station was from which day on: a figure as of a day takes the last entry until then.
states = table(
    "station_states",
    *required(station_id="stations.id", since=Date, state=String(12)),
    Index(None, "station_id", "since", unique=True),
)

sectors = numbered_table(
    "station_sectors",
    *required(station_id="stations.id", code=String(40)),
    *optional(azimuth_deg=Float, tilt_deg=Float, height_m=Float, eirp_dbm=Float),
    *required(antenna=String(120)),
    *optional(carrier_mhz=Float, bandwidth_mhz=Float),
    Index(None, "station_id", "code", unique=True),
)

imports = numbered_table(
    "station_imports",
    *required(org_id="organisations.id"),
    *optional(person_id="people.id"),
    *required(person_name=String(200)),
    # One of: new, checking, checked, writing, done, undoing, undone, failed.
    *required(state=String(12)),
    *required(file_name=String(200), digest=String(64), plan=JSON),
    *optional(result=JSON(none_as_null=True), job_id="jobs.id"),
    *required(created_ms=BIG),
    *optional(finished_ms=BIG),
    *indexes("org_id, id"),
)

# Append-only: each change of a station with what it was before (None: it was not there).
changes = numbered_table(
    "station_changes",
    *required(station_id="stations.id"),
    *optional(import_id="station_imports.id"),
    *required(at_ms=BIG),
    *optional(person_id="people.id"),
    *required(person_name=String(200)),
    *optional(before=JSON(none_as_null=True), after=JSON(none_as_null=True)),
    *indexes("station_id, id", "import_id, id"),
)

declare(places, free=("owner",), plain=("code", "name", "kind"))
declare(
    stations,
    free=("note", "mast_owner"),
    plain=(
        "technology", "code", "name", "folded", "state", "band", "antennas", "commune",
        "commune_given", "address", "address_before", "mast_code", "mast_name", "mast_kind",
    ),
)  # fmt: skip
declare(station_zones)
declare(states, plain=("state",))
declare(sectors, plain=("code", "antenna"))
declare(
    imports,
    authorship("person_name"),
    free=("file_name", "result"),
    plain=("state", "digest", "plan"),
)
declare(changes, authorship("person_name"), free=("before", "after"))
