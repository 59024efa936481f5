"""Shapes with their values from GeoJSON, GeoPackage and CSV (WKT), counted before they are made."""

import codecs
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError
from shapely.geometry.base import BaseGeometry

from tram.domain.text import fold
from tram.rollout.inventory.exchange import limits
from tram.rollout.inventory.exchange.files.geopackage import read_layer
from tram.rollout.inventory.exchange.files.reading import (
    FeatureCollection,
    FileKind,
    flat,
    kind_of,
    read_sheet,
)
from tram.rollout.inventory.exchange.sheet import shown

__all__ = ("Shaped", "read_shapes")

Shaped = tuple[dict[str, Any], BaseGeometry | None]
"""The values of a feature and its shape in degrees of WGS 84, None for none."""
_WKT_COLUMNS = ("wkt", "geometry", "geom", "the_geom")
_DEGREES = {"EPSG:4326", "OGC:CRS84", "CRS84"}


def read_shapes(data: bytes) -> list[Shaped]:
    """Return the features of a file; its kind is told by its first bytes.

    Raises:
        Refused: ``import.unreadable``, ``import.too_large``.
    """
    kind = kind_of(data)
    if kind is FileKind.GEOPACKAGE:
        layer = read_layer(data)
        values = [dict(zip(layer.columns, row, strict=True)) for row in layer.rows]
        return _put(values, shapely.from_wkb(layer.shapes, on_invalid="ignore"), layer.crs)
    return _from_geojson(data) if kind is FileKind.GEOJSON else _from_table(data)


def _from_geojson(data: bytes) -> list[Shaped]:
    try:
        found = msgspec.json.decode(data.removeprefix(codecs.BOM_UTF8), type=FeatureCollection)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise limits.unreadable("file.shapeless") from error
    if len(found.features) > limits.ROWS_MAX:
        raise limits.too_large("rows")
    if sum(len(item.properties or ()) for item in found.features) > limits.CELLS_MAX:
        raise limits.too_large("cells")
    values = [
        {name: flat(value) for name, value in (item.properties or {}).items()}
        for item in found.features
    ]
    # Every point has a bracket of its own: counted before any is made.
    if data.count(b"[") > 2 * limits.VERTICES_MAX:
        raise limits.too_large("vertices")
    texts = [bytes(item.geometry) for item in found.features]
    named = found.crs.get("properties") if isinstance(found.crs, dict) else None
    crs = str(named.get("name", "")) if isinstance(named, dict) else ""
    return _put(values, shapely.from_geojson(texts, on_invalid="ignore"), crs)


def _from_table(data: bytes) -> list[Shaped]:
    sheet = read_sheet(data)
    at = next((i for i, name in enumerate(sheet.headers) if fold(name) in _WKT_COLUMNS), None)
    if at is None:
        raise limits.unreadable("file.shapeless")
    texts = [shown(row.cells[at]) or None for row in sheet.rows]
    if sum(text.count(",") for text in texts if text) > limits.VERTICES_MAX:
        raise limits.too_large("vertices")
    values = [
        {name: shown(row.cells[i]) for i, name in enumerate(sheet.headers) if i != at}
        for row in sheet.rows
    ]
    return _put(values, shapely.from_wkt(texts, on_invalid="ignore"), "")


def _put(values: Sequence[dict[str, Any]], shapes: Any, crs: str) -> list[Shaped]:  # noqa: ANN401  # numpy array
    if int(shapely.get_num_coordinates(shapes).sum()) > limits.VERTICES_MAX:
        raise limits.too_large("vertices")
    return list(zip(values, _in_degrees(shapes, crs), strict=True))


def _in_degrees(shapes: Any, crs: str) -> Iterator[BaseGeometry | None]:  # noqa: ANN401  # numpy array
    """Yield the shapes in degrees of WGS 84."""
    name = crs.upper().removeprefix("URN:OGC:DEF:CRS:").replace("::", ":").replace("1.3:", "")
    if not name or name in _DEGREES:
        yield from shapes
        return
    try:
        way = Transformer.from_crs(CRS.from_user_input(crs), "EPSG:4326", always_xy=True)
    except CRSError as error:
        raise limits.unreadable("file.system") from error
    for shape in shapes:
        yield (
            None if shape is None else shapely.transform(shape, way.transform, interleaved=False)
        )
