"""Borders, lines and people from files: GeoJSON and GeoPackage shapes, CSV of figures."""

import csv
import io
import tempfile
from typing import Any

import msgspec
import pyogrio
import shapely
from pyproj import Geod, Transformer
from shapely.geometry.base import BaseGeometry

from tram.domain.text import normal
from tram.runtime.errors import Refused

__all__ = ("LAYERS", "GeoFeature", "read_features")

LAYERS = ("province", "commune", "zone", "road", "fibre", "population")
_AREAS = ("province", "commune", "zone")
_LINES = ("road", "fibre")
FEATURES_MAX = 50_000
_CODES = ("code", "ma", "id", "ward_id", "gid", "fid")
_NAMES = ("name", "ten", "full_name", "ward", "ten_xa", "ref")
_KINDS = ("kind", "type", "loai", "ward_title", "highway")
_PEOPLE = ("population", "dan_so", "total", "danso")
_GEOD = Geod(ellps="WGS84")


class GeoFeature(msgspec.Struct, frozen=True, kw_only=True):
    """One thing on the map; ``geometry`` is GeoJSON in degrees WGS 84, empty for figures alone."""

    code: str
    name: str
    kind: str
    geometry: str
    box: tuple[float, float, float, float]
    area_km2: float | None
    length_km: float | None
    population: int | None
    properties: dict[str, Any]


def read_features(data: bytes, layer: str) -> list[GeoFeature]:
    """Return the features of a file for a layer.

    Raises:
        Refused: ``geo.layer_unknown``, ``geo.unreadable``, ``geo.wrong`` with what does not fit.
    """
    if layer not in LAYERS:
        raise Refused(
            "geo.layer_unknown",
            f"There is no layer {layer!r}.",
            f"Take one of {', '.join(LAYERS)}.",
        )
    is_shapes = data.startswith(b"SQLite format 3\x00") or data.lstrip(
        b"\xef\xbb\xbf \r\n\t"
    ).startswith(b"{")
    if not is_shapes and layer != "population":
        raise Refused("geo.wrong", "The file has no shapes.", "Send GeoJSON or GeoPackage.")
    found = _shapes(data, layer) if is_shapes else _figures(data)
    if len(found) > FEATURES_MAX:
        raise Refused("geo.wrong", f"The file has more than {FEATURES_MAX} features.", "Split it.")
    codes = [feature.code for feature in found]
    if len(set(codes)) < len(codes):
        twice = next(code for code in codes if codes.count(code) > 1)
        raise Refused(
            "geo.wrong", f"The code {twice!r} stands for several features.", "Mend them."
        )
    return found


def _shapes(data: bytes, layer: str) -> list[GeoFeature]:
    ending = ".gpkg" if data.startswith(b"SQLite") else ".geojson"
    with tempfile.NamedTemporaryFile(suffix=ending) as file:
        file.write(data)
        file.flush()
        try:
            meta, _, shapes, columns = pyogrio.raw.read(file.name, datetime_as_string=True)
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
            raise Refused(
                "geo.unreadable", "The file has no shapes.", "Send GeoJSON or GeoPackage."
            ) from error
    if shapes is None:
        raise Refused("geo.unreadable", "The file has no shapes.", "Send GeoJSON or GeoPackage.")
    names = [str(name) for name in meta["fields"]]
    turn = _turn(str(meta["crs"] or "EPSG:4326"))
    return [
        _feature(
            {name: _plain(columns[i][at]) for i, name in enumerate(names)},
            turn(shapely.from_wkb(shape)),
            layer,
            at + 1,
        )
        for at, shape in enumerate(shapes)
    ]


def _turn(crs: str) -> Any:  # noqa: ANN401  # shape to shape
    """Return what brings shapes to degrees of WGS 84."""
    if crs.upper() in {"EPSG:4326", "OGC:CRS84"}:
        return lambda shape: shape
    way = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    return lambda shape: shapely.transform(shape, way.transform, interleaved=False)


def _feature(
    values: dict[str, Any], shape: BaseGeometry | None, layer: str, number: int
) -> GeoFeature:
    if shape is None or shape.is_empty:
        raise Refused("geo.wrong", f"Feature {number} has no shape.", "Mend or remove it.")
    wanted = {"Polygon", "MultiPolygon"} if layer in _AREAS else {"LineString", "MultiLineString"}
    if layer in (*_AREAS, *_LINES) and shape.geom_type not in wanted:
        raise Refused(
            "geo.wrong",
            f"Feature {number} is a {shape.geom_type}; the layer {layer} takes {' or '.join(sorted(wanted))}.",
            "Choose the layer that the file is of.",
        )
    if not shape.is_valid:
        shape = shapely.make_valid(shape)
    box = shape.bounds
    if not (-180 <= box[0] <= box[2] <= 180 and -90 <= box[1] <= box[3] <= 90):  # noqa: PLR2004  # degrees
        raise Refused(
            "geo.wrong",
            f"Feature {number} is not in degrees of WGS 84.",
            "Name its system in the file.",
        )
    area = abs(_GEOD.geometry_area_perimeter(shape)[0]) / 1e6 if layer in _AREAS else None
    length = _GEOD.geometry_length(shape) / 1e3 if layer in _LINES else None
    return _named(values, number, shapely.to_geojson(shape), (box, area, length))


def _figures(data: bytes) -> list[GeoFeature]:
    try:
        rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error) as error:
        raise Refused(
            "geo.unreadable", "The file is not CSV in UTF-8.", "Save it as CSV UTF-8."
        ) from error
    nothing = ((0.0, 0.0, 0.0, 0.0), None, None)
    return [_named(dict(row), number, "", nothing) for number, row in enumerate(rows, start=2)]


def _named(
    values: dict[str, Any],
    number: int,
    geometry: str,
    measured: tuple[tuple[float, float, float, float], float | None, float | None],
) -> GeoFeature:
    lower = {key.lower(): value for key, value in values.items()}

    def pick(names: tuple[str, ...]) -> str:
        return next((str(lower[n]) for n in names if lower.get(n) not in {None, ""}), "")

    people = pick(_PEOPLE)
    box, area, length = measured
    return GeoFeature(
        code=normal(pick(_CODES) or str(number))[:80],
        name=normal(pick(_NAMES))[:200],
        kind=normal(pick(_KINDS))[:60],
        geometry=geometry,
        box=box,
        area_km2=area,
        length_km=length,
        population=int(float(people)) if people.replace(".", "", 1).isdigit() else None,
        properties={key: value for key, value in values.items() if value is not None},
    )


def _plain(value: Any) -> Any:  # noqa: ANN401  # numpy scalars
    plain = value.item() if hasattr(value, "item") else value
    return None if isinstance(plain, float) and plain != plain else plain  # noqa: PLR0124  # NaN
