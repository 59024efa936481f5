"""What loops set aside is shown to whom it belongs to, in both languages, and tried again."""

from tests.api.province import Client, Province, log_in
from tram.registry.kernel.set_aside import SetAsideEntry
from tram.registry.registry import Registry

API = "/api/platform/v1"


async def test_the_owner_sees_what_is_set_aside_and_lets_it_be_tried_again(
    guest: Client, province: Province, registry: Registry
) -> None:
    aside = registry.set_aside
    await log_in(guest, await province.person("enterprise", province.a.child))
    assert "Không có việc nào bị để riêng" in (await guest.get("/aside")).text
    await aside.note(
        SetAsideEntry("alarms", "rule", "12.3", province.a.child), ValueError("label too long")
    )
    await aside.note(
        SetAsideEntry("alarms", "notice", "elsewhere", province.b.org), ValueError("theirs")
    )
    await aside.note(SetAsideEntry("work", "reports", "9", None), ValueError("the product's own"))

    page = (await guest.get("/aside")).text

    assert "ValueError: label too long" in page
    assert 'href="/alarms/rules/12"' in page
    assert "theirs" not in page
    assert "the product" not in page
    assert "1 việc bị để riêng" in (await guest.get("/")).text
    (row,) = (await guest.get(f"{API}/system/aside")).json()["items"]
    assert (row["kind"], row["times"], row["org_name"] != "") == ("rule", 1, True)
    form = {"csrf": guest.headers["X-CSRF-Token"]}
    again = await guest.post(f"/aside/{row['id']}/again", data=form)
    assert (again.status_code, again.headers["location"]) == (303, "/aside")
    assert "12.3" not in await aside.keys("alarms", "rule")
    assert "đang được thử lại" in (await guest.get("/aside")).text
    assert "việc bị để riêng" not in (await guest.get("/")).text


async def test_another_try_needs_the_right_to_change_jobs_and_proof(
    guest: Client, province: Province, registry: Registry
) -> None:
    await registry.set_aside.note(
        SetAsideEntry("alarms", "rule", "1", province.a.child), ValueError("no")
    )
    await log_in(guest, await province.person("park-developer", province.a.child))
    page = await guest.get("/aside", headers={"accept-language": "en"})
    number = (await guest.get(f"{API}/system/aside")).json()["items"][0]["id"]

    assert page.status_code == 200
    assert "/again" not in page.text
    assert (await guest.post(f"{API}/system/aside/{number}/again")).status_code == 403
    await log_in(guest, await province.person("enterprise", province.a.child))
    del guest.headers["X-CSRF-Token"]
    assert (await guest.post(f"/aside/{number}/again", data={})).status_code == 403
    assert "1" in await registry.set_aside.keys("alarms", "rule")
