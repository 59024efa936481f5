"""The journal and what loops set aside, over the interface: whose it is, and how it is narrowed."""

import pytest_asyncio

from tests.api.answers import listed, refusal
from tests.api.province import Client, Province, log_in
from tram.api.http.session import API
from tram.registry.registry import Registry
from tram.runtime.clock import ManualClock


@pytest_asyncio.fixture
async def keeper(desk: Client, province: Province) -> Client:
    """Somebody of party A who reads its journal."""
    await log_in(desk, await province.person("enterprise", province.a.org))
    return desk


async def test_the_journal_holds_ones_own_tree_and_is_narrowed_by_time_and_word(
    keeper: Client, province: Province, clock: ManualClock
) -> None:
    clock.advance(1_000)
    now_ms, device = clock.now_ms(), province.a.devices[1].id
    assert (await keeper.delete(f"{API}/devices/{device}")).status_code == 204

    async def acts(**params: object) -> list[str]:
        return listed(await keeper.get(f"{API}/audit", params=params), "action")

    whole = (await keeper.get(f"{API}/audit", params={"limit": 500})).json()
    assert {row["org"] for row in whole["items"]} <= {province.a.org, province.a.child}
    assert "LEAK-B" not in str(whole)
    assert (whole["total"], whole["is_exact"]) == (len(whole["items"]), True)
    assert await acts(since_ms=now_ms) == ["device.remove"]
    assert await acts(since_ms=now_ms + 1) == []
    assert "device.remove" not in await acts(until_ms=now_ms, limit=500)
    assert await acts(search="enterprise REMOVE") == ["device.remove"]
    assert await acts(action="device.remove") == ["device.remove"]
    (row,) = (await keeper.get(f"{API}/audit", params={"since_ms": now_ms})).json()["items"]
    assert (row["noun_id"], row["after"], row["person_name"]) == (
        device, "", "LEAK-A enterprise"
    )  # fmt: skip
    assert '"name":"LEAK-A Trạm đo số 1"' in row["before"]


async def test_pages_of_the_journal_go_on_while_it_grows(
    keeper: Client, province: Province
) -> None:
    first = (await keeper.get(f"{API}/audit", params={"limit": 2})).json()
    await keeper.delete(f"{API}/devices/{province.a.devices[0].id}")

    second = await keeper.get(f"{API}/audit", params={"limit": 2, "cursor": first["next"]})

    seen = [row["id"] for row in first["items"]] + listed(second)
    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) == 4
    wrong = await keeper.get(f"{API}/audit", params={"cursor": "W10="})
    assert refusal(wrong)[1] == "page.mark_wrong"


async def test_what_is_set_aside_is_tried_again_by_whom_it_belongs_to(
    desk: Client, province: Province, registry: Registry
) -> None:
    number = province.a.things["aside"]
    again = f"{API}/system/aside/{number}/again"

    await log_in(desk, await province.person("enterprise", province.b.org))
    assert number not in listed(await desk.get(f"{API}/system/aside"))
    assert refusal(await desk.post(again)) == (404, "aside.unknown")
    await log_in(desk, await province.person("department-leader", province.root.org))
    assert number in listed(await desk.get(f"{API}/system/aside"))
    assert refusal(await desk.post(again)) == (403, "access.denied")
    await log_in(desk, await province.person("auditor", province.root.org))
    assert refusal(await desk.get(f"{API}/system/aside")) == (403, "access.denied")

    await log_in(desk, await province.person("enterprise", province.a.org))
    assert "LEAK-A" in await registry.set_aside.keys("alarms", "rule")
    assert (await desk.post(again)).is_success
    assert "LEAK-A" not in await registry.set_aside.keys("alarms", "rule")
    rows = {row["id"]: row for row in (await desk.get(f"{API}/system/aside")).json()["items"]}
    assert (rows[number]["state"], rows[number]["times"]) == ("again", 1)
    assert "ValueError" in rows[number]["reason"]
    journal = await desk.get(f"{API}/audit", params={"action": "aside.again"})
    assert listed(journal, "noun_id") == [number]


async def test_strangers_to_the_machinery_hear_how_it_is_and_no_figure(
    desk: Client, province: Province
) -> None:
    await log_in(desk, await province.person("enterprise", province.a.org))
    system = (await desk.get(f"{API}/system")).json()

    assert (system["state"], system["figures"], system["problems"]) == ("away", None, [])
    assert system["aside"] == 1
    await log_in(desk, await province.person("system-admin", province.root.org))
    assert (await desk.get(f"{API}/system")).json()["aside"] >= 2
