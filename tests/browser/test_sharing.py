"""Lend, see who read it, revoke; invite, join, second factor, token, journal: as people do it."""

import csv
import io
import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer

import httpx
import pyotp
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Postbox, Visit, Visitor
from tests.browser.test_pages import barriers
from tests.product import Product

API = "/api/platform/v1"
BORROWER = "bengoai"
FAR_MS = 4_000_000_000_000
PASSWORD = "một câu đủ dài để nhớ"
PAGES = (
    "/sharing",
    "/sharing/reads",
    "/sharing/groups",
    "/sharing/former",
    "/people",
    "/organisations",
    "/journal",
    "/aside",
    "/account",
    "/account/factor",
    "/account/data",
    "/people/requests",
)


@pytest.fixture(scope="module")
def borrower(product: Product) -> httpx.Client:
    """Somebody of the environment department who sees the department only."""
    with product.log_in() as admin:
        orgs = admin.get("/organisations", params={"limit": 500}).json()["items"]
        department = next(org["id"] for org in orgs if org["code"] == "SNNMT")
        new = {"org": department, "login": BORROWER, "name": "Người đọc", "password": PASSWORD}
        person = admin.post("/people", json=new).json()["id"]
        role = {"role": "environment-officer", "org": department}
        assert admin.post(f"/people/{person}/roles", json=role).status_code == 201
    client = httpx.Client(base_url=f"{product.web_url}{API}", timeout=20)
    opened = client.post("/session", json={"login": BORROWER, "password": PASSWORD})
    client.headers["X-CSRF-Token"] = opened.json()["csrf"]
    return client


def confirm(page: Page, word: str, sure: str) -> None:
    page.locator("details.confirm summary", has_text=re.compile(f"^{word}$")).first.click()
    page.get_by_role("button", name=sure).first.click()


def test_data_is_lent_read_seen_and_taken_back(
    product: Product, visit: Visit, borrower: httpx.Client, demo_device: int
) -> None:
    page = visit().go(f"/devices/{demo_device}/access")
    page.get_by_role("link", name="Chia sẻ dữ liệu của thiết bị").click()
    page.select_option("#to_org", label="Sở Nông nghiệp và Môi trường")
    page.fill("#purpose", "Kiểm tra môi trường")
    page.fill("#until_ms", "31/12/2027")
    page.get_by_role("button", name="Chia sẻ", exact=True).click()
    page.wait_for_url("**/sharing")
    assert "Kiểm tra môi trường" in page.locator("main").inner_text()

    latest = borrower.get(f"/devices/{demo_device}/latest")
    assert latest.status_code == 200
    ways = _ways_to_history(product, demo_device, latest.json()["items"][0]["metric"])
    lent = {way: borrower.get(way) for way in ways}
    assert {answer.status_code for answer in lent.values()} == {200}
    assert len(lent[ways[0]].json()["times"]) > 0
    assert len(lent[ways[1]].text.splitlines()) > 1
    page.get_by_role("link", name="Ai đã đọc dữ liệu").click()
    page.wait_for_url("**/sharing/reads")
    row = page.locator("tbody tr").first.inner_text()
    assert "Người đọc" in row
    assert "Sở Nông nghiệp và Môi trường" in row

    page.goto(f"{product.web_url}/sharing")
    confirm(page, "Thu hồi", "Thu hồi ngay")
    page.wait_for_url("**/sharing")
    assert {way: borrower.get(way).status_code for way in ways} == dict.fromkeys(ways, 404)
    everything = borrower.get("/exports/csv", params={"start_ms": 0, "end_ms": FAR_MS}).text
    rows = list(csv.DictReader(io.StringIO(everything.removeprefix("\ufeff"))))
    assert str(demo_device) not in {row["device"] for row in rows}  # the department has its own
    listed = borrower.get("/devices", params={"limit": 500}).json()["items"]
    assert demo_device not in {row["id"] for row in listed}


def test_lending_and_taking_back_hold_for_readings_once_they_are_told(
    product: Product, borrower: httpx.Client, demo_device: int
) -> None:
    newest = f"/devices/{demo_device}/latest"
    with product.log_in() as lender:
        orgs = lender.get("/organisations", params={"limit": 500}).json()["items"]
        department = next(org["id"] for org in orgs if org["code"] == "SNNMT")
        loan = {
            "to_org": department,
            "purpose": "Đo",
            "devices": [demo_device],
            "until_ms": _soon(),
        }
        with _store_stands_still(product):
            made = lender.post("/loans", json=loan)
            lent = borrower.get(newest)
        assert (made.status_code, lent.status_code) == (201, 200)
        assert lent.json()["items"] != []

        with _store_stands_still(product):
            gone = lender.delete(f"/loans/{made.json()['id']}")
            everything = borrower.get("/exports/csv", params={"start_ms": 0, "end_ms": FAR_MS})
        assert (gone.status_code, everything.status_code) == (204, 200)
    rows = list(csv.DictReader(io.StringIO(everything.text.removeprefix("\ufeff"))))
    assert str(demo_device) not in {row["device"] for row in rows}


def test_a_past_owner_sees_the_chart_of_its_past_alone(product: Product, visit: Visit) -> None:
    with product.log_in() as admin:
        orgs = admin.get("/organisations", params={"limit": 500}).json()["items"]
        first, second = (org["id"] for org in orgs if org["code"] in {"SCT", "SXD"})
        new = {"name": "Đo một thời", "org": first, "sector": "energy", "profile": 1}
        made = admin.post("/devices", json=new).json()
        _send(product, made["token"], {"J12": 1.5})
        person = {"org": first, "login": "chucu", "name": "Chủ cũ", "password": PASSWORD}
        number = admin.post("/people", json=person).json()["id"]
        role = {"role": "industry-officer", "org": first}
        assert admin.post(f"/people/{number}/roles", json=role).status_code == 201
        device = made["device"]["id"]
        code = admin.post(f"/devices/{device}/claim-code", json={}).json()["code"]
        assert admin.post("/claims", json={"code": code, "org": second}).status_code == 201
        _send(product, made["token"], {"J12": 99.5})

    visitor = visit(guest=True)
    log_in(visitor, "chucu").wait_for_url(re.compile(r":\d+/$"))
    page = visitor.go("/sharing/former")
    page.get_by_role("link", name="Đo một thời").click()
    page.wait_for_url("**/sharing/former/*")
    visitor.until("document.querySelector('.chart')?.dataset.points", "the chart is drawn")

    chart = page.locator(".chart")
    assert chart.count() == 1
    chart.locator("summary").click()
    chart.locator("tbody tr").first.wait_for()
    assert chart.locator("tbody tr").count() == 1
    assert "1,5" in chart.locator("tbody").inner_text()
    assert "99" not in page.locator("main").inner_text()


def _soon() -> int:
    return int(time.time() * 1000) + 86_400_000


@contextmanager
def _store_stands_still(product: Product) -> Iterator[None]:
    """Keep the store from hearing of anything for a second."""
    pid = product.pids["store"]
    os.kill(pid, signal.SIGSTOP)
    on = Timer(1.0, os.kill, (pid, signal.SIGCONT))
    on.start()
    try:
        yield
    finally:
        on.join()


def _send(product: Product, token: str, values: dict[str, float]) -> None:
    sent = httpx.post(f"{product.http_url}/api/v1/{token}/telemetry", json=values, timeout=20)
    assert sent.status_code == 200


def _ways_to_history(product: Product, device: int, metric: str) -> list[str]:
    """Addresses where the past and the present of one device are read."""
    span = f"metric={metric}&start_ms=0&end_ms={FAR_MS}"
    return [
        f"/devices/{device}/readings?{span}",
        f"/exports/csv?device={device}&{span}",
        f"/devices/{device}/readings.csv?{span}",
        f"/devices/{device}/latest",
        f"/devices/{device}",
        f"/completeness?device={device}&start_ms=0&end_ms={FAR_MS}",
        f"{product.web_url}/devices/{device}",
        f"{product.web_url}/devices/{device}/chart",
    ]


def test_a_group_by_condition_is_made_and_opened(visit: Visit) -> None:
    page = visit().go("/sharing/groups")
    page.fill("#name", "Trạm môi trường")
    page.select_option("#org", index=1)
    page.select_option("#sector", "environment")
    page.get_by_role("button", name="Lưu").click()
    page.get_by_role("link", name="Trạm môi trường").click()

    assert page.locator("#members").inner_text().split()[0] != "0"


def test_somebody_is_invited_and_joins(visit: Visit, postbox: Postbox) -> None:
    page = visit().go("/people")
    page.fill("#name", "Lê Văn Mời")
    page.fill("#email", "moi@x.example")
    page.select_option("#org", index=1)
    page.select_option("#role", "public-viewer")
    page.get_by_role("button", name="Gửi lời mời đi").click()
    page.wait_for_url("**/people")
    assert "moi@x.example" in page.locator("main").inner_text()

    link = re.search(r"/invitations/\S+", postbox.wait_for("moi@x.example"))
    assert link
    guest = visit(guest=True)
    door = guest.go(link.group())
    assert "Lê Văn Mời" in door.locator("h1").inner_text()
    door.fill("#login", "levanmoi")
    door.fill("#password", PASSWORD)
    door.get_by_role("button", name="Tham gia").click()
    door.wait_for_url("**/login")
    log_in(guest, "levanmoi").wait_for_url(re.compile(r":\d+/$"))

    guest.expect_failure("/invitations/")
    assert "hết hạn" in guest.go(link.group()).locator("main").inner_text()


def test_the_second_factor_is_turned_on_and_asked_for(product: Product, visit: Visit) -> None:
    with product.log_in() as admin:
        org = admin.get("/organisations").json()["items"][0]["id"]
        new = {"org": org, "login": "haibuoc", "name": "Hai Bước", "password": PASSWORD}
        person = admin.post("/people", json=new).json()["id"]
        role = {"role": "department-leader", "org": org}
        assert admin.post(f"/people/{person}/roles", json=role).status_code == 201
    page = log_in(visit(guest=True), "haibuoc")
    page.locator("details.menu summary").click()
    page.get_by_role("link", name="Tài khoản của tôi").click()
    page.get_by_role("link", name="Bật yếu tố thứ hai cho tôi").click()
    square = page.locator("img.square")
    square.evaluate("image => image.decode()")
    assert square.evaluate("image => image.naturalWidth") > 100
    secret = page.locator("#secret").inner_text()
    page.fill("#code", pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Bật", exact=True).click()
    page.wait_for_selector(".codes")
    codes = page.locator(".codes code").all_inner_texts()
    assert len(codes) == 10

    again = log_in(visit(guest=True), "haibuoc")
    again.wait_for_url("**/login/code?**")
    again.get_by_label("Mã", exact=True).fill(codes[0])
    again.get_by_role("button", name="Đăng nhập").click()
    again.wait_for_url(re.compile(r":\d+/$"))


def test_a_token_is_made_shown_once_and_cut_off(product: Product, visit: Visit) -> None:
    page = visit().go("/account")
    page.fill("#name", "QGIS")
    page.get_by_role("button", name="Tạo", exact=True).click()
    secret = page.locator("#token").inner_text()
    bearer = {"Authorization": f"Bearer {secret}"}
    address = f"{product.web_url}{API}/devices.csv?limit=1"

    assert httpx.get(address, headers=bearer).status_code == 200
    assert httpx.get(f"{product.web_url}/devices", headers=bearer).status_code == 303
    page.goto(f"{product.web_url}/account")
    assert secret not in page.content()
    page.locator("#tokens + .scroll details.confirm summary").first.click()
    page.get_by_role("button", name="Thu hồi ngay").first.click()
    page.wait_for_url("**/account")
    assert httpx.get(address, headers=bearer).status_code == 401


def test_the_journal_is_searched(visit: Visit) -> None:
    page = visit().go("/journal")
    page.select_option("select[name=action]", "session.start")
    page.get_by_role("button", name="Xem", exact=True).click()
    page.wait_for_url("**action=session.start**")

    acts = page.locator("tbody tr td:nth-child(3)").all_inner_texts()
    assert acts
    assert all(text.startswith("Đăng nhập") for text in acts)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_clean_on_a_phone_and_for_everybody(visit: Visit, path: str) -> None:
    for phone in (False, True):
        visitor = visit(phone=phone, dark=phone)
        page = visitor.go(path)
        wide = page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        assert not wide, path
        assert barriers(page) == []


def log_in(visitor: Visitor, login: str) -> Page:
    page = visitor.go("/login")
    page.get_by_label("Tên đăng nhập").fill(login)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    return page
