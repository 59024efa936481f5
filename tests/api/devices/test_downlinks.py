"""Messages to devices over the interface: who may send what, how long it waits, what it becomes."""

import pytest_asyncio

from tests.api.answers import faults, listed, refusal
from tests.api.province import WASTEWATER, Client, Province, log_in
from tram.api.http.session import API
from tram.registry.devices import downlinks
from tram.registry.devices.downlink_views import ReportedDownlink
from tram.registry.registry import Registry
from tram.runtime.clock import ManualClock


@pytest_asyncio.fixture
async def keeper(desk: Client, province: Province) -> Client:
    """Somebody of party A who keeps its devices."""
    await log_in(desk, await province.person("enterprise", province.a.org))
    return desk


async def test_a_call_is_followed_to_its_answer(
    keeper: Client, province: Province, registry: Registry, clock: ManualClock
) -> None:
    device = province.a.devices[0].id
    path = f"{API}/devices/{device}"
    call = {"method": "setPump", "params": {"on": True}, "lasts_s": 60}
    number = (await keeper.post(f"{path}/rpc", json=call)).json()["id"]

    (row,) = (await keeper.get(f"{path}/downlinks")).json()["items"]
    assert (row["id"], row["state"], row["answer"]) == (number, "queued", None)
    assert row["body"] == {"method": "setPump", "params": {"on": True}}
    assert row["expires_ms"] == clock.now_ms() + 60_000
    for state, body in (("delivered", b""), ("answered", b'{"ok":\x00true}')):
        report = ReportedDownlink(number, device, state, clock.now_ms(), body)
        assert await registry.downlinks.apply([report])

    (row,) = (await keeper.get(f"{path}/downlinks")).json()["items"]
    assert (row["state"], row["answer"]) == ("answered", '{"ok":\N{REPLACEMENT CHARACTER}true}')
    journal = await keeper.get(f"{API}/audit", params={"action": "downlink"})
    assert listed(journal, "action") == ["downlink.call"]


async def test_a_call_without_answer_is_done_when_it_was_delivered(
    keeper: Client, province: Province, registry: Registry, clock: ManualClock
) -> None:
    device = province.a.devices[0].id
    path = f"{API}/devices/{device}"
    once = await keeper.post(f"{path}/rpc", json={"method": "reboot", "oneway": True})
    told = await keeper.post(f"{path}/attributes/shared", json={"values": {"period_s": 30}})
    reports = [
        ReportedDownlink(answer.json()["id"], device, "delivered", clock.now_ms())
        for answer in (once, told)
    ]

    await registry.downlinks.apply(reports)

    rows = (await keeper.get(f"{path}/downlinks")).json()["items"]
    assert [row["done_ms"] for row in rows] == [clock.now_ms()] * 2
    late = ReportedDownlink(once.json()["id"], device, "answered", clock.now_ms() + 1, b"x")
    assert not await registry.downlinks.apply([late]), "it is over"


async def test_attributes_are_set_replaced_and_removed(keeper: Client, province: Province) -> None:
    path = f"{API}/devices/{province.a.devices[0].id}/attributes/shared"
    assert (await keeper.get(path)).json() == {"values": {}}

    await keeper.post(path, json={"values": {"period_s": 30, "tên": {"a": [1, None]}}})
    await keeper.post(path, json={"values": {"period_s": 60, "tên": None, "chưa có": None}})

    assert (await keeper.get(path)).json() == {"values": {"period_s": 60}}


async def test_what_cannot_be_sent_is_said_at_its_field(
    keeper: Client, province: Province
) -> None:
    path = f"{API}/devices/{province.a.devices[0].id}"
    longest = downlinks.BODY_CHARACTERS_MAX
    for form, fields in (
        ({"method": "", "lasts_s": 0}, {"method", "lasts_s"}),
        ({"method": "x", "lasts_s": downlinks.LASTS_S_MAX + 1}, {"lasts_s"}),
        ({"method": "x", "params": "y" * longest}, {"params"}),
        ({"method": "a\u202eb"}, {"method"}),
        ({"params": 1}, {"method"}),
    ):
        assert set(faults(await keeper.post(f"{path}/rpc", json=form))) == fields, form
    for values, field in (
        ({}, "values"),
        ({"x": "y" * longest}, "values"),
        ({f"k{n}": 1 for n in range(downlinks.ATTRIBUTES_MAX + 1)}, "values"),
        ({"k" * 129: 1}, None),
    ):
        answer = await keeper.post(f"{path}/attributes/shared", json={"values": values})
        (found,) = faults(answer)
        assert found.startswith(field or "values.k")
    assert listed(await keeper.get(f"{path}/downlinks")) == []
    fits = {"method": "x", "params": "y" * (longest - len('{"method":"x","params":""}'))}
    assert (await keeper.post(f"{path}/rpc", json=fits)).status_code == 201


async def test_only_who_may_write_a_device_speaks_to_it(desk: Client, province: Province) -> None:
    path = f"{API}/devices/{province.a.devices[0].id}"
    call, values = {"method": "x"}, {"values": {"a": 1}}

    for role, org, expected in (
        ("enterprise", province.b.org, (404, "device.unknown")),
        ("department-leader", province.root.org, (403, "access.denied")),
    ):
        await log_in(desk, await province.person(role, org))
        assert refusal(await desk.post(f"{path}/rpc", json=call)) == expected
        assert refusal(await desk.post(f"{path}/attributes/shared", json=values)) == expected
        for part in ("downlinks", "attributes/shared"):
            answer = await desk.get(f"{path}/{part}")
            assert answer.status_code == (404 if expected[0] == 404 else 200)


async def test_how_a_profile_reads_free_topics_is_a_matter_of_the_province(
    desk: Client, province: Province, registry: Registry
) -> None:
    path = f"{API}/profiles/{WASTEWATER}"
    kept = await registry.profiles.topics(WASTEWATER)
    await log_in(desk, await province.person("enterprise", province.a.org))
    denied = await desk.put(f"{path}/topics", json={"topics": []})
    assert refusal(denied) == (403, "access.denied")

    await log_in(desk, await province.person("system-admin", province.root.org))
    wrong = await desk.put(f"{path}/topics", json={"topics": [{"topic": "a/#/b", "decoder": "x"}]})
    assert not wrong.is_success
    assert await registry.profiles.topics(WASTEWATER) == kept
    none = await desk.put(f"{API}/profiles/999999/topics", json={"topics": []})
    assert refusal(none) == (404, "profile.unknown")
    rules = [{"topic": "tram/+/json", "decoder": "json", "fields": {"pH": "ph"}}]
    changed = await desk.put(f"{path}/topics", json={"topics": rules})
    assert changed.is_success, changed.text

    assert await registry.profiles.topics(WASTEWATER) == rules
    journal = await desk.get(f"{API}/audit", params={"action": "profile.topics"})
    assert listed(journal, "noun_id") == [WASTEWATER]
