"""What surrounds the alarms over the interface: chains, hours, calls, works, drills, and one's own."""

import pytest_asyncio

from tests.api.answers import faults, listed, refusal
from tests.api.province import Client, Province, log_in
from tram.api.http.session import API
from tram.runtime.clock import ManualClock

HOUR_MS = 3_600_000
NOUNS = {
    "chains": {"name": "Trực ca", "steps": [{"after_s": 0}]},
    "calendars": {"name": "Giờ làm", "hours": [{"days": [0, 1], "start": 420, "end": 1020}]},
    "webhooks": {"name": "Zalo", "url": "https://hook.example/x"},
}


@pytest_asyncio.fixture
async def keeper(desk: Client, province: Province) -> Client:
    """Somebody of party A who keeps its rules."""
    await log_in(desk, await province.person("enterprise", province.a.org))
    return desk


async def setup(client: Client) -> dict:
    return (await client.get(f"{API}/alarms/setup")).json()


async def test_chains_calendars_and_webhooks_come_and_go(keeper: Client) -> None:
    for noun, form in NOUNS.items():
        before = [row["id"] for row in (await setup(keeper))[noun]]
        made = await keeper.post(f"{API}/alarms/{noun}", json=form)
        assert made.status_code == 201, made.text
        number = made.json()["id"]

        rows = {row["id"]: row for row in (await setup(keeper))[noun]}
        assert rows[number]["name"] == form["name"]
        gone = await keeper.delete(f"{API}/alarms/{noun}/{number}")

        assert gone.status_code == 204
        assert [row["id"] for row in (await setup(keeper))[noun]] == before
        again = await keeper.delete(f"{API}/alarms/{noun}/{number}")
        assert refusal(again) == (404, "alarm.setup_unknown")


async def test_a_neighbour_neither_sees_nor_removes_what_is_set_up(
    desk: Client, province: Province
) -> None:
    things = province.a.things
    await log_in(desk, await province.person("enterprise", province.b.org))

    assert "LEAK-A" not in str(await setup(desk))
    for noun, key in (("chains", "chain"), ("calendars", "calendar"), ("webhooks", "webhook")):
        gone = await desk.delete(f"{API}/alarms/{noun}/{things[key]}")
        assert refusal(gone) == (404, "alarm.setup_unknown")
    for noun, key in (("windows", "window"), ("drills", "drill")):
        ended = await desk.post(f"{API}/alarms/{noun}/{things[key]}/end")
        assert refusal(ended) == (404, "alarm.setup_unknown")
    await desk.delete(f"{API}/alarms/filters/{things['filter_id']}")

    await log_in(desk, await province.person("enterprise", province.a.org))
    kept = await setup(desk)
    for noun in ("chains", "calendars", "webhooks", "windows", "drills"):
        assert [row.get("name") or row["reason"] for row in kept[noun]] == ["LEAK-A"], noun


async def test_what_cannot_be_set_up_is_said_at_its_field(keeper: Client) -> None:
    before = await setup(keeper)

    for noun, form, fields in (
        ("webhooks", {"name": "x", "url": "file:///etc/passwd"}, {"url"}),
        ("webhooks", {"name": "", "url": "https://me:secret@hook.example/x"}, {"name", "url"}),
        ("calendars", {"name": "x", "hours": [], "holidays": ["30/4"]}, {"hours", "holidays"}),
        ("chains", {"name": "", "steps": []}, {"name", "steps"}),
    ):
        answer = await keeper.post(f"{API}/alarms/{noun}", json=form)
        assert set(faults(answer)) == fields, noun
        assert (await setup(keeper))[noun] == before[noun]


async def test_announced_work_keeps_alarms_quiet_until_it_is_ended(
    keeper: Client, province: Province, clock: ManualClock
) -> None:
    now_ms, device = clock.now_ms(), province.a.devices[0].id
    work = {"from_ms": now_ms, "until_ms": now_ms + HOUR_MS, "reason": "Thay đầu đo"}
    backwards = work | {"until_ms": now_ms - 1, "reason": ""}
    foreign = work | {"device": province.b.devices[0].id}

    assert set(faults(await keeper.post(f"{API}/alarms/windows", json=backwards))) == {
        "until_ms", "reason"
    }  # fmt: skip
    answer = await keeper.post(f"{API}/alarms/windows", json=foreign)
    assert answer.status_code in {404, 422}
    made = await keeper.post(f"{API}/alarms/windows", json=work | {"device": device})
    number = made.json()["id"]
    shown = {row["id"]: row for row in (await setup(keeper))["windows"]}[number]
    assert (shown["device_name"], shown["person_name"]) == (
        "LEAK-A Trạm đo số 0", "LEAK-A enterprise"
    )  # fmt: skip

    assert (await keeper.post(f"{API}/alarms/windows/{number}/end")).status_code in {201, 204}
    assert number not in [row["id"] for row in (await setup(keeper))["windows"]]


async def test_a_drill_lasts_as_long_as_it_was_said_and_may_be_ended(
    keeper: Client, province: Province, clock: ManualClock
) -> None:
    until_ms = clock.now_ms() + HOUR_MS
    past = {"until_ms": clock.now_ms(), "reason": ""}
    assert set(faults(await keeper.post(f"{API}/alarms/drills", json=past))) == {
        "until_ms", "reason"
    }  # fmt: skip
    own = province.a.things["drill"]
    assert (await keeper.post(f"{API}/alarms/drills/{own}/end")).is_success
    assert (await setup(keeper))["drills"] == []

    drill = {"until_ms": until_ms, "reason": "Diễn tập"}
    made = (await keeper.post(f"{API}/alarms/drills", json=drill)).json()["id"]

    (running,) = (await setup(keeper))["drills"]
    assert (running["id"], running["until_ms"]) == (made, until_ms)
    clock.advance(HOUR_MS)
    assert (await setup(keeper))["drills"] == []


async def test_ones_own_contact_is_kept_and_is_a_consent(keeper: Client) -> None:
    form = {
        "email": "truc@x.example", "least_severity": "major",
        "quiet_start": 1320, "quiet_end": 360, "quiet_severity": "critical",
    }  # fmt: skip

    kept = await keeper.put(f"{API}/alarms/contact", json=form)
    assert kept.json() == form
    consents = (await keeper.get(f"{API}/me/consents")).json()["items"]
    assert [row["withdrawn_ms"] for row in consents] == [None]

    wrong = form | {"email": "x", "least_severity": "loud"}
    assert set(faults(await keeper.put(f"{API}/alarms/contact", json=wrong))) == {
        "email", "least_severity"
    }  # fmt: skip
    assert (await setup(keeper))["contact"] == form, "what is refused changes nothing"
    late = form | {"quiet_start": 1_440}
    assert faults(await keeper.put(f"{API}/alarms/contact", json=late))
    await keeper.put(f"{API}/alarms/contact", json=form | {"email": ""})
    consents = (await keeper.get(f"{API}/me/consents")).json()["items"]
    assert consents[0]["withdrawn_ms"] is not None


async def test_a_test_notice_needs_somewhere_to_go(keeper: Client, province: Province) -> None:
    assert refusal(await keeper.post(f"{API}/alarms/test", json={}))[1] == "alarm.no_contact"
    foreign = {"webhook": province.b.things["webhook"]}
    assert (await keeper.post(f"{API}/alarms/test", json=foreign)).status_code == 404

    await keeper.put(f"{API}/alarms/contact", json={"email": "truc@x.example"})
    sent = await keeper.post(f"{API}/alarms/test", json={})

    notices = (await keeper.get(f"{API}/alarms/notices")).json()["items"]
    assert (notices[0]["key"], notices[0]["kind"]) == (sent.json()["key"], "test")
    assert (notices[0]["target"], notices[0]["state"]) == ("truc@x.example", "waiting")


async def test_a_saved_filter_is_ones_own(desk: Client, province: Province) -> None:
    await log_in(desk, await province.person("enterprise", province.a.org))
    made = await desk.post(
        f"{API}/alarms/filters", json={"name": "Gấp", "query": "severity=major"}
    )
    number = made.json()["id"]
    assert [row["name"] for row in (await setup(desk))["filters"]] == ["Gấp"]

    await log_in(desk, await province.person("system-admin", province.root.org))
    assert (await setup(desk))["filters"] == []
    await desk.delete(f"{API}/alarms/filters/{number}")

    await log_in(desk, await province.person("enterprise", province.a.org))
    assert [row["id"] for row in (await setup(desk))["filters"]] == [number]
    await desk.delete(f"{API}/alarms/filters/{number}")
    assert (await setup(desk))["filters"] == []


async def test_who_may_read_alarms_but_no_rules_is_shown_no_chains(
    desk: Client, province: Province
) -> None:
    await log_in(desk, await province.person("commune-officer", province.a.org))

    shown = await setup(desk)

    assert (shown["chains"], shown["calendars"], shown["webhooks"]) == ([], [], [])
    assert [row["reason"] for row in shown["drills"]] == ["LEAK-A"]
    answer = await desk.post(f"{API}/alarms/chains", json=NOUNS["chains"])
    assert refusal(answer) == (403, "access.denied")


async def test_a_device_speaks_through_one_within_reach(
    keeper: Client, province: Province
) -> None:
    mine, below = (device.id for device in province.a.devices)
    foreign = province.b.devices[0].id

    assert (await keeper.put(f"{API}/devices/{below}/parent", json={"parent": mine})).is_success
    for child, parent in ((below, foreign), (foreign, mine)):
        answer = await keeper.put(f"{API}/devices/{child}/parent", json={"parent": parent})
        assert refusal(answer) == (404, "device.unknown")
    ring = await keeper.put(f"{API}/devices/{mine}/parent", json={"parent": mine})
    assert not ring.is_success
    journal = await keeper.get(f"{API}/audit", params={"search": "parent"})
    assert listed(journal, "noun_id") == [below]
