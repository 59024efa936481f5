"""What holds on every page: log-in, both languages, both themes, the phone, and no barrier."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import PERSON, Visit, Visitor
from tests.product import Product

AXE = next((Path(__file__).parent / "vendor" / "axe-core").glob("*/axe.min.js")).read_text()
RULES = {
    "type": "tag",
    "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
# What a theme can change; the other rules see the same page in both.
COLOUR_RULES = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
PATHS = {
    "overview": "/",
    "map": "/map",
    "table": "/map?view=table",
    "devices": "/devices",
    "no match": "/devices?search=khongcogi",
    "new": "/devices/new",
    "now": "/devices/{device}",
    "chart": "/devices/{device}/chart",
    "gaps": "/devices/{device}/gaps",
    "corrections": "/devices/{device}/corrections",
    "set aside": "/quarantine",
    "messages": "/devices/{device}/messages",
    "downlinks": "/devices/{device}/downlinks",
    "access": "/devices/{device}/access",
    "registration": "/devices/registration",
    "files": "/devices/exports",
    "letter": "/reports?as_of=2025-07-30",
    "text": "/reports/texts/stations.area?as_of=2025-07-30",
    "targets": "/reports/targets?as_of=2025-07-30",
    "missed targets": "/reports/targets",
    "stations": "/network",
    "no stations": "/network?search=khongco",
    "zones against operators": "/network/zones",
    "zones by coverage": "/network/zones?rule=covered",
    "zone": "/network/zones/1",
    "communes against operators": "/network/communes",
    "station": "/network/stations/1",
    "imports": "/network/import",
    "surveys": "/network/surveys",
    "counts": "/reports/counts",
    "count": "/reports/counts/1",
    "no counts": "/reports/counts?as_of=2020-01-01",
    "directives": "/reports/directives",
    "document": "/reports/directives/documents/1",
    "task": "/reports/directives/tasks/1",
    "new task": "/reports/directives/tasks/new",
    "recommendations": "/reports/recommendations",
    "recommendation": "/reports/recommendations/1",
    "providers": "/reports/providers",
    "new provider": "/reports/providers/new",
    "missing": "/devices/999999999",
}


def barriers(page: Page, rules: Mapping[str, object] = RULES) -> list[str]:
    """Return what axe finds against the page."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found: dict[str, Any] = page.evaluate(
        "(rules) => axe.run({ runOnly: rules, resultTypes: ['violations'] })", rules
    )
    return [
        f"{rule['id']}: {[node['html'][:160] for node in rule['nodes'][:3]]}"
        for rule in found["violations"]
    ]


def settled(visitor: Visitor, path: str) -> Page:
    page = visitor.go(path)
    if path == "/map":
        visitor.until("document.getElementById('map').dataset.ready === 'yes'", "the map is ready")
    return page


def choose_language(visitor: Visitor, locale: str) -> None:
    page = visitor.go("/")
    if page.evaluate("document.documentElement.lang") != locale:
        with page.expect_navigation():
            page.locator("button[name=language]").click()
    assert page.evaluate("document.documentElement.lang") == locale


def test_a_person_logs_in_after_a_wrong_password_and_out_again(
    product: Product, visit: Visit
) -> None:
    visitor = visit(guest=True)
    visitor.expect_failure("/login")
    page = visitor.go("/devices?sector=energy")
    assert "/login?next=" in page.url

    page.fill("[name=login]", PERSON)
    page.fill("[name=password]", "không phải mật khẩu")
    with page.expect_navigation():
        page.get_by_role("button", name="Đăng nhập").click()
    assert "không đúng" in page.get_by_role("alert").inner_text()
    page.fill("[name=password]", product.log_ins()[PERSON])
    page.get_by_role("button", name="Đăng nhập").click()
    page.wait_for_url("**/devices?sector=energy")

    page.locator("details.menu summary").click()
    page.get_by_role("button", name="Đăng xuất").click()
    page.wait_for_url("**/login")


@pytest.mark.timeout(400)  # dozens of pages, each in both themes
@pytest.mark.parametrize("locale", ["vi", "en"])
def test_no_page_has_a_barrier_in_either_theme(
    visit: Visit, demo_device: int, locale: str
) -> None:
    visitor = visit()
    visitor.expect_failure("/devices/999999999")
    choose_language(visitor, locale)
    found = {}

    for name, path in PATHS.items():
        page = settled(visitor, path.format(device=demo_device))
        assert page.evaluate("document.documentElement.lang") == locale
        found[name, "light"] = barriers(page)
        page.emulate_media(color_scheme="dark")
        found[name, "dark"] = barriers(page, COLOUR_RULES)
        page.emulate_media(color_scheme="light")
    choose_language(visitor, "vi")

    assert {place: faults for place, faults in found.items() if faults} == {}


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_the_door_has_no_barrier(visit: Visit, locale: str) -> None:
    visitor = visit(guest=True)
    page = visitor.go(f"/login?language={locale}")
    found = barriers(page)
    page.emulate_media(color_scheme="dark")

    assert found + barriers(page) == []


# The number of new alarms comes when the page is there already; at its longest it must fit too.
WIDTH_WITH_ALARMS = """() => {
  const badge = document.getElementById('alarm-count');
  if (badge) { badge.hidden = false; badge.value = '999+'; }
  return document.documentElement.scrollWidth;
}"""


def test_nothing_is_wider_than_a_phone(visit: Visit, demo_device: int) -> None:
    visitor = visit(phone=True)
    visitor.expect_failure("/devices/999999999")
    widths = {}

    for name, path in PATHS.items():
        page = settled(visitor, path.format(device=demo_device))
        widths[name] = page.evaluate(WIDTH_WITH_ALARMS)

    assert {name: width for name, width in widths.items() if width > 390} == {}


def test_the_search_key_finds_a_device_without_accents(visit: Visit) -> None:
    visitor = visit()
    page = visitor.go("/devices")

    page.keyboard.press("/")
    page.keyboard.type("nuoc thai 001")
    page.wait_for_url("**search=nuoc**")
    visitor.until("document.querySelectorAll('#list tbody tr').length < 5", "the list is short")

    assert "Trạm quan trắc 001" in page.locator("#list").inner_text()
    assert "sector=" not in page.url


def test_a_number_of_the_overview_opens_its_list(visit: Visit, demo_device: int) -> None:
    page = visit().go("/")

    page.locator(".figures a").nth(1).click()
    page.wait_for_url("**/devices?state=online")

    states = page.locator("#list tbody .state").all_inner_texts()
    assert set(states) == {"Đang kết nối"}


def test_the_theme_is_chosen_by_hand_and_remembered(visit: Visit) -> None:
    page = visit().go("/")

    page.locator("#theme").click()
    page.locator("#theme").click()
    page.reload()

    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.locator("#theme").inner_text() == "Tối"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(17, 24, 26)"


def test_numbers_and_times_follow_the_language(visit: Visit, demo_device: int) -> None:
    visitor = visit()

    choose_language(visitor, "en")
    english = visitor.go(f"/devices/{demo_device}/messages").locator("main").inner_text()
    choose_language(visitor, "vi")
    vietnamese = visitor.go(f"/devices/{demo_device}/messages").locator("main").inner_text()

    assert "Accepted messages" in english
    assert "Bản tin đã nhận" in vietnamese
    assert "Accepted" not in vietnamese


def test_the_keyboard_reaches_the_content_first(visit: Visit) -> None:
    page = visit().go("/")

    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Đến nội dung chính"
    page.keyboard.press("Enter")

    page.wait_for_url("**/#main")
