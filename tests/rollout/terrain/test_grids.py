"""From files to one grid: whose height counts, what is a void, how large a grid may be."""

import numpy as np
import pytest
from rasterio.transform import from_origin

from tests.provinces import QUANG_NGAI
from tests.rollout.conftest import SMALL
from tests.rollout.terrain.rasters import write_tiff
from tram.rollout.terrain.clutter import CLASSES, Cover, clutter_heights_m
from tram.rollout.terrain.coast import land_mask
from tram.rollout.terrain.demo import make_demo
from tram.rollout.terrain.importing import BoundingBox, cells_of, import_mosaic
from tram.rollout.terrain.mosaic import GeoPoint, Mosaic, open_mosaic
from tram.runtime.errors import Refused

STEP = 1 / 600
WEST, NORTH = 108.0, 15.2


def heights_at(mosaic: Mosaic, *places):
    columns, rows = np.transpose([mosaic.grid_of(GeoPoint(*place)) for place in places])
    return mosaic.sample(columns, rows)


@pytest.fixture
def made(tmp_path):
    """Build a mosaic of rasters that all cover the same 60 x 60 cells."""

    def build(*rasters, cover=(), **more):
        files = []
        for number, (values, extra) in enumerate(rasters):
            files.append(tmp_path / f"{number}.tif")
            write_tiff(files[-1], values, WEST, NORTH, STEP, **extra)
        covers = []
        for number, classes in enumerate(cover):
            covers.append(tmp_path / f"c{number}.tif")
            write_tiff(covers[-1], classes, WEST, NORTH, STEP)
        report = import_mosaic(tmp_path / "m", files, covers, cell_m=185.0, **more)
        return report, open_mosaic(tmp_path / "m")

    return build


def full(value, kind=np.float32):
    return np.full((60, 60), value, kind)


MIDDLE = (WEST + 30 * STEP, NORTH - 30 * STEP)


def test_the_first_file_with_a_value_decides(made):
    hole = full(100)
    hole[20:40, 20:40] = -9999
    report, mosaic = made((hole, {"nodata": -9999}), (full(200), {}))
    assert heights_at(mosaic, MIDDLE)[0][0] == pytest.approx(200)
    assert heights_at(mosaic, (WEST + 10 * STEP, NORTH - 30 * STEP))[0][0] == pytest.approx(100)
    assert report.about.sources == ["0.tif", "1.tif"]
    assert not report.about.synthetic


@pytest.mark.parametrize(
    ("mark", "extra"),
    [
        (-9999.0, {"nodata": -9999.0}),
        (0.0, {"nodata": 0.0}),  # a file may call its zeros unknown
        (-32767.0, {}),  # marks that files do not declare
        (32767.0, {}),
        (np.nan, {}),
        (np.inf, {}),
    ],
)
def test_marks_of_voids_are_no_heights(made, mark, extra):
    hole = full(100)
    hole[28:32, 28:32] = mark
    report, mosaic = made((hole, extra))
    assert heights_at(mosaic, MIDDLE)[0][0] == pytest.approx(100, abs=0.1), "filled from its rim"
    assert report.filled > 0


@pytest.mark.parametrize("height", [-420.0, -499.0, 8848.0])
def test_the_lowest_and_highest_ground_of_the_earth_is_ground(made, height):
    _, mosaic = made((full(height), {}))
    assert heights_at(mosaic, MIDDLE)[0][0] == pytest.approx(height)


def test_every_cell_is_known_filled_or_unknown(made):
    wide = full(50)
    wide[:, 8:56] = np.nan
    report, mosaic = made((wide, {}))
    about = report.about
    assert report.cells == about.rows * about.columns == mosaic.ground.size
    assert report.unknown == about.voids_left == int(np.isnan(mosaic.ground).sum()) > 0
    assert report.filled == about.voids_filled > 0
    assert np.isnan(heights_at(mosaic, MIDDLE)[0][0]), "too wide to be guessed"


def test_the_first_cover_file_with_a_class_decides(made):
    first = full(Cover.UNKNOWN, np.uint8)
    first[:, :30] = Cover.TREES
    _, mosaic = made((full(5), {}), cover=[first, full(Cover.BUILT, np.uint8)])
    west, east = (WEST + 10 * STEP, MIDDLE[1]), (WEST + 50 * STEP, MIDDLE[1])
    assert heights_at(mosaic, west, east)[2].tolist() == [Cover.TREES, Cover.BUILT]


def test_a_known_class_is_not_drowned_by_the_coast(made):
    sea = [{"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}]  # elsewhere
    pier = full(Cover.UNKNOWN, np.uint8)
    pier[:, :30] = Cover.BUILT
    _, mosaic = made((full(0), {}), cover=[pier], land=sea)
    west, east = (WEST + 10 * STEP, MIDDLE[1]), (WEST + 50 * STEP, MIDDLE[1])
    assert heights_at(mosaic, west, east)[2].tolist() == [Cover.BUILT, Cover.WATER]


def test_an_area_cuts_and_without_one_all_files_are_taken(tmp_path):
    for number, west in enumerate((108.0, 108.3)):
        write_tiff(tmp_path / f"{number}.tif", full(10), west, NORTH, STEP)
    files = sorted(tmp_path.glob("*.tif"))
    whole = import_mosaic(tmp_path / "all", files, cell_m=500.0)
    assert whole.about.columns == pytest.approx(0.4 * 107_500 / 500, rel=0.02)
    box = BoundingBox(108.02, 15.12, 108.08, 15.18)
    part = import_mosaic(tmp_path / "part", files, area=box, cell_m=500.0)
    assert part.unknown == 0
    assert part.about.columns == pytest.approx(0.06 * 107_500 / 500, abs=1.5)


def test_a_file_without_a_position_is_refused_by_its_name(tmp_path):
    file = tmp_path / "scan.tif"
    write_tiff(file, full(1), WEST, NORTH, STEP, crs=None)
    with pytest.raises(Refused, match=r"scan\.tif does not say where it lies") as caught:
        import_mosaic(tmp_path / "m", [file])
    assert caught.value.code == "terrain.no_position"


@pytest.mark.parametrize(
    ("width_m", "height_m", "cell_m", "grid"),
    [
        (3000, 6000, 30, (200, 100)),
        (60, 60, 30, (2, 2)),
        (600_000, 600_000, 30, (20_000, 20_000)),
    ],
)
def test_a_grid_within_its_bounds(width_m, height_m, cell_m, grid):
    assert cells_of(width_m, height_m, cell_m) == grid


@pytest.mark.parametrize(
    ("width_m", "height_m", "cell_m"),
    [
        (40, 600, 30),
        (600, 40, 30),
        (600_030, 600_000, 30),
        (600, 600, 0),
        (600, 600, -30),
        (600, 600, np.nan),
        (600, 600, np.inf),
        (600, 600, 1e-320),
        (-600, -600, 30),
    ],
)
def test_no_grid_and_too_large_a_grid_are_refused(width_m, height_m, cell_m):
    with pytest.raises(Refused, match="The area would need a grid of") as caught:
        cells_of(width_m, height_m, cell_m)
    assert "at most 400,000,000 cells" in caught.value.hint


@pytest.mark.parametrize("cell_m", [0.0, -30.0, 0.01])
def test_synthetic_ground_has_the_same_bounds(tmp_path, cell_m):
    with pytest.raises(Refused, match="The area would need a grid of"):
        make_demo(tmp_path, QUANG_NGAI.spot_heights(), (), SMALL, cell_m)
    assert not list(tmp_path.iterdir())


def test_synthetic_ground_rises_from_the_sea_and_towns_are_built(terrain):
    mosaic = open_mosaic(terrain)
    assert np.isfinite(mosaic.ground).all()
    water = np.asarray(mosaic.cover) == Cover.WATER
    assert (mosaic.ground[water] == 0).all()
    assert (mosaic.ground[~water] >= 1).all()
    inside = [s for s in QUANG_NGAI.spot_heights() if mosaic.holds(GeoPoint(s.lon, s.lat))]
    assert inside
    found = heights_at(mosaic, *[(s.lon, s.lat) for s in inside])[2]
    assert Cover.BUILT in found


def test_classes_that_no_one_knows_add_no_height():
    for is_surface in (True, False):
        heights = clutter_heights_m(is_surface=is_surface)
        assert len(heights) == CLASSES
        assert heights[Cover.BUILT] == 10, "houses stand on both models"
        others = set(range(CLASSES)) - {Cover.BUILT, Cover.TREES, Cover.MANGROVES}
        assert not heights[sorted(others)].any()
    assert clutter_heights_m(is_surface=False)[Cover.MANGROVES] == 15


def test_a_cell_is_land_by_its_middle_and_lakes_are_holes():
    ring = [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]
    lake = [[1.1, 1.1], [1.1, 2.9], [2.9, 2.9], [2.9, 1.1], [1.1, 1.1]]
    isle = [[5.4, 1.4], [5.6, 1.4], [5.6, 1.6], [5.4, 1.6], [5.4, 1.4]]
    land = [
        {"type": "Polygon", "coordinates": [ring, lake]},
        {"type": "Polygon", "coordinates": [isle]},
    ]
    found = land_mask(land, "EPSG:4326", from_origin(0, 4, 1, 1), (4, 6))
    wanted = np.zeros((4, 6), bool)
    wanted[:, :4] = True
    wanted[1:3, 1:3] = False
    wanted[2, 5] = True
    assert np.array_equal(found, wanted)
