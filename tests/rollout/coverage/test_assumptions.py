"""Budgets, patterns that are kept, and losses on disk: what a prediction rests on."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rollout.coverage.flat import CELL_M, SIZE, a_sector, flat_mosaic
from tram.rollout.coverage import losses
from tram.rollout.coverage.antennas import (
    DEFAULT_TILT_DEG,
    keep_pattern,
    pattern_of,
    read_patterns,
    tilt_of,
    uplink_loss_db,
)
from tram.rollout.coverage.budget import Uplink, power_per_element_dbm, resource_blocks
from tram.rollout.coverage.losses import LEAST_DB, NOTHING, STEP_DB, LossGrid, LossStore
from tram.rollout.coverage.network import BANDS, Transmitter, transmitters_of
from tram.rollout.coverage.prediction import _wanted
from tram.rollout.radio.antenna import OMNI, parametric
from tram.rollout.radio.area.gather import near_losses, path_loss
from tram.rollout.radio.area.sweep import Radio, SiteTerrain
from tram.runtime.errors import Refused

MOSAIC = flat_mosaic()


@pytest.mark.parametrize(
    ("technology", "frequency", "widths"),
    [
        # TS 38.101-1 Table 5.3.2-1 at 15 and 30 kHz, TS 36.101 Table 5.6-1.
        ("5G", 0.778, {5: 25, 15: 79, 25: 133, 30: 160, 40: 216, 50: 270}),
        ("5G", 2.55, {5: 11, 10: 24, 40: 106, 70: 189, 80: 217, 90: 245}),
        ("4G", 2.55, {1.4: 6, 3: 15, 5: 25, 10: 50, 15: 75, 20: 100}),
    ],
)
def test_blocks_by_the_tables(technology, frequency, widths):
    assert {w: resource_blocks(technology, frequency, w) for w in widths} == widths


@pytest.mark.parametrize(("frequency", "blocks"), [(2.2999, 106), (2.3, 51)])
def test_paired_bands_have_the_narrow_subcarriers(frequency, blocks):
    assert resource_blocks("5G", frequency, 20) == blocks


@pytest.mark.parametrize("band", BANDS.values(), ids=str)
def test_all_elements_together_radiate_what_the_sector_does(band):
    blocks = resource_blocks(band.technology, band.frequency_ghz, band.bandwidth_mhz)
    whole = band.eirp_re_dbm + 10 * math.log10(12 * blocks)
    assert whole == pytest.approx(band.power_dbm + band.gain_dbi - band.line_db)
    assert band.low_ghz <= band.frequency_ghz <= band.high_ghz
    assert 12 * blocks * (
        0.015 if band.frequency_ghz < 2.3 or band.technology == "4G" else 0.03
    ) <= (band.bandwidth_mhz)


@given(st.floats(0.01, 20), st.floats(4.5, 100), st.floats(0.25, 1))
def test_a_faster_phone_must_stand_nearer(rate, bandwidth, share):
    def loss(**more):
        values = {"rate_mbps": rate, "bandwidth_mhz": bandwidth, "share_of_time": share, **more}
        return Uplink(gain_dbi=20, line_db=1, **values).largest_loss_db()

    assert loss(rate_mbps=1.5 * rate) <= loss() + 1e-9
    assert loss(share_of_time=share / 2) <= loss() + 1e-9
    assert loss(phone_dbm=26.0) == pytest.approx(loss() + 3)
    assert loss(noise_figure_db=8.0) == pytest.approx(loss() - 3)


def test_what_a_list_tells_of_power_replaces_the_band():
    told = a_sector(MOSAIC, eirp_dbm=66, carrier_ghz=3.5, bandwidth_mhz=40)
    assert told.eirp_re_dbm == power_per_element_dbm(66, "5G", 3.5, 40)
    assert a_sector(MOSAIC, eirp_dbm=0.0).eirp_re_dbm < 0, "nought is a figure"
    assert a_sector(MOSAIC).eirp_re_dbm == BANDS["n78"].eirp_re_dbm


def msi(folder, name, gain="17 dBi", level=7):
    lines = [
        f"NAME {name}",
        f"GAIN {gain}",
        "HORIZONTAL 360",
        *(f"{a} {level}" for a in range(360)),
    ]
    lines += ["VERTICAL 360", *(f"{a} {min(a, 25) / 3}" for a in range(360))]
    file = folder / "in.msi"
    file.write_text("\n".join(lines))
    return file


def test_a_pattern_is_kept_and_read_as_it_was(tmp_path):
    kept = keep_pattern(tmp_path / "antennas", msi(tmp_path, "AAU 5613"))
    (name,) = read_patterns(tmp_path / "antennas")
    found = read_patterns(tmp_path / "antennas")[name]
    assert (found.name, found.gain_dbi) == ("AAU 5613", 17)
    assert np.array_equal(found.azimuth_db, kept.azimuth_db)
    assert np.array_equal(found.elevation_db, kept.elevation_db)


@pytest.mark.parametrize("written", ["AAU 5613", "aau5613", " Aau  5613 "])
def test_an_antenna_is_found_however_its_name_is_written(tmp_path, written):
    keep_pattern(tmp_path, msi(tmp_path, "AAU 5613"))
    patterns = read_patterns(tmp_path)
    assert pattern_of(a_sector(MOSAIC, antenna=written), patterns).name == "AAU 5613"
    assert pattern_of(a_sector(MOSAIC, antenna="AAU 5614"), patterns) is OMNI
    other = pattern_of(a_sector(MOSAIC, antenna="", azimuth_deg=0.0), patterns)
    assert other.name == parametric().name


def test_a_newer_pattern_replaces_the_one_of_its_name(tmp_path):
    for level in (7, 9):
        keep_pattern(tmp_path, msi(tmp_path, "aau5613" if level == 9 else "AAU 5613", level=level))
    (found,) = read_patterns(tmp_path).values()
    assert found.azimuth_db[90] == 9


def test_a_pattern_that_is_no_pattern_leaves_the_old_one(tmp_path):
    keep_pattern(tmp_path, msi(tmp_path, "AAU 5613"))
    with pytest.raises(Refused):
        keep_pattern(tmp_path, msi(tmp_path, "AAU 5613", level="inf"))
    (found,) = read_patterns(tmp_path).values()
    assert found.azimuth_db[90] == 7


def test_where_nothing_is_told_a_beam_looks_a_little_down():
    assert tilt_of(a_sector(MOSAIC), parametric()) == DEFAULT_TILT_DEG
    assert tilt_of(a_sector(MOSAIC, tilt_deg=0.0), parametric()) == 0
    assert uplink_loss_db(a_sector(MOSAIC), parametric()) == BANDS["n78"].uplink.largest_loss_db()


def mast(**more) -> Transmitter:
    place = MOSAIC.place_of(40.5, 40.5)
    values = {"height_m": 30.0, "frequency_ghz": 3.75, "radius_km": 0.79, **more}
    return Transmitter(lon=place.lon, lat=place.lat, **values)


def test_losses_on_disk_are_those_of_the_model_by_half_decibels(tmp_path):
    grid = LossStore(tmp_path, MOSAIC).read(mast())
    radio = Radio(frequency_ghz=3.75, tx_height_m=30, radius_km=0.79)
    nothing = np.zeros((SIZE, SIZE), np.float32)
    field = SiteTerrain(nothing, nothing, 40.5, 40.5, CELL_M / 1000)
    exact = path_loss(field, radio, near_losses(radio, mast().environment))
    rows, columns = (
        slice(start, start + size)
        for start, size in zip((grid.row, grid.column), grid.steps.shape, strict=True)
    )
    part = exact[rows, columns]
    there = grid.steps != NOTHING
    assert np.array_equal(there, np.isfinite(part))
    assert np.isfinite(exact).sum() == there.sum(), "nothing was cropped away"
    kept = LEAST_DB + STEP_DB * grid.steps[there]
    assert np.abs(kept - part[there]).max() <= STEP_DB / 2 + 1e-3


def test_a_mast_on_unknown_ground_has_no_losses(tmp_path):
    nowhere = flat_mosaic(np.full((SIZE, SIZE), np.nan, np.float32))
    assert LossStore(tmp_path, nowhere).read(mast()).steps.shape == (0, 0)


def test_losses_are_computed_once_for_what_they_depend_on(tmp_path, monkeypatch):
    asked = []

    def compute(_, transmitter):
        asked.append(transmitter)
        return LossGrid(1, 2, np.full((3, 4), 200, np.uint8))

    monkeypatch.setattr(losses, "compute", compute)
    store = LossStore(tmp_path, MOSAIC)
    for _ in range(2):
        found = store.read(mast())
    assert (found.row, found.column, found.steps.tolist()) == (1, 2, [[200] * 4] * 3)
    others = [mast(height_m=31.0), mast(frequency_ghz=3.5), mast(radius_km=0.9)]
    for other in others:
        assert not store.has(other)
        store.make(other)
    assert asked == [mast(), *others]
    assert store.has(mast())
    assert not list(tmp_path.rglob("*.[0-9]*")), "no half file is left"


def test_sectors_of_one_mast_share_its_losses():
    three = [a_sector(MOSAIC, azimuth_deg=a, tilt_deg=a / 60) for a in (0, 120, 240)]
    other = [a_sector(MOSAIC, operator="B"), a_sector(MOSAIC, height_m=50.0)]
    groups = transmitters_of([*three, *other], 5.0, MOSAIC)
    assert [len(sectors) for sectors in groups.values()] == [4, 1]


@pytest.mark.parametrize(
    ("operator", "band", "stations"),
    [("", "", "abc"), ("A", "", "ab"), ("", "n78", "ac"), ("B", "n78", "c")],
)
def test_what_is_asked_for_is_predicted(operator, band, stations):
    network = [
        a_sector(MOSAIC, station="a"),
        a_sector(MOSAIC, station="b", band="n28"),
        a_sector(MOSAIC, station="c", operator="B"),
    ]
    assert "".join(s.station for s in _wanted(network, operator, band)) == stations


def test_a_mistyped_operator_is_told_what_there_is():
    network = [a_sector(MOSAIC, operator="B"), a_sector(MOSAIC, band="n28")]
    with pytest.raises(Refused, match="of operator C and band any") as caught:
        _wanted(network, "C", "")
    assert caught.value.hint == "Take one of these: A n28, B n78."
    assert _wanted([], "C", "") == [], "without a network there is nothing to mistype"
