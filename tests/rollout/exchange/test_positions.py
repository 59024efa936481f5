"""VN-2000 to WGS 84 against the EPSG data set and against worked points of others."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Transformer
from pyproj.transformer import TransformerGroup

from tests.provinces import INVENTED
from tests.rollout.exchange.lists import AROUND, csv_of, faults_of, plan_for
from tram.rollout.inventory.exchange.examination import examine
from tram.rollout.inventory.exchange.files.reading import read_sheet
from tram.rollout.inventory.exchange.positions import (
    MERIDIANS_TM3,
    VN2000,
    Reference,
    from_wgs84,
    to_wgs84,
)

CENTIMETRE = 1e-7
EPSG_CODES = {
    ("vn2000-utm", 105): 3405, ("vn2000-utm", 111): 3406, ("vn2000-tm3", 108): 5898,
    ("vn2000-tm3", 107.75): 5899, ("vn2000-tm3", 107.5): 9216,
}  # fmt: skip


def test_shift_is_that_of_epsg_operation_6960() -> None:
    best = TransformerGroup("EPSG:4756", "EPSG:4326", always_xy=True).transformers[0]

    for value in (VN2000.x_m, VN2000.y_m, VN2000.z_m, VN2000.x_s, VN2000.y_s, VN2000.z_s):
        assert f"={value} " in f"{best.definition} "
    assert f"s={VN2000.scale_ppm}" in best.definition
    assert "convention=coordinate_frame" in best.definition


@pytest.mark.parametrize(("key", "code"), EPSG_CODES.items())
def test_projections_are_those_of_epsg(key: tuple[str, float], code: int) -> None:
    theirs = Transformer.from_crs(CRS.from_epsg(code), "EPSG:4326", always_xy=True)
    eastings, northings = [480_000.0, 560_000.0], [1_560_000.0, 1_690_000.0]

    lons, lats = to_wgs84(Reference(*key), eastings, northings)

    wanted = theirs.transform(eastings, northings)
    assert lons.tolist() == pytest.approx(wanted[0], abs=CENTIMETRE / 10)
    assert lats.tolist() == pytest.approx(wanted[1], abs=CENTIMETRE / 10)


@pytest.mark.parametrize(
    ("meridian", "northing", "easting", "lat", "lon", "within"),
    [
        # A point worked by hand in a public converter after a published paper (mountain, 846 m
        # above the ellipsoid): its printed result, and the reference that it is compared with.
        (106.25, 1_855_759.3584, 546_151.8072, 16.77839876, 106.68477742, 4 * CENTIMETRE),
        (106.25, 1_855_759.3584, 546_151.8072, 16.77839862, 106.6847777, 4 * CENTIMETRE),
        # The sample of a public converter for Ninh Thuận, checked by its authors against the
        # survey office's workbook, printed to six decimals.
        (108.25, 1_255_172.510, 568_262.924, 11.349358, 108.877201, 10 * CENTIMETRE),
    ],
)  # fmt: skip
def test_worked_points_of_others_come_out(  # noqa: PLR0917  # a row of the table
    meridian: float, northing: float, easting: float, lat: float, lon: float, within: float
) -> None:
    lons, lats = to_wgs84(Reference("vn2000-tm3", meridian), [easting], [northing])

    assert lats[0] == pytest.approx(lat, abs=within)
    assert lons[0] == pytest.approx(lon, abs=within)


@settings(max_examples=40)
@given(
    lon=st.floats(107.3, 109.2), lat=st.floats(13.9, 15.5), meridian=st.sampled_from(MERIDIANS_TM3)
)
def test_there_and_back_is_the_same_place(lon: float, lat: float, meridian: float) -> None:
    reference = Reference("vn2000-tm3", meridian)

    back = to_wgs84(reference, *from_wgs84(reference, [lon], [lat]))

    assert back[0][0] == pytest.approx(lon, abs=CENTIMETRE / 10)
    assert back[1][0] == pytest.approx(lat, abs=CENTIMETRE / 10)


def test_what_lies_outside_depends_on_the_province() -> None:
    rows = [["A", "VNPT", "5G", "108.8", "15.12"], ["B", "VNPT", "5G", "105.8", "18.7"]]
    data = csv_of(rows, ["Mã trạm", "Doanh nghiệp", "Công nghệ", "Kinh độ", "Vĩ độ"])
    sheet = read_sheet(data)
    elsewhere = msgspec.structs.replace(AROUND, bounds=INVENTED.bounds)

    here, there = (examine(sheet, plan_for(sheet), around) for around in (AROUND, elsewhere))

    assert [draft.code for draft in here.drafts] == ["A"]
    assert [draft.code for draft in there.drafts] == ["B"]


def test_wrong_meridian_is_found_because_points_leave_the_province() -> None:
    right = Reference("vn2000-tm3", 108.0)
    (easting,), (northing,) = from_wgs84(right, [108.8], [15.12])
    rows = [["A", "VNPT", "5G", f"{northing:.3f}", f"{easting:.3f}"]]
    data = csv_of(rows, ["Mã trạm", "Doanh nghiệp", "Công nghệ", "X", "Y"])
    sheet = read_sheet(data)

    found = examine(sheet, plan_for(sheet, reference=right), AROUND)
    wrong = examine(sheet, plan_for(sheet, reference=Reference("vn2000-tm3", 105.0)), AROUND)

    assert (found.drafts[0].given["lon"], found.drafts[0].given["lat"]) == (108.8, 15.12)
    assert [fault[3] for fault in faults_of(wrong)] == ["outside"]
    assert wrong.drafts == ()
