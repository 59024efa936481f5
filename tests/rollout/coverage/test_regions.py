"""Shares of communes, zones and roads, and the holes left, on a raster drawn by hand."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.transform import from_origin

from tests.rollout.coverage.flat import CELL_M, SIZE, flat_mosaic
from tram.rollout.coverage.regions import (
    HOLE_KM2_MIN,
    CoverageRaster,
    Region,
    holes_of,
    shares_of,
)
from tram.rollout.coverage.results import LADDER_DBM
from tram.rollout.terrain.mosaic import GeoPoint

MOSAIC = flat_mosaic()
CELL_KM2 = (CELL_M / 1000) ** 2
EDGES = (-95.0, -105.0, -110.0)
GOOD, WEAK = np.float32(-80), np.float32(-120)


def sheet(rsrp=None, **more) -> CoverageRaster:
    """Served land everywhere unless told otherwise."""
    shape = (SIZE, SIZE)
    about = MOSAIC.about
    return CoverageRaster(
        np.full(shape, GOOD, np.float32) if rsrp is None else rsrp,
        more.get("uplink", np.ones(shape, np.float32)),
        more.get("known", np.ones(shape, bool)),
        more.get("land", np.ones(shape, bool)),
        from_origin(about.west_m, about.north_m, CELL_M, CELL_M),
        about.crs,
    )


def in_degrees(*corners):
    return [(place.lon, place.lat) for place in (MOSAIC.place_of(*at) for at in corners)]


def box(left, top, right, bottom):
    """A box of whole cells, a hair within them."""
    a, b, c, d = left + 0.01, top + 0.01, right - 0.01, bottom - 0.01
    return shapely.Polygon(in_degrees((a, b), (c, b), (c, d), (a, d)))


def share_of(made, shape=None, kind="commune", sigma=0.0):
    regions = [Region(kind, "c", "Xã", box(10, 10, 30, 30) if shape is None else shape)]
    (found,) = shares_of(made, regions, EDGES, sigma)
    return found


def test_a_share_is_that_of_the_cells_inside():
    rsrp = np.full((SIZE, SIZE), WEAK)
    rsrp[:, :15] = -100
    rsrp[:, :12] = -90
    found = share_of(sheet(rsrp))
    assert found.shares == [0.1, 0.25, 0.25]
    assert found.amount == pytest.approx(400 * CELL_KM2, rel=0.01)
    assert found.unknown == 0


@pytest.mark.parametrize("edge", EDGES)
def test_a_cell_at_the_threshold_is_served_and_one_below_is_not(edge):
    for level, share in ((edge, 1), (edge - 0.1, 0)):
        found = share_of(sheet(np.full((SIZE, SIZE), level, np.float32)))
        assert found.shares[EDGES.index(edge)] == share


def test_water_and_unknown_ground_do_not_count_as_unserved_land():
    rsrp = np.full((SIZE, SIZE), GOOD)
    rsrp[:, :20] = WEAK
    land, known = np.ones((2, SIZE, SIZE), bool)
    land[:, :15] = False
    known[:, 15:20] = False
    found = share_of(sheet(rsrp, land=land, known=known))
    assert found.shares == [1, 1, 1]
    assert found.unknown == pytest.approx(5 / 15, abs=1e-6)


def test_a_road_counts_on_its_bridges_and_by_its_length():
    rsrp = np.full((SIZE, SIZE), GOOD)
    rsrp[:, 30:40] = WEAK
    land = np.ones((SIZE, SIZE), bool)
    land[:, 30:40] = False
    road = shapely.LineString(in_degrees((20.5, 40.5), (59.5, 40.5)))
    found = share_of(sheet(rsrp, land=land), road, kind="road")
    assert found.amount == pytest.approx(39 * CELL_M / 1000, rel=0.001)
    assert found.shares[-1] == pytest.approx(30 / 40, abs=0.01)


def test_a_zone_smaller_than_a_cell_has_the_share_of_where_it_lies():
    rsrp = np.full((SIZE, SIZE), WEAK)
    rsrp[20, 20] = GOOD
    tiny = shapely.Polygon(in_degrees((20.1, 20.1), (20.3, 20.1), (20.3, 20.3)))
    assert share_of(sheet(rsrp), tiny, kind="zone").shares == [1, 1, 1]


def test_what_lies_outside_or_in_the_water_is_left_out():
    land = np.ones((SIZE, SIZE), bool)
    land[:10] = False
    regions = [
        Region("commune", "far", "", shapely.box(100, 10, 100.1, 10.1)),
        Region("commune", "bay", "", box(10, 2, 20, 8)),
        Region("commune", "none", "", shapely.Polygon()),
        Region("commune", "here", "", box(70, 70, 95, 95)),
    ]
    assert [found.key for found in shares_of(sheet(land=land), regions, EDGES, 0.0)] == ["here"]


def test_a_region_that_is_all_unknown_is_told_as_such():
    found = share_of(sheet(known=np.zeros((SIZE, SIZE), bool)))
    assert (found.unknown, found.shares, found.uplink_share) == (1, [0, 0, 0], 0)


def test_the_worst_comes_first_by_kind():
    rsrp = np.tile(np.linspace(-130, -80, SIZE, dtype=np.float32), (SIZE, 1))
    boxes = {"b": box(50, 0, 60, 9), "a": box(40, 0, 55, 9), "z": box(0, 0, 9, 9)}
    regions = [Region("zone" if key == "z" else "commune", key, "", s) for key, s in boxes.items()]
    found = shares_of(sheet(rsrp), regions, EDGES, 0.0)
    assert [item.key for item in found] == ["a", "b", "z"]


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 1.6, 8.0]))
def test_shares_obey_each_other(seed, sigma):
    chance = np.random.default_rng(seed)
    rsrp = np.round(chance.normal(-105, 12, (SIZE, SIZE)), 1).astype(np.float32)
    uplink = chance.normal(0, 10, (SIZE, SIZE)).astype(np.float32)
    uplink[0:20] = np.nan
    found = share_of(sheet(rsrp, uplink=uplink), sigma=sigma)
    assert found.shares == sorted(found.shares), "a weaker threshold covers more"
    assert found.ladder == sorted(found.ladder, reverse=True)
    assert len(found.ladder) == len(found.likely_ladder) == len(LADDER_DBM)
    for both, down in zip(found.both_ways, found.shares, strict=True):
        assert both <= min(down, found.uplink_share)
    assert found.ladder[LADDER_DBM.index(-110)] == found.shares[-1]
    if sigma == 0:
        assert found.likely == found.shares


def drawn_holes(weak, communes=(), **more):
    rsrp = np.full((SIZE, SIZE), GOOD)
    for left, top, right, bottom in weak:
        rsrp[top:bottom, left:right] = WEAK
    return holes_of(sheet(rsrp, **more), -110.0, list(communes))


def test_holes_are_numbered_from_the_largest():
    found = drawn_holes([(5, 5, 15, 15), (30, 30, 60, 50)])
    assert [hole.number for hole, _ in found] == [1, 2]
    assert [hole.area_km2 for hole, _ in found] == pytest.approx([600 * CELL_KM2, 100 * CELL_KM2])
    largest = found[0][0]
    column, row = MOSAIC.grid_of(GeoPoint(largest.lon, largest.lat))
    assert 30 <= column <= 60
    assert 30 <= row <= 50
    assert found[0][1].contains(shapely.Point(largest.lon, largest.lat))


def test_cells_that_touch_at_a_corner_are_two_holes():
    assert len(drawn_holes([(10, 10, 20, 20), (20, 20, 30, 30)])) == 2
    assert len(drawn_holes([(10, 10, 20, 20), (20, 19, 30, 30)])) == 1


def test_a_hole_too_small_to_build_for_is_not_listed():
    cells = round(HOLE_KM2_MIN / CELL_KM2)
    assert len(drawn_holes([(10, 10, 10 + cells, 11)])) == 1
    assert drawn_holes([(10, 10, 10 + cells - 1, 11)]) == []


def test_neither_the_sea_nor_unknown_ground_is_a_hole():
    for name in ("land", "known"):
        there = np.ones((SIZE, SIZE), bool)
        there[:, :40] = False
        (only,) = drawn_holes([(20, 20, 50, 40)], **{name: there})
        assert only[0].area_km2 == pytest.approx(200 * CELL_KM2)


def test_the_search_ends_at_the_communes_and_names_them():
    communes = [
        Region("commune", "1", "Xã Tây", box(0, 0, 40, 40)),
        Region("commune", "2", "Xã Đông", box(60, 0, 80, 40)),
    ]
    found = drawn_holes([(20, 10, 70, 20)], communes)
    assert [(hole.commune, round(hole.area_km2 / CELL_KM2)) for hole, _ in found] == [
        ("Xã Tây", 200),
        ("Xã Đông", 100),
    ]
    (alone,) = drawn_holes([(20, 10, 70, 20)])
    assert alone[0].commune == ""
