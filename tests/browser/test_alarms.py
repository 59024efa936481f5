"""The two jobs of the alarms: by phone at night, and three hundred by keyboard only."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Route

from tests.browser.conftest import Visit
from tests.product import Product, wait_until

AXE = next((Path(__file__).parent / "vendor" / "axe-core").glob("*/axe.min.js")).read_text()
MANY = 300
FLOOD = "Ngưỡng J12"
COD = {"kind": "limit", "metric": "J12", "high": 10}
PAGES = ("/alarms", "/alarms/rules", "/alarms/rules/new", "/alarms/setup")


@pytest.fixture(scope="module")
def flood(product: Product) -> Iterator[httpx.Client]:
    """A rule, and 300 devices that break it."""
    devices = product.seed_devices(MANY)
    with product.log_in() as client:
        content = {"spec": COD}
        new = {"name": FLOOD, "severity": "major", "content": content, "enabled": True}
        assert client.post("/rules", json=new).status_code == 201
        time.sleep(3)  # the rule is taken within a second or two
        with httpx.Client(base_url=product.http_url) as door:
            for _, token in devices:
                sent = door.post(f"/api/v1/{token}/telemetry", json={"J12": 12.5})
                assert sent.status_code == 200
        wait_until(lambda: _open(client, "J12") >= MANY, "every alarm is there", 60)
        yield client


def _open(client: httpx.Client, word: str) -> int:
    rules = {
        r["name"]: r["id"] for r in client.get("/rules", params={"limit": 500}).json()["items"]
    }
    rule = next((number for name, number in rules.items() if word in name), 0)
    return client.get("/alarms", params={"rule": rule}).json()["total"] if rule else 0


def _rule(client: httpx.Client, word: str) -> int:
    return next(r["id"] for r in client.get("/rules").json()["items"] if word in r["name"])


def test_the_overview_counts_what_the_list_of_open_alarms_holds(visit: Visit, flood) -> None:
    page = visit().go("/")
    figure = page.locator(".figures a", has_text="Cảnh báo mở")

    def is_true() -> bool:  # simulated devices go on raising alarms
        page.reload()
        shown = int(figure.locator("strong").inner_text().replace(".", ""))
        return shown == flood.get("/alarms").json()["total"] > 0

    wait_until(is_true, "the figure is that of the list")
    figure.click()
    page.wait_for_url("**/alarms")


def test_300_alarms_are_worked_through_by_keyboard_only(visit: Visit, flood) -> None:
    rule = _rule(flood, "J12")
    visitor = visit()
    page = visitor.go(f"/alarms?rule={rule}")
    assert page.locator("tr[data-alarm]").count() == 50
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("a")
    visitor.until(
        "document.querySelector('tr[data-alarm]').classList.contains('acked')", "one acknowledged"
    )
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("a")
    visitor.until("document.querySelectorAll('tr.acked').length === 3", "chosen acknowledged")
    for left in (250, 200, 150, 100, 50, 0):
        first = page.locator("tr[data-alarm]").first.get_attribute("data-alarm")
        page.keyboard.press("Shift+A")
        page.keyboard.press("c")
        wait_until(lambda left=left: _open(flood, "J12") == left, f"{left} are left", 30)
        other = f"document.querySelector('tr[data-alarm]')?.dataset.alarm !== '{first}'"
        visitor.until(other, "the next page moves up")
    assert page.locator(".empty-state h2").count() == 1


def _placed(client: httpx.Client) -> dict | None:
    """Return an alarm of a demo device, whose place is known; the flood's devices have none."""
    open_ones = client.get("/alarms", params={"limit": 500}).json()["items"]
    for alarm in sorted(open_ones, key=lambda alarm: alarm["state"] != "active"):
        is_waiting = alarm["rule_name"] != FLOOD and alarm["acked_ms"] is None
        if is_waiting and client.get(f"/devices/{alarm['device']}").json()["lon"]:
            return alarm
    return None


def test_an_alarm_at_night_takes_two_taps_on_a_phone(visit: Visit, product: Product) -> None:
    with product.log_in() as client:
        wait_until(lambda: _placed(client), "a demo alarm", 90)
        alarm = _placed(client)
    assert alarm is not None
    visitor = visit(phone=True)
    page = visitor.go(f"/alarms/{alarm['id']}")  # the link in the message: the first tap
    button = page.locator("button[value=ack]")
    box = button.bounding_box()
    assert box["height"] >= 44
    assert box["y"] + box["height"] < 844, "it is reached without scrolling"
    assert "mô phỏng" in page.locator("main").inner_text()
    longer = "name => { name.textContent += ', Trạm đo mực nước và lượng mưa tự động'.repeat(3) }"
    page.locator(".facts a bdi").first.evaluate(longer)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.fill("#note", "Đang đến")
    button.tap()
    page.wait_for_selector("article[data-state=acked], article[data-state=over]")

    assert "Đang đến" in page.locator(".steps").first.inner_text()
    assert page.locator(".facts a[href^='/map']").count() == 1


def test_a_rule_is_tried_on_the_past_before_it_is_switched_on(visit: Visit) -> None:
    visitor = visit()
    page = visitor.go("/alarms/rules/new")
    page.fill("#name", "COD thử")
    page.fill("#metric", "COD")
    page.fill("#high", "40")
    page.fill("#query", "mô phỏng")
    page.click("button[value=try]")
    page.wait_for_selector("#trial")

    assert re.search(r"Sẽ phát [1-9]\d* cảnh báo trong 30 ngày qua", page.inner_text("#trial"))
    assert page.locator("section[aria-labelledby=trial] tbody tr").count() >= 1


def test_the_count_stands_in_the_top_bar(visit: Visit, flood) -> None:
    visitor = visit()
    visitor.go("/")
    visitor.until("Number(document.getElementById('alarm-count').value) > 0", "the badge counts")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_pages_are_accessible(visit: Visit, path: str, dark: bool) -> None:
    page = visit(dark=dark).go(path)
    page.evaluate(AXE)
    found = page.evaluate("axe.run().then(r => r.violations.map(v => [v.id, v.nodes[0].html]))")

    assert found == []


def test_a_calendar_of_two_spans_is_kept_and_named_in_a_chain(visit: Visit) -> None:
    page = visit().go("/alarms/setup")
    page.fill("#calendar-name", "Ca trực J11")
    for span, day, start, end in ((0, 0, "06:00", "14:00"), (1, 5, "22:00", "06:00")):
        page.check(f"[name=span-{span}-{day}]")
        page.fill(f"[name=start-{span}]", start)
        page.fill(f"[name=end-{span}]", end)
    page.fill("#holidays", "2027-04-30")
    page.click("button[value=calendar]")
    kept = page.locator("section[aria-labelledby=calendars] .steps > li", has_text="Ca trực J11")

    assert kept.locator("li").all_inner_texts() == [
        "T2 06:00–14:00", "T7 22:00–06:00", "trừ 2027-04-30",
    ]  # fmt: skip
    assert page.locator("[name=calendar-0] option", has_text="Ca trực J11").count() == 2


def test_an_alarm_is_given_to_somebody_and_its_incident_is_drawn(visit: Visit, flood) -> None:
    found = flood.get("/alarms", params={"rule": _rule(flood, "J12"), "state": "all"}).json()
    visitor = visit(phone=True)
    page = visitor.go(f"/alarms/{found['items'][0]['id']}")
    page.click("text=Giao cho người khác")
    name = page.locator("[name=person] option").first.inner_text()
    page.click("button[value=give]")
    page.wait_for_selector(f"dd:text-is('{name}')")
    page = visitor.go(f"/alarms/incidents/{found['items'][0]['incident']}")

    assert page.locator(".incident rect").count() == page.locator(".alarms tbody tr").count() > 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.evaluate(AXE)
    violations = "axe.run().then(r => r.violations.map(v => [v.id, v.nodes[0].html]))"
    assert page.evaluate(violations) == []


def test_what_is_chosen_while_the_list_renews_itself_stays_chosen(
    visit: Visit, flood: httpx.Client
) -> None:
    visitor = visit()
    page = visitor.go(f"/alarms?rule={_rule(flood, 'J12')}&state=all")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(re.compile(r"/alarms\?rule="), hold)
    page.keyboard.press("j")
    page.keyboard.press("j")
    wait_until(lambda: page.wait_for_timeout(200) or held, "the list asks for itself", 20)

    page.keyboard.press("x")
    chosen = page.locator("tr[data-alarm][aria-selected=true]").get_attribute("data-alarm")
    page.evaluate("document.getElementById('list').dataset.old = 'yes'")
    for route in held:
        route.continue_()

    page.wait_for_selector("#list:not([data-old])")
    rows = page.locator("tr[data-alarm][aria-selected=true]")
    assert [row.get_attribute("data-alarm") for row in rows.all()] == [chosen]
    assert page.locator("tr.at").get_attribute("data-alarm") == chosen
