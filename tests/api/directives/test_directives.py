"""The register of directives over the interface: faults at fields, states of a day, who may write."""

import pytest_asyncio

from tests.api.answers import faults, listed, refusal
from tests.api.province import Client, Province, log_in
from tram.api.http.session import API

DOCUMENT = {
    "key": "T1", "role": "directive", "kind": "Kế hoạch", "number": "99/KH-UBND",
    "issued_on": "2025-09-01", "issuer": "UBND tỉnh", "subject": "về cột thu lôi",
}  # fmt: skip


@pytest_asyncio.fixture
async def officer(desk: Client, province: Province) -> Client:
    """An officer of the department that keeps the register."""
    await log_in(desk, await province.person("ict-officer", province.root.org))
    return desk


async def document(client: Client, **given: object) -> int:
    made = await client.post(f"{API}/documents", json=DOCUMENT | given)
    assert made.status_code == 201, made.text
    return made.json()["id"]


async def test_a_documents_faults_are_said_at_once_and_its_key_is_its_own(
    officer: Client,
) -> None:
    wrong = DOCUMENT | {"role": "order", "kind": "", "issued_on": "1899-12-31", "mark": "?"}

    assert {"role", "kind", "issued_on", "mark"} <= set(
        faults(await officer.post(f"{API}/documents", json=wrong))
    )
    shape = DOCUMENT | {"issued_on": "hôm qua"}
    assert set(faults(await officer.post(f"{API}/documents", json=shape))) == {"issued_on"}
    await document(officer)
    again = await officer.post(f"{API}/documents", json=DOCUMENT)
    assert refusal(again) == (409, "document.taken")
    assert refusal(await officer.get(f"{API}/documents/999999")) == (404, "document.unknown")


async def test_links_go_one_way_once_and_come_off_again(officer: Client) -> None:
    first, second = await document(officer), await document(officer, key="T2")
    path, link = f"{API}/documents/{second}/links", {"relation": "rests-on", "document": first}

    linked = (await officer.post(path, json=link)).json()
    assert [(row["relation"], row["key"]) for row in linked["links"]] == [("rests-on", "T1")]
    assert (await officer.get(f"{API}/documents/{first}")).json()["links"] == []
    itself = await officer.post(path, json=link | {"document": second})
    nothing = await officer.post(path, json=link | {"document": 999_999})
    odd = await officer.post(path, json=link | {"relation": "likes"})
    assert {itself.is_success, nothing.is_success, odd.is_success} == {False}
    gone = await officer.post(f"{path}/removal", json=link)
    assert gone.json()["links"] == []


async def test_documents_are_found_by_word_and_day_and_paged(officer: Client) -> None:
    await document(officer)
    await document(officer, key="T2", number="100/KH-UBND", issued_on="2026-01-02")

    for params, keys in (
        ({"search": "COT THU LOI"}, ["T1", "T2"]),
        ({"search": "cot thu loi", "until": "2025-12-31"}, ["T1"]),
        ({"search": "cot thu loi", "until": "2025-08-31"}, []),
        ({"search": "100/KH"}, ["T2"]),
        ({"search": "100%"}, []),
    ):
        assert listed(await officer.get(f"{API}/documents", params=params), "key") == keys
    params = {"search": "cot thu loi", "limit": 1}
    page = (await officer.get(f"{API}/documents", params=params)).json()
    rest = await officer.get(f"{API}/documents", params=params | {"cursor": page["next"]})
    assert listed(rest, "key") == ["T2"]
    assert rest.json()["next"] is None


async def test_a_task_has_the_state_of_the_day_that_is_asked_for(officer: Client) -> None:
    form = {
        "key": "V1", "document": await document(officer), "text": "Lập kế hoạch 5G",
        "responsible": "SKHCN", "deadline": "2025-10-31", "on": "2025-09-01",
    }  # fmt: skip
    made = await officer.post(f"{API}/tasks", json=form)
    assert made.status_code == 201, made.text
    path = f"{API}/tasks/{made.json()['id']}"
    for state, on in (("in-progress", "2025-10-01"), ("done", "2025-11-05")):
        moved = await officer.post(f"{path}/state", json={"state": state, "on": on})
        assert moved.is_success, moved.text

    async def at(day: str) -> tuple[str, str, int | None]:
        task = (await officer.get(path, params={"as_of": day})).json()
        return task["state"], task["verdict"], task["days_over"]

    assert (await at("2025-10-15"))[0] == "in-progress"
    assert (await at("2025-10-31"))[1] != "missed", "its last day is a day"
    assert await at("2025-11-01") == ("in-progress", "missed", 1)
    unknown = await officer.get(path, params={"as_of": "2025-08-31"})
    assert refusal(unknown) == (404, "task.unknown")
    assert await at("2025-11-05") == ("done", "done-late", 5)
    odd = await officer.post(f"{path}/state", json={"state": "eaten", "on": "2025-11-06"})
    assert set(faults(odd)) == {"state"}


async def test_an_answer_to_a_recommendation_counts_from_its_day(officer: Client) -> None:
    row = (await officer.get(f"{API}/recommendations")).json()["items"][0]
    path = f"{API}/recommendations/{row['id']}"
    empty = await officer.post(f"{path}/answer", json={"text": " ", "on": "2025-10-01"})
    assert set(faults(empty)) == {"text"}

    form = {"text": "Không cấp kinh phí.", "on": "2025-10-01", "declined": True}
    answered = await officer.post(f"{path}/answer", json=form)

    assert answered.json()["state"] == "declined"
    for day, state in (("2025-09-30", "sent"), ("2025-10-01", "declined")):
        listing = await officer.get(f"{API}/recommendations", params={"as_of": day})
        states = {item["id"]: item["state"] for item in listing.json()["items"]}
        assert states[row["id"]] == state, day


async def test_a_provider_comes_changes_and_goes_and_the_journal_keeps_it(
    officer: Client,
) -> None:
    form = {"name": "Công ty Thử", "offers": [{"sector": "energy", "text": "Công tơ"}]}
    wrong = {"name": "", "offers": [{"sector": "magic", "text": ""}]}
    assert "name" in faults(await officer.post(f"{API}/providers", json=wrong))
    path = f"{API}/providers/{(await officer.post(f'{API}/providers', json=form)).json()['id']}"

    changed = await officer.put(path, json=form | {"name": "Công ty Khác"})
    assert changed.json()["name"] == "Công ty Khác"
    found = await officer.get(f"{API}/providers", params={"search": "cong TO"})
    assert listed(found, "name") == ["Công ty Khác"]
    assert (await officer.delete(path)).status_code == 204

    assert listed(await officer.get(f"{API}/providers", params={"search": "cong to"})) == []
    assert (await officer.delete(path)).status_code == 204, "a second time changes nothing"
    assert refusal(await officer.delete(f"{API}/providers/999999")) == (404, "provider.unknown")
    journal = await officer.get(f"{API}/audit", params={"action": "provider"})
    acts = listed(journal, "action")
    assert acts[:3] == ["provider.remove", "provider.change", "provider.create"]


async def test_who_may_read_the_register_may_not_write_it(
    desk: Client, province: Province
) -> None:
    answer = {"text": "x", "on": "2025-10-01"}
    for role, status in (("department-leader", 200), ("telecom-authority", 200), ("auditor", 403)):
        await log_in(desk, await province.person(role, province.root.org))
        for noun in ("documents", "tasks", "recommendations", "providers"):
            assert (await desk.get(f"{API}/{noun}")).status_code == status, (role, noun)
        for path, form in (
            ("documents", DOCUMENT),
            ("recommendations/1/answer", answer),
            ("providers", {"name": "x", "offers": [{"sector": "energy", "text": "x"}]}),
            ("tasks/1/state", {"state": "done", "on": "2025-10-01"}),
        ):
            refused = await desk.post(f"{API}/{path}", json=form)
            assert refusal(refused) == (403, "access.denied"), (role, path)
    await log_in(desk, await province.person("enterprise", province.a.org))
    assert refusal(await desk.get(f"{API}/documents")) == (403, "access.denied")
