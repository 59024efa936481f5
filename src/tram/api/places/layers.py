"""Borders, lines and people that were imported, for the map and its table."""

from typing import Any

import msgspec

from tram.api.http.services import Services
from tram.registry.kernel.viewer import Viewer
from tram.rollout.inventory.areas.layers import MapLayer, MapShape

__all__ = ("LINES_ON_MAP", "LayerList", "layer_lines", "layer_shapes", "list_layers")

LINES_ON_MAP = ("province", "commune", "zone", "road", "fibre")


class LayerList(msgspec.Struct, frozen=True):
    """What was imported of each kind."""

    items: list[MapLayer]
    as_of_ms: int


async def list_layers(services: Services, viewer: Viewer) -> LayerList:
    """Return which kinds were imported, with their figures and sources."""
    layers = await services.inventory.areas.layers(viewer)
    return LayerList(layers, services.clock.now_ms())


async def layer_lines(services: Services, viewer: Viewer, layer: str) -> list[MapShape]:
    """Return a layer's borders or lines with their figures."""
    return list(await services.inventory.areas.shapes(viewer, layer))


async def layer_shapes(services: Services, viewer: Viewer, layer: str) -> dict[str, Any]:
    """Return a layer's borders or lines as GeoJSON, simplified for the map."""
    features = [
        {
            "type": "Feature",
            "geometry": msgspec.Raw(shape.geometry.encode()),
            "properties": {
                "code": shape.code,
                "name": shape.name,
                "kind": shape.kind,
                "km": shape.length_km,
                "synthetic": shape.synthetic,
            },
        }
        for shape in await layer_lines(services, viewer, layer)
    ]
    return {"type": "FeatureCollection", "features": features}
