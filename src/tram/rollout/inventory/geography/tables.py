"""The tables of borders and lines, and of what is known about zones beyond the shipped list."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    select,
)

from tram.registry.kernel.personal_data import Declared, authorship, declare, signed
from tram.registry.kernel.tables import BIG, audit, id_column, metadata, ref_column

__all__ = ("features", "zone_facts")

features = Table(
    "geo_features",
    metadata,
    id_column(),
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
    ref_column("authority_id", "organisations.id", nullable=True),
    Column("needs", String(2000), nullable=False),
    Column("state", String(200), nullable=False),
    Column("note", String(500), nullable=False),
    Column("changed_ms", BIG, nullable=False),
    Column("person_name", String(200), nullable=False),
)

declare(
    Declared(
        features,
        plain=("layer", "code", "name", "kind", "geometry", "properties", "source"),
    )
)
declare(
    Declared(
        zone_facts,
        (
            authorship(
                signed(
                    zone_facts.c.person_name,
                    lambda subject: zone_facts.c.zone_id.in_(
                        select(audit.c.noun_id).where(
                            audit.c.noun == "zone", audit.c.person_id == subject.id
                        )
                    ),
                ),
                "person_name",
            ),
        ),
        free=("needs", "note"),
        plain=("state",),
    )
)
