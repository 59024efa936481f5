"""What the list says of a sector is what is predicted; what it does not say is named."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from tram.rollout.coverage.antennas import tilt_of, uplink_loss_db
from tram.rollout.coverage.budget import Uplink, power_per_element_dbm, resource_blocks
from tram.rollout.coverage.from_inventory import sectors_of
from tram.rollout.coverage.network import BANDS, environment_at, transmitters_of
from tram.rollout.coverage.used import assumed_in, assumed_of, budget_of, serving_of
from tram.rollout.inventory.stations.views import Sector, SharedSite, Station
from tram.rollout.radio.antenna import Pattern, parametric, read_msi
from tram.rollout.radio.tr38901 import Environment
from tram.rollout.terrain.clutter import Cover
from tram.rollout.terrain.mosaic import GeoPoint, Mosaic, open_mosaic

PLAIN = parametric()
TOLD = Sector(
    code="2",
    azimuth_deg=110.0,
    tilt_deg=7.0,
    height_m=41.0,
    eirp_dbm=70.0,
    antenna="AAU 5613",
    carrier_mhz=3_650.0,
    bandwidth_mhz=60.0,
)


def station(*sectors: Sector, **more: object) -> Station:
    place = SharedSite(
        id=1,
        code="",
        name="",
        owner="",
        kind="",
        height_m=None,
        lon=108.8,
        lat=15.1,
        synthetic=True,
    )
    values = {
        **dict.fromkeys(("code", "name", "band", "antennas", "commune", "address", "note"), ""),
        **dict.fromkeys(("address_before", "mast_code", "mast_name", "mast_owner"), ""),
        "mast_kind": "",
        "mast_height_m": None,
        "technology": "5G",
        "accepted_on": None,
        **more,
    }
    return Station(
        id=1,
        operator=1,
        operator_code="A",
        operator_name="A",
        state="on-air",
        state_since=date(2025, 1, 1),
        indoor=False,
        lon=108.8,
        lat=15.1,
        synthetic=True,
        place=place,
        sectors=list(sectors),
        **values,
    )


def test_what_the_list_says_is_what_is_predicted(terrain: Path) -> None:
    (sector,) = sectors_of([station(TOLD, band="n78")])
    measured = {"aau5613": Pattern("AAU 5613", PLAIN.azimuth_db, PLAIN.elevation_db, 25.0)}

    assert (sector.height_m, sector.azimuth_deg, sector.tilt_deg) == (41, 110, 7)
    assert sector.frequency_ghz == 3.65
    # 60 MHz at 30 kHz: 162 blocks of 12 subcarriers share 70 dBm.
    assert sector.eirp_re_dbm == pytest.approx(70 - 10 * np.log10(162 * 12), abs=1e-9)
    (transmitter,) = transmitters_of([sector], 5.0, open_mosaic(terrain))
    assert (transmitter.height_m, transmitter.frequency_ghz) == (41, 3.65)
    assert assumed_in(sector, measured) == []
    assert assumed_in(sector, {}) == ["antenna"], "a name without a pattern"
    (serving,) = serving_of([sector], measured)
    assert (serving.eirp_dbm, serving.carrier_ghz, serving.antenna) == (70, 3.65, "AAU 5613")


def test_silence_is_filled_and_named() -> None:
    three = sectors_of([station()])

    assert [sector.azimuth_deg for sector in three] == [0, 120, 240]
    assert {sector.band for sector in three} == {"n78"}
    assert three[0].eirp_re_dbm == pytest.approx(37.85, abs=0.01)
    everything = {"antenna", "azimuth", "band", "bandwidth", "carrier", "eirp", "height", "tilt"}
    assert three[0].assumed == everything
    assert assumed_of(serving_of(three, {})) == dict.fromkeys(sorted(everything), 3)
    tall = sectors_of([station(mast_height_m=52.0)])
    assert tall[0].height_m == 52
    assert "height" not in tall[0].assumed


@pytest.mark.parametrize(
    ("told", "carrier_mhz", "technology", "bands"),
    [
        ("B1; b3", None, "4G", ["b1", "b3"]),
        ("b1,b3", 1_815.0, "4G", ["b3"]),
        ("", 2_565.0, "5G", ["n41"]),
        ("", 3_850.0, "5G", ["n77"]),
        ("", 950.0, "4G", ["b8"]),
        ("", None, "4G", ["b3"]),
        ("n78", 26_500.0, "5G", []),
        ("", None, "3G", []),
    ],
)
def test_the_carrier_decides_on_the_band(
    told: str, carrier_mhz: float | None, technology: str, bands: list[str]
) -> None:
    sector = Sector(code="1", azimuth_deg=0.0, carrier_mhz=carrier_mhz)
    found = sectors_of([station(sector, band=told, technology=technology)])
    assert [item.band for item in found] == bands


def test_blocks_by_channel() -> None:
    assert resource_blocks("5G", 3.75, 100) == 273
    assert resource_blocks("5G", 0.778, 10) == 52
    assert resource_blocks("4G", 1.84, 20) == 100
    assert resource_blocks("5G", 3.75, 97) == 245, "the widest channel that fits"
    assert resource_blocks("4G", 1.84, 1.0) == 6
    assert power_per_element_dbm(67.0, "5G", 0.778, 10) == pytest.approx(39.05, abs=0.01)


def test_the_uplink_by_hand() -> None:
    up = Uplink(gain_dbi=24.0, line_db=0.0, bandwidth_mhz=18.0, share_of_time=0.25)
    # 1 Mbit/s over 18 MHz a quarter of the time at 0.4 of Shannon: 0.556 bit/s/Hz.
    assert pytest.approx(10 ** (up.sinr_db / 10)) == 2 ** (1 / (0.4 * 0.25 * 18)) - 1
    assert up.sensitivity_dbm == pytest.approx(-174 + 72.553 + 5 + 2 + up.sinr_db, abs=0.001)
    assert up.largest_loss_db() == pytest.approx(23 - 3 + 24 - up.sensitivity_dbm)
    assert up.largest_loss_db(20.0) == up.largest_loss_db() - 4
    slow = Uplink(gain_dbi=0, line_db=0, bandwidth_mhz=18.0, share_of_time=1.0, rate_mbps=0.01)
    assert slow.sinr_db == -10, "no receiver works below"
    budget = budget_of(sectors_of([station()]), {}, -110.0)
    assert budget.weaker == "uplink"
    assert budget.downlink_db - budget.uplink_db == pytest.approx(
        BANDS["n78"].eirp_re_dbm + 110 - up.largest_loss_db(), abs=0.02
    )


def test_a_measured_pattern_that_looks_down_is_not_turned_further(tmp_path) -> None:
    (sector,) = sectors_of([station(Sector(code="1", azimuth_deg=0.0, antenna="T"))])

    def pattern(tilt: int, gain: str) -> Pattern:
        lines = ["NAME T", f"GAIN {gain}", "HORIZONTAL 360", *(f"{a} 0" for a in range(360))]
        lines += ["VERTICAL 360", *(f"{a} {min(abs(a - tilt), 30)}" for a in range(360))]
        (tmp_path / "t.msi").write_text("\n".join(lines))
        return read_msi(tmp_path / "t.msi")

    down, level = pattern(6, "17.5 dBi"), pattern(0, "15.35 dBd")
    assert (down.tilt_deg, level.tilt_deg) == (6, 0)
    assert (tilt_of(sector, down), tilt_of(sector, level)) == (0, 4)
    assert down.gain_dbi == level.gain_dbi == pytest.approx(17.5)
    assert uplink_loss_db(sector, down) == BANDS["n78"].uplink.largest_loss_db(17.5)
    (told,) = sectors_of([station(TOLD)])
    assert tilt_of(told, down) == 7


def test_the_surroundings_are_those_of_the_land_around(terrain: Path) -> None:
    known = open_mosaic(terrain)
    cover = np.full(known.cover.shape, Cover.CROPS, np.uint8)
    row, column = (int(value) for value in reversed(known.grid_of(GeoPoint(108.8, 15.1))))
    cover[row - 6 : row + 7, column - 6 : column + 7] = Cover.BUILT
    town = Mosaic(known.about, known.ground, cover)

    assert environment_at(town, GeoPoint(108.8, 15.1), 30.0) is Environment.URBAN
    assert environment_at(town, GeoPoint(108.8, 15.1), 8.0) is Environment.STREET
    assert environment_at(town, GeoPoint(108.75, 15.1), 30.0) is Environment.RURAL
    assert environment_at(town, GeoPoint(110.0, 15.1), 30.0) is Environment.RURAL
