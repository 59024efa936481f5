"""Alarms over the interface: who sees and handles them, what each deed does, how lists are paged."""

import pytest_asyncio

from tests.api.answers import faults, listed, refusal
from tests.api.province import Client, Province, log_in
from tram.api.http.session import API
from tram.fleet.alarms.raising.transition_writer import TransitionWriter
from tram.fleet.alarms.raising.transitions import Transition
from tram.fleet.rules.arrays import ConditionEvent
from tram.registry.registry import Registry
from tram.runtime.clock import ManualClock

HOUR_MS = 3_600_000


@pytest_asyncio.fixture
async def keeper(desk: Client, province: Province) -> Client:
    """Somebody of party A who handles its alarms."""
    await log_in(desk, await province.person("enterprise", province.a.org))
    return desk


async def act(client: Client, alarm: int, deed: str, **given: object) -> None:
    form = {"alarms": [alarm], "deed": deed, **given}
    answer = await client.post(f"{API}/alarms/acts", json=form)
    assert answer.json() == {"count": 1}, answer.text


async def one(client: Client, alarm: int) -> dict:
    return (await client.get(f"{API}/alarms/{alarm}")).json()


async def test_an_alarm_shows_its_cause_and_what_its_reader_may(
    keeper: Client, province: Province
) -> None:
    party = province.a

    alarm = await one(keeper, party.things["alarm"])

    assert (alarm["rule"], alarm["device"]) == (party.things["rule"], party.devices[0].id)
    assert (alarm["severity"], alarm["state"], alarm["value"]) == ("info", "active", 1.0)
    assert alarm["content"]["spec"]["metric"] == "omega"
    assert [event["kind"] for event in alarm["events"]] == ["raised"]
    assert {"alarm.read", "alarm.write"} <= set(alarm["permissions"])


async def test_each_deed_is_kept_with_who_did_it_and_its_words(
    keeper: Client, province: Province, clock: ManualClock
) -> None:
    alarm, person = province.a.things["alarm"], province.a.things["person"]

    await act(keeper, alarm, "comment", note="Đã gọi kỹ thuật\nhai lần")
    await act(keeper, alarm, "assign", person=person)
    await act(keeper, alarm, "ack")
    assert (await one(keeper, alarm))["state"] == "acked"
    assert (await one(keeper, alarm))["assignee"] == person
    await act(keeper, alarm, "assign")
    await act(keeper, alarm, "clear", note="Xong")

    after = await one(keeper, alarm)
    assert (after["state"], after["assignee"]) == ("over", None)
    assert (after["acked_by"], after["ended_ms"]) == ("LEAK-A enterprise", clock.now_ms())
    told = [(event["kind"], event["note"]) for event in after["events"]]
    assert sorted(told) == sorted([
        ("raised", ""), ("comment", "Đã gọi kỹ thuật\nhai lần"), ("assign", ""), ("ack", ""),
        ("assign", ""), ("clear", "Xong"),
    ])  # fmt: skip
    assert listed(await keeper.get(f"{API}/alarms")) == []
    assert listed(await keeper.get(f"{API}/alarms", params={"state": "over"})) == [alarm]
    journal = await keeper.get(f"{API}/audit", params={"action": "alarm"})
    assert set(listed(journal, "action")) == {
        "alarm.comment", "alarm.assign", "alarm.ack", "alarm.clear"
    }  # fmt: skip


async def test_a_shelf_needs_a_reason_and_an_end_and_may_end_before(
    keeper: Client, province: Province, clock: ManualClock
) -> None:
    alarm, now_ms = province.a.things["alarm"], clock.now_ms()
    longest = now_ms + 30 * 24 * HOUR_MS
    form = {"alarms": [alarm], "deed": "shelve"}

    wrong = await keeper.post(f"{API}/alarms/acts", json=form)
    late = await keeper.post(
        f"{API}/alarms/acts", json={**form, "note": "Sửa", "until_ms": longest + 1}
    )
    assert faults(wrong) == {"note": "shelving.reason", "until_ms": "shelving.end"}
    assert faults(late) == {"until_ms": "shelving.end"}
    await act(keeper, alarm, "shelve", note="Sửa máy", until_ms=longest)

    shelved = await one(keeper, alarm)
    assert (shelved["held"], shelved["shelved_until_ms"]) == ("shelved", longest)
    counts = (await keeper.get(f"{API}/alarms/counts")).json()
    assert (counts["open"], counts["held"]) == (0, 1)
    assert listed(await keeper.get(f"{API}/alarms", params={"held": "true"})) == [alarm]
    await act(keeper, alarm, "unshelve")
    assert (await one(keeper, alarm))["shelved_until_ms"] == now_ms, "it is let go at once"


async def test_a_deed_over_several_alarms_happens_to_all_or_none(
    keeper: Client, province: Province
) -> None:
    mine, foreign = province.a.things["alarm"], province.b.things["alarm"]

    for chosen in ([mine, foreign], [mine, 999_999], [foreign]):
        answer = await keeper.post(f"{API}/alarms/acts", json={"alarms": chosen, "deed": "ack"})
        assert refusal(answer) == (404, "alarm.unknown")

    assert (await one(keeper, mine))["state"] == "active"
    twice = await keeper.post(f"{API}/alarms/acts", json={"alarms": [mine, mine], "deed": "ack"})
    assert twice.json() == {"count": 1}


async def test_what_cannot_be_done_is_said_at_its_field(keeper: Client) -> None:
    for form, expected in (
        ({"alarms": [], "deed": "ack"}, {"alarms": "alarms.count"}),
        ({"alarms": [1] * 1_001, "deed": "ack"}, {"alarms": "alarms.count"}),
        ({"alarms": [1], "deed": "eat"}, {"deed": "choice.unknown"}),
        ({"alarms": [1], "deed": "comment", "note": "  "}, {"note": "comment.empty"}),
        ({"alarms": [1], "deed": "ack", "note": "x" * 501}, {"note": "text.length"}),
        (
            {"alarms": [], "deed": "", "note": "\x07"},
            {"alarms": "alarms.count", "deed": "choice.unknown", "note": "sign.unfit"},
        ),
    ):
        answer = await keeper.post(f"{API}/alarms/acts", json=form)
        assert faults(answer) == expected


async def test_a_neighbour_finds_nothing_and_a_reader_may_not_act(
    desk: Client, province: Province
) -> None:
    alarm = province.a.things["alarm"]
    ack = {"alarms": [alarm], "deed": "ack"}

    await log_in(desk, await province.person("enterprise", province.b.org))
    assert refusal(await desk.get(f"{API}/alarms/{alarm}")) == (404, "alarm.unknown")
    assert alarm not in listed(await desk.get(f"{API}/alarms", params={"state": "all"}))
    assert refusal(await desk.post(f"{API}/alarms/acts", json=ack)) == (404, "alarm.unknown")

    await log_in(desk, await province.person("department-leader", province.root.org))
    assert (await one(desk, alarm))["id"] == alarm
    assert refusal(await desk.post(f"{API}/alarms/acts", json=ack)) == (403, "access.denied")

    await log_in(desk, await province.person("auditor", province.root.org))
    assert refusal(await desk.get(f"{API}/alarms")) == (403, "access.denied")
    assert refusal(await desk.get(f"{API}/alarms/counts")) == (403, "access.denied")


async def test_alarms_are_given_to_people_within_reach_only(
    keeper: Client, province: Province
) -> None:
    form = {"alarms": [province.a.things["alarm"]], "deed": "assign"}
    foreign = {**form, "person": province.b.things["person"]}

    answer = await keeper.post(f"{API}/alarms/acts", json=foreign)

    assert answer.status_code in {404, 422}
    assert "LEAK-B" not in answer.text
    assert (await one(keeper, province.a.things["alarm"]))["assignee"] is None


async def test_a_list_goes_on_where_it_was_while_alarms_come_and_end(
    keeper: Client, province: Province, registry: Registry, clock: ManualClock
) -> None:
    party, now_ms = province.a, clock.now_ms()
    writer = TransitionWriter(registry.database, clock)

    async def raise_(device: int, seq: int) -> None:
        raised = Transition(
            ConditionEvent.RAISE, party.things["rule"], 1, device, now_ms + seq, now_ms + seq, 1.0,
            retro=False, seq=seq,
        )  # fmt: skip
        await writer.commit(1, seq, [raised])

    first_alarm = party.things["alarm"]
    await keeper.post(f"{API}/alarms/windows/{party.things['window']}/end")
    await raise_(int(party.devices[1].id), 1_000)
    params = {"limit": 1}
    first = (await keeper.get(f"{API}/alarms", params=params)).json()
    newest = first["items"][0]["id"]
    await act(keeper, newest, "clear")

    second = (await keeper.get(f"{API}/alarms", params={**params, "cursor": first["next"]})).json()
    third = (await keeper.get(f"{API}/alarms", params={**params, "cursor": second["next"]})).json()

    assert [item["id"] for item in second["items"]] == [first_alarm]
    assert (third["items"], third["next"]) == ([], None)
    assert (first["total"], second["total"]) == (2, 1)
    wrong = await keeper.get(f"{API}/alarms", params={"cursor": "x"})
    assert refusal(wrong)[1] == "page.mark_wrong"


async def test_a_list_is_narrowed_by_all_that_is_asked(keeper: Client, province: Province) -> None:
    alarm, device = province.a.things["alarm"], province.a.devices[0]
    for params, is_there in (
        ({"severity": "info"}, True),
        ({"severity": "critical"}, False),
        ({"sector": "environment"}, True),
        ({"sector": "energy"}, False),
        ({"device": device.id, "rule": province.a.things["rule"]}, True),
        ({"device": province.a.devices[1].id}, False),
        ({"device": province.b.devices[0].id}, False),
        ({"search": "TRAM do so 0"}, True),
        ({"search": "100%"}, False),
        ({"state": "acked"}, False),
        ({"zone": 999_999}, False),
    ):
        found = await keeper.get(f"{API}/alarms", params=params)
        assert listed(found) == ([alarm] if is_there else []), params
        assert found.json()["total"] == int(is_there), params
