"""Rules over the interface: versions, switches and ends, faults at their fields, and whose they are."""

import pytest_asyncio

from tests.api.answers import faults, listed, refusal
from tests.api.province import Client, Province, log_in
from tram.api.http.session import API

LIMIT = {"kind": "limit", "metric": "pH", "high": 9}


@pytest_asyncio.fixture
async def keeper(desk: Client, province: Province) -> Client:
    """Somebody of party A who writes its rules."""
    await log_in(desk, await province.person("enterprise", province.a.org))
    return desk


def rule(**given: object) -> dict:
    return {"name": "pH cao", "severity": "major", "content": {"spec": LIMIT}} | given


async def test_a_rule_is_off_until_it_is_switched_on_and_each_change_is_a_version(
    keeper: Client, province: Province
) -> None:
    made = (await keeper.post(f"{API}/rules", json=rule())).json()
    path = f"{API}/rules/{made['id']}"
    assert (made["version"], made["enabled"], made["org"]) == (1, False, province.a.org)
    assert (made["kind"], made["severity"]) == ("limit", "major")

    on = (await keeper.post(f"{path}/switch", json={"on": True})).json()
    content = {"spec": LIMIT | {"high": 8.5, "dwell_s": 60}, "advice": "Gọi trực ca"}
    changed = (await keeper.put(path, json=rule(content=content, enabled=True))).json()

    assert on["enabled"]
    assert (changed["version"] > made["version"], changed["enabled"]) == (True, True)
    shown = (await keeper.get(path)).json()
    assert shown["content"]["spec"]["high"] == 8.5
    assert shown["content"]["advice"] == "Gọi trực ca"
    assert listed(await keeper.get(f"{API}/rules"))[0] == made["id"], "the last changed first"
    journal = await keeper.get(f"{API}/audit", params={"action": "rule"})
    assert {"rule.create", "rule.switch", "rule.change"} <= set(listed(journal, "action"))


async def test_what_a_rule_raised_outlives_its_switch_and_its_end(
    keeper: Client, province: Province
) -> None:
    alarm, path = province.a.things["alarm"], f"{API}/rules/{province.a.things['rule']}"
    assert (await keeper.get(path)).json()["open_alarms"] == 1

    off = await keeper.post(f"{path}/switch", json={"on": False})
    assert not off.json()["enabled"]
    assert (await keeper.delete(path)).status_code == 204

    assert refusal(await keeper.get(path)) == (404, "alarm.rule_unknown")
    assert refusal(await keeper.delete(path)) == (404, "alarm.rule_unknown")
    past = (await keeper.get(f"{API}/alarms/{alarm}")).json()
    assert past["rule_name"] == "LEAK-A luật"
    assert past["content"]["spec"]["metric"] == "omega", "its cause stays"


async def test_what_is_wrong_with_a_rule_is_said_at_its_field(keeper: Client) -> None:
    before = listed(await keeper.get(f"{API}/rules"))

    for given, fields in (
        ({"name": "", "severity": "loud"}, {"name", "severity"}),
        ({"content": {"spec": LIMIT | {"op": "beside"}}}, {"op"}),
        ({"content": {"spec": LIMIT | {"op": "outside", "low": 10, "high": 9}}}, {"high"}),
        ({"content": {"spec": {"kind": "expression", "when": "CO >"}}}, {"when"}),
        ({"content": {"spec": LIMIT, "scope": {"sector": "magic"}}}, {"sector"}),
        ({"chain": 999_999}, {"chain"}),
    ):
        found = faults(await keeper.post(f"{API}/rules", json=rule(**given)))
        assert {field.rpartition(".")[2] for field in found} == fields, found
    assert listed(await keeper.get(f"{API}/rules")) == before


async def test_a_rule_of_others_is_not_there_and_none_is_made_for_them(
    desk: Client, province: Province
) -> None:
    path = f"{API}/rules/{province.a.things['rule']}"
    await log_in(desk, await province.person("enterprise", province.b.org))

    for answer in (
        await desk.get(path),
        await desk.put(path, json=rule()),
        await desk.post(f"{path}/switch", json={"on": False}),
        await desk.delete(path),
    ):
        assert refusal(answer) == (404, "alarm.rule_unknown")
    assert province.a.things["rule"] not in listed(await desk.get(f"{API}/rules"))
    for_them = await desk.post(f"{API}/rules", json=rule(org=province.a.org))
    assert refusal(for_them) == (403, "access.denied")
    chain = await desk.post(f"{API}/rules", json=rule(chain=province.a.things["chain"]))
    assert set(faults(chain)) == {"chain"}


async def test_who_may_only_read_rules_changes_none(desk: Client, province: Province) -> None:
    path = f"{API}/rules/{province.a.things['rule']}"
    await log_in(desk, await province.person("department-leader", province.root.org))

    assert (await desk.get(path)).json()["name"] == "LEAK-A luật"
    for answer in (
        await desk.post(f"{API}/rules", json=rule()),
        await desk.put(path, json=rule()),
        await desk.post(f"{path}/switch", json={"on": False}),
        await desk.delete(path),
    ):
        assert refusal(answer) == (403, "access.denied")
    assert (await desk.get(path)).json()["enabled"]

    await log_in(desk, await province.person("commune-officer", province.root.org))
    assert refusal(await desk.get(path)) == (403, "access.denied")


async def test_rules_are_paged_to_their_end(keeper: Client) -> None:
    for number in range(3):
        await keeper.post(f"{API}/rules", json=rule(name=f"Luật {number}"))

    seen, cursor = [], None
    for _ in range(5):
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = await keeper.get(f"{API}/rules", params=params)
        seen += listed(page, "name")
        cursor = page.json()["next"]
        if cursor is None:
            break

    assert seen == ["Luật 2", "Luật 1", "Luật 0", "LEAK-A luật"]
    whole = await keeper.get(f"{API}/rules", params={"limit": 4})
    assert whole.json()["next"] is None, "a full page need not have another"
    for limit in (0, 501):
        assert faults(await keeper.get(f"{API}/rules", params={"limit": limit}))


async def test_a_rule_is_tried_only_when_it_is_sound_and_the_store_answers(
    keeper: Client, province: Province
) -> None:
    wrong = {"content": {"spec": {"kind": "expression", "when": "CO >"}}, "days": 3}
    foreign = {"content": {"spec": LIMIT, "scope": {"devices": [province.b.devices[0].id]}}}

    assert faults(await keeper.post(f"{API}/rules/trial", json=wrong))
    answer = await keeper.post(f"{API}/rules/trial", json=foreign)
    assert answer.status_code in {404, 422}
    sound = await keeper.post(f"{API}/rules/trial", json={"content": {"spec": LIMIT}})
    assert sound.status_code == 503
    assert int(sound.headers["retry-after"]) >= 1
