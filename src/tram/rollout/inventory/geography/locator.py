"""In which commune and zones points lie: pure, on borders and on circles that stand for them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

__all__ = ("LocatedArea", "Locator", "circle", "commune_locator")

EARTH_RADIUS_M = 6_371_008.8
_CIRCLE_CORNERS = 64
_HECTARE_M2 = 10_000


@dataclass(frozen=True, slots=True)
class LocatedArea:
    """An area with its key; ``approximate`` when its shape is a circle around a point."""

    key: str
    shape: BaseGeometry
    approximate: bool = False


class Locator:
    """Finds the regions of many points at once, through a tree of their boxes."""

    def __init__(self, regions: Sequence[LocatedArea] = ()) -> None:
        self.regions = tuple(regions)
        self._tree = shapely.STRtree([region.shape for region in regions])
        shapely.prepare([region.shape for region in regions])

    def keys_of(
        self,
        lons: Sequence[float] | npt.NDArray[np.float64],
        lats: Sequence[float] | npt.NDArray[np.float64],
    ) -> list[tuple[str, ...]]:
        """Return for each point the keys of all regions that hold it, in the order of regions."""
        found: list[list[str]] = [[] for _ in lons]
        if self.regions and len(lons):
            points, regions = self._tree.query(
                shapely.points(np.asarray(lons), np.asarray(lats)), predicate="intersects"
            )
            for point, region in sorted(zip(points.tolist(), regions.tolist(), strict=True)):
                found[point].append(self.regions[region].key)
        return [tuple(keys) for keys in found]


def commune_locator(borders: Sequence[tuple[str, str]]) -> Locator:
    """Return what finds communes by code; borders are GeoJSON."""
    return Locator([LocatedArea(code, shapely.from_geojson(border)) for code, border in borders])


def circle(lon: float, lat: float, area_ha: float) -> BaseGeometry:
    """Return a circle of this area around a point, as a polygon in degrees."""
    radius_m = math.sqrt(area_ha * _HECTARE_M2 / math.pi)
    up = math.degrees(radius_m / EARTH_RADIUS_M)
    aside = up / math.cos(math.radians(lat))
    angles = np.linspace(0, 2 * np.pi, _CIRCLE_CORNERS, endpoint=False)
    return shapely.polygons(
        np.column_stack((lon + aside * np.cos(angles), lat + up * np.sin(angles)))
    )
