"""What was imported of each kind: borders, lines, people; and who may see the fibre."""

import msgspec
import shapely
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.registry.kernel.database import as_view
from tram.registry.kernel.viewer import Viewer
from tram.rollout.inventory.areas.reading import LAYERS
from tram.rollout.inventory.geography.tables import features
from tram.rollout.inventory.stations.visibility import READ, sight_of

__all__ = (
    "FIBRE",
    "MapLayer",
    "MapShape",
    "Population",
    "layers_of",
    "may_see_fibre",
    "people_of",
    "shapes_of",
)

FIBRE = "fibre"
_SIMPLE_DEGREES = 0.0008
"""Borders on the map are drawn to some 80 metres: enough for the eye, a fortieth of the bytes."""


class MapLayer(msgspec.Struct, frozen=True, kw_only=True):
    """One imported kind of features; figures that it does not have are 0."""

    layer: str
    features: int
    area_km2: float
    length_km: float
    population: int
    source: str
    synthetic: bool
    imported_ms: int


class MapShape(msgspec.Struct, frozen=True, kw_only=True):
    """A feature for the map; ``geometry`` is GeoJSON in degrees WGS 84."""

    code: str
    name: str
    kind: str
    length_km: float | None
    synthetic: bool
    geometry: str


class Population(msgspec.Struct, frozen=True):
    """How many live somewhere, and whether the figure is simulated."""

    count: int
    synthetic: bool


async def layers_of(connection: AsyncConnection, with_fibre: bool) -> list[MapLayer]:  # noqa: FBT001  # of one caller
    """Return what is there; a kind that came in several files names the newest."""
    statement = select(
        features.c.layer,
        func.count().label("features"),
        func.coalesce(func.sum(features.c.area_km2), 0.0).label("area_km2"),
        func.coalesce(func.sum(features.c.length_km), 0.0).label("length_km"),
        func.coalesce(func.sum(features.c.population), 0).label("population"),
        func.max(features.c.imported_ms).label("imported_ms"),
    ).group_by(features.c.layer)
    found = {row.layer: row for row in await connection.execute(statement)}
    marks = select(
        features.c.layer, features.c.source, features.c.synthetic, features.c.imported_ms
    ).distinct()
    sources: dict[str, str] = {}
    simulated = set()
    for row in await connection.execute(marks.order_by(features.c.imported_ms)):
        sources[row.layer] = row.source
        if row.synthetic:
            simulated.add(row.layer)
    return [
        as_view(
            MapLayer,
            found[kind],
            population=int(found[kind].population),
            source=sources[kind],
            synthetic=kind in simulated,
        )
        for kind in LAYERS
        if kind in found and (with_fibre or kind != FIBRE)
    ]


async def shapes_of(connection: AsyncConnection, layer: str) -> list[MapShape]:
    """Return the features of a layer that have a shape, by code."""
    columns = (
        *(features.c.code, features.c.name, features.c.kind, features.c.length_km),
        *(features.c.synthetic, features.c.geometry),
    )
    chosen = select(*columns).where(features.c.layer == layer, features.c.geometry != "")
    found = (await connection.execute(chosen.order_by(features.c.code))).all()
    shapes = [shapely.from_geojson(row.geometry) for row in found]
    simple = shapely.to_geojson(shapely.simplify(shapes, _SIMPLE_DEGREES)) if shapes else []
    return [as_view(MapShape, row, geometry=text) for row, text in zip(found, simple, strict=True)]


async def may_see_fibre(connection: AsyncConnection, viewer: Viewer) -> bool:
    """Return whether routes of all operators may be shown: to whoever sees all their stations."""
    return viewer.may(READ) and (await sight_of(connection, viewer)).everything


async def people_of(connection: AsyncConnection) -> dict[str, Population]:
    """Return people by commune's code: of the layer of people, else of the borders themselves."""
    columns = (features.c.code, features.c.population, features.c.synthetic)
    statement = select(*columns).where(
        features.c.layer.in_(("commune", "population")), features.c.population.is_not(None)
    )
    # The later in order wins.
    found = await connection.execute(statement.order_by(features.c.layer))
    return {row.code: Population(row.population, row.synthetic) for row in found}
