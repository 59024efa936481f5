"""The past of a device in the browser: a day with a hole, a zoom, a correction, a calendar."""

import json
from pathlib import Path

import httpx
import pytest

from tests.browser.conftest import PHONE, Visit, Visitor
from tests.browser.test_device import add_device, send
from tests.browser.test_pages import barriers
from tests.product import Product
from tram.runtime.clock import SystemClock

MINUTE = 60_000
CHART = "document.querySelector('.chart[data-metric=pH]')"


def send_two_days(product: Product, token: str) -> int:
    """Send a value every ten minutes for two days, with a hole of three hours; return the start."""
    now_ms = SystemClock().now_ms()
    start_ms = now_ms - 48 * 60 * MINUTE
    hole = range(start_ms + 20 * 60 * MINUTE, start_ms + 23 * 60 * MINUTE)
    lines = [
        {"ts": at, "values": {"pH": 7 + (at // MINUTE % 60) / 100, "Temp": 28.5}}
        for at in range(start_ms, now_ms, 10 * MINUTE)
        if at not in hole
    ]
    for place in range(0, len(lines), 50):
        assert send(product, token, json.dumps(lines[place : place + 50])) == 200
    return start_ms


SENT = 6 * 48 - 6 * 3
"""Readings of a metric in two days, without those of three hours."""


def drawn(visitor: Visitor) -> int:
    visitor.until(
        f"Number({CHART}?.dataset.points?.replace('.', '') ?? 0) > 1", "the chart is drawn"
    )
    return int(visitor.page.evaluate(f"{CHART}.dataset.points.replace('.', '')"))


def rolled(product: Product, cookies: dict[str, str], device: str, span: tuple[int, int]) -> bool:
    """Say whether completeness knows the device."""
    query = {"device": device, "start_ms": span[0], "end_ms": span[1], "by": "metric"}
    url = f"{product.web_url}/api/platform/v1/completeness"
    answer = httpx.get(url, params=query, cookies=cookies, timeout=20)
    items = answer.json()["items"]
    return len(items) == 2 and all(item["came"] > 150 for item in items)


def zoom_and_download(visitor: Visitor, whole: int) -> None:
    page = visitor.page
    box = page.locator(".chart[data-metric=pH] .u-over").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.97, box["y"] + 60, steps=5)
    page.mouse.up()
    visitor.until("!document.getElementById('chart-back').hidden", "the window stands still")
    visitor.until(f"Number({CHART}.dataset.points) < {whole}", "fewer readings in the window")
    assert page.evaluate(f"{CHART}.dataset.raw") == "true"
    with page.expect_download() as download:
        page.locator(".chart[data-metric=pH] a[data-kind=csv]").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert text.startswith('"time","device","metric"')
    assert 10 < text.count("\n") < whole
    page.locator("#chart-back").click()
    visitor.until(f"Number({CHART}.dataset.points) >= {whole}", "the whole window is back")


def correct_and_undo(visitor: Visitor, device: str) -> None:
    page = visitor.page
    visitor.go(f"/devices/{device}/corrections")
    page.select_option("#metric", value="pH")
    page.fill("#from", "2020-01-01T00:00")
    page.fill("#until", "2099-01-01T00:00")
    page.select_option("#operation", value="scale")
    page.fill("#factor", "1,0")
    page.fill("#offset", "0,5")
    page.fill("#reason", "Đầu đo lệch nửa độ")
    page.get_by_role("button", name="Hiệu chỉnh", exact=True).click()
    assert "Đầu đo lệch nửa độ" in page.locator(".journal").inner_text()
    visitor.go(f"/devices/{device}/chart?window=7d&with={device}")
    drawn(visitor)
    visitor.until(f"{CHART}.dataset.marks.includes('corrected')", "revised readings are marked")
    assert page.evaluate(f"{CHART}.dataset.beside") is not None
    visitor.go(f"/devices/{device}/corrections")
    page.fill(".journal input[name=reason]", "Nhầm trạm")
    page.get_by_role("button", name="Hoàn tác").click()
    visitor.until("document.querySelectorAll('.journal li').length === 2", "both are listed")


@pytest.mark.timeout(240)
def test_the_past_is_drawn_zoomed_corrected_and_counted(
    product: Product, visit: Visit, session_cookie: dict[str, str]
) -> None:
    visitor = visit()
    device, token = add_device(visitor, "Trạm quá khứ")
    page = visitor.go(f"/devices/{device}/chart?window=7d")
    assert "Chưa có gì để vẽ" in page.locator(".empty-state").inner_text()
    start_ms = send_two_days(product, token)
    page.locator(".chart[data-metric=pH]").wait_for(timeout=20_000)
    visitor.until(f"Number({CHART}?.dataset.points) === {SENT}", "all is drawn, without a reload")
    zoom_and_download(visitor, SENT)
    correct_and_undo(visitor, device)
    cookies = {session_cookie["name"]: session_cookie["value"]}
    span = (start_ms - 24 * 60 * MINUTE, start_ms + 47 * 60 * MINUTE)
    for _ in range(60):
        if rolled(product, cookies, device, span):
            break
        page.wait_for_timeout(500)
    visitor.go(f"/devices/{device}/gaps")
    assert page.locator(".month .day[class*=level-]").count() >= 2
    assert "Khoảng trống" in page.locator("[aria-labelledby=ledger]").first.inner_text()


KEYS_MAX = 1_000


HOLES = """async () => {
  const style = document.querySelector("link[href$='css/tram.css']").getAttribute("href");
  const { withHoles } = await import(style.replace("css/tram.css", "js/holes.js"));
  const buckets = Array.from({ length: 40 }, (_, place) => 3600 * (place < 20 ? place : place + 9));
  const times = [...buckets, buckets.at(-1) + 10, buckets.at(-1) + 20];
  const [, values] = withHoles([times, times.map(() => 1)], false, 10);
  return values.map((value, place) => (value === null ? place : -1)).filter((place) => place >= 0);
}"""


def test_a_thinned_line_breaks_where_nothing_came_and_not_for_live_readings(visit: Visit) -> None:
    """Hours in buckets, nine of them missing, then readings every ten seconds."""
    visitor = visit()
    assert visitor.go("/devices").evaluate(HOLES) == [20]


@pytest.mark.timeout(240)
def test_rows_set_aside_are_listed_with_their_reason(product: Product, visit: Visit) -> None:
    """A device that sends one metric more than it may have."""
    visitor = visit(phone=True)
    device, token = add_device(visitor, "Trạm nhiều lời")
    for start in range(0, KEYS_MAX + 1, 250):
        keys = range(start, min(start + 250, KEYS_MAX + 1))
        assert send(product, token, json.dumps({f"so_{key}": key for key in keys})) == 200
    page = visitor.page

    rows = page.locator("table.lines tr", has=page.locator(f"a[href='/devices/{device}']"))
    for _ in range(60):
        visitor.go("/quarantine")
        if rows.count():
            break
        page.wait_for_timeout(250)

    assert f"so_{KEYS_MAX}" in rows.first.inner_text()
    assert "1000" in rows.first.inner_text() or "quá nhiều" in rows.first.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert barriers(page) == []


@pytest.mark.parametrize("page_name", ["gaps", "corrections"])
def test_a_device_that_never_spoke_has_a_past_page_on_a_phone(
    visit: Visit, page_name: str
) -> None:
    visitor = visit(phone=True)
    device, _ = add_device(visitor, f"Trạm im lặng {page_name}")

    page = visitor.go(f"/devices/{device}/{page_name}")

    assert page.locator(".empty").count() >= 1
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
