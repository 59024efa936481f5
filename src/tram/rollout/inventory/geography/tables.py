"""The tables of borders and lines, and of what is known about zones beyond the shipped list."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Float, ForeignKey, Index, String, Text

from tram.registry.kernel.personal_data import authored, authorship, declare, signed
from tram.registry.kernel.tables import BIG, numbered_table, optional, required, table

__all__ = ("features", "zone_facts")

features = numbered_table(
    "geo_features",
    # One of: province, commune, zone, road, fibre, population.
    *required(layer=String(20)),
    *required(code=String(80), name=String(200), kind=String(60)),
    # GeoJSON in degrees WGS 84.
    *required(geometry=Text),
    *required(west=Float, south=Float, east=Float, north=Float),
    # On the ellipsoid: of areas in square kilometres, of lines in kilometres.
    *optional(area_km2=Float, length_km=Float, population=BigInteger),
    *required(properties=JSON, source=String(500), synthetic=Boolean, imported_ms=BIG),
    Index(None, "layer", "code", unique=True),
)

zone_facts = table(
    "zone_facts",
    Column("zone_id", BIG, ForeignKey("zones.id"), primary_key=True),
    *optional(authority_id="organisations.id"),
    *required(needs=String(2000), state=String(200), note=String(500), changed_ms=BIG),
    *required(person_name=String(200)),
)

declare(features, plain=("layer", "code", "name", "kind", "geometry", "properties", "source"))
declare(
    zone_facts,
    authorship("person_name", whose=signed("person_name", authored("zone", "zone_id"))),
    free=("needs", "note"),
    plain=("state",),
)
