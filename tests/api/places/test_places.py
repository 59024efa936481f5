"""Organisations, zones and profiles over the interface: who adds and keeps what, and faults by field."""

import pytest_asyncio

from tests.api.answers import faults, listed, refusal
from tests.api.province import WASTEWATER, Client, Province, log_in
from tram.api.http.session import API


@pytest_asyncio.fixture
async def officer(desk: Client, province: Province) -> Client:
    """An officer of the department that keeps the province's data."""
    await log_in(desk, await province.person("ict-officer", province.root.org))
    return desk


async def test_an_organisation_is_added_where_its_maker_may(
    officer: Client, province: Province
) -> None:
    form = {"parent": province.a.child, "name": "Tổ đo", "kind": "unit", "code": "TO-1"}

    made = await officer.post(f"{API}/organisations", json=form)
    assert (made.status_code, made.json()["parent"]) == (201, province.a.child)
    again = await officer.post(f"{API}/organisations", json=form | {"name": "", "kind": ""})
    assert faults(again) == {"name": "text.length", "kind": "text.length", "code": "code.taken"}
    nowhere = await officer.post(f"{API}/organisations", json=form | {"parent": 999_999})
    assert refusal(nowhere) == (403, "access.denied")

    await log_in(officer, await province.person("enterprise", province.a.org))
    tree = (await officer.get(f"{API}/organisations")).json()["items"]
    assert [(row["code"], row["depth"]) for row in tree] == [
        ("LEAK-A", 0), ("LEAK-A-child", 1), ("TO-1", 2)
    ]  # fmt: skip
    own = await officer.post(f"{API}/organisations", json=form | {"code": "TO-2"})
    assert refusal(own) == (403, "access.denied")


async def test_the_tree_comes_in_pages_parents_first(officer: Client) -> None:
    seen, cursor = [], None
    for _ in range(50):
        params = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = await officer.get(f"{API}/organisations", params=params)
        seen += page.json()["items"]
        cursor = page.json()["next"]
        if cursor is None:
            break

    numbers = [row["id"] for row in seen]
    assert len(numbers) == len(set(numbers))
    for place, row in enumerate(seen):
        assert row["parent"] is None or row["parent"] in numbers[:place], row
    beyond = await officer.get(f"{API}/organisations", params={"cursor": "999999999"})
    assert (beyond.json()["items"], beyond.json()["next"]) == ([], None)
    for cursor in ("-1", "x", "1.5", "9" * 10, "٣"):
        wrong = await officer.get(f"{API}/organisations", params={"cursor": cursor})
        assert faults(wrong) == {"cursor": "cursor.foreign"}


async def test_what_is_kept_of_a_zone_is_its_keepers_to_change(
    officer: Client, province: Province
) -> None:
    path = f"{API}/zones/{province.zone}/facts"
    before = (await officer.get(path)).json()
    form = {
        "authority": province.root.org, "needs": "5G cho cảng\nvà kho", "state": "Đang hoạt động",
        "area_ha": 12.5, "area_source": "QĐ 7/2025",
    }  # fmt: skip

    changed = await officer.put(path, json=form)
    assert (changed.json()["area_ha"], changed.json()["needs"]) == (12.5, "5G cho cảng\nvà kho")
    emptied = (await officer.put(path, json={})).json()
    assert (emptied["needs"], emptied["authority"]) == ("", None)
    assert (emptied["area_ha"], emptied["area_source"]) == (12.5, "QĐ 7/2025")
    wrong = {"authority": 999_999, "area_ha": -1, "state": "x" * 2_001}
    assert faults(await officer.put(path, json=wrong))
    assert not (await officer.put(path, json={"area_ha": 5})).is_success, "a figure has its source"
    assert (await officer.get(path)).json() == emptied
    assert before["zone"] == province.zone
    assert refusal(await officer.get(f"{API}/zones/999999/facts")) == (404, "zone.unknown")

    await log_in(officer, await province.person("enterprise", province.a.org))
    assert refusal(await officer.put(path, json=form)) == (403, "access.denied")


async def test_a_role_for_one_zone_sees_that_zone_alone(desk: Client, province: Province) -> None:
    login = await province.person("zone-authority", province.a.org, zone=province.zone)
    await log_in(desk, login)

    assert listed(await desk.get(f"{API}/zones")) == [province.zone]
    shown = await desk.get(f"{API}/zones/{province.zone}")
    assert shown.json()["devices"] == 2
    assert refusal(await desk.get(f"{API}/zones/{province.zone + 1}")) == (404, "zone.unknown")


async def test_a_profile_names_its_metrics_in_both_languages(
    desk: Client, province: Province
) -> None:
    await log_in(desk, await province.person("enterprise", province.a.org))

    profile = (await desk.get(f"{API}/profiles/{WASTEWATER}")).json()

    assert {"key", "name_vi", "name_en", "unit"} <= set(profile["metrics"][0])
    assert WASTEWATER in listed(await desk.get(f"{API}/profiles"))
    assert refusal(await desk.get(f"{API}/profiles/999999")) == (404, "profile.unknown")
    await log_in(desk, await province.person("public-viewer", province.root.org))
    assert refusal(await desk.get(f"{API}/profiles")) == (403, "access.denied")
