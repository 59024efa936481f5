"""The shipped coast as polygons of land, for the synthetic terrain."""

import json
from importlib.resources import files
from typing import Any

__all__ = ("land_polygons",)


def land_polygons() -> list[dict[str, Any]]:
    """Return the base map's land as GeoJSON geometries."""
    content = files("tram.web").joinpath("static/geo/coast.geojson").read_text(encoding="utf-8")
    return [feature["geometry"] for feature in json.loads(content)["features"]]
