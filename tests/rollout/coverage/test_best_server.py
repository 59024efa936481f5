"""Who serves which cell: power, pattern and tilt over a loss that is the same everywhere."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rollout.coverage.flat import CELL_M, SIZE, a_sector, flat_mosaic
from tram.rollout.coverage.antennas import uplink_loss_db
from tram.rollout.coverage.best_server import (
    Frame,
    add_sector,
    frame_around,
    silence,
)
from tram.rollout.coverage.losses import LEAST_DB, NOTHING, STEP_DB, LossGrid
from tram.rollout.coverage.network import RadioSector, Transmitter
from tram.rollout.coverage.results import SILENT_DBM
from tram.rollout.radio.antenna import OMNI, Pattern, parametric

MOSAIC = flat_mosaic()
WHOLE = Frame(0, 0, SIZE, SIZE)
LOSS_DB = 100.0
EVEN = LossGrid(0, 0, np.full((SIZE, SIZE), (LOSS_DB - LEAST_DB) / STEP_DB, np.uint8))


def heard(*sectors: RadioSector, pattern: Pattern | None = None, grid=EVEN, frame=WHOLE):
    signal = silence(frame)
    for number, what in enumerate(sectors):
        mast = Transmitter(
            lon=what.lon,
            lat=what.lat,
            height_m=what.height_m,
            frequency_ghz=what.frequency_ghz,
            radius_km=5,
        )
        shape = pattern or (OMNI if what.azimuth_deg is None else parametric())
        add_sector(signal, frame, MOSAIC, (number, what, mast, shape), grid)
    return signal


def test_all_around_every_cell_has_power_less_loss():
    what = a_sector(MOSAIC, tilt_deg=0)
    signal = heard(what)
    assert signal.rsrp == pytest.approx(what.eirp_re_dbm - LOSS_DB, abs=1e-3)
    assert (signal.server == 0).all()
    assert signal.uplink == pytest.approx(uplink_loss_db(what, OMNI) - LOSS_DB, abs=1e-3)


@settings(max_examples=10)
@given(st.floats(40, 80))
def test_more_power_is_more_signal_and_the_uplink_stays(eirp):
    weak, strong = (heard(a_sector(MOSAIC, eirp_dbm=dbm)) for dbm in (eirp, eirp + 3))
    assert strong.rsrp - weak.rsrp == pytest.approx(3, abs=1e-4)
    assert np.array_equal(strong.uplink, weak.uplink)


@pytest.mark.parametrize("azimuth", [0, 90, 180, 270])
def test_a_sector_is_strongest_where_it_looks(azimuth):
    signal = heard(a_sector(MOSAIC, azimuth_deg=azimuth, tilt_deg=0)).rsrp
    away = {0: (20, 40), 90: (40, 60), 180: (60, 40), 270: (40, 20)}
    levels = {turn: signal[at] for turn, at in away.items()}
    assert max(levels, key=levels.__getitem__) == azimuth
    behind = levels[(azimuth + 180) % 360]
    assert levels[azimuth] - behind == pytest.approx(25, abs=0.5)
    assert levels[(azimuth + 90) % 360] == pytest.approx(levels[(azimuth - 90) % 360], abs=0.5)


@settings(max_examples=15)
@given(st.sampled_from([0, 90, 180, 270]), st.floats(-720, 720))
def test_a_turned_sector_gives_a_turned_map(quarter, azimuth):
    plain = heard(a_sector(MOSAIC, 40, 40, azimuth_deg=azimuth)).rsrp
    turned = heard(a_sector(MOSAIC, 40, 40, azimuth_deg=azimuth + quarter)).rsrp
    back = np.rot90(turned, quarter // 90)
    assert np.mean(np.abs(back - plain) > 1.0) < 0.01, "but where two whole degrees meet"


def test_three_decibels_are_lost_half_a_width_aside():
    signal = heard(a_sector(MOSAIC, azimuth_deg=55, tilt_deg=0)).rsrp
    ahead = heard(a_sector(MOSAIC, azimuth_deg=90, tilt_deg=0)).rsrp
    assert ahead[40, 75] - signal[40, 75] == pytest.approx(3.0, abs=0.1)


def test_a_tilt_hides_the_distance_and_shows_the_foot():
    level, tilted = (heard(a_sector(MOSAIC, azimuth_deg=90, tilt_deg=t)).rsrp for t in (0, 12))
    assert tilted[40, 75] < level[40, 75] - 5, "1.7 km away the beam has gone over"
    assert tilted[40, 44] > level[40, 44] + 3, "175 m away it looks down to the phone"


def test_both_cuts_together_take_thirty_decibels_and_no_more():
    signal = heard(a_sector(MOSAIC, azimuth_deg=90, tilt_deg=60))
    assert signal.rsrp.min() == pytest.approx(
        a_sector(MOSAIC).eirp_re_dbm - LOSS_DB - 30, abs=1e-3
    )


def test_the_strongest_serves_whatever_the_order():
    one = a_sector(MOSAIC, azimuth_deg=0, eirp_dbm=70)
    other = a_sector(MOSAIC, azimuth_deg=180, eirp_dbm=73)
    there, back = heard(one, other), heard(other, one)
    assert np.array_equal(there.rsrp, back.rsrp)
    alone = [heard(what).rsrp for what in (one, other)]
    assert np.array_equal(there.rsrp, np.maximum(*alone))
    assert np.array_equal(there.server, np.argmax(alone, axis=0))
    assert np.array_equal(there.server, 1 - back.server)


def test_the_uplink_is_that_of_who_serves():
    """Though another, weaker in the downlink, would hear the phone better."""
    deaf = a_sector(MOSAIC, eirp_dbm=75, band="n28")
    keen = a_sector(MOSAIC, eirp_dbm=50)
    signal = heard(keen, deaf)
    assert (signal.server == 1).all()
    assert signal.uplink == pytest.approx(uplink_loss_db(deaf, OMNI) - LOSS_DB, abs=1e-3)


def test_beyond_reach_nobody_is_heard():
    steps = EVEN.steps.copy()
    steps[:, 60:] = NOTHING
    signal = heard(a_sector(MOSAIC), grid=LossGrid(0, 0, steps))
    assert (signal.rsrp[:, 60:] == SILENT_DBM).all()
    assert (signal.server[:, 60:] == -1).all()
    assert np.isnan(signal.uplink[:, 60:]).all()
    assert (signal.server[:, :60] == 0).all()


@pytest.mark.parametrize(
    ("grid_at", "frame"),
    [((10, 20), WHOLE), ((0, 0), Frame(15, 25, 30, 40)), ((30, 30), Frame(10, 10, 30, 30))],
)
def test_a_loss_counts_where_it_was_computed(grid_at, frame):
    row, column = grid_at
    steps = np.full((20, 25), 120, np.uint8)
    signal = heard(a_sector(MOSAIC), grid=LossGrid(row, column, steps), frame=frame)
    rows, columns = np.indices((frame.rows, frame.columns))
    rows, columns = rows + frame.row, columns + frame.column
    inside = (rows >= row) & (rows < row + 20) & (columns >= column) & (columns < column + 25)
    assert np.array_equal(signal.server == 0, inside)


def test_a_loss_beside_the_frame_changes_nothing():
    signal = heard(a_sector(MOSAIC), frame=Frame(0, 0, 10, 10), grid=LossGrid(10, 0, EVEN.steps))
    assert (signal.server == -1).all()


@pytest.mark.parametrize(
    ("radius_km", "frame"),
    [
        (0.5, Frame(30, 30, 21, 21)),
        (10, WHOLE),
    ],
)
def test_a_frame_reaches_a_radius_and_no_farther_than_the_ground(radius_km, frame):
    assert frame_around(MOSAIC, [a_sector(MOSAIC)], radius_km) == frame


def test_a_frame_holds_all_its_sectors():
    corners = [a_sector(MOSAIC, 20.5, 30.5), a_sector(MOSAIC, 50.5, 60.5)]
    frame = frame_around(MOSAIC, corners, 0.5)
    reach = 500 / CELL_M
    assert (frame.column, frame.row) == (20 - reach, 30 - reach)
    assert (frame.columns, frame.rows) == (31 + 2 * reach, 31 + 2 * reach)
