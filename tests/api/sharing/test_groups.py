"""Groups and loans over the interface: each side sees its own half, and what is refused says where."""

import pytest_asyncio

from tests.api.answers import faults, listed, refusal
from tests.api.province import Client, Province, log_in
from tram.api.http.session import API
from tram.runtime.clock import ManualClock

DAY_MS = 86_400_000


@pytest_asyncio.fixture
async def lender(desk: Client, province: Province) -> Client:
    """Somebody of party A who lends its devices."""
    await log_in(desk, await province.person("enterprise", province.a.org))
    return desk


async def test_a_group_is_made_lent_kept_and_removed(
    lender: Client, province: Province, clock: ManualClock
) -> None:
    first, second = (device.id for device in province.a.devices)
    form = {"org": province.a.org, "name": "Trạm nước", "devices": [first]}
    made = await lender.post(f"{API}/groups", json=form)
    assert made.status_code == 201, made.text
    path = f"{API}/groups/{made.json()['id']}"
    loan = {
        "to_org": province.b.org, "group": made.json()["id"], "purpose": "Đo chung",
        "until_ms": clock.now_ms() + DAY_MS,
    }  # fmt: skip
    lent = (await lender.post(f"{API}/loans", json=loan)).json()

    assert refusal(await lender.delete(path)) == (409, "group.in_use")
    wider = form | {"devices": [first, second]}
    assert (await lender.put(path, json=wider)).json()["devices"] == 2
    shown = (await lender.get(f"{API}/loans/{lent['id']}")).json()
    assert (shown["devices"], shown["loan"]["group_name"]) == ([first, second], "Trạm nước")
    assert (await lender.delete(f"{API}/loans/{lent['id']}")).status_code == 204
    assert (await lender.delete(path)).status_code == 204

    assert refusal(await lender.get(path)) == (404, "group.unknown")
    past = (await lender.get(f"{API}/loans", params={"past": "true"})).json()["items"]
    assert next(row for row in past if row["id"] == lent["id"])["revoked_ms"] == clock.now_ms()


async def test_both_sides_see_a_loan_and_nobody_else_does(
    desk: Client, province: Province, clock: ManualClock
) -> None:
    device = province.a.devices[0].id
    await log_in(desk, await province.person("enterprise", province.a.org))
    loan = {
        "to_org": province.b.org, "devices": [device], "purpose": "Đo", "metrics": ["pH"],
        "until_ms": clock.now_ms() + DAY_MS,
    }  # fmt: skip
    made = (await desk.post(f"{API}/loans", json=loan)).json()
    path = f"{API}/loans/{made['id']}"
    assert made["mine"]

    await log_in(desk, await province.person("enterprise", province.b.org))
    seen = (await desk.get(path)).json()
    assert (seen["loan"]["mine"], seen["loan"]["metrics"]) == (False, ["pH"])
    assert seen["devices"] == [device]
    assert refusal(await desk.delete(path)) == (403, "access.denied")
    own = (await desk.get(f"{API}/devices/{device}")).json()
    assert own["lent"]
    gone = await desk.delete(f"{API}/devices/{device}")
    assert refusal(gone) == (403, "access.denied")
    on = loan | {"to_org": province.a.child}
    assert refusal(await desk.post(f"{API}/loans", json=on)) == (403, "access.denied")

    await log_in(desk, await province.person("enterprise", province.b.child))
    assert refusal(await desk.get(path)) == (404, "loan.unknown")
    assert made["id"] not in listed(await desk.get(f"{API}/loans"))


async def test_what_is_wrong_with_a_loan_or_group_is_said_at_its_field(
    lender: Client, province: Province, clock: ManualClock
) -> None:
    device, foreign = province.a.devices[0].id, province.b.devices[0].id
    loan = {
        "to_org": province.b.org, "devices": [device], "purpose": "Đo",
        "until_ms": clock.now_ms() + DAY_MS,
    }  # fmt: skip
    for given, fields in (
        ({"purpose": "", "to_org": 999_999, "until_ms": 1}, {"purpose", "to_org", "until_ms"}),
        ({"devices": []}, {"devices"}),
        ({"metrics": []}, {"metrics"}),
        ({"standing": True}, {"basis"}),
        ({"to_org": province.a.org}, {"to_org"}),
        ({"colour": "red", "devices": "x"}, {"colour", "devices"}),
    ):
        answer = await lender.post(f"{API}/loans", json=loan | given)
        assert set(faults(answer)) == fields, given
    borrowed = await lender.post(f"{API}/loans", json=loan | {"devices": [foreign]})
    assert refusal(borrowed) == (404, "device.unknown")
    group = {"org": province.a.org, "name": "LEAK-A", "devices": [foreign]}
    assert set(faults(await lender.post(f"{API}/groups", json=group))) == {"name"}
    group = {"org": province.a.org, "name": "Mới", "devices": [foreign]}
    assert set(faults(await lender.post(f"{API}/groups", json=group))) == {"devices"}


async def test_a_neighbour_finds_no_group_and_a_reader_changes_none(
    desk: Client, province: Province
) -> None:
    path, form = f"{API}/groups/{province.a.things['group']}", {"org": province.a.org, "name": "x"}

    await log_in(desk, await province.person("enterprise", province.b.org))
    for answer in (
        await desk.get(path),
        await desk.put(path, json=form),
        await desk.delete(path),
    ):
        assert refusal(answer) == (404, "group.unknown")
    assert refusal(await desk.post(f"{API}/groups", json=form)) == (403, "access.denied")

    await log_in(desk, await province.person("department-leader", province.root.org))
    assert (await desk.get(path)).json()["devices"] == [province.a.devices[1].id]
    for answer in (
        await desk.post(f"{API}/groups", json=form),
        await desk.put(path, json=form),
        await desk.delete(path),
        await desk.get(f"{API}/reads"),
    ):
        assert refusal(answer) == (403, "access.denied")


async def test_a_device_that_was_sold_is_listed_with_its_past_owner(
    desk: Client, province: Province, clock: ManualClock
) -> None:
    device = province.a.devices[0].id
    await log_in(desk, await province.person("enterprise", province.a.org))
    code = (await desk.post(f"{API}/devices/{device}/claim-code", json={})).json()["code"]
    await log_in(desk, await province.person("enterprise", province.b.org))
    bought = await desk.post(f"{API}/claims", json={"code": code, "org": province.b.org})
    assert bought.is_success, bought.text
    assert listed(await desk.get(f"{API}/former-devices"), "device") == []

    await log_in(desk, await province.person("enterprise", province.a.org))
    (former,) = (await desk.get(f"{API}/former-devices")).json()["items"]
    assert (former["device"], former["until_ms"]) == (device, clock.now_ms())
    assert former["name"] == "LEAK-A Trạm đo số 0"
    assert refusal(await desk.get(f"{API}/devices/{device}")) == (404, "device.unknown")
