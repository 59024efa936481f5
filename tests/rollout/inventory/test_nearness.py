"""Which points lie near, in which area, and circles that stand for areas without a border."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from tram.rollout.inventory.geography.locator import LocatedArea, Locator, circle
from tram.rollout.inventory.stations.sites import Nearness, apart_m

EARTH = Geod(ellps="WGS84")
LATITUDES = st.floats(-60, 60)


@given(st.floats(-179, 179), LATITUDES, st.floats(0, 360), st.floats(0, 200))
def test_the_distance_of_near_points_is_that_on_the_earth(lon, lat, azimuth, metres):
    east, north, _ = EARTH.fwd(lon, lat, azimuth, metres)
    assert apart_m((lon, lat), (east, north)) == pytest.approx(metres, rel=7e-3, abs=1e-3)
    assert apart_m((east, north), (lon, lat)) == apart_m((lon, lat), (east, north))


@given(
    LATITUDES,
    st.floats(5, 500),
    st.lists(st.tuples(st.floats(-900, 900), st.floats(-900, 900)), max_size=30),
)
def test_all_within_reach_are_found_and_no_other(lat, reach, offsets):
    """As a search of every point finds them."""
    around = Nearness(reach)
    degree = 111_195.0
    points = [
        (108 + x / degree / math.cos(math.radians(lat)), lat + y / degree) for x, y in offsets
    ]
    for number, (lon, latitude) in enumerate(points):
        around.add(lon, latitude, number)
    found = around.around(108, lat)
    wanted = {n for n, point in enumerate(points) if apart_m((108, lat), point) <= reach}
    assert {number for _, number in found} == wanted
    assert [distance for distance, _ in found] == sorted(distance for distance, _ in found)


def test_one_place_may_have_two_stations():
    around = Nearness(25)
    around.add(108.8, 15.1, "a")
    around.add(108.8, 15.1, "b")
    assert around.around(108.8, 15.1) == [(0, "a"), (0, "b")]
    assert around.around(108.8, 15.2) == []


@given(st.floats(100, 115), st.floats(8, 24), st.floats(0.1, 20_000))
def test_a_circle_has_the_area_that_the_decision_states(lon, lat, hectares):
    shape = circle(lon, lat, hectares)
    area_m2 = abs(EARTH.geometry_area_perimeter(shape)[0])
    # 64 corners leave 0.16 % out, the sphere and a degree's slant a little more.
    assert area_m2 == pytest.approx(hectares * 10_000, rel=0.02)
    assert shape.centroid.distance(shapely.Point(lon, lat)) < 1e-6


SQUARES = Locator(
    [
        LocatedArea("west", shapely.box(108, 15, 109, 16)),
        LocatedArea("east", shapely.box(109, 15, 110, 16)),
        LocatedArea("park", shapely.box(108.9, 15.4, 109.1, 15.6)),
    ]
)


@pytest.mark.parametrize(
    ("lon", "lat", "keys"),
    [
        (108.5, 15.5, ("west",)),
        (109.0, 15.2, ("west", "east")),  # on the border of both
        (109.05, 15.5, ("east", "park")),
        (109.0, 15.5, ("west", "east", "park")),
        (108.0, 15.0, ("west",)),  # on a corner
        (107.99, 15.5, ()),
    ],
)
def test_a_point_lies_in_all_areas_that_hold_it(lon, lat, keys):
    assert SQUARES.keys_of([lon], [lat]) == [keys]


@given(st.lists(st.tuples(st.floats(107, 111), st.floats(14, 17)), max_size=20))
def test_many_points_are_found_as_each_alone(points):
    lons, lats = [p[0] for p in points], [p[1] for p in points]
    together = SQUARES.keys_of(np.array(lons), np.array(lats))
    assert together == [SQUARES.keys_of([lon], [lat])[0] for lon, lat in points]


def test_without_areas_nothing_is_found():
    assert Locator().keys_of([108.5, 108.6], [15, 15]) == [(), ()]
    assert SQUARES.keys_of([], []) == []
