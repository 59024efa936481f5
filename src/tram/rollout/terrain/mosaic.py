"""A mosaic: elevation and clutter of an area on one square grid in metres, memory-mapped.

The folder holds ``ground.npy`` (float32 metres above sea level, NaN where nothing is known),
``cover.npy`` (classes of clutter.py) and ``mosaic.json``. Rows run south. The projection is a
transverse Mercator around the area's middle, so that a step is the same length everywhere.
"""

from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
from pyproj import CRS, Transformer
from rasterio.transform import Affine, from_origin

from tram.rollout.terrain.clutter import clutter_heights_m
from tram.runtime.errors import Refused

__all__ = (
    "About",
    "GeoPoint",
    "Mosaic",
    "MosaicGrid",
    "MosaicWindow",
    "open_mosaic",
    "projection_for",
    "write_mosaic",
)

FORMAT = 1
_ABOUT = "mosaic.json"
Floats32 = npt.NDArray[np.float32]


class MosaicGrid(msgspec.Struct, frozen=True, kw_only=True):
    """A square grid; ``west_m`` and ``north_m`` are its outer corner."""

    crs: str
    west_m: float
    north_m: float
    cell_m: float
    rows: int
    columns: int

    @property
    def transform(self) -> Affine:
        """From columns and rows to metres."""
        return from_origin(self.west_m, self.north_m, self.cell_m, self.cell_m)


class About(MosaicGrid, frozen=True, kw_only=True):
    """What a mosaic is made of."""

    is_surface: bool
    synthetic: bool
    sources: list[str]
    voids_filled: int
    voids_left: int
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class GeoPoint:
    """A point in degrees WGS 84."""

    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class MosaicWindow:
    """A part of a mosaic, copied; ``row`` and ``column`` say where it was cut."""

    ground: Floats32
    clutter_m: Floats32
    cover: npt.NDArray[np.uint8]
    row: int
    column: int


class Mosaic:
    """An area's ground, opened for reading. Grid coordinates count cells from the corner."""

    def __init__(
        self, about: About, ground: Floats32, cover: npt.NDArray[np.uint8], identity: str = ""
    ) -> None:
        self.about = about
        self.ground = ground
        self.cover = cover
        self.identity = identity
        self._heights = clutter_heights_m(is_surface=about.is_surface)
        crs = CRS.from_user_input(about.crs)
        self._to_grid = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
        self._to_world = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)

    def grid_of(self, place: GeoPoint) -> tuple[float, float]:
        """Return column and row of a place; cell centres lie at halves."""
        x, y = self._to_grid.transform(place.lon, place.lat)
        about = self.about
        return (x - about.west_m) / about.cell_m, (about.north_m - y) / about.cell_m

    def place_of(self, column: float, row: float) -> GeoPoint:
        """Return the place of grid coordinates."""
        about = self.about
        x, y = about.west_m + column * about.cell_m, about.north_m - row * about.cell_m
        lon, lat = self._to_world.transform(x, y)
        return GeoPoint(float(lon), float(lat))

    def holds(self, place: GeoPoint) -> bool:
        """Whether a place lies on the mosaic."""
        column, row = self.grid_of(place)
        return 0 <= column < self.about.columns and 0 <= row < self.about.rows

    def window(self, column: float, row: float, radius_m: float) -> MosaicWindow:
        """Copy the cells around grid coordinates; beyond the edge nothing is known."""
        reach = int(np.ceil(radius_m / self.about.cell_m)) + 2
        top, left = int(np.floor(row)) - reach, int(np.floor(column)) - reach
        size = 2 * reach + 1
        ground = np.full((size, size), np.nan, np.float32)
        cover = np.zeros((size, size), np.uint8)
        rows = slice(max(top, 0), min(top + size, self.about.rows))
        columns = slice(max(left, 0), min(left + size, self.about.columns))
        if rows.start < rows.stop and columns.start < columns.stop:
            inside = (
                slice(rows.start - top, rows.stop - top),
                slice(columns.start - left, columns.stop - left),
            )
            ground[inside] = self.ground[rows, columns]
            cover[inside] = self.cover[rows, columns]
        return MosaicWindow(ground, self._heights[cover], cover, top, left)

    def sample(
        self, columns: npt.NDArray[np.float64], rows: npt.NDArray[np.float64]
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.uint8]]:
        """Return ground and clutter height (bilinear) and class (nearest) at grid coordinates."""
        x, y = columns - 0.5, rows - 0.5
        left = np.clip(np.floor(x).astype(int), 0, self.about.columns - 2)
        top = np.clip(np.floor(y).astype(int), 0, self.about.rows - 2)
        fx, fy = x - left, y - top

        def between(grid: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
            upper = grid[0] * (1 - fx) + grid[1] * fx
            lower = grid[2] * (1 - fx) + grid[3] * fx
            return np.asarray(upper * (1 - fy) + lower * fy, np.float64)

        rim = ((top, left), (top, left + 1), (top + 1, left), (top + 1, left + 1))
        ground = between(np.array([self.ground[at] for at in rim]))
        clutter = between(np.array([self._heights[self.cover[at]] for at in rim]))
        outside = (columns < 0) | (rows < 0) | (columns > self.about.columns)
        ground[outside | (rows > self.about.rows)] = np.nan
        near_row = np.clip(np.floor(rows).astype(int), 0, self.about.rows - 1)
        near_column = np.clip(np.floor(columns).astype(int), 0, self.about.columns - 1)
        return ground, clutter, self.cover[near_row, near_column]


def projection_for(lon: float) -> str:
    """Return the projection of an area around a meridian, rounded to a quarter of a degree."""
    middle = round(4 * lon) / 4
    return f"+proj=tmerc +lat_0=0 +lon_0={middle:g} +k=0.9999 +x_0=500000 +datum=WGS84 +units=m"


def write_mosaic(
    folder: Path, about: About, ground: Floats32, cover: npt.NDArray[np.uint8]
) -> None:
    """Write a mosaic; its description last, so that a broken one does not open."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _ABOUT).unlink(missing_ok=True)
    np.save(folder / "ground.npy", ground)
    np.save(folder / "cover.npy", cover)
    (folder / _ABOUT).write_bytes(msgspec.json.format(msgspec.json.encode(about)))


def open_mosaic(folder: Path) -> Mosaic:
    """Open a mosaic for reading, mapped into memory.

    Raises:
        Refused: if there is none, or it is of another format.
    """
    try:
        words = (folder / _ABOUT).read_bytes()
        about = msgspec.json.decode(words, type=About)
    except FileNotFoundError:
        raise Refused(
            "terrain.missing",
            "No terrain has been imported.",
            "Import elevation files with 'tram terrain import', or make the synthetic terrain "
            "with 'tram terrain demo'.",
        ) from None
    except msgspec.DecodeError as error:
        raise Refused(
            "terrain.format", f"The terrain cannot be read ({error}).", "Import it again."
        ) from None
    if about.format != FORMAT:
        raise Refused(
            "terrain.format",
            f"The terrain has format {about.format}, this program reads {FORMAT}.",
            "Import the elevation files again.",
        )
    ground = np.load(folder / "ground.npy", mmap_mode="r")
    cover = np.load(folder / "cover.npy", mmap_mode="r")
    stamp = (folder / "ground.npy").stat().st_mtime_ns
    return Mosaic(about, ground, cover, f"{about.crs}|{about.rows}x{about.columns}|{stamp}")
