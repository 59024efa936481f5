"""Borders, lines and people from files: shapes of GeoJSON, GeoPackage and CSV; tables of figures."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import shapely
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

from tram.domain.text import fold, one_line
from tram.rollout.inventory.areas.shapes import read_shapes
from tram.rollout.inventory.exchange.files.reading import FileKind, kind_of, read_sheet
from tram.rollout.inventory.exchange.sheet import shown
from tram.runtime.errors import Refused

__all__ = ("LAYERS", "GeoFeature", "RequestedLayer", "features_in", "read_features")

LAYERS = ("province", "commune", "zone", "road", "fibre", "population")
_AREAS = ("province", "commune", "zone")
_LINES = ("road", "fibre")
FEATURES_MAX = 50_000
# Names of columns without diacritics, blanks as lines.
_CODES = ("code", "ma", "ma_xa", "ma_tuyen", "id", "osm_id", "ward_id", "gid", "fid")
_NAMES = ("name", "ten", "ten_xa", "ten_tuyen", "full_name", "ward", "ref")
_KINDS = ("kind", "type", "loai", "loai_cap", "ward_title", "highway")
_PEOPLE = ("population", "dan_so", "total", "danso")
_GROUPED = re.compile(r"\d{1,3}([.,\s]\d{3})+")
_WHOLE = re.compile(r"\d+([.,]0+)?")
_GEOD = Geod(ellps="WGS84")


class GeoFeature(msgspec.Struct, frozen=True, kw_only=True):
    """One thing on the map; ``geometry`` is GeoJSON in degrees WGS 84, empty for figures alone."""

    code: str
    name: str
    kind: str
    population: int | None
    properties: dict[str, Any]
    geometry: str = ""
    box: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    area_km2: float | None = None
    length_km: float | None = None


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
    # People may come without shapes: as any table.
    is_list = layer == "population" and kind_of(data) in {FileKind.CSV, FileKind.XLSX}
    found = _figures(data) if is_list else _shapes(data, layer)
    if layer in _LINES:
        found = _whole_routes(found)
    if len(found) > FEATURES_MAX:
        raise Refused("geo.wrong", f"The file has more than {FEATURES_MAX} features.", "Split it.")
    counts = Counter(feature.code for feature in found)
    twice = next((code for code, count in counts.items() if count > 1), None)
    if twice is not None:
        raise Refused(
            "geo.wrong", f"The code {twice!r} stands for several features.", "Mend them."
        )
    return found


class RequestedLayer(msgspec.Struct, frozen=True):
    """Which file is read for which layer."""

    path: str
    layer: str


def features_in(question: RequestedLayer) -> list[GeoFeature]:
    """Do what ``read_features`` does, as a child is asked for it."""
    return read_features(Path(question.path).read_bytes(), question.layer)


def _shapes(data: bytes, layer: str) -> list[GeoFeature]:
    with _as_geography():
        found = read_shapes(data)
    return [
        _feature(values, shape, layer, number)
        for number, (values, shape) in enumerate(found, start=1)
    ]


@contextmanager
def _as_geography() -> Iterator[None]:
    """Refuse what cannot be read as that of a map, not of a list of stations."""
    try:
        yield
    except Refused as error:
        if error.code != "import.unreadable":
            raise
        raise Refused("geo.unreadable", error.reason or error.sentence, error.hint) from error


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
    return msgspec.structs.replace(
        _named(values, number),
        geometry=shapely.to_geojson(shape),
        box=box,
        area_km2=abs(_GEOD.geometry_area_perimeter(shape)[0]) / 1e6 if layer in _AREAS else None,
        length_km=_km(shape) if layer in _LINES else None,
    )


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
    with _as_geography():
        sheet = read_sheet(data)
    if not sheet.sure:
        raise Refused(
            "geo.unreadable", "The encoding of the file is not certain.", "Save it as CSV UTF-8."
        )
    return [
        _named(dict(zip(sheet.headers, map(shown, row.cells), strict=True)), row.number)
        for row in sheet.rows
    ]


def _named(values: dict[str, Any], number: int) -> GeoFeature:
    """Return what the values of a feature say, without its shape."""
    folded = {fold(key).replace(" ", "_"): value for key, value in values.items()}

    def pick(names: tuple[str, ...]) -> str:
        return next((str(folded[n]) for n in names if folded.get(n) not in {None, ""}), "")

    return GeoFeature(
        code=one_line(pick(_CODES) or str(number))[:80],
        name=one_line(pick(_NAMES))[:200],
        kind=one_line(pick(_KINDS))[:60],
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
