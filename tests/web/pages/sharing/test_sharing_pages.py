"""Pages of sharing: lending to the end of a day, groups from a form, and what each side is shown."""

import re
from datetime import date

from tests.api.province import Client, Province, log_in
from tram.domain.days import local_day
from tram.runtime.clock import ManualClock
from tram.web.pages.sharing.sharing import start_of_day_ms

DAY_MS = 86_400_000


async def test_a_loan_lasts_to_the_end_of_its_last_day_in_vietnam(
    person: Client, province: Province, clock: ManualClock
) -> None:
    last = local_day(clock.now_ms() + 3 * DAY_MS)
    form = {
        "source": f"device-{province.a.devices[0].id}", "to_org": str(province.b.org),
        "metrics": "pH, COD,", "until_ms": f"{last:%d/%m/%Y}", "purpose": "Đo chung",
    }  # fmt: skip

    made = await person.post("/sharing", data=form)

    assert (made.status_code, made.headers["location"]) == (303, "/sharing"), made.text
    (loan,) = (await person.get("/api/platform/v1/loans")).json()["items"][:1]
    assert loan["until_ms"] == start_of_day_ms(last, after=1)
    assert (loan["metrics"], loan["purpose"]) == (["COD", "pH"], "Đo chung")
    page = await person.get(f"/sharing/loans/{loan['id']}")
    assert "LEAK-B Công ty" in page.text
    assert (await person.post(f"/sharing/loans/{loan['id']}/revoke")).status_code == 303


def test_a_day_begins_at_midnight_in_vietnam() -> None:
    assert start_of_day_ms(date(2026, 1, 1)) == 1_767_200_400_000  # 2025-12-31 17:00 UTC
    assert start_of_day_ms(date(2025, 12, 31), after=1) == start_of_day_ms(date(2026, 1, 1))


async def test_a_refused_loan_says_where_and_keeps_what_was_typed(
    person: Client, province: Province
) -> None:
    form = {
        "source": "", "to_org": str(province.a.org), "until_ms": "31/2/2027", "purpose": "Đo <i>",
    }  # fmt: skip

    answer = await person.post("/sharing", data=form)

    assert answer.status_code == 422
    assert "Đo &lt;i&gt;" in answer.text
    assert 'value="31/2/2027"' in answer.text
    foreign = form | {
        "source": f"device-{province.b.devices[0].id}", "until_ms": "", "standing": "yes",
        "basis": "Luật", "to_org": str(province.b.org),
    }  # fmt: skip
    assert (await person.post("/sharing", data=foreign)).status_code in {404, 422}


async def test_a_group_is_made_changed_and_removed_from_its_pages(
    person: Client, province: Province
) -> None:
    query = {
        "org": str(province.a.org),
        "name": "Nước thải",
        "kind": "query",
        "sector": "environment",
    }
    assert (await person.post("/sharing/groups", data=query)).status_code == 303
    listing = (await person.get("/sharing/groups")).text
    number = max(map(int, re.findall(r"/sharing/groups/(\d+)", listing)))
    path = f"/sharing/groups/{number}"
    assert "LEAK-A Trạm đo số 0" in (await person.get(path)).text

    second = province.a.devices[1].id
    named = query | {"kind": "named", "devices": f"{second}, ", "name": "Giao thông"}
    assert (await person.post(path, data=named)).headers["location"] == path
    shown = (await person.get(path)).text
    assert "LEAK-A Trạm đo số 1" in shown
    assert "LEAK-A Trạm đo số 0" not in shown
    wrong = await person.post(path, data=named | {"devices": "7 máy", "name": ""})
    assert wrong.status_code == 422
    assert (await person.post(f"{path}/remove")).status_code == 303
    assert (await person.get(path)).status_code == 404


async def test_who_may_not_lend_sees_lists_and_no_form(guest: Client, province: Province) -> None:
    await log_in(guest, await province.person("department-leader", province.root.org))

    page = await guest.get("/sharing")

    assert page.status_code == 200
    assert 'name="source"' not in page.text
    refused = await guest.post("/sharing", data={"source": "device-1", "purpose": "x"})
    assert refused.status_code in {403, 422}
    assert (await guest.get(f"/sharing/groups/{province.a.things['group']}")).status_code == 200
    removed = await guest.post(f"/sharing/groups/{province.a.things['group']}/remove")
    assert removed.status_code == 403
