"""The tables of the stations, in the registry's database."""

from sqlalchemy import JSON, Boolean, Column, Date, Float, ForeignKey, Index, String, Table, Text

from tram.registry.kernel.personal_data import Declared, authorship, by_person, declare
from tram.registry.kernel.tables import BIG, id_column, metadata, ref_column
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

places = Table(
    "places",
    metadata,
    id_column(),
    # Empty for a place that nobody named: it was found by distance.
    Column("code", String(80), nullable=False),
    Column("name", String(200), nullable=False),
    Column("owner", String(200), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("height_m", Float),
    Column("lon", Float, nullable=False),
    Column("lat", Float, nullable=False),
    Column("synthetic", Boolean, nullable=False),
    Index(None, "lon", "lat"),
    Index(None, "code"),
)

stations = Table(
    "stations",
    metadata,
    id_column(),
    Column("operator_id", BIG, ForeignKey(operators.c.id), nullable=False),
    Column("technology", String(4), nullable=False),
    Column("code", String(80), nullable=False),
    ref_column("place_id", "places.id"),
    Column("name", String(200), nullable=False),
    Column("folded", Text, nullable=False),
    # The state of its last entry; ``states`` has all of them.
    Column("state", String(12), nullable=False),
    Column("state_since", Date, nullable=False),
    Column("band", String(40), nullable=False),
    Column("indoor", Boolean, nullable=False),
    Column("antennas", String(12), nullable=False),
    Column("accepted_on", Date),
    Column("lon", Float, nullable=False),
    Column("lat", Float, nullable=False),
    Column("commune", String(12), nullable=False),
    # As its list says it; ``commune`` is by border where this is empty.
    Column("commune_given", String(12), nullable=False),
    Column("address", String(300), nullable=False),
    # As written before July 2025, with district: kept to find a site by, never asked for.
    Column("address_before", String(300), nullable=False),
    # The mast as this operator describes it; ``places`` has it once for all who share it.
    Column("mast_code", String(80), nullable=False),
    Column("mast_name", String(200), nullable=False),
    Column("mast_owner", String(200), nullable=False),
    Column("mast_kind", String(40), nullable=False),
    Column("mast_height_m", Float),
    Column("note", String(500), nullable=False),
    Column("synthetic", Boolean, nullable=False),
    Column("removed_ms", BIG),
    Index(None, "operator_id", "technology", "code", unique=True),
    Index(None, "lon", "lat"),
    Index(None, "place_id"),
    Index(None, "commune"),
    Index(None, "folded", "id"),
)

# By border, or by the circle that stands for one: a park may lie inside an economic zone.
station_zones = Table(
    "station_zones",
    metadata,
    Column("zone_id", BIG, ForeignKey("zones.id"), primary_key=True),
    Column("station_id", BIG, ForeignKey("stations.id"), primary_key=True),
    Index(None, "station_id"),
)

# What a station was from which day on: a figure as of a day takes the last entry until then.
states = Table(
    "station_states",
    metadata,
    ref_column("station_id", "stations.id"),
    Column("since", Date, nullable=False),
    Column("state", String(12), nullable=False),
    Index(None, "station_id", "since", unique=True),
)

sectors = Table(
    "station_sectors",
    metadata,
    id_column(),
    ref_column("station_id", "stations.id"),
    Column("code", String(40), nullable=False),
    Column("azimuth_deg", Float),
    Column("tilt_deg", Float),
    Column("height_m", Float),
    Column("eirp_dbm", Float),
    Column("antenna", String(120), nullable=False),
    Column("carrier_mhz", Float),
    Column("bandwidth_mhz", Float),
    Index(None, "station_id", "code", unique=True),
)

imports = Table(
    "station_imports",
    metadata,
    id_column(),
    ref_column("org_id", "organisations.id"),
    ref_column("person_id", "people.id", nullable=True),
    Column("person_name", String(200), nullable=False),
    # One of: new, checking, checked, writing, done, undoing, undone, failed.
    Column("state", String(12), nullable=False),
    Column("file_name", String(200), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("plan", JSON, nullable=False),
    Column("result", JSON(none_as_null=True)),
    ref_column("job_id", "jobs.id", nullable=True),
    Column("created_ms", BIG, nullable=False),
    Column("finished_ms", BIG),
    Index(None, "org_id", "id"),
)

# Append-only: each change of a station with what it was before (None: it was not there).
changes = Table(
    "station_changes",
    metadata,
    id_column(),
    ref_column("station_id", "stations.id"),
    ref_column("import_id", "station_imports.id", nullable=True),
    Column("at_ms", BIG, nullable=False),
    ref_column("person_id", "people.id", nullable=True),
    Column("person_name", String(200), nullable=False),
    Column("before", JSON(none_as_null=True)),
    Column("after", JSON(none_as_null=True)),
    Index(None, "station_id", "id"),
    Index(None, "import_id", "id"),
)

declare(Declared(places, free=("owner",), plain=("code", "name", "kind")))
declare(
    Declared(
        stations,
        free=("note", "mast_owner"),
        plain=(
            "technology", "code", "name", "folded", "state", "band", "antennas", "commune",
            "commune_given", "address", "address_before", "mast_code", "mast_name", "mast_kind",
        ),
    )
)  # fmt: skip
declare(Declared(station_zones))
declare(Declared(states, plain=("state",)))
declare(Declared(sectors, plain=("code", "antenna")))
declare(
    Declared(
        imports,
        (authorship(by_person(imports.c.person_id), "person_name"),),
        free=("file_name", "result"),
        plain=("state", "digest", "plan"),
        persons=("person_id",),
    )
)
declare(
    Declared(
        changes,
        (authorship(by_person(changes.c.person_id), "person_name"),),
        free=("before", "after"),
        persons=("person_id",),
    )
)
