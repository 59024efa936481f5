"""The network in a browser: list, matrix, the way of a list from file to undo, the map."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import Visit, Visitor
from tests.browser.test_pages import COLOUR_RULES, RULES, barriers
from tests.product import Product
from tests.rollout.exchange.lists import csv_of, good_row

SHOTS = os.environ.get("TRAM_SCREENSHOTS", "")


def looked_at(page, name: str) -> None:
    """Find no barrier in either theme and nothing wider than the screen; keep a picture."""
    for theme in ("dark", "light"):
        page.emulate_media(color_scheme=theme)
        assert barriers(page, RULES if theme == "light" else COLOUR_RULES) == []
        shot(page, f"{name}-{theme}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def shot(page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


@pytest.mark.parametrize("phone", [False, True])
def test_list_and_matrix_show_the_simulated_network(visit: Visit, phone: bool) -> None:
    tab = visit(phone=phone, dark=phone)

    page = tab.go("/network")
    assert "2.750" in page.inner_text("h1")
    rows = page.inner_text("section[aria-labelledby=tally]")
    assert all(number in rows for number in ("813", "826", "996", "19", "92"))
    assert page.locator("text=mô phỏng").count() > 3
    shot(page, f"stations-{'phone' if phone else 'desktop'}")
    page = tab.go("/network/zones?rule=within&distance_m=2000")
    assert page.locator(".dot.on").count() > 10
    shot(page, f"zones-{'phone' if phone else 'desktop'}")
    page.select_option("select[name=rule]", "covered")
    assert page.locator("select[name=distance_m]").is_hidden()
    page.select_option("select[name=share_percent]", "50")
    page.click(".presence-rule button")
    tab.until("location.search.includes('share_percent=50')", "the rule is in the address")
    assert "Chưa có dự báo vùng phủ" in page.inner_text("main")
    assert page.locator(".dot.on").count() == 0
    shot(page, f"zones-covered-{'phone' if phone else 'desktop'}")
    page.click("tbody th a")
    tab.until("document.querySelector('#presence') !== null", "the zone is open")
    looked_at(page, f"zone-{'phone' if phone else 'desktop'}")
    page = tab.go("/network/communes")
    assert page.locator("tbody tr").count() >= 96
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_list_goes_from_file_to_stations_and_back(visit: Visit, tmp_path: Path) -> None:
    rows = [list(good_row(number)) for number in range(40)]
    rows[3][6] = "sai"
    rows[5][1] = "Beeline"
    file = tmp_path / "danh-sach.csv"
    file.write_bytes(csv_of(rows))
    tab = visit()
    page = tab.go("/network/import")
    page.set_input_files("#file", str(file))
    page.click("button.main")
    assert page.input_value("#column-lon") == "Kinh độ"
    looked_at(page, "import-columns")

    page.click("form.sheet button.main")
    tab.until("!!document.querySelector('#wrong')", "the faults are shown")
    assert page.locator("section[aria-labelledby=wrong] tbody tr").count() == 2
    looked_at(page, "import-faults")
    page.fill("input[name=fix-5-6]", "108.515")
    page.fill("input[name=fix-7-1]", "VNPT")
    page.click("section[aria-labelledby=wrong] form button")
    tab.until("document.querySelector('button.main')?.innerText.includes('40')", "all is right")
    assert page.locator("#wrong").count() == 0
    page.click("form[action$='/write'] button")
    tab.until("!!document.querySelector('form[action$=\"/undo\"]')", "the list is imported")
    looked_at(page, "import-done")
    assert "40" in page.inner_text("dl.strip")

    page.click("details.confirm summary")
    page.click("form[action$='/undo'] button")
    tab.until(
        "document.querySelector('h1').innerText.includes('Đã hoàn tác')", "the import is undone"
    )
    page = tab.go("/network?search=QNI000")
    assert page.locator("tbody tr th a[href*='/network/stations/']").count() == 0


def test_map_draws_stations_filters_and_opens_one(visit: Visit) -> None:
    tab = visit()
    page = tab.go("/map?layer=stations&lon=108.8&lat=15.12&zoom=12.5")
    tab.until("document.getElementById('map').dataset.ready === 'yes'", "the map is ready")
    tab.until("document.getElementById('station-count').innerText === '2.750'", "all are drawn")
    drawn = "document.getElementById('map').map.queryRenderedFeatures({layers: ['stations', 'station-clusters']}).length"
    tab.until(f"{drawn} > 3", "stations are on the screen")
    shot(page, "map-stations")
    page.uncheck("input[name=technology][value='4G']")
    tab.until("document.getElementById('station-count').innerText === '115'", "4G is hidden")
    page.wait_for_url(re.compile("hide_technology=4G"))
    for other in ("3G", "2G"):
        page.uncheck(f"input[name=technology][value='{other}']")
    tab.until(
        "document.getElementById('stations-list').href.includes('technology=5G')", "the list"
    )
    station = page.evaluate(
        "fetch('/api/platform/v1/stations?limit=1').then(r => r.json()).then(r => r.items[0].id)"
    )
    page = tab.go(f"/map?layer=stations&station={station}")
    tab.until(
        "document.getElementById('chosen').innerText.includes('Nhà mạng')", "the panel is open"
    )
    shot(page, "map-station")
    page.click("#chosen a")
    assert page.locator("h1").inner_text().startswith("Trạm mô phỏng")
    shot(page, "station")


def test_survey_round_by_three_organisations(visit: Visit, spoken_for: tuple[int, int]) -> None:
    vnpt, park = spoken_for
    department = visit()
    page = department.go("/network/surveys")
    for field, text in {
        "name": "Rà soát IV",
        "as_of": "1/11/2025",
        "due_on": "10/11/2025",
    }.items():
        page.fill(f"#{field}", text)
    page.check(f"input[name=operator-{vnpt}]")
    page.check(f"input[name=zone-{park}]")
    page.click("form.sheet button.main")
    department.until("!!document.querySelector('button[value=remind]')", "the round is open")
    assert page.locator("main section.panel[aria-labelledby]").count() == 2
    where = "/network/surveys/" + page.url.rpartition("/")[2]
    looked_at(page, "survey-open")

    answer(visit(login="mang.a"), where, {"stations_4g": "830", "stations_5g": "31"})
    answer(visit(login="banquanly", phone=True), where, {"devices": "42", "power": "110 kV"})

    for left in (2, 1):
        page = department.go(where)
        assert page.locator("button[value=approve]").count() == left
        page.locator("button[value=approve]").first.click()
        department.until(
            f"document.querySelectorAll('button[value=approve]').length === {left - 1}", "approved"
        )
    looked_at(page, "survey-approved")
    table = department.go("/reports/counts?as_of=2025-11-01").locator("[aria-labelledby=table]")
    row = table.first.locator("tbody tr", has_text="VNPT").inner_text()
    assert "830" in row
    assert "31" in row
    assert "Rà soát IV" in table.first.inner_text()


@pytest.fixture
def spoken_for(product: Product) -> Iterator[tuple[int, int]]:
    """Let demo people speak for VNPT, and a zone have its authority; take the counts back after."""
    with product.log_in() as admin:
        listed = admin.get("/organisations", params={"limit": 200}).json()["items"]
        orgs = {org["code"]: org["id"] for org in listed}
        operators = admin.get("/operators").json()["items"]
        vnpt = next(item["id"] for item in operators if item["code"] == "VNPT")
        linked = admin.put(f"/operators/{vnpt}", json={"org": orgs["MP-MANG-A"]})
        assert linked.status_code == 200, linked.text
        zones = admin.get("/zones", params={"limit": 200}).json()["items"]
        park = next(item["id"] for item in zones if item["code"] == "KCN-TP")
        kept = admin.put(f"/zones/{park}/facts", json={"authority": orgs["BQL"]})
        assert kept.status_code == 200, kept.text
    yield vnpt, park
    with product.log_in() as admin:  # as it was, for the other tests
        for entry in admin.get("/counts/entries").json()["items"]:
            if "Rà soát IV" in entry["source"]["text"]:
                taken = admin.post(
                    f"/counts/entries/{entry['id']}/withdrawal", json={"note": "Thử"}
                )
                assert taken.status_code == 201, taken.text
        assert admin.put(f"/operators/{vnpt}", json={"org": None}).status_code == 200


def answer(tab: Visitor, where: str, fields: dict[str, str]) -> None:
    """Answer the one question that a person is asked in a round."""
    page = tab.go(where)
    assert page.locator("main section.panel[aria-labelledby]").count() == 1
    for field, text in fields.items():
        page.fill(f"input[name={field}]", text)
    page.click("form.sheet button.main")
    tab.until("document.querySelector('details li') !== null", "the answer is in")
    looked_at(page, f"survey-{next(iter(fields))}")


def test_list_leaves_in_vn2000_with_a_meridian_that_is_chosen(visit: Visit) -> None:
    tab = visit()
    page = tab.go("/network?technology=5G")
    page.click("details.files summary")
    form = page.locator("details.files form").first
    shot(page, "vn2000")
    assert form.locator("select").input_value() == ""
    form.locator("select").select_option("108.0")
    with page.expect_download() as loaded:
        form.locator("button").click()
    assert loaded.value.suggested_filename == "stations.xlsx"
