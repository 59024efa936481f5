"""Schema 0003: frozen. Adds stations with their history, borders, and survey rounds."""

from alembic import op
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.types import TypeEngine

revision = "0003"
down_revision = "0002"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only when the key's type is INTEGER.
BIG: TypeEngine[int] = BigInteger().with_variant(Integer, "sqlite")


def _id() -> Column[int]:
    return Column("id", BIG, primary_key=True)


def _ref(name: str, target: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, BIG, ForeignKey(target), nullable=nullable)


# What the schemas before made, as far as this one refers to it.
_BEFORE = tuple(
    Table(name, metadata, _id())
    for name in ("organisations", "people", "zones", "jobs", "operators")
)

features = Table(
    "geo_features",
    metadata,
    _id(),
    # One of: province, commune, zone, road, fibre, population.
    Column("layer", String(20), nullable=False),
    Column("code", String(80), nullable=False),
    Column("name", String(200), nullable=False),
    Column("kind", String(60), nullable=False),
    # GeoJSON in degrees WGS 84.
    Column("geometry", Text, nullable=False),
    Column("west", Float, nullable=False),
    Column("south", Float, nullable=False),
    Column("east", Float, nullable=False),
    Column("north", Float, nullable=False),
    # On the ellipsoid: of areas in square kilometres, of lines in kilometres.
    Column("area_km2", Float),
    Column("length_km", Float),
    Column("population", BigInteger),
    Column("properties", JSON, nullable=False),
    Column("source", String(500), nullable=False),
    Column("synthetic", Boolean, nullable=False),
    Column("imported_ms", BIG, nullable=False),
    Index(None, "layer", "code", unique=True),
)

zone_facts = Table(
    "zone_facts",
    metadata,
    Column("zone_id", BIG, ForeignKey("zones.id"), primary_key=True),
    _ref("authority_id", "organisations.id", nullable=True),
    Column("needs", String(2000), nullable=False),
    Column("state", String(200), nullable=False),
    Column("note", String(500), nullable=False),
    Column("changed_ms", BIG, nullable=False),
    Column("person_name", String(200), nullable=False),
)

places = Table(
    "places",
    metadata,
    _id(),
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
    _id(),
    Column("operator_id", BIG, ForeignKey("operators.id"), nullable=False),
    Column("technology", String(4), nullable=False),
    Column("code", String(80), nullable=False),
    _ref("place_id", "places.id"),
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
    _ref("station_id", "stations.id"),
    Column("since", Date, nullable=False),
    Column("state", String(12), nullable=False),
    Index(None, "station_id", "since", unique=True),
)

sectors = Table(
    "station_sectors",
    metadata,
    _id(),
    _ref("station_id", "stations.id"),
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
    _id(),
    _ref("org_id", "organisations.id"),
    _ref("person_id", "people.id", nullable=True),
    Column("person_name", String(200), nullable=False),
    # One of: waiting, checking, checked, writing, done, undoing, undone, failed.
    Column("state", String(12), nullable=False),
    Column("file_name", String(200), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("plan", JSON, nullable=False),
    Column("result", JSON(none_as_null=True)),
    _ref("job_id", "jobs.id", nullable=True),
    Column("created_ms", BIG, nullable=False),
    Column("finished_ms", BIG),
    Index(None, "org_id", "id"),
)

# Append-only: each change of a station with what it was before (None: it was not there).
changes = Table(
    "station_changes",
    metadata,
    _id(),
    _ref("station_id", "stations.id"),
    _ref("import_id", "station_imports.id", nullable=True),
    Column("at_ms", BIG, nullable=False),
    _ref("person_id", "people.id", nullable=True),
    Column("person_name", String(200), nullable=False),
    Column("before", JSON(none_as_null=True)),
    Column("after", JSON(none_as_null=True)),
    Index(None, "station_id", "id"),
    Index(None, "import_id", "id"),
)

survey_rounds = Table(
    "survey_rounds",
    metadata,
    _id(),
    Column("name", String(200), nullable=False),
    Column("purpose", String(1000), nullable=False),
    # The day that the answers are about.
    Column("as_of", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("counting_rule", String(40), nullable=False),
    # One of: open, closed.
    Column("state", String(12), nullable=False),
    Column("opened_ms", BIG, nullable=False),
    Column("closed_ms", BIG),
    _ref("person_id", "people.id", nullable=True),
    Column("person_name", String(200), nullable=False),
)

# One for each operator and each zone that a round asks.
survey_replies = Table(
    "survey_replies",
    metadata,
    _id(),
    _ref("round_id", "survey_rounds.id"),
    Column("operator_id", BIG, ForeignKey("operators.id")),
    _ref("zone_id", "zones.id", nullable=True),
    # One of: asked, submitted, returned, approved.
    Column("state", String(12), nullable=False),
    Column("answers", JSON, nullable=False),
    Column("note", String(1000), nullable=False),
    Column("submitted_ms", BIG),
    Column("submitted_by", String(200), nullable=False),
    Column("decided_ms", BIG),
    Column("decided_by", String(200), nullable=False),
    Column("reminded_ms", BIG),
    Index(None, "round_id", "operator_id", "zone_id"),
)

# Append-only: what happened to a reply, with the answers as they were.
survey_events = Table(
    "survey_events",
    metadata,
    _id(),
    _ref("reply_id", "survey_replies.id"),
    # One of: ask, remind, submit, return, approve, correct.
    Column("action", String(12), nullable=False),
    Column("at_ms", BIG, nullable=False),
    _ref("person_id", "people.id", nullable=True),
    Column("person_name", String(200), nullable=False),
    Column("note", String(1000), nullable=False),
    Column("answers", JSON(none_as_null=True)),
    Index(None, "reply_id", "id"),
)


def upgrade() -> None:
    """Make the new tables."""
    metadata.create_all(
        op.get_bind(), tables=[table for table in metadata.sorted_tables if table not in _BEFORE]
    )
