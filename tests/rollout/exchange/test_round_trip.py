"""What goes out comes back whole, in every format; failed rows go out with their reasons."""

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.rollout.exchange.lists import AROUND, OPERATORS, csv_of, examined, good_row, plan_for
from tram.domain.text import normal
from tram.rollout.inventory.exchange.examination import examine
from tram.rollout.inventory.exchange.files.reading import read_sheet
from tram.rollout.inventory.exchange.files.writing import FORMATS, export, failed_rows
from tram.rollout.inventory.exchange.merging import merge
from tram.rollout.inventory.exchange.plan import ImportPlan, StationDraft
from tram.rollout.inventory.exchange.positions import Reference
from tram.rollout.inventory.stations.views import Life, Sector, SharedSite, Station, StationImage

words = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=20
).map(lambda text: normal(text).strip("' "))
numbers = st.none() | st.floats(0, 89).map(lambda value: round(value, 3))
sectors = st.lists(
    st.builds(
        Sector,
        code=st.integers(1, 9).map(str),
        azimuth_deg=numbers,
        tilt_deg=numbers,
        height_m=numbers,
        eirp_dbm=numbers,
        antenna=words,
        carrier_mhz=st.none() | st.floats(700, 4000).map(lambda value: round(value, 1)),
        bandwidth_mhz=st.none() | st.sampled_from([20.0, 100.0]),
    ),
    max_size=3,
    unique_by=lambda sector: sector.code,
)
days = st.dates(date(2015, 1, 1), date(2025, 10, 1))
lives = st.dictionaries(
    days, st.sampled_from(["planned", "building", "on-air", "off"]), min_size=1, max_size=4
)
images = st.lists(
    st.builds(
        StationImage,
        operator=st.sampled_from(sorted(OPERATORS)),
        technology=st.sampled_from(["4G", "5G"]),
        code=st.integers(1, 10**6).map(lambda number: f"QNI{number}"),
        lon=st.floats(107.4, 109.1).map(lambda value: round(value, 7)),
        lat=st.floats(14.0, 15.4).map(lambda value: round(value, 7)),
        life=lives.map(lambda days: tuple(Life(day, days[day]) for day in sorted(days))),
        name=words,
        band=st.sampled_from(["", "n78", "n41", "B3"]),
        indoor=st.booleans(),
        antennas=st.sampled_from(["", "64T64R"]),
        accepted_on=st.none() | days,
        commune=st.sampled_from(["", "21172"]),
        address=words,
        address_before=words,
        note=words,
        synthetic=st.booleans(),
        mast_code=st.sampled_from(["", "COT-1"]),
        mast_owner=words,
        mast_height_m=numbers,
        sectors=sectors.map(lambda found: tuple(sorted(found, key=lambda item: item.code))),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda image: image.key,
)


def as_station(image: StationImage) -> Station:
    """The station that a repository would give for an image."""
    fields = {name: getattr(image, name) for name in image.__struct_fields__}
    fields |= {"life": list(image.life), "sectors": list(image.sectors)}
    place = SharedSite(
        id=1, code="", name="", owner="", kind="", height_m=None, lon=image.lon, lat=image.lat,
        synthetic=False,
    )  # fmt: skip
    return Station(
        id=1,
        operator_code="",
        operator_name=OPERATORS[image.operator],
        state=image.life[-1].state,
        state_since=image.life[-1].since,
        place=place,
        **fields,
    )


def back(data: bytes, **given: object) -> list[StationImage]:
    sheet = read_sheet(data)
    plan = plan_for(sheet, allow_near=True, **given)
    found = examine(sheet, plan, AROUND)
    assert found.faults == ()
    return [merge(draft, plan, None) for draft in found.drafts]


@pytest.mark.parametrize("locale", ["vi", "en"])
@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=15)
@given(wanted=images)
def test_export_comes_back_whole(form: str, locale: str, wanted: list[StationImage]) -> None:
    data = export([as_station(image) for image in wanted], form, locale=locale)

    assert sorted(back(data), key=lambda image: image.key) == sorted(
        wanted, key=lambda image: image.key
    )


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("text", ["x005F_", "_x005F_", "Cột_x000D_", "_x0041__xD83D_"])
def test_a_text_that_reads_like_an_escape_comes_back_as_it_was(form: str, text: str) -> None:
    wanted = StationImage(
        operator=1, technology="5G", code="A", lon=108.8, lat=15.1, name=text, mast_owner=text,
        life=(Life(date(2024, 5, 1), "on-air"),),
    )  # fmt: skip

    assert back(export([as_station(wanted)], form)) == [wanted]


@pytest.mark.parametrize(
    "reference",
    [Reference("vn2000-tm3", 108.0), Reference("vn2000-tm3", 107.5), Reference("vn2000-utm", 111.0)],
)  # fmt: skip
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_export_in_vn2000_comes_back_to_the_millimetre(form: str, reference: Reference) -> None:
    image = StationImage(
        operator=2, technology="5G", code="A", lon=108.81234, lat=15.12345,
        life=(Life(date(2024, 5, 1), "on-air"),),
    )  # fmt: skip

    (found,) = back(export([as_station(image)], form, reference=reference), reference=reference)

    assert found.lon == pytest.approx(image.lon, abs=2e-8)
    assert found.lat == pytest.approx(image.lat, abs=2e-8)


def test_simulated_stations_are_marked_in_every_format() -> None:
    image = StationImage(
        operator=1, technology="5G", code="MP1", lon=108.8, lat=15.1, synthetic=True,
        life=(Life(date(2024, 5, 1), "on-air"),),
    )  # fmt: skip

    for form in FORMATS:
        assert back(export([as_station(image)], form))[0].synthetic, form
    assert "mô phỏng" in json.loads(export([as_station(image)], "geojson"))["note"]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_failed_rows_go_out_with_reasons_and_come_back_when_mended(form: str) -> None:
    bad = good_row(1)
    bad[6] = "sai"
    data = csv_of([good_row(0), bad, good_row(2)])
    sheet = read_sheet(data)
    found = examine(sheet, plan_for(sheet), AROUND)

    out = read_sheet(failed_rows(sheet, found.faults, form))

    assert len(out.rows) == 1
    assert out.rows[0].cells[:7] == tuple(bad[:7])
    assert out.rows[0].cells[-3:] in {
        (mark, "Kinh độ: Không phải là số.", "Viết số, ví dụ 15,1205.") for mark in (3, "3")
    }
    bad[6] = "108.505"
    assert examined(csv_of([bad])).faults == ()


def a_draft(**given: object) -> StationDraft:
    return StationDraft(
        operator=1,
        technology="5G",
        code="A",
        rows=(2,),
        given={"lon": 108.8, "lat": 15.1, **given},
    )


def test_list_changes_only_what_it_says() -> None:
    known = StationImage(
        operator=1, technology="5G", code="A", lon=108.7, lat=15.0, name="Tên", band="n78",
        life=(Life(date(2024, 5, 1), "on-air"),), sectors=(Sector(code="1", azimuth_deg=10),),
    )  # fmt: skip
    plan = ImportPlan(as_of=date(2025, 10, 31))

    merged = merge(a_draft(note="Mới"), plan, known)

    assert merged == replace(known, lon=108.8, lat=15.1, note="Mới")
    with_sector = replace(a_draft(), sectors=({"sector": "1", "tilt_deg": 4.0},))
    assert merge(with_sector, plan, known).sectors == (
        Sector(code="1", azimuth_deg=10, tilt_deg=4.0),
    )


@pytest.mark.parametrize(
    ("known", "given", "wanted"),
    [
        ((), {}, [("2025-10-31", "on-air")]),
        ((), {"on_air_on": date(2024, 1, 1)}, [("2024-01-01", "on-air")]),
        ((), {"on_air_on": date(2026, 1, 1)}, [("2025-10-31", "planned")]),
        ((), {"state": "building"}, [("2025-10-31", "building")]),
        ((("2024-01-01", "on-air"),), {"state": "on-air"}, [("2024-01-01", "on-air")]),
        ((("2024-01-01", "on-air"),), {"on_air_on": date(2023, 1, 1)}, [("2023-01-01", "on-air")]),
        (
            (("2024-01-01", "on-air"),),
            {"state": "off"},
            [("2024-01-01", "on-air"), ("2025-10-31", "off")],
        ),
        (
            (("2024-01-01", "planned"),),
            {"on_air_on": date(2025, 2, 1), "off_on": date(2025, 6, 1), "state": "off"},
            [("2024-01-01", "planned"), ("2025-02-01", "on-air"), ("2025-06-01", "off")],
        ),
    ],
)  # fmt: skip
def test_states_follow_what_the_list_says(
    known: tuple[tuple[str, str], ...],
    given: dict[str, object],
    wanted: list[tuple[str, str]],
) -> None:
    image = None
    if known:
        life = tuple(Life(date.fromisoformat(day), state) for day, state in known)
        image = StationImage(operator=1, technology="5G", code="A", lon=1, lat=1, life=life)

    merged = merge(a_draft(**given), ImportPlan(as_of=date(2025, 10, 31)), image)

    assert [(item.since.isoformat(), item.state) for item in merged.life] == wanted
