"""Pages of people, organisations and the journal: their forms, their filters, and closed addresses."""

from datetime import timedelta

from tests.api.province import Client, Province, log_in
from tram.domain.days import local_day
from tram.runtime.clock import ManualClock


async def test_a_role_is_given_and_taken_on_a_persons_page(
    person: Client, province: Province
) -> None:
    path = f"/people/{province.a.things['person']}"
    role = {"role": "enterprise", "org": str(province.a.child), "sector": "energy", "zone": ""}

    assert (await person.post(f"{path}/roles", data=role)).headers["location"] == path
    roles = (await person.get(f"/api/platform/v1{path}")).json()["roles"]
    assert [(row["org"], row["sector"]) for row in roles][1:] == [(province.a.child, "energy")]
    number = roles[1]["id"]
    assert f"{path}/roles/{number}/remove" in (await person.get(path)).text
    assert (await person.post(f"{path}/roles/{number}/remove")).status_code == 303

    assert f"{path}/roles/{number}/remove" not in (await person.get(path)).text
    wrong = await person.post(f"{path}/roles", data=role | {"role": "king", "org": ""})
    assert wrong.status_code == 422
    above = await person.post(f"{path}/roles", data=role | {"role": "system-admin"})
    assert above.status_code in {403, 422}


async def test_an_erased_person_is_shown_without_a_name(
    person: Client, province: Province
) -> None:
    path = f"/people/{province.a.things['person']}"
    assert (await person.post(f"{path}/eat")).status_code == 404

    assert (await person.post(f"{path}/disable")).status_code == 303
    assert (await person.post(f"{path}/erase")).status_code == 303

    page = (await person.get(path)).text
    assert "Người đã xoá" in page
    assert f"somebody-{province.a.org}" not in page


async def test_an_organisation_is_added_below_ones_own_only(
    person: Client, province: Province
) -> None:
    form = {"parent": str(province.a.child), "name": "Tổ <1>", "kind": "unit", "code": "TO-1"}

    assert (await person.get("/organisations")).status_code == 200
    added = await person.post("/organisations", data=form)

    assert added.status_code == 403, "an enterprise reads the tree"
    await log_in(person, await province.person("ict-officer", province.root.org))
    assert (await person.post("/organisations", data=form)).status_code == 303
    assert "Tổ &lt;1&gt;" in (await person.get("/organisations")).text
    for wrong, field in (({}, "code"), ({"name": ""}, "name")):
        again = await person.post("/organisations", data=form | wrong)
        assert again.status_code == 422
        assert f'id="{field}-fault"' in again.text


async def test_the_journal_is_narrowed_by_days_in_vietnam_and_by_act(
    person: Client, province: Province, clock: ManualClock
) -> None:
    await person.post(f"/people/{province.a.things['person']}/disable")
    today = local_day(clock.now_ms())

    for params, is_there in (
        ({}, True),
        ({"since": f"{today:%d/%m/%Y}"}, True),
        ({"since": f"{today + timedelta(days=1):%d/%m/%Y}"}, False),
        ({"until": f"{today - timedelta(days=1):%d/%m/%Y}"}, False),
        ({"action": "person.disable"}, True),
        ({"action": "group.remove"}, False),
        ({"search": "khong ai ca"}, False),
    ):
        page = await person.get("/journal", params=params)
        assert page.status_code == 200
        rows = page.text.partition("<tbody")[2].partition("</tbody>")[0]
        assert ("LEAK-A enterprise" in rows) is is_there, params


async def test_people_of_others_and_a_role_without_people_are_closed_doors(
    guest: Client, province: Province
) -> None:
    await log_in(guest, await province.person("enterprise", province.b.org))
    path = f"/people/{province.a.things['person']}"
    assert (await guest.get(path)).status_code == 404
    assert (await guest.post(f"{path}/erase")).status_code == 404
    assert "LEAK-A" not in (await guest.get("/people")).text
    assert "LEAK-A" not in (await guest.get("/journal")).text

    await log_in(guest, await province.person("province-viewer", province.root.org))
    for closed, status in (("/people", 403), ("/journal", 403), (path, 404)):
        assert (await guest.get(closed)).status_code == status, closed
