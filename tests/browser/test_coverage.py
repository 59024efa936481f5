"""J4 and J5: which parks have no signal, and why one place has none."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import DESKTOP, PERSON, PHONE, Visitor
from tests.browser.test_pages import choose_language
from tests.product import TRAM, Product

pytestmark = pytest.mark.timeout(300)  # the first test makes terrain, stations and prediction
STATIONS = """operator,technology,code,name,lon,lat,state,band
viettel,5G,QN001,Trạm Thành phố (mô phỏng),108.80,15.12,on-air,n78
viettel,5G,QN002,Trạm Sông Vệ (mô phỏng),108.83,15.05,on-air,n78
vnpt,5G,QN003,Trạm Núi Bút (mô phỏng),108.78,15.10,on-air,n78
"""
READY = "document.getElementById('map').dataset.ready === 'yes'"
COLOURED = """() => {
  const map = document.getElementById('map').map;
  const canvas = map.getSource('signal').getCanvas();
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  let coloured = 0;
  for (let i = 0; i < pixels.length; i += 4) coloured += pixels[i + 3] === 255;
  return coloured;
}"""


def tram(data: Path, *words: str) -> str:
    done = subprocess.run(
        [*TRAM, *words, "--data", str(data)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def covered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product with terrain, three stations and a prediction, made by its own commands."""
    data = Path(tmp_path_factory.mktemp("coverage")) / "data"
    tram(data, "terrain", "demo", "--area", "108.65,14.98,108.95,15.25", "--cell-m", "60")
    listed = data.parent / "stations.csv"
    listed.write_text(STATIONS, encoding="utf-8")
    tram(data, "import", "stations", str(listed), "--synthetic")
    said = tram(data, "coverage", "--radius-km", "6")
    assert "(synthetic)" in said
    assert "50 % of the places are served, 95 % from" in said
    told = tram(data, "path", "15.12,108.80", "15.05,108.75")
    assert "at a threshold 50 % of them are served" in told
    product = Product(data)
    try:
        yield product.start()
    finally:
        product.stop()


@pytest.fixture
def planner(covered: Product, chromium: Browser) -> Iterator[Any]:
    """Open tabs of a person of the department; every one must have been without fault."""
    form = {"login": PERSON, "password": covered.log_ins()[PERSON], "next": "/"}
    answer = httpx.post(f"{covered.web_url}/login", data=form)
    cookie = {"name": "tram_session", "value": answer.cookies["tram_session"]}
    visitors = []
    contexts = []

    def open_tab(*, phone: bool = False, dark: bool = False) -> Visitor:
        context = chromium.new_context(
            viewport=PHONE if phone else DESKTOP, color_scheme="dark" if dark else "light"
        )
        context.add_cookies([{**cookie, "url": covered.web_url}])
        contexts.append(context)
        visitors.append(Visitor(context, covered.web_url))
        return visitors[-1]

    yield open_tab
    for context in contexts:
        context.close()
    assert [fault for visitor in visitors for fault in visitor.faults] == []


def shares(page: Page) -> list[float]:
    rows = page.locator("#ranking tbody tr td:nth-child(2)").all_inner_texts()
    return [float(re.sub(r"[^\d,]", "", row).replace(",", ".")) for row in rows]


def test_j4_from_the_map_to_the_holes_of_the_parks(planner: Any) -> None:
    tab = planner()
    page = tab.go("/map")
    page.get_by_role("link", name="Vùng phủ").click()
    tab.until(READY, "the overlay is drawn")
    assert page.locator(".mark-synthetic").is_visible()
    at_edge = page.evaluate(COLOURED)
    before = shares(page)
    aside = "(() => { const e = document.querySelector('.side'); return e.scrollWidth - e.clientWidth; })()"
    assert page.evaluate(aside) <= 0, "nothing beside the map is cut off"
    assert "50 % số điểm" in page.locator("#chance").inner_text()
    assert before == sorted(before, reverse=True), "the zone with the largest gap comes first"

    page.locator("#threshold").fill("-80")
    tab.until(
        "document.querySelector('#ranking h2').textContent.includes('80')", "the new ranking"
    )

    assert page.evaluate(COLOURED) < at_edge, "less is coloured at a stricter threshold"
    after = shares(page)
    sure = re.search(r"từ −?-?(\d+,?\d*) dBm", page.locator("#chance").inner_text())
    assert sure is not None
    assert 75 < float(sure[1].replace(",", ".")) < 80, "the chance is that of the new threshold"
    weighted = page.locator("#ranking tbody tr td:nth-child(3)").all_inner_texts()
    assert len(weighted) == len(after)
    assert all("%" in text for text in weighted)
    assert sum(after) > sum(before)
    assert page.locator(".holes tbody tr").count() >= 1
    with page.expect_download() as download:
        page.get_by_role("link", name="GeoPackage").click()
    assert download.value.suggested_filename.endswith(".gpkg")


def test_j5_two_clicks_explain_a_place(planner: Any) -> None:
    tab = planner()
    page = tab.go("/coverage")
    tab.until(READY, "the overlay is drawn")
    page.locator("#pick").click()
    box = page.locator("#map").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.45, box["y"] + box["height"] * 0.55)
    page.mouse.click(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.4)
    tab.until("document.querySelector('#profile svg') !== null", "the profile is drawn")
    words = page.locator("#profile").inner_text()
    assert "ITU-R P.1812-8" in words
    assert "đới Fresnel" in words
    assert page.locator("#profile .fresnel").is_visible()
    assert page.locator("#servers ~ .scroll tbody tr").count() >= 1
    assert "Địa hình mô phỏng" in words
    assert "cao hơn ngưỡng" in words
    assert page.locator("#servers ~ .scroll thead th").count() == 8
    assert "giả định:" in words
    assert re.search(r"đường (lên|xuống)", words), "the weaker link is named"


def test_a_path_without_map_or_script_and_a_place_outside(planner: Any) -> None:
    page = planner(phone=True).go("/coverage/path?a=15.12,108.80&b=15.05,108.75")
    assert page.locator("#profile svg").is_visible()
    assert "ITU-R P.1812-8" in page.locator("#profile").inner_text()
    page.locator("#path-b").fill("10.0,100.0")
    page.get_by_role("button", name="Giải thích", exact=True).click()
    page.locator("[role=alert]").wait_for()
    assert "nằm ngoài" in page.locator("[role=alert]").inner_text()


@pytest.mark.parametrize(("dark", "language"), [(False, "vi"), (True, "en")])
def test_axe_finds_nothing(planner: Any, dark: bool, language: str) -> None:
    axe = next((Path(__file__).parent / "vendor" / "axe-core").glob("*/axe.min.js")).read_text()
    tab = planner(dark=dark)
    choose_language(tab, language)
    for path in (
        "/coverage",
        "/coverage/drive-test",
        "/coverage/path?a=15.12,108.80&b=15.05,108.75",
    ):
        page = tab.go(path)
        if path == "/coverage":
            tab.until(READY, "the overlay is drawn")
        assert page.locator("html").get_attribute("lang") == language
        page.evaluate(axe)
        found = page.evaluate("() => axe.run()")
        assert [(v["id"], [n["html"] for n in v["nodes"]][:2]) for v in found["violations"]] == []
    choose_language(tab, "vi")  # the language is the person's: the other tests read Vietnamese


def test_before_a_prediction_the_page_says_what_is_missing(visit: Any) -> None:
    page = visit().go("/coverage")
    assert "tram terrain fetch" in page.locator(".empty-state").inner_text()
    page.get_by_role("button", name="Dự báo", exact=True).click()
    page.locator("#order [role=alert]").wait_for()
    said = page.locator("#order").inner_text()
    assert "Chưa nhập địa hình" in said
    assert "tram terrain import" in said
    assert page.get_by_role("button", name="Dự báo", exact=True).is_visible()


def test_a_prediction_is_asked_for_on_the_page_and_told_when_ready(planner: Any) -> None:
    tab = planner(phone=True)
    page = tab.go("/coverage")
    made = page.locator(".credit").inner_text()
    page.locator("#order select").select_option("n78")

    page.get_by_role("button", name="Dự báo", exact=True).click()
    page.locator("#order progress").wait_for()
    tab.until("document.querySelector('#order a') !== null", "the prediction is ready")
    page.locator("#order a").click()

    assert page.locator(".credit").inner_text() != made
