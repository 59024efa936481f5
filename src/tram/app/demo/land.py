"""The coast as polygons of land, for terrain."""

import json
from importlib.resources import files
from typing import Any

from tram.domain.province import Province

__all__ = ("land_polygons",)


def land_polygons(province: Province) -> list[dict[str, Any]]:
    """Return the land of the province's own coast, else of the base map, as GeoJSON geometries."""
    shipped = files("tram.web").joinpath("static/geo/coast.geojson")
    content = province.files.get("coast.geojson") or shipped.read_bytes()
    return [feature["geometry"] for feature in json.loads(content)["features"]]
