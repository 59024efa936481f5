"""One path explained: what is said of a ridge, of the coast, of short ways and of who serves."""

import math

import numpy as np
import pytest

from tests.rollout.coverage.flat import CELL_M, SIZE, a_sector, flat_mosaic
from tram.rollout.coverage.path_explained import (
    LAPSE_RATE,
    Ends,
    _profile,
    explain_path,
    servers_at,
)
from tram.rollout.coverage.sampling import cover_at
from tram.rollout.radio.p1812.inputs import COASTAL, EARTH_RADIUS_KM, INLAND, SEA
from tram.rollout.radio.tr38901 import Environment, SiteSurroundings, path_loss_db
from tram.rollout.terrain.clutter import Cover
from tram.rollout.terrain.mosaic import GeoPoint
from tram.rollout.terrain.profiles import Line
from tram.runtime.errors import Refused

FLAT = flat_mosaic()


def ends(mosaic, metres, **more):
    """Due east from the tenth column."""
    a, b = (mosaic.place_of(column, 40.5) for column in (10.5, 10.5 + metres / CELL_M))
    return Ends(a=(a.lon, a.lat), b=(b.lon, b.lat), **more)


def explained(metres, mosaic=FLAT, **more):
    return explain_path(mosaic, ends(mosaic, metres, **more))


def with_ridge(height):
    ground = np.zeros((SIZE, SIZE), np.float32)
    ground[:, 40] = height
    return flat_mosaic(ground)


def test_the_map_models_earth_is_the_one_that_is_explained():
    radius_km = EARTH_RADIUS_KM * 157 / (157 - LAPSE_RATE)
    assert radius_km == pytest.approx(8495)


def test_over_open_ground_the_parts_add_up():
    view = explained(3000)
    assert view.azimuth_deg == pytest.approx(90, abs=0.01)
    assert view.length_km == pytest.approx(3, abs=1e-3)
    assert view.map_loss_db == pytest.approx(
        view.parts["free_space_db"]
        + view.parts["terrain_edges_db"]
        + view.parts["smooth_earth_db"],
        abs=0.01,
    )
    assert view.parts["multipath_db"] == 0, "half of the time"
    assert view.is_clear
    assert not view.synthetic
    assert view.points[0].fresnel_m == view.points[-1].fresnel_m == 0
    assert view.points[0].sight_m == pytest.approx(35)
    assert view.points[-1].sight_m == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("height", "is_clear"), [(10, True), (17, True), (20, False), (60, False)]
)
def test_a_ridge_in_the_middle_is_clear_or_not(height, is_clear):
    # The line from 35 m to 1.5 m passes the ridge, half way, at 18.2 m less 7 cm of bulge.
    view = explained(3000, with_ridge(height))
    assert view.is_clear is is_clear
    assert (view.fresnel_free > 0) is is_clear


def test_a_higher_ridge_takes_more_and_the_map_says_so():
    views = [explained(3000, with_ridge(height)) for height in (0, 30, 60, 120)]
    for of in ("loss_db", "map_loss_db"):
        levels = [getattr(view, of) for view in views]
        assert levels == sorted(levels)
    assert views[-1].parts["terrain_edges_db"] > 30


def test_less_time_is_less_loss_but_not_on_the_map():
    often, seldom = (explained(3000, time_percent=percent) for percent in (50, 1))
    assert seldom.loss_db < often.loss_db
    assert seldom.map_loss_db == often.map_loss_db
    assert seldom.parts["multipath_db"] < 0


@pytest.mark.parametrize("metres", [250.001, 399.999])
def test_between_the_models_the_map_passes_over(metres):
    view = explained(metres)
    place = SiteSurroundings(35, 1.5)
    near = path_loss_db(Environment.RURAL, place, 3.75, metres, sight=True)
    far = view.parts["free_space_db"] + view.parts["diffraction_db"]
    assert view.map_loss_db == pytest.approx(near if metres < 300 else far, abs=0.01)


def test_over_the_border_the_map_makes_no_step():
    levels = [explained(metres).map_loss_db for metres in np.linspace(251, 500, 30)]
    assert np.abs(np.diff(levels)).max() < 1.0


@pytest.mark.parametrize("metres", [0, 100, 249])
def test_too_short_a_path_is_refused_with_the_bound(metres):
    with pytest.raises(Refused, match=r"distance_km: .* is not within 0\.25-3000 km"):
        explained(metres)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"frequency_ghz": 6.1}, "frequency_ghz"),
        ({"a_height_m": 0.5}, "tx_height_m"),
        ({"b_height_m": 0.0}, "rx_height_m"),
        ({"time_percent": 0.5}, "time_percent"),
    ],
)
def test_what_the_model_does_not_hold_for_is_refused_by_its_field(more, field):
    with pytest.raises(Refused) as caught:
        explained(3000, **more)
    assert [fault.field for fault in caught.value.faults] == [field]


def test_low_land_by_the_sea_is_coast_and_high_or_far_land_is_not():
    km = np.array([0.0, 10, 30, 49, 61, 80])
    ground = np.array([0.0, 5, 99, 101, 50, 50])
    sea = np.array([True, False, False, False, False, False])
    profile = _profile(Line(km, ground, np.zeros(6), np.zeros(6, np.uint8), sea))
    assert profile.zone.tolist() == [SEA, COASTAL, COASTAL, INLAND, INLAND, INLAND]
    dry = _profile(Line(km, ground, np.zeros(6), np.zeros(6, np.uint8), np.zeros(6, bool)))
    assert set(dry.zone) == {INLAND}


def place(column, row=40.5) -> GeoPoint:
    return FLAT.place_of(column, row)


def test_a_sector_that_looks_here_is_stronger_than_one_that_looks_away():
    here = a_sector(FLAT, 20.5, station="here", azimuth_deg=90)
    away = a_sector(FLAT, 20.5, station="away", azimuth_deg=270)
    found = servers_at(FLAT, place(60.5), [away, here], {})
    assert [server.station for server in found] == ["here", "away"]
    assert found[0].rsrp_dbm - found[1].rsrp_dbm == pytest.approx(25, abs=5)
    assert found[0].loss_db == found[1].loss_db


def test_of_a_station_the_best_sector_of_each_band_is_told():
    three = [a_sector(FLAT, 20.5, azimuth_deg=azimuth) for azimuth in (0, 120, 240)]
    low = a_sector(FLAT, 20.5, band="n28", azimuth_deg=0)
    found = servers_at(FLAT, place(60.5), [*three, low], {})
    assert sorted(server.band for server in found) == ["n28", "n78"]
    alone = servers_at(FLAT, place(60.5), [three[1]], {})
    assert alone[0] in found, "120 degrees is nearest to due east"


def test_no_more_than_six_are_told_the_strongest_first():
    many = [a_sector(FLAT, 10.5 + 3 * k, station=f"s{k}") for k in range(9)]
    found = servers_at(FLAT, place(70.5), many, {})
    assert len(found) == 6
    levels = [server.rsrp_dbm for server in found]
    assert levels == sorted(levels, reverse=True)


def test_margins_and_chances_follow_the_signal():
    (server,) = servers_at(FLAT, place(60.5), [a_sector(FLAT, 20.5)], {})
    assert server.downlink_margin_db == pytest.approx(server.rsrp_dbm + 110, abs=0.11)
    assert server.margin_db == min(server.downlink_margin_db, server.uplink_margin_db)
    assert server.weaker == "uplink"
    assert server.chances == sorted(server.chances)
    assert server.assumed == ["antenna"]
    assert server.length_km == pytest.approx(2, abs=1e-3)


@pytest.mark.parametrize(
    ("code", "word"),
    [(Cover.BUILT, "built"), (Cover.WATER, "water"), (7, "unknown"), (0, "unknown")],
)
def test_the_cover_of_a_place_in_a_word(code, word):
    cover = np.full((SIZE, SIZE), Cover.CROPS, np.uint8)
    cover[40, 60] = code
    mosaic = flat_mosaic(cover=cover)
    assert cover_at(mosaic, place(60.5)) == word
    assert cover_at(mosaic, place(61.5)) == "crops"
    assert cover_at(mosaic, GeoPoint(100, 10)) == "unknown"


def test_azimuths_count_from_north_to_the_east():
    turns = {}
    for name, (column, row) in {
        "N": (40, 20),
        "E": (60, 40),
        "S": (40, 60),
        "W": (20, 40),
    }.items():
        a, b = FLAT.place_of(40, 40), FLAT.place_of(column, row)
        turns[name] = (
            explain_path(FLAT, Ends(a=(a.lon, a.lat), b=(b.lon, b.lat))).azimuth_deg % 360
        )
    for name, azimuth in {"N": 0, "E": 90, "S": 180, "W": 270}.items():
        assert math.isclose(math.cos(math.radians(turns[name] - azimuth)), 1, abs_tol=1e-6)
