"""Borders, lines and people from files: shapes of GeoJSON, GeoPackage and CSV; tables of figures."""

import re
import tempfile
import warnings
from collections.abc import Sequence
from typing import Any

import msgspec
import pyogrio
import shapely
from pyproj import Geod, Transformer
from shapely.geometry.base import BaseGeometry

from tram.domain.text import fold, normal
from tram.rollout.inventory.exchange.reading import read_sheet
from tram.rollout.inventory.exchange.sheet import shown
from tram.runtime.errors import Refused

__all__ = ("LAYERS", "GeoFeature", "read_features")

LAYERS = ("province", "commune", "zone", "road", "fibre", "population")
_AREAS = ("province", "commune", "zone")
_LINES = ("road", "fibre")
FEATURES_MAX = 50_000
# Names of columns without diacritics, blanks as lines.
_CODES = ("code", "ma", "ma_xa", "ma_tuyen", "id", "osm_id", "ward_id", "gid", "fid")
_NAMES = ("name", "ten", "ten_xa", "ten_tuyen", "full_name", "ward", "ref")
_KINDS = ("kind", "type", "loai", "loai_cap", "ward_title", "highway")
_PEOPLE = ("population", "dan_so", "total", "danso")
_SHAPES = ("wkt", "geometry", "geom", "the_geom")
_GROUPED = re.compile(r"\d{1,3}([.,\s]\d{3})+")
_WHOLE = re.compile(r"\d+([.,]0+)?")
_UNSHAPED = "Send GeoJSON, GeoPackage, or CSV with a column wkt in degrees."
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
    ending = _ending(data)
    # People may come without shapes: as any table.
    is_table = layer == "population" and ending == _CSV
    found = _figures(data) if is_table else _shapes(data, layer, ending)
    if layer in _LINES:
        found = _whole_routes(found)
    if len(found) > FEATURES_MAX:
        raise Refused("geo.wrong", f"The file has more than {FEATURES_MAX} features.", "Split it.")
    codes = [feature.code for feature in found]
    if len(set(codes)) < len(codes):
        twice = next(code for code in codes if codes.count(code) > 1)
        raise Refused(
            "geo.wrong", f"The code {twice!r} stands for several features.", "Mend them."
        )
    return found


_CSV = ".csv"


def _ending(data: bytes) -> str:
    """Return what a file is, told by its first bytes; a table, when it is nothing else."""
    if data.startswith(b"SQLite format 3\x00"):
        return ".gpkg"
    return ".geojson" if data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{") else _CSV


def _shapes(data: bytes, layer: str, ending: str) -> list[GeoFeature]:
    options = {"GEOM_POSSIBLE_NAMES": ",".join(_SHAPES), "KEEP_GEOM_COLUMNS": "NO"}
    with tempfile.NamedTemporaryFile(suffix=ending) as file:
        file.write(data)
        file.flush()
        try:
            with warnings.catch_warnings():
                # A shape that cannot be read is refused below, by its number.
                warnings.simplefilter("ignore", RuntimeWarning)
                meta, _, shapes, columns = pyogrio.raw.read(
                    file.name, datetime_as_string=True, **(options if ending == _CSV else {})
                )
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
            raise Refused("geo.unreadable", "The file has no shapes.", _UNSHAPED) from error
    if shapes is None:
        raise Refused("geo.unreadable", "The file has no shapes.", _UNSHAPED)
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
    length = _km(shape) if layer in _LINES else None
    return _named(values, number, shapely.to_geojson(shape), (box, area, length))


def _km(shape: BaseGeometry) -> float:
    return float(_GEOD.geometry_length(shape)) / 1e3


def _whole_routes(found: Sequence[GeoFeature]) -> list[GeoFeature]:
    """Return the lines with those of one code as one: maps part a road at every crossing."""
    parts: dict[str, list[GeoFeature]] = {}
    for item in found:
        parts.setdefault(item.code, []).append(item)
    return [_joined(items) if len(items) > 1 else items[0] for items in parts.values()]


def _joined(items: Sequence[GeoFeature]) -> GeoFeature:
    shapes = [shapely.from_geojson(item.geometry) for item in items]
    lines = [line for shape in shapes for line in getattr(shape, "geoms", [shape])]
    whole = shapely.line_merge(shapely.MultiLineString(lines))
    return msgspec.structs.replace(
        items[0], geometry=shapely.to_geojson(whole), box=whole.bounds, length_km=_km(whole)
    )


def _figures(data: bytes) -> list[GeoFeature]:
    """Return the rows of a table, read as lists of stations are."""
    try:
        sheet = read_sheet(data)
    except Refused as error:
        raise Refused("geo.unreadable", error.sentence, error.hint) from error
    if not sheet.sure:
        raise Refused(
            "geo.unreadable", "The encoding of the file is not certain.", "Save it as CSV UTF-8."
        )
    nothing = ((0.0, 0.0, 0.0, 0.0), None, None)
    return [
        _named(
            {name: shown(cell) for name, cell in zip(sheet.headers, row.cells, strict=True)},
            row.number,
            "",
            nothing,
        )
        for row in sheet.rows
    ]


def _named(
    values: dict[str, Any],
    number: int,
    geometry: str,
    measured: tuple[tuple[float, float, float, float], float | None, float | None],
) -> GeoFeature:
    folded = {fold(key).replace(" ", "_"): value for key, value in values.items()}

    def pick(names: tuple[str, ...]) -> str:
        return next((str(folded[n]) for n in names if folded.get(n) not in {None, ""}), "")

    box, area, length = measured
    return GeoFeature(
        code=normal(pick(_CODES) or str(number))[:80],
        name=normal(pick(_NAMES))[:200],
        kind=normal(pick(_KINDS))[:60],
        geometry=geometry,
        box=box,
        area_km2=area,
        length_km=length,
        population=_people(pick(_PEOPLE).strip(), number),
        properties={key: value for key, value in values.items() if value is not None},
    )


def _people(text: str, number: int) -> int | None:
    """Return a number of people: marks between thousands are none of decimals."""
    if not text:
        return None
    if _GROUPED.fullmatch(text):
        return int("".join(c for c in text if c.isdigit()))
    if _WHOLE.fullmatch(text):
        return int(re.split("[.,]", text)[0])
    raise Refused(
        "geo.wrong", f"Row {number}: {text!r} is no number of people.", "Write a whole number."
    )


def _plain(value: Any) -> Any:  # noqa: ANN401  # numpy scalars
    plain = value.item() if hasattr(value, "item") else value
    return None if isinstance(plain, float) and plain != plain else plain  # noqa: PLR0124  # NaN
