"""Make the base map from the GSHHG coastlines: land only, no borders. A one-off build tool.

Needs the Debian packages ``gmt`` and ``gmt-gshhg-full`` and the Python package ``shapely``, none of
which the product or its tests use: the result is committed. Usage: coast.py FOLDER [TEMPLATE]

Writes ``coast.geojson`` (the land, in full detail around the province and in low detail beyond,
and the islands of Hoàng Sa and Trường Sa) and, as TEMPLATE, the inset of the East Sea as SVG paths.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from shapely import unary_union
from shapely.geometry import LineString, MultiPolygon, Polygon, box
from shapely.ops import polygonize

Bounds = tuple[float, float, float, float]

PROVINCE: Bounds = (106.5, 13.0, 110.2, 16.3)
REGION: Bounds = (101.0, 6.0, 118.0, 24.0)
ARCHIPELAGOS: tuple[tuple[str, Bounds], ...] = (
    ("Hoàng Sa", (111.0, 15.5, 113.2, 17.4)),
    ("Trường Sa", (111.0, 6.5, 115.9, 12.2)),
)
DECIMALS = 4
PROVINCE_TOLERANCE_DEG = 0.0003
REGION_TOLERANCE_DEG = 0.015
REGION_ISLAND_DEG2 = 0.002
INSET_ISLAND_DEG2 = 0.03
INSET: Bounds = (104.5, 7.5, 117.0, 22.0)
INSET_WIDTH = 150


def gmt(arguments: list[str], text: str = "") -> str:
    """Run one GMT module and return what it prints."""
    with tempfile.TemporaryDirectory() as scratch:  # where GMT leaves its history
        done = subprocess.run(
            ["gmt", *arguments], check=True, input=text, capture_output=True,
            encoding="utf-8", cwd=scratch,
        )  # fmt: skip
    return done.stdout


def coastlines(bounds: Bounds, detail: str) -> list[LineString]:
    """Return the coastline pieces within the bounds (west, south, east, north)."""
    west, south, east, north = bounds
    region = f"-R{west}/{east}/{south}/{north}"
    lines: list[LineString] = []
    points: list[tuple[float, float]] = []
    dump = gmt(["coast", "-M", "-W1/0.1p", f"-D{detail}", region])
    for line in [*dump.splitlines(), ">"]:
        if line.startswith((">", "#")):
            if len(points) > 1:
                lines.append(LineString(points))
            points = []
        elif line.strip():
            lon, lat = line.split()[:2]
            points.append((round(float(lon), 5), round(float(lat), 5)))
    return lines


def on_land(points: list[tuple[float, float]], bounds: Bounds, detail: str) -> list[bool]:
    """Say for each point whether it lies on land."""
    west, south, east, north = bounds
    text = "\n".join(f"{lon} {lat} {number}" for number, (lon, lat) in enumerate(points))
    kept = gmt(["select", "-Ns/k/s/k/s", f"-D{detail}", f"-R{west}/{east}/{south}/{north}"], text)
    numbers = {int(float(line.split()[2])) for line in kept.splitlines()}
    return [number in numbers for number in range(len(points))]


def land(bounds: Bounds, detail: str, tolerance_deg: float) -> list[Polygon]:
    """Return the land within the bounds as polygons."""
    lines = coastlines(bounds, detail)
    faces = list(polygonize(unary_union([*lines, box(*bounds).exterior])))
    inside = [face.representative_point() for face in faces]
    dry = on_land([(point.x, point.y) for point in inside], bounds, detail)
    whole = unary_union([face for face, is_dry in zip(faces, dry, strict=True) if is_dry])
    return parts(whole.simplify(tolerance_deg))


def parts(shape: object) -> list[Polygon]:
    """Return the polygons of a shape."""
    if isinstance(shape, Polygon):
        return [] if shape.is_empty else [shape]
    return list(shape.geoms) if isinstance(shape, MultiPolygon) else []


def rings(polygon: Polygon, decimals: int) -> list[list[list[float]]]:
    """Return the rings of a polygon with rounded coordinates."""
    return [
        [[round(x, decimals), round(y, decimals)] for x, y in ring.coords]
        for ring in (polygon.exterior, *polygon.interiors)
    ]


def feature(name: str, polygons: Iterable[Polygon], decimals: int = DECIMALS) -> dict[str, object]:
    """Return one GeoJSON feature that holds all polygons of a part of the map."""
    coordinates = [rings(polygon, decimals) for polygon in polygons]
    geometry = {"type": "MultiPolygon", "coordinates": coordinates}
    return {"type": "Feature", "properties": {"part": name}, "geometry": geometry}


def inset_paths(polygons: Iterable[Polygon]) -> str:
    """Return the inset's land as one SVG path in whole and half pixels."""
    west, _south, east, north = INSET
    scale = INSET_WIDTH / (east - west)
    steps: list[str] = []
    for polygon in (polygon for polygon in polygons if polygon.area > INSET_ISLAND_DEG2):
        for clipped in parts(polygon.intersection(box(*INSET)).simplify(0.05)):
            points = [
                f"{(x - west) * scale:.1f} {(north - y) * scale:.1f}"
                for x, y in clipped.exterior.coords
            ]
            steps.append("M" + "L".join(points) + "Z")
    return "".join(steps)


def main(folder: Path, template: Path | None) -> None:
    """Write the base map and the inset."""
    province = land(PROVINCE, "f", PROVINCE_TOLERANCE_DEG)
    around = box(*PROVINCE)
    region = [
        part for part in land(REGION, "i", REGION_TOLERANCE_DEG) if part.area > REGION_ISLAND_DEG2
    ]
    outside = [part for polygon in region for part in parts(polygon.buffer(0).difference(around))]
    joined = parts(unary_union([*province, *outside]))
    features = [feature("land", joined)]
    features += [feature(name, land(bounds, "h", 0.002), 3) for name, bounds in ARCHIPELAGOS]
    text = json.dumps(
        {"type": "FeatureCollection", "features": features},
        ensure_ascii=False,
        separators=(",", ":"),
    )
    (folder / "coast.geojson").write_text(text + "\n", encoding="utf-8")
    if template is not None:
        template.write_text(inset_paths(region) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)  # noqa: PLR2004
