"""What every map is drawn on: the coast, and names of places of the country and of the province."""

import json

from tram.domain.province import Province
from tram.web.assets import STATIC_FOLDER

__all__ = ("base_map_files",)

_COAST, _PLACES = "geo/coast.geojson", "geo/places.json"


def base_map_files(province: Province) -> dict[str, bytes]:
    """Return the static files that a province adds to or has instead of the country's."""
    country = json.loads((STATIC_FOLDER / _PLACES).read_bytes())
    own = json.loads(province.files["places.json"])
    places = {**country, "places": country["places"] + own["places"]}
    files = {_PLACES: json.dumps(places, ensure_ascii=False).encode()}
    if "coast.geojson" in province.files:
        files[_COAST] = province.files["coast.geojson"]
    return files
