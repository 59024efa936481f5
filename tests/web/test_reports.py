"""The report's forms without a browser: faults in the reader's language, and nobody's foreign hand."""

import re

import pytest
import pytest_asyncio

from tests.api.province import Client, Province, log_in
from tram.web.formats import ratio, typed_day
from tram.web.forms import Typed, day_of


@pytest_asyncio.fixture
async def officer(guest: Client, province: Province) -> Client:
    """Somebody of the department that keeps the registers."""
    await log_in(guest, await province.person("ict-officer", province.root.org))
    return guest


def form(client: Client, **fields: str) -> dict[str, str]:
    return {"csrf": client.headers["X-CSRF-Token"], **fields}


async def test_a_count_is_refused_with_every_fault_in_vietnamese(officer: Client) -> None:
    wrong = form(officer, operator="1", technology="5G", count="nhiều", as_of="31/2/2025")

    page = await officer.post("/reports/counts", data=wrong)

    assert page.status_code == 422
    for sentence in ("Hãy ghi số nguyên.", "Hãy ghi ngày.", "Trường này còn trống."):
        assert sentence in page.text
    assert 'value="nhiều"' in page.text  # what was typed is not lost


async def test_a_second_count_of_a_day_leads_to_the_correction(officer: Client) -> None:
    again = form(
        officer, operator="1", technology="5G", count="5", as_of="30/7/2025", source="Công văn"
    )

    page = await officer.post("/reports/counts", data=again)

    assert page.status_code == 422
    assert "Đã có số liệu của ngày này" in page.text


async def test_a_count_entered_leads_back_to_where_it_was_missed(officer: Client) -> None:
    fields = {"operator": "1", "technology": "5G", "count": "1.004", "as_of": "1/9/2025"}
    there = form(officer, **fields, source="Công văn số 1", next="/reports?as_of=2025-09-02")
    away = form(officer, **{**fields, "as_of": "2/9/2025"}, source="x", next="//evil.example/")

    back = await officer.post("/reports/counts", data=there)
    home = await officer.post("/reports/counts", data=away)

    assert (back.status_code, back.headers["location"]) == (303, "/reports?as_of=2025-09-02")
    assert home.headers["location"] == "/"
    table = await officer.get("/reports/counts?as_of=2025-09-01")
    assert "1.004" in table.text


async def test_a_count_of_a_zone_is_entered_and_corrected_beside_the_provinces(
    officer: Client,
) -> None:
    fields = {"operator": "1", "technology": "5G", "as_of": "1/9/2025", "source": "Công văn số 1"}
    where = {"scope": "zone:KCN-TP", "count": "12"}

    made = await officer.post("/reports/counts", data=form(officer, **fields, **where))

    assert made.status_code == 303
    page = (await officer.get("/reports/counts?as_of=2025-09-01")).text
    assert 'value="zone:KCN-TP"' in page
    entry = re.search(r'/reports/counts/(\d+)"><bdi>[^<]*</bdi> 5G</a><br><small>KCN', page)
    assert entry is not None
    assert (
        'name="scope" value="zone:KCN-TP"'
        in (await officer.get(f"/reports/counts/{entry[1]}")).text
    )
    again = {**fields, **where, "count": "13"}
    mended = await officer.post(f"/reports/counts/{entry[1]}", data=form(officer, **again))
    assert mended.status_code == 303, mended.text


async def test_a_form_of_another_site_changes_nothing(officer: Client) -> None:
    officer.headers.pop("X-CSRF-Token")

    for path in ("/reports/counts", "/reports/versions", "/reports/providers/1/remove"):
        assert (await officer.post(path, data={"csrf": "guess"})).status_code == 403, path


async def test_who_may_not_write_sees_no_form_and_is_refused(
    guest: Client, province: Province
) -> None:
    await log_in(guest, await province.person("department-leader", province.root.org))

    counts = await guest.get("/reports/counts")
    refused = await guest.get("/reports/directives/tasks/new")

    assert "2.635" in counts.text
    assert 'action="/reports/counts"' in counts.text  # the day can be chosen
    assert 'name="technology"' not in counts.text
    assert refused.status_code == 403


async def test_a_role_without_reports_has_no_such_page(guest: Client, province: Province) -> None:
    await log_in(guest, await province.person("auditor", province.root.org))

    assert "/reports" not in (await guest.get("/")).text
    assert (await guest.get("/reports")).status_code == 403


@pytest.mark.parametrize(
    ("typed", "day"),
    [("30/7/2025", "2025-07-30"), ("2025-07-30", "2025-07-30"), ("30.7", None), ("", None)],
)
def test_a_day_is_read_as_people_and_addresses_write_it(typed: str, day: str | None) -> None:
    found = day_of(typed)

    assert (found.isoformat() if found else None) == day


def test_a_number_may_carry_its_separators() -> None:
    typed = Typed({"count": "2.635", "other": "-5"})

    assert typed.whole("count") == 2635
    assert typed.faults == []
    typed.whole("other")
    assert [fault.field for fault in typed.faults] == ["other"]


def test_ratios_and_days_are_written_as_the_letter_writes_them() -> None:
    assert ratio(4.36, "vi") == "4,36\u00a0%"
    assert ratio(None, "vi") == "–"
    assert typed_day("2025-07-30") == "30/07/2025"
    assert typed_day("30/7") == "30/7"
