"""A province's files as they are read: boxes, tables with blanks, and what is mistyped in them."""

import math
from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.provinces import QUANG_NGAI
from tram.domain.province import Extent, ProvinceFacts, csv_rows, facts_of

FACTS = """
name = "Thử"
full_name = "tỉnh Thử"
example_source = "Báo cáo"
bounds = {west = 107.0, south = 14.0, east = 109.0, north = 15.5}
view = {west = 107.2, south = 14.2, east = 108.8, north = 15.4}
terrain = {west = 107.0, south = 14.0, east = 109.0, north = 15.5}
centre = {lon = 108.0, lat = 15.0}
example_place = {lon = 108.1, lat = 15.1}
"""
DEGREES = st.floats(-180, 180)


def test_facts_are_read_with_and_without_a_merger():
    plain = facts_of(FACTS.encode())
    assert (plain.full_name, plain.centre.lat, plain.merger) == ("tỉnh Thử", 15.0, None)
    more = 'merger = {on = 2025-07-01, zones = ["KKT"], communes_before = 170}\n'
    assert facts_of((FACTS + more).encode()).merger.on == date(2025, 7, 1)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "Thử"\n', "", "missing required field `name`"),
        ("centre =", "center =", "center"),
        ("lat = 15.0", 'lat = "15"', "`$.centre.lat`"),
        ("north = 15.5}\nview", "north = 15.5, up = 1}\nview", "up"),
    ],
)
def test_a_mistyped_fact_is_said_with_its_place(old, new, said):
    with pytest.raises(msgspec.ValidationError) as caught:
        facts_of(FACTS.replace(old, new, 1).encode())
    assert said in str(caught.value)


@given(st.tuples(DEGREES, DEGREES, DEGREES, DEGREES), DEGREES, DEGREES)
def test_a_box_holds_its_rim_and_nothing_beyond(sides, lon, lat):
    west, south, east, north = sides
    box = Extent(west, south, east, north)
    assert box.has_inside == (west < east and south < north)
    if box.has_inside:
        for corner in ((west, south), (east, north), (west, north), (east, south)):
            assert box.holds(*corner)
        assert box.holds(west, box.middle_lat)
    assert box.holds(lon, lat) == (west <= lon <= east and south <= lat <= north)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_degree_lies_nowhere(value):
    world = Extent(-180, -90, 180, 90)
    assert not world.holds(value, 0)
    assert not world.holds(0, value)
    assert not Extent(value, -90, value, 90).has_inside


def test_an_empty_figure_is_unknown_and_an_empty_word_is_empty():
    table = "id,name,area_ha,lon,lat\r\nz1,,12.5,108.1,15\r\nz2,Khu,,,\r\n"
    first, second = csv_rows(table.encode())
    assert first == {"id": "z1", "name": "", "area_ha": "12.5", "lon": "108.1", "lat": "15"}
    assert second == {"id": "z2", "name": "Khu", "area_ha": None, "lon": None, "lat": None}


def test_the_shipped_province_fits_itself():
    """Its boxes hold one another, its communes, its zones and its heights."""
    province = QUANG_NGAI
    assert isinstance(province, ProvinceFacts)
    for box in (province.bounds, province.view, province.terrain):
        assert box.has_inside
    assert province.bounds.holds(province.centre.lon, province.centre.lat)
    assert province.bounds.holds(province.example_place.lon, province.example_place.lat)
    for commune in province.communes:
        assert province.bounds.holds(commune.lon, commune.lat), commune.name
        assert commune.area_km2 > 0
    assert len({commune.code for commune in province.communes}) == len(province.communes)
    for zone in province.zones():
        assert zone.lon is None or province.bounds.holds(zone.lon, zone.lat), zone.name
        assert (zone.lon is None) == (zone.lat is None)
    heights = province.spot_heights()
    assert len(heights) >= 3, "a surface needs three points"
    assert max(spot.height_m for spot in heights) < 3_143, "no higher than Fansipan"
    assert province.full_name in province.office
