"""What of a layer a viewer sees: all of an operator within reach, else the viewer's zones alone.

Whoever reaches a zone (its authority, or a role in it) sees every operator's signal in it and one
kilometre around; shares are those of the zones, files are cut to them.
"""

import hashlib
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import rasterio
import shapely
from rasterio.errors import NotGeoreferencedWarning
from rasterio.features import geometry_mask
from rasterio.mask import mask
from rasterio.transform import from_bounds
from rasterio.warp import transform_bounds, transform_geom
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.registry.kernel.tables import zones as zone_table
from tram.registry.kernel.viewer import Viewer
from tram.rollout.coverage.files import picture_profile, write_polygons
from tram.rollout.coverage.results import CoverageLayer
from tram.rollout.coverage.used import assumed_of
from tram.rollout.inventory.geography.borders import zone_regions
from tram.rollout.inventory.stations.visibility import sight_of
from tram.rollout.inventory.tables import operators

__all__ = ("CoverageScope", "cut_file", "narrowed", "scope_of")

_AROUND_DEG = 0.009
"""About one kilometre."""


class CoverageScope(NamedTuple):
    """Codes of the operators seen whole, and the zones in which all are seen, by code."""

    operators: frozenset[str]
    zones: dict[str, BaseGeometry]

    @property
    def mark(self) -> str:
        """The same for the same zones with the same borders."""
        shapes = [shape.wkb for _, shape in sorted(self.zones.items())]
        return hashlib.sha256(b"".join(shapes)).hexdigest()[:16]

    @property
    def around(self) -> BaseGeometry:
        """The zones and what lies around them."""
        return shapely.unary_union([shape.buffer(_AROUND_DEG) for shape in self.zones.values()])


async def scope_of(connection: AsyncConnection, viewer: Viewer) -> CoverageScope:
    """Return what the viewer sees of the coverage."""
    sight = await sight_of(connection, viewer)
    whole = select(operators.c.code)
    if not sight.everything:
        whole = whole.where(operators.c.id.in_(sight.operators))
    codes_seen = frozenset((await connection.execute(whole)).scalars())
    found = {}
    if sight.zones:
        named = await connection.execute(
            select(zone_table.c.id, zone_table.c.code).where(zone_table.c.id.in_(sight.zones))
        )
        codes = {str(row.id): row.code for row in named}
        regions = await zone_regions(connection)
        found = {codes[zone.key]: zone.shape for zone in regions if zone.key in codes}
    return CoverageScope(codes_seen, found)


def narrowed(layer: CoverageLayer, scope: CoverageScope, package: Path) -> CoverageLayer | None:
    """Return a layer as it is in the zones within reach; None if it has nothing there."""
    regions = [r for r in layer.regions if r.kind == "zone" and r.key in scope.zones]
    weights = np.array([region.amount * (1 - region.unknown) for region in regions])
    if not weights.sum():
        return None
    inside = shapely.unary_union(list(scope.zones.values()))
    serving = [s for s in layer.serving if inside.intersects(shapely.Point(s.lon, s.lat))]
    near = _holes_near(package, scope.around)

    def mean(rows: Sequence[Sequence[float]]) -> list[float]:
        return [round(float(v), 6) for v in np.average(np.array(rows), axis=0, weights=weights)]

    return msgspec.structs.replace(
        layer,
        regions=regions,
        holes=[hole for hole in layer.holes if hole.number in near],
        serving=serving,
        sectors=len(serving),
        assumed=assumed_of(serving),
        shares=mean([r.shares for r in regions]),
        likely=mean([r.likely for r in regions]),
        both_ways=mean([r.both_ways for r in regions]),
        uplink_share=mean([[r.uplink_share] for r in regions])[0],
    )


def cut_file(file: Path, kind: str, layer: CoverageLayer, around: BaseGeometry, out: Path) -> None:
    """Write a layer's file with nothing in it but what lies in an area."""
    out.parent.mkdir(parents=True, exist_ok=True)
    passing = out.with_name(f"part-{out.name}")
    if kind == "package":
        _cut_package(file, around, passing)
    elif kind == "overlay":
        _cut_overlay(file, layer, around, passing)
    else:
        _cut_raster(file, around, passing)
    passing.replace(out)


def _cut_raster(file: Path, around: BaseGeometry, out: Path) -> None:
    with rasterio.open(file) as raster:
        shape = transform_geom("EPSG:4326", raster.crs, shapely.geometry.mapping(around))
        values, corner = mask(raster, [shape], crop=True)
        profile = {**raster.profile, "driver": "COG", "transform": corner}
        profile |= {"height": values.shape[1], "width": values.shape[2]}
        for name in ("blockxsize", "blockysize", "tiled", "interleave"):
            profile.pop(name, None)
        with rasterio.open(out, "w", **profile) as cut:
            cut.write(values)
            for band, (word, unit) in enumerate(
                zip(raster.descriptions, raster.units, strict=True), 1
            ):
                cut.set_band_description(band, word)
                if unit:
                    cut.set_band_unit(band, unit)
            cut.update_tags(**raster.tags())


def _cut_overlay(file: Path, layer: CoverageLayer, around: BaseGeometry, out: Path) -> None:
    west, north, east, south = layer.corners
    bounds = transform_bounds("EPSG:4326", "EPSG:3857", west, south, east, north)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)  # its corners stand in the run
        with rasterio.open(file) as picture:
            grey, tags = picture.read(1), picture.tags()
    shape = transform_geom("EPSG:4326", "EPSG:3857", shapely.geometry.mapping(around))
    corner = from_bounds(*bounds, grey.shape[1], grey.shape[0])
    grey[geometry_mask([shape], grey.shape, corner, all_touched=True)] = 0
    rows, columns = grey.shape
    with rasterio.open(out, "w", **picture_profile(rows, columns, corner)) as cut:
        cut.write(grey, 1)
        cut.update_tags(**tags)
    out.with_name(out.name + ".aux.xml").unlink(missing_ok=True)


def _cut_package(file: Path, around: BaseGeometry, out: Path) -> None:
    # It loads a data-frame library: who cuts no package starts without both.
    import pyogrio  # noqa: PLC0415

    meta, _, shapes, columns = pyogrio.raw.read(file)
    cut = shapely.intersection(shapely.from_wkb(shapes), around)
    kept = ~shapely.is_empty(cut)
    fields = zip(meta["fields"], columns, strict=True)
    write_polygons(out, cut[kept], {name: column[kept] for name, column in fields})


def _holes_near(package: Path, around: BaseGeometry) -> frozenset[int]:
    """Return the numbers of the holes that reach into an area."""
    # As above.
    import pyogrio  # noqa: PLC0415

    meta, _, shapes, columns = pyogrio.raw.read(package, bbox=around.bounds)
    numbers = columns[list(meta["fields"]).index("number")]
    meets = shapely.intersects(shapely.from_wkb(shapes), around)
    return frozenset(int(number) for number in numbers[meets])
