"""Pages of alarms and rules: what their buttons do, what stays typed, and what a reader is not offered."""

import re

from tests.api.province import Client, Province, log_in

LIMIT = {
    "kind": "limit", "name": "pH cao", "severity": "major", "metric": "pH", "op": "above",
    "high": "9",
}  # fmt: skip


async def test_the_buttons_of_an_alarm_do_what_they_say(
    person: Client, province: Province
) -> None:
    path = f"/alarms/{province.a.things['alarm']}"
    for fields in (
        {"deed": "comment", "note": "Đã gọi <b>kỹ thuật</b>"},
        {"deed": "assign"},
        {"deed": "give", "person": str(province.a.things["person"])},
        {"deed": "shelve", "hours": "8", "note": "Chờ vật tư"},
        {"deed": "ack"},
    ):
        answer = await person.post(f"{path}/act", data=fields)
        assert (answer.status_code, answer.headers["location"]) == (303, path), answer.text

    page = (await person.get(path)).text
    assert "Đã gọi &lt;b&gt;kỹ thuật&lt;/b&gt;" in page
    assert "Chờ vật tư" in page
    assert "LEAK-A Người" in page
    assert 'value="unshelve"' in page


async def test_a_shelf_without_a_reason_is_said_at_its_field(
    person: Client, province: Province
) -> None:
    path = f"/alarms/{province.a.things['alarm']}/act"

    for hours in ("8", "", "không", "9" * 50):
        answer = await person.post(path, data={"deed": "shelve", "hours": hours, "note": ""})
        assert answer.status_code == 422, hours
        assert 'id="note-fault"' in answer.text
    kept = await person.post(path, data={"deed": "comment", "note": "a\u202eb"})
    assert kept.status_code == 422
    assert "U+202E" in kept.text


async def test_a_rule_is_made_changed_switched_and_removed_from_its_pages(
    person: Client, province: Province
) -> None:
    made = await person.post("/alarms/rules/new", data=LIMIT)
    assert made.status_code == 303, made.text
    listing = (await person.get("/alarms/rules")).text
    assert "pH &gt; 9" in listing
    number = max(map(int, re.findall(r"/alarms/rules/(\d+)", listing)))
    path = f"/alarms/rules/{number}"
    editor = (await person.get(path)).text
    assert 'value="pH cao"' in editor

    assert (await person.post(path, data=LIMIT | {"high": "8.5"})).status_code == 303
    assert (await person.post(f"{path}/switch", data={"on": "yes"})).status_code == 303
    assert "pH &gt; 8.5" in (await person.get("/alarms/rules")).text
    assert (await person.post(f"{path}/remove")).status_code == 303

    assert (await person.get(path)).status_code == 404
    assert "pH cao" not in (await person.get("/alarms/rules")).text


async def test_a_wrong_rule_comes_back_with_what_was_typed(person: Client) -> None:
    typed = LIMIT | {"name": "", "high": "chín", "advice": "Gọi trực ca"}

    answer = await person.post("/alarms/rules/new", data=typed)

    assert answer.status_code == 422
    assert 'value="chín"' in answer.text
    assert "Gọi trực ca" in answer.text
    assert 'id="high-fault"' in answer.text


async def test_a_rule_that_cannot_be_tried_now_says_so_beside_its_form(person: Client) -> None:
    answer = await person.post("/alarms/rules/new", data=LIMIT | {"do": "try"})

    assert answer.status_code in {422, 503}
    assert 'value="pH cao"' in answer.text, "nothing typed is lost"
    assert "pH cao" not in (await person.get("/alarms/rules")).text, "and nothing is kept"


async def test_who_may_only_read_is_offered_no_button(guest: Client, province: Province) -> None:
    await log_in(guest, await province.person("department-leader", province.root.org))
    alarm, rule = province.a.things["alarm"], province.a.things["rule"]

    shown = await guest.get(f"/alarms/{alarm}")
    assert shown.status_code == 200
    assert f"/alarms/{alarm}/act" not in shown.text
    assert "/alarms/rules/new" not in (await guest.get("/alarms/rules")).text
    assert (await guest.get("/alarms/rules/new")).status_code == 403
    for path, data in (
        (f"/alarms/{alarm}/act", {"deed": "ack"}),
        (f"/alarms/rules/{rule}/remove", {}),
        ("/alarms/rules/new", LIMIT),
    ):
        assert (await guest.post(path, data=data)).status_code == 403, path


async def test_an_alarm_of_others_is_a_page_that_is_not_there(
    person: Client, province: Province
) -> None:
    foreign = province.b.things
    for path in (
        f"/alarms/{foreign['alarm']}",
        f"/alarms/rules/{foreign['rule']}",
        "/alarms/incidents/999999",
        f"/devices/{province.b.devices[0].id}/alarms",
    ):
        answer = await person.get(path)
        assert answer.status_code == 404, path
        assert "LEAK-B" not in answer.text
