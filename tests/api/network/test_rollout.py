"""Counts, targets, directives and the letter over the interface, with the letter's own figures."""

import io
import zipfile

import pytest_asyncio
from pypdf import PdfReader

from tests.api.province import Client, Province, log_in
from tram.api.http.session import API

LETTER_DAY = {"as_of": "2025-07-30"}
LATER = {
    "operator": 1,
    "technology": "5G",
    "count": 104,
    "as_of": "2025-08-30",
    "source": "Công văn số 12/MBF ngày 01/9/2025",
}


@pytest_asyncio.fixture
async def officer(client: Client, province: Province) -> Client:
    """An officer of the department that keeps the registers."""
    await log_in(client, await province.person("ict-officer", province.root.org))
    return client


async def test_the_table_of_the_letter_has_its_total_ratio_and_its_source(officer: Client) -> None:
    table = (await officer.get(f"{API}/counts", params=LETTER_DAY)).json()

    rows = [(row["name"], row["stations_4g"], row["stations_5g"]) for row in table["rows"]]
    assert rows == [("MobiFone", 813, 4), ("VNPT", 826, 19), ("Viettel", 996, 92)]
    assert (table["total_4g"], table["total_5g"], table["total_ratio_percent"]) == (
        2635,
        115,
        4.36,
    )
    assert table["dates"] == ["2025-07-30"]
    assert table["marks"] == ["as reported on"]
    assert "30/7/2025" in table["sources"][0]["text"]


async def test_the_target_says_how_far_how_fast_and_who(officer: Client) -> None:
    listed = (await officer.get(f"{API}/targets", params=LETTER_DAY)).json()["items"]
    standing = next(item for item in listed if item["target"]["indicator"] == "ratio_5g_4g")

    assert (standing["needed"], standing["gap"], standing["days_left"]) == (1318, 1203, 154)
    assert standing["needed_pace"]["per_day"] == 7.8
    assert standing["verdict"] == "undecided"  # one count makes no pace
    equal = next(item for item in standing["allocations"] if item["rule"] == "equal-ratio")
    assert [row["more"] for row in equal["rows"]] == [403, 394, 406]


async def test_after_its_deadline_a_target_is_missed_by_days(officer: Client) -> None:
    course = (await officer.get(f"{API}/targets/1/course", params={"as_of": "2026-01-10"})).json()

    assert course["standing"]["verdict"] == "missed"
    assert course["standing"]["days_over"] == 10
    assert course["standing"]["needed_pace"] is None
    assert [point["stations_5g"] for point in course["points"]] == [115]


async def test_a_later_count_extends_the_series_and_gives_a_pace(officer: Client) -> None:
    made = await officer.post(f"{API}/counts/entries", json=LATER)
    assert made.status_code == 201, made.text

    series = (await officer.get(f"{API}/counts/series")).json()["items"]
    assert [(point["as_of"], point["stations_5g"]) for point in series] == [
        ("2025-07-30", 115),
        ("2025-08-30", 215),
    ]
    standing = (await officer.get(f"{API}/targets/1", params={"as_of": "2025-08-30"})).json()
    assert standing["pace_so_far"] == 3.2
    assert standing["verdict"] == "behind"
    before = (await officer.get(f"{API}/counts", params=LETTER_DAY)).json()
    assert before["total_5g"] == 115  # an old day shows what was known of it


async def test_a_wrong_count_is_corrected_and_stays_on_record(officer: Client) -> None:
    entries = (await officer.get(f"{API}/counts/entries")).json()["items"]
    wrong = next(e for e in entries if (e["operator_code"], e["technology"]) == ("VNPT", "5G"))
    right = {**LATER, "operator": wrong["operator"], "count": 20, "as_of": wrong["as_of"]}

    made = await officer.post(f"{API}/counts/entries/{wrong['id']}/correction", json=right)

    assert made.json()["corrects"] == wrong["id"]
    again = await officer.post(f"{API}/counts/entries/{wrong['id']}/correction", json=right)
    assert (again.status_code, again.json()["code"]) == (409, "correction.taken")
    kept = (await officer.get(f"{API}/counts/entries/{wrong['id']}")).json()
    assert (kept["count"], kept["corrected_by"]) == (19, made.json()["id"])
    audited = (await officer.get(f"{API}/audit")).json()["items"][0]
    assert (audited["action"], audited["noun"]) == ("count.correct", "count")


async def test_every_fault_of_a_count_is_named_at_once(officer: Client) -> None:
    wrong = {**LATER, "technology": "6G", "count": -1, "as_of": "2999-01-01"}

    refused = await officer.post(f"{API}/counts/entries", json=wrong)

    assert refused.status_code == 422
    assert {fault["field"] for fault in refused.json()["faults"]} == {
        "technology",
        "count",
        "as_of",
    }


async def test_a_count_of_a_zone_or_commune_stands_beside_that_of_the_province(
    officer: Client,
) -> None:
    for scope in ("zone:KCN-TP", "commune:21172"):
        made = await officer.post(f"{API}/counts/entries", json={**LATER, "scope": scope})
        assert (made.status_code, made.json()["scope"]) == (201, scope)

    table = (await officer.get(f"{API}/counts", params={"scope": "zone:KCN-TP"})).json()
    assert (table["scope"], table["total_5g"]) == ("zone:KCN-TP", 104)
    assert (await officer.get(f"{API}/counts")).json()["total_5g"] == 115
    for scope in ("zone:NONE", "commune:1", "moon"):
        wrong = await officer.post(f"{API}/counts/entries", json={**LATER, "scope": scope})
        assert (wrong.status_code, wrong.json()["faults"][0]["field"]) == (422, "scope")


async def test_what_is_kept_of_a_zone_is_changed_by_its_keeper_only(
    client: Client, province: Province
) -> None:
    tree = await province.registry.organisations.tree(province.root)
    of = {org.code: org.id for org in tree}
    where = f"{API}/zones/{province.zone}/facts"
    facts = {"authority": of["BQL"], "needs": "5G riêng", "state": "đang hoạt động"}
    area = {"area_ha": 118.5, "area_source": "Quyết định số 1"}
    await log_in(client, await province.person("ict-officer", of["SKHCN"]))

    changed = await client.put(where, json={**facts, **area})

    assert changed.status_code == 200, changed.text
    kept = (await client.get(where)).json()
    assert {key: kept[key] for key in (facts | area)} == facts | area
    assert kept["authority_name"] == next(org.name for org in tree if org.code == "BQL")
    assert (await client.put(where, json=facts)).json()["area_ha"] == 118.5
    wrong = await client.put(where, json={"authority": 99_999, "area_ha": -1})
    faults = {fault["field"] for fault in wrong.json()["faults"]}
    assert (wrong.status_code, faults) == (422, {"authority", "area_ha", "area_source"})
    await log_in(client, await province.person("zone-authority", of["BQL"]))
    assert (await client.get(where)).json()["needs"] == "5G riêng"
    assert (await client.put(where, json=facts)).status_code == 403


async def test_lists_come_as_csv_that_a_spreadsheet_reads(officer: Client) -> None:
    table = (await officer.get(f"{API}/counts.csv", params=LETTER_DAY)).text
    tasks = (await officer.get(f"{API}/tasks.csv", params={"as_of": "2025-09-10"})).text

    assert "VIETTEL,Viettel,996,92,9.24,37.8,80.0,2025-07-30,2025-07-30" in table
    assert "missed,10" in tasks  # planned for August 2025


async def test_a_task_is_late_until_it_is_done(officer: Client) -> None:
    late = {"as_of": "2025-09-10", "overdue": "true"}
    task = (await officer.get(f"{API}/tasks", params=late)).json()["items"][0]
    done = {"state": "done", "on": "2025-09-12", "note": "Tờ trình"}

    moved = await officer.post(f"{API}/tasks/{task['id']}/state", json=done)

    assert (task["verdict"], task["days_over"]) == ("missed", 10)
    assert (moved.json()["verdict"], moved.json()["days_over"]) == ("done-late", 12)
    assert (await officer.get(f"{API}/tasks", params=late)).json()["overdue"] == 1


async def test_a_document_is_registered_linked_and_changed(officer: Client) -> None:
    form = {
        "role": "directive",
        "kind": "Kế hoạch",
        "number": "99/KH-UBND",
        "issued_on": "2025-09-01",
        "issuer": "UBND tỉnh Quảng Ngãi",
        "subject": "về hạ tầng 5G và IoT",
    }

    made = (await officer.post(f"{API}/documents", json={**form, "key": "D6"})).json()
    link = {"relation": "implements", "document": 1}
    linked = await officer.post(f"{API}/documents/{made['id']}/links", json=link)
    changed = await officer.put(
        f"{API}/documents/{made['id']}", json={**form, "subject": "về hạ tầng số"}
    )

    assert linked.json()["links"][0]["relation"] == "implements"
    assert changed.json()["subject"] == "về hạ tầng số"
    found = (await officer.get(f"{API}/documents", params={"search": "99/KH-UBND"})).json()[
        "items"
    ]
    assert [item["key"] for item in found] == ["D6"]


async def test_a_recommendation_gets_its_answer_and_a_provider_its_place(officer: Client) -> None:
    asked = (await officer.get(f"{API}/recommendations")).json()["items"]
    assert [item["code"] for item in asked] == ["K1", "K2", "K3", "K4"]

    answer = {"text": "Đang xây dựng quy chuẩn.", "on": "2025-10-01"}
    answered = await officer.post(f"{API}/recommendations/{asked[0]['id']}/answer", json=answer)
    offer = {"name": "Công ty Thử nghiệm", "offers": [{"sector": "energy", "text": "Công tơ"}]}
    provider = (await officer.post(f"{API}/providers", json=offer)).json()

    assert answered.json()["state"] == "answered"
    energy = {"sector": "energy"}
    listed = (await officer.get(f"{API}/providers", params=energy)).json()["items"]
    assert [item["id"] for item in listed] == [provider["id"]]
    assert (await officer.delete(f"{API}/providers/{provider['id']}")).status_code == 204
    assert (await officer.get(f"{API}/providers", params=energy)).json()["items"] == []


async def test_a_text_of_the_letter_is_changed_undone_and_its_history_kept(
    officer: Client,
) -> None:
    key = "stations.area"
    before = (await officer.get(f"{API}/letter/texts", params=LETTER_DAY)).json()["items"]
    shipped = next(text["text"] for text in before if text["key"] == key)
    form = {"text": "Mạng 5G đã phủ sóng các đô thị.", **LETTER_DAY}

    written = await officer.put(f"{API}/letter/texts/{key}", json=form)
    draft = (await officer.get(f"{API}/letter/draft", params=LETTER_DAY)).json()
    undone = await officer.delete(f"{API}/letter/texts/{key}", params=LETTER_DAY)

    assert written.json()["edited"]
    assert any(form["text"] in block.get("text", "") for block in draft["letter"]["body"])
    assert undone.json()["text"] == shipped
    history = (await officer.get(f"{API}/letter/texts/{key}/history")).json()["items"]
    assert [change["after"] for change in history] == [shipped, form["text"]]


async def test_a_version_keeps_its_bytes_after_the_figures_changed(officer: Client) -> None:
    made = (await officer.post(f"{API}/letter/versions", json=LETTER_DAY)).json()
    path = f"{API}/letter/versions/{made['id']}"
    first = (await officer.get(f"{path}/pdf")).content
    await officer.post(f"{API}/counts/entries", json={**LATER, "as_of": "2025-07-31"})

    again = await officer.get(f"{path}/pdf")
    word = (await officer.get(f"{path}/docx")).content

    assert again.content == first
    assert again.headers["content-type"] == "application/pdf"
    assert "4,36" in "".join(page.extract_text() for page in PdfReader(io.BytesIO(first)).pages)
    assert "word/document.xml" in zipfile.ZipFile(io.BytesIO(word)).namelist()
    listed = (await officer.get(f"{API}/letter/versions")).json()["items"]
    assert [item["id"] for item in listed] == [made["id"]]
    assert listed[0]["findings"] > 0


async def test_the_draft_is_downloaded_without_being_kept(officer: Client) -> None:
    answer = await officer.get(f"{API}/letter/draft/docx", params=LETTER_DAY)

    assert answer.headers["content-disposition"].endswith(".docx")
    assert (await officer.get(f"{API}/letter/versions")).json()["items"] == []
    odd = await officer.get(f"{API}/letter/draft/odt", params=LETTER_DAY)
    assert (odd.status_code, odd.json()["code"]) == (404, "letter.form_unknown")


async def test_the_first_page_says_where_the_network_stands(officer: Client) -> None:
    network = (await officer.get(f"{API}/overview")).json()["network"]

    assert (network["table"]["total_4g"], network["table"]["total_5g"]) == (2635, 115)
    assert network["standing"]["verdict"] == "missed"
    assert network["findings"]["errors"] > 0


async def test_who_may_read_only_cannot_write_the_provinces_figures(
    client: Client, province: Province
) -> None:
    await log_in(client, await province.person("department-leader", province.root.org))

    entered = await client.post(f"{API}/counts/entries", json=LATER)
    kept = await client.post(f"{API}/letter/versions", json=LETTER_DAY)

    assert (await client.get(f"{API}/counts")).status_code == 200
    assert (entered.status_code, kept.status_code) == (403, 403)
    assert (await client.get("/api/platform/v1/letter/versions")).json()["items"] == []


async def test_a_survey_round_runs_over_the_interface(client: Client, province: Province) -> None:
    tree = await province.registry.organisations.tree(province.root)
    department = next(org.id for org in tree if org.code == "SKHCN")
    await log_in(client, await province.person("ict-officer", department))
    spoken = await client.put(f"{API}/operators/1", json={"org": province.a.org})
    assert spoken.json()["org"] == province.a.org
    new = {"name": "Rà soát", "as_of": "2025-10-31", "due_on": "2025-11-10"}
    wrong = await client.post(f"{API}/surveys", json={**new, "operators": [999], "zones": [999]})
    assert {fault["field"] for fault in wrong.json()["faults"]} == {"operators", "zones"}
    made = await client.post(f"{API}/surveys", json={**new, "operators": [1, 2]})
    assert made.status_code == 201, made.text
    survey = f"{API}/surveys/{made.json()['summary']['id']}"
    assert (await client.post(f"{survey}/reminders")).json() == {"reminded": 2}

    await log_in(client, await province.person("operator-planner", province.a.org))
    (own,) = (await client.get(survey)).json()["replies"]
    reply = f"{API}/surveys/replies/{own['id']}"
    answers = {"stations_4g": 900, "stations_5g": 77}
    assert (await client.post(f"{reply}/answers", json=answers)).json()["state"] == "submitted"
    assert (await client.post(f"{reply}/approval")).status_code == 403

    await log_in(client, await province.person("ict-officer", department))
    back = await client.post(f"{reply}/return", json={"note": "Thiếu trạm"})
    assert back.json()["state"] == "returned"
    assert (await client.post(f"{reply}/answers", json=answers)).status_code == 201
    assert (await client.post(f"{reply}/approval")).json()["state"] == "approved"
    table = (await client.get(f"{API}/counts", params={"as_of": "2025-10-31"})).json()
    assert next(row for row in table["rows"] if row["operator"] == 1)["stations_5g"] == 77
    assert (await client.post(f"{survey}/end")).json()["summary"]["state"] == "closed"
    listed = (await client.get(f"{API}/surveys")).json()["items"]
    assert (listed[0]["asked"], listed[0]["approved"]) == (2, 1)


async def test_stations_leave_in_vn2000_only_with_their_meridian(
    client: Client, province: Province
) -> None:
    await log_in(client, await province.person("operator-planner", province.a.org))
    where = f"{API}/stations/export/csv"

    got = await client.get(where, params={"system": "vn2000-tm3", "meridian": 108})

    assert got.status_code == 200
    assert "Tọa độ Y VN-2000" in got.text
    assert "456652.169,1581530.215" in got.text
    for asked, field, remedy in (
        ({"system": "vn2000-tm3"}, "meridian", "in degrees"),
        ({"system": "vn2000-utm", "meridian": 108}, "meridian", "105 or 111"),
        ({"system": "vn2000"}, "system", "vn2000-tm3"),
        ({"bbox": "1,2"}, "bbox", "west,south"),
    ):
        wrong = await client.get(where, params=asked)
        assert (wrong.status_code, wrong.json()["code"]) == (422, "request.invalid")
        (fault,) = wrong.json()["faults"]
        assert fault["field"] == field
        assert remedy in fault["hint"]
