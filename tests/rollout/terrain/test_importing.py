"""Elevation files of all kinds into one mosaic; voids; the synthetic ground."""

import numpy as np
import pytest

from tests.provinces import QUANG_NGAI
from tests.rollout.conftest import SMALL
from tests.rollout.terrain.rasters import write_hgt, write_tiff
from tram.app.demo.land import land_polygons
from tram.rollout.terrain.clutter import Cover, clutter_heights_m
from tram.rollout.terrain.demo import make_demo
from tram.rollout.terrain.importing import import_mosaic
from tram.rollout.terrain.mosaic import GeoPoint, open_mosaic
from tram.rollout.terrain.profiles import line_between
from tram.runtime.errors import Refused

VOID = -32768


@pytest.fixture(scope="module")
def srtm(tmp_path_factory):
    """A 3-arc-second tile that rises to the east, with a small and a large void."""
    file = tmp_path_factory.mktemp("srtm") / "N15E108.hgt"
    heights = np.tile(np.linspace(0, 1200, 1201), (1201, 1)).round()
    heights[600:603, 600:603] = VOID
    heights[100:400, 900:1100] = VOID
    write_hgt(file, heights)
    return file


def test_an_srtm_tile_is_read_and_its_voids_are_told(srtm, tmp_path):
    report = import_mosaic(tmp_path / "m", [srtm], cell_m=90.0)
    mosaic = open_mosaic(tmp_path / "m")
    assert report.filled > 0
    assert report.unknown > 0
    line = line_between(mosaic, GeoPoint(108.2, 15.5), GeoPoint(108.6, 15.5))
    assert line.ground_m[0] == pytest.approx(240, abs=3)
    assert line.ground_m[-1] == pytest.approx(720, abs=3)
    small = mosaic.sample(*(np.array([v]) for v in mosaic.grid_of(GeoPoint(108.501, 15.4985))))
    assert small[0][0] == pytest.approx(600, abs=5)
    wide = mosaic.sample(*(np.array([v]) for v in mosaic.grid_of(GeoPoint(108.83, 15.8))))
    assert np.isnan(wide[0][0])


def test_tiles_join_and_cover_lies_on_them(tmp_path):
    step = 1 / 600
    left = tmp_path / "left.tif"
    right = tmp_path / "right.tif"
    write_tiff(left, np.full((120, 60), 100, np.float32), 108.0, 15.2, step)
    write_tiff(right, np.full((120, 60), 200, np.float32), 108.1, 15.2, step)
    cover = np.full((120, 120), Cover.BUILT, np.uint8)
    cover[60:] = Cover.TREES
    write_tiff(tmp_path / "cover.tif", cover, 108.0, 15.2, step)
    import_mosaic(tmp_path / "m", [left, right], [tmp_path / "cover.tif"], cell_m=90.0)
    mosaic = open_mosaic(tmp_path / "m")
    line = line_between(mosaic, GeoPoint(108.03, 15.17), GeoPoint(108.17, 15.17))
    assert line.ground_m[0] == pytest.approx(100, abs=0.5)
    assert line.ground_m[-1] == pytest.approx(200, abs=0.5)
    assert set(line.cover) == {Cover.BUILT}
    south = line_between(mosaic, GeoPoint(108.03, 15.03), GeoPoint(108.17, 15.03))
    assert south.clutter_m.max() == 0, "the canopy is in a surface model already"


def test_the_sea_is_water_where_no_cover_file_says_what_is_there(tmp_path):
    heights = np.full((120, 120), 5, np.float32)
    heights[:, 60:] = 0
    heights[:60, :30] = 0
    write_tiff(tmp_path / "t.tif", heights, 108.0, 15.2, 1 / 600)
    west = [[108.0, 15.0], [108.12, 15.0], [108.12, 15.2], [108.0, 15.2], [108.0, 15.0]]
    land = [{"type": "Polygon", "coordinates": [west]}]
    import_mosaic(tmp_path / "m", [tmp_path / "t.tif"], cell_m=90.0, land=land)
    mosaic = open_mosaic(tmp_path / "m")
    spots = [(108.05, 15.05), (108.02, 15.15), (108.11, 15.1), (108.17, 15.1)]
    columns, rows = np.transpose([mosaic.grid_of(GeoPoint(*spot)) for spot in spots])
    kinds = mosaic.sample(columns, rows)[2]
    assert kinds.tolist() == [Cover.UNKNOWN] * 3 + [Cover.WATER], "low land is land"


def test_bare_ground_carries_its_forest():
    assert clutter_heights_m(is_surface=False)[Cover.TREES] == 15
    assert clutter_heights_m(is_surface=True)[Cover.TREES] == 0


def test_what_is_no_terrain_is_refused(tmp_path):
    wrong = tmp_path / "wrong.tif"
    wrong.write_text("nothing")
    with pytest.raises(Refused, match="cannot be read as a raster"):
        import_mosaic(tmp_path / "m", [wrong])
    with pytest.raises(Refused, match="No terrain has been imported"):
        open_mosaic(tmp_path / "m")
    with pytest.raises(Refused, match="No elevation file"):
        import_mosaic(tmp_path / "m", [])


def test_a_place_outside_is_refused(terrain):
    with pytest.raises(Refused, match=r"B .*outside the terrain"):
        line_between(open_mosaic(terrain), GeoPoint(108.8, 15.1), GeoPoint(100.0, 15.1))


def test_the_synthetic_ground_is_the_same_again_and_says_so(terrain, tmp_path):
    make_demo(tmp_path, QUANG_NGAI.spot_heights(), land_polygons(QUANG_NGAI), SMALL, 60.0)
    one, other = open_mosaic(terrain), open_mosaic(tmp_path)
    assert np.array_equal(one.ground, other.ground)
    assert np.array_equal(one.cover, other.cover)
    assert one.about.synthetic
    sea = one.grid_of(GeoPoint(108.94, 15.15))
    assert one.cover[int(sea[1]), int(sea[0])] == Cover.WATER
    assert one.ground[int(sea[1]), int(sea[0])] == 0
