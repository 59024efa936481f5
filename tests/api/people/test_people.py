"""People over the interface: registered, given roles, shut out and erased by who may, and by nobody else."""

import pytest_asyncio

from tests.api.answers import faults, listed, refusal
from tests.api.province import PASSWORD, Client, Province, log_in
from tram.api.http.session import API


@pytest_asyncio.fixture
async def keeper(desk: Client, province: Province) -> Client:
    """Somebody of party A who looks after its people."""
    await log_in(desk, await province.person("enterprise", province.a.org))
    return desk


def newcomer(province: Province, **given: object) -> dict:
    form = {"org": province.a.child, "login": "Binh", "name": "Lê Bình", "password": PASSWORD}
    return form | given


async def test_a_person_is_registered_given_a_role_and_shut_out(
    keeper: Client, province: Province
) -> None:
    made = await keeper.post(f"{API}/people", json=newcomer(province, email="b@x.example"))
    assert made.status_code == 201, made.text
    person = made.json()
    assert (person["login"], person["locale"], person["email"]) == ("binh", "vi", "b@x.example")
    assert "password" not in made.text
    role = {"role": "enterprise", "org": province.a.child, "sector": "energy"}
    given = (await keeper.post(f"{API}/people/{person['id']}/roles", json=role)).json()

    shown = (await keeper.get(f"{API}/people/{person['id']}")).json()
    assert [(row["role"], row["org"], row["sector"]) for row in shown["roles"]] == [
        ("enterprise", province.a.child, "energy")
    ]
    assert (await keeper.delete(f"{API}/roles/{given['id']}")).status_code == 204
    again = await keeper.delete(f"{API}/roles/{given['id']}")
    assert refusal(again) == (404, "assignment.unknown")
    assert (await keeper.post(f"{API}/people/{person['id']}/disabled")).is_success

    wrong = await keeper.post(f"{API}/session", json={"login": "binh", "password": PASSWORD})
    assert refusal(wrong) == (401, "login.wrong")
    journal = await keeper.get(f"{API}/audit", params={"action": "person"})
    assert listed(journal, "action")[:2] == ["person.disable", "person.create"]


async def test_all_that_is_wrong_with_a_person_is_said_at_once(
    keeper: Client, province: Province
) -> None:
    wrong = newcomer(province, login="hai từ", name="", locale="fr", email="x")
    shape = {"login": 7, "colour": "red"}
    short = newcomer(province, password="ngắn")
    taken = newcomer(province, login=f"SOMEBODY-{province.b.org}")

    assert set(faults(await keeper.post(f"{API}/people", json=wrong))) == {
        "login", "name", "locale", "email"
    }  # fmt: skip
    assert set(faults(await keeper.post(f"{API}/people", json=shape))) == {
        "login", "colour", "org", "name", "password"
    }  # fmt: skip
    assert refusal(await keeper.post(f"{API}/people", json=short)) == (422, "password.wrong")
    assert refusal(await keeper.post(f"{API}/people", json=taken)) == (409, "login.taken")
    found = await keeper.get(f"{API}/people", params={"search": "binh"})
    assert (listed(found), found.json()["total"]) == ([], 0)


async def test_nobody_reaches_over_the_fence(desk: Client, province: Province) -> None:
    things = province.a.things
    person = f"{API}/people/{things['person']}"
    role = {"role": "enterprise", "org": province.b.org}
    await log_in(desk, await province.person("enterprise", province.b.org))

    for answer in (
        await desk.get(person),
        await desk.post(f"{person}/roles", json=role),
        await desk.post(f"{person}/disabled"),
        await desk.delete(person),
    ):
        assert refusal(answer) == (404, "person.unknown"), answer.request.url
    gone = await desk.delete(f"{API}/roles/{things['assignment']}")
    assert refusal(gone) == (404, "assignment.unknown")
    gone = await desk.delete(f"{API}/invitations/{things['invitation']}")
    assert refusal(gone) == (404, "invitation.unknown")
    into = await desk.post(f"{API}/people", json=newcomer(province))
    assert refusal(into) == (403, "access.denied")
    assert things["person"] not in listed(await desk.get(f"{API}/people"))
    assert things["invitation"] not in listed(await desk.get(f"{API}/invitations"))


async def test_nobody_gives_or_takes_over_more_than_they_hold(
    keeper: Client, province: Province
) -> None:
    person = province.a.things["person"]
    admin = {"role": "system-admin", "org": province.a.org}
    above = {"role": "enterprise", "org": province.root.org}

    for role in (admin, above, {"role": "enterprise", "org": province.b.org}):
        answer = await keeper.post(f"{API}/people/{person}/roles", json=role)
        assert refusal(answer) == (403, "access.denied")
    unknown = {"role": "king", "org": province.a.org, "sector": "magic", "zone": 999_999}
    answer = await keeper.post(f"{API}/people/{person}/roles", json=unknown)
    assert set(faults(answer)) == {"role", "sector", "zone"}
    assert len((await keeper.get(f"{API}/people/{person}")).json()["roles"]) == 1


async def test_an_erased_person_has_no_name_anywhere(keeper: Client, province: Province) -> None:
    person = province.a.things["person"]
    assert (await keeper.delete(f"{API}/people/{person}")).is_success

    shown = await keeper.get(f"{API}/people/{person}")
    found = await keeper.get(f"{API}/people", params={"search": "LEAK-A Nguoi"})
    journal = await keeper.get(f"{API}/audit", params={"limit": 500})

    assert shown.json()["person"]["name"] == "Người đã xoá"
    assert shown.json()["person"]["disabled"]
    assert listed(found) == []
    assert f"somebody-{province.a.org}" not in shown.text + journal.text
    assert "LEAK-A Người" not in journal.text


async def test_who_may_only_read_people_is_told_so(desk: Client, province: Province) -> None:
    person = province.a.things["person"]
    await log_in(desk, await province.person("auditor", province.root.org))

    assert (await desk.get(f"{API}/people/{person}")).status_code == 200
    for answer in (
        await desk.post(f"{API}/people", json=newcomer(province)),
        await desk.post(f"{API}/people/{person}/disabled"),
        await desk.delete(f"{API}/people/{person}"),
        await desk.delete(f"{API}/invitations/{province.a.things['invitation']}"),
    ):
        assert refusal(answer) == (403, "access.denied")
    await log_in(desk, await province.person("province-viewer", province.root.org))
    for path in ("people", "roles", "invitations"):
        assert refusal(await desk.get(f"{API}/{path}")) == (403, "access.denied")


async def test_an_invitation_is_sent_shown_and_taken_back(
    keeper: Client, province: Province
) -> None:
    form = {"org": province.a.org, "email": "c@x.example", "name": "Cúc", "role": "enterprise"}

    made = await keeper.post(f"{API}/invitations", json=form)
    assert (made.status_code, made.json()["state"]) == (201, "waiting")
    number = made.json()["id"]
    assert (await keeper.delete(f"{API}/invitations/{number}")).status_code == 204

    rows = {row["id"]: row for row in (await keeper.get(f"{API}/invitations")).json()["items"]}
    assert rows[number]["state"] == "revoked"
    wrong = await keeper.post(f"{API}/invitations", json=form | {"email": "x", "role": "king"})
    assert set(faults(wrong)) == {"email", "role"}
