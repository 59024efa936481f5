"""From an empty form to a live page: a device is added, speaks, is understood or refused."""

import json
import re

import httpx
import pytest

from tests.browser.conftest import Visit, Visitor
from tests.product import Product

NEWEST = "Number(document.querySelector('.chart[data-metric=pH]').dataset.newest || 0)"
LINE = """() => document.querySelector('.chart[data-metric=pH] canvas').toDataURL()"""


def add_device(visitor: Visitor, name: str) -> tuple[str, str]:
    """Fill the form as a person does; return the device's number and its token."""
    page = visitor.go("/devices/new")
    page.fill("#name", name)
    page.select_option("#profile", index=1)
    page.select_option("#zone", index=1)
    page.get_by_role("button", name="Thêm và hiện mã kết nối").click()
    token = page.locator("#token").inner_text()
    device = page.locator("#waiting").get_attribute("data-device")
    assert device
    return device, token


def send(product: Product, token: str, payload: str) -> int:
    url = f"{product.http_url}/api/v1/{token}/telemetry"
    headers = {"content-type": "application/json"}
    return httpx.post(url, content=payload, headers=headers, timeout=20).status_code


def phase(visitor: Visitor, wanted: str) -> None:
    script = f"document.getElementById('waiting').dataset.phase === '{wanted}'"
    visitor.until(script, f"the page turns {wanted}")


@pytest.mark.timeout(180)
def test_a_new_device_is_connected_refused_understood_and_then_lives(
    product: Product, visit: Visit
) -> None:
    visitor = visit()
    device, token = add_device(visitor, "Trạm nước Ỷ Ỹ Ợ Ữ")
    page = visitor.page
    assert re.fullmatch(r"tr_\w{32}", token)
    lines = page.locator(".snippets").inner_text()
    assert f"-p {product.ports['mqtt']}" in lines
    assert f":{product.ports['http']}/api/v1/{token}/telemetry" in lines
    assert page.locator("#waiting").get_attribute("data-phase") == "waiting"

    assert send(product, token, '{"pH": 7.2, "Temp": ') == 400
    phase(visitor, "refused")
    assert "JSON" in page.locator("#waiting-detail").inner_text()

    assert send(product, token, '{"pH": 7.25, "Temp": 29.5}') == 200
    phase(visitor, "arrived")
    assert "pH = 7,25" in page.locator("#waiting-detail").inner_text()

    visitor.go(f"/devices/{device}")
    value = page.locator("tr[data-metric=pH] .value")
    assert value.inner_text() == "7,25"
    page.wait_for_timeout(500)
    assert send(product, token, '{"pH": 1234.5}') == 200
    visitor.until(
        "document.querySelector('tr[data-metric=pH] .value').textContent === '1.234,5'",
        "the value changes by itself",
    )

    visitor.go(f"/devices/{device}/chart")
    visitor.until(
        "document.querySelector('.chart[data-metric=pH] canvas') !== null", "the chart is drawn"
    )
    page.wait_for_timeout(500)
    newest, picture = page.evaluate(NEWEST), page.evaluate(LINE)
    assert send(product, token, '{"pH": 3.5}') == 200
    visitor.until(f"{NEWEST} > {newest}", "the chart moves")
    visitor.until(f"({LINE})() !== {picture!r}", "the line grows")

    visitor.go(f"/devices/{device}/messages")
    assert "không phải JSON" in page.locator("[aria-labelledby=refused]").first.inner_text()
    assert "pH = 3,5" in page.locator("[aria-labelledby=accepted]").first.inner_text()


def test_very_many_metrics_stand_on_several_pages(product: Product, visit: Visit) -> None:
    visitor = visit()
    device, token = add_device(visitor, "Tủ điện nhiều thông số")
    values = {f"m{number:03}": number + 0.5 for number in range(130)}
    assert send(product, token, json.dumps(values)) == 200
    phase(visitor, "arrived")
    page = visitor.page

    visitor.go(f"/devices/{device}")
    visitor.until("document.querySelectorAll('tr[data-metric]').length === 100", "a part of them")
    page.wait_for_timeout(1_500)  # a metric of the other part changes: the page stays as it is
    page.evaluate("window.untouched = true")
    assert send(product, token, '{"m129": 7.5, "m000": 8.5}') == 200
    visitor.until(
        "document.querySelector('tr[data-metric=m000] .value').textContent === '8,5'", "it lives"
    )
    assert page.evaluate("window.untouched")
    assert "Thông số 1 đến 100 trong 130" in page.locator("nav.pages").inner_text()
    page.get_by_role("link", name="Trang sau").click()
    page.wait_for_load_state()
    assert page.locator("tr[data-metric=m129] .value").inner_text() == "7,5"
    assert page.locator("tr[data-metric]").count() == 30

    visitor.go(f"/devices/{device}/chart?window=24h&part=6")
    assert page.locator("#charts .chart").count() == 130 - 5 * 24
    page.get_by_role("link", name="Trang trước").click()
    page.wait_for_load_state()
    assert page.locator("#charts .chart").count() == 24
    page.get_by_role("link", name="1 giờ").click()
    page.wait_for_load_state()
    assert page.locator("#charts").get_attribute("data-window") == "1h"
    assert page.locator(".chart").first.get_attribute("data-metric") == "m096"


def test_every_wrong_field_is_named_at_once(visit: Visit) -> None:
    visitor = visit()
    visitor.expect_failure("/devices/new")
    page = visitor.go("/devices/new")
    page.fill("#lon", "một trăm")

    page.get_by_role("button", name="Thêm và hiện mã kết nối").click()

    page.wait_for_selector("#lon[aria-invalid=true]")
    page.wait_for_selector("#profile[aria-invalid=true]")
    assert page.locator("#lon-fault").inner_text().startswith("Đây không phải là số.")


def test_a_revoked_token_no_longer_connects_and_a_new_one_does(
    product: Product, visit: Visit
) -> None:
    visitor = visit()
    device, old = add_device(visitor, "Trạm đổi mã")
    page = visitor.go(f"/devices/{device}/access")

    page.get_by_role("button", name="Tạo mã kết nối mới").click()
    new = page.locator("#token").inner_text()
    row = page.locator("tr", has_text=old[-4:])
    row.get_by_text("Thu hồi", exact=True).click()
    row.get_by_role("button", name="Thu hồi ngay").click()
    page.wait_for_url(f"**/devices/{device}/access")

    visitor.page.wait_for_timeout(1000)
    assert send(product, old, '{"a": 1}') == 401
    assert send(product, new, '{"a": 1}') == 200


def test_a_simulated_device_moves_on_its_own_and_says_that_it_is_simulated(
    visit: Visit, demo_device: int
) -> None:
    visitor = visit()
    page = visitor.go(f"/devices/{demo_device}")
    assert page.locator("h1 .tag").inner_text() == "mô phỏng"
    first = page.locator("tr[data-metric] time").first.get_attribute("data-at")

    visitor.until(
        f"Number(document.querySelector('tr[data-metric] time').dataset.at) > {first}",
        "a newer reading",
    )


def test_the_log_of_pages_names_no_path_and_no_address(
    product: Product, visit: Visit, demo_device: int
) -> None:
    visitor = visit()
    with visitor.page.expect_websocket() as opened:
        visitor.go(f"/devices/{demo_device}")
    opened.value.wait_for_event("framereceived")
    assert httpx.get(f"{product.web_url}/devices/{'x' * 30}").status_code in {303, 401, 404}

    lines = product.log("web").splitlines()

    assert {json.loads(line)["role"] for line in lines} <= {"web"}
    assert not any(word in line for line in lines for word in ("/live", "/tram/", "127.0.0.1"))
