"""The monthly letter from open page to downloaded file, the targets, the registers, the overview."""

import re
import zipfile

import httpx
import pytest
from playwright.sync_api import Locator, Page

from tests.browser.conftest import PATIENCE_S, Visit
from tests.browser.test_pages import choose_language
from tests.product import Product, wait_until

LETTER_DAY = "as_of=2025-07-30"


class Counted:
    """Clicks that a person makes, counted."""

    def __init__(self) -> None:
        self.clicks = 0

    def click(self, target: Locator) -> None:
        """Click once."""
        self.clicks += 1
        target.click()


def words_of(path: str) -> str:
    """Return the text of a .docx file."""
    with zipfile.ZipFile(path) as file:
        return re.sub(r"<[^>]+>", "", file.read("word/document.xml").decode())


def test_the_letter_is_sent_with_a_mended_figure_in_five_clicks(
    product: Product, visit: Visit
) -> None:
    page = visit().go("/")
    person = Counted()

    person.click(page.get_by_role("navigation").get_by_role("link", name="Báo cáo"))
    page.wait_for_url("**/reports")
    person.click(page.locator('.found a.mend[href*="/reports/counts"]').first)
    page.wait_for_url("**/reports/counts?**")
    today = page.locator(".day-bar .day").input_value()
    page.select_option("#operator", label="MobiFone")
    page.select_option("#technology", "5G")
    page.fill("#count", "1.004")
    page.fill("#as_of", today)
    page.fill("#source", "Công văn số 12/MBF-QNG ngày 05/9/2026")
    person.click(page.get_by_role("button", name="Nhập"))
    page.wait_for_url("**/reports?**")
    with page.expect_download() as waiting:
        person.click(page.get_by_role("link", name="Tải .docx"))
    text = words_of(str(waiting.value.path()))

    assert person.clicks <= 5
    assert waiting.value.suggested_filename.endswith(".docx")
    assert "1.004" in text
    assert "1.115" in text  # the total follows
    with product.log_in() as client:  # as it was, for the other tests
        newest = client.get("/counts/entries").json()["items"][0]
        assert newest["count"] == 1004
        taken = client.post(f"/counts/entries/{newest['id']}/withdrawal", json={"note": "thử"})
        assert taken.status_code == 201


def test_a_text_is_mended_at_its_place_and_undone(visit: Visit) -> None:
    page = visit().go(f"/reports?{LETTER_DAY}")
    draft = page.locator(".paper").inner_text()

    page.locator(".paper .pencil").first.click()
    page.fill("#text", "Tỉnh đã ban hành các văn bản sau đây:")
    page.get_by_role("button", name="Lưu", exact=True).click()
    page.wait_for_url("**/reports?**saved=**")
    assert "Tỉnh đã ban hành các văn bản sau đây:" in page.locator(".paper").inner_text()

    page.get_by_role("link", name="Xem lịch sử hoặc hoàn tác").click()
    page.get_by_role("button", name=re.compile("^Hoàn tác")).first.click()
    page.wait_for_url("**/reports?**saved=**")
    assert page.locator(".paper").inner_text() == draft


def test_a_version_is_kept_with_both_files(visit: Visit) -> None:
    page = visit().go(f"/reports?{LETTER_DAY}")

    page.get_by_role("button", name="Lưu thành bản").click()
    page.wait_for_url("**#versions")
    row = page.locator("section[aria-labelledby=versions] tbody tr").first
    assert "30/07/2025" in row.inner_text()
    for end in (".docx", ".pdf"):
        with page.expect_download() as waiting:
            row.get_by_role("link", name=end).click()
        assert waiting.value.suggested_filename.endswith(end)


def test_findings_say_what_where_and_how_and_lead_there(visit: Visit) -> None:
    page = visit().go(f"/reports?{LETTER_DAY}")
    found = page.locator(".found").first.locator("li")

    assert found.count() > 5
    assert "Lỗi" in found.first.inner_text()  # the gravest first
    for address in found.locator("a.mend").evaluate_all("links => links.map((a) => a.href)"):
        assert page.request.get(address).status == 200, address


def test_the_target_shows_its_way_its_shares_and_its_sentence(visit: Visit) -> None:
    visitor = visit()
    page = visitor.go(f"/reports/targets?{LETTER_DAY}")
    visitor.until(
        "document.querySelector('.course')?.dataset.points === '1'", "the chart is drawn"
    )
    sentence = page.locator(".target .sentence").inner_text()

    for part in ("1.203 trạm", "154 ngày", "31/12/2025", "7,8 trạm/ngày"):
        assert part in sentence
    assert "4,36\u00a0%" in page.locator(".strip").inner_text()
    assert shares(page) == ["403", "394", "406"]
    page.get_by_role("link", name="Theo tỷ trọng trạm 4G").click()
    page.wait_for_url("**rule=proportional-4g**")
    assert sum(map(int, shares(page))) == 1203
    assert page.locator(".course canvas").bounding_box()["width"] > 300

    page.fill(".day-bar .day", "10/1/2026")
    page.keyboard.press("Enter")
    page.wait_for_url("**as_of=2026-01-10**")
    assert "Trễ hạn 10 ngày" in page.locator(".verdict").first.inner_text()


def shares(page: Page) -> list[str]:
    """Return the stations to build of each operator."""
    return page.locator(
        ".target .columns table.lines:not(.twin *) tbody td strong"
    ).all_inner_texts()


def test_a_task_that_is_late_says_by_how_many_days(visit: Visit) -> None:
    page = visit().go("/reports/directives?as_of=2025-09-10&only=overdue")

    assert "trễ hạn 10 ngày" in page.locator(".tasks tbody").inner_text()
    page.locator(".tasks tbody th a").first.click()
    page.get_by_role("heading", name="Ghi trạng thái mới").wait_for()


def test_a_provider_is_registered_by_keyboard_and_removed(visit: Visit) -> None:
    page = visit().go("/reports/providers/new")

    page.locator("#name").focus()
    page.keyboard.type("Công ty Cảm biến Miền Trung")
    page.keyboard.press("Tab")
    page.keyboard.type("Trạm quan trắc nước thải")
    page.locator("#name").press("Enter")
    page.wait_for_url("**/reports/providers")
    page.get_by_role("link", name="Công ty Cảm biến Miền Trung").click()
    page.locator("details.confirm summary").click()
    page.get_by_role("button", name="Xóa ngay").click()
    page.wait_for_url("**/reports/providers")

    assert page.get_by_role("heading", name="Chưa có nhà cung cấp nào").is_visible()


def test_the_overview_shows_where_we_stand_and_every_number_opens_its_list(
    product: Product, visit: Visit
) -> None:
    page = visit().go("/")
    board = page.locator(".network").inner_text()
    with product.log_in() as client:
        table = client.get("/counts").json()

    for figure in (table["total_4g"], table["total_5g"]):
        assert f"{figure:,}".replace(",", ".") in board
    assert f"{table['total_ratio_percent']:.2f}".replace(".", ",") + "\u00a0%" in board
    assert "chỉ tiêu 50\u00a0%" in board or "chỉ tiêu 50 %" in board
    assert "Trễ hạn" in board
    assert "Số liệu chính thức ngày" in board
    addresses = page.locator(".board a[href]").evaluate_all(
        "links => [...new Set(links.map((a) => a.href.split('#')[0]))]"
    )
    for wanted in ("/reports/counts", "/reports/targets", "/reports", "/devices?state=online"):
        assert any(address.endswith(wanted) for address in addresses), wanted
    assert len(addresses) > 20
    for address in [a for a in addresses if "/devices/" not in a][:40]:
        assert page.request.get(address).status == 200, address


TALLEST_WORD_OF_THE_BAR = """() => {
  const badge = document.getElementById('alarm-count');
  Object.assign(badge, { hidden: false, value: '999+' });
  return Math.max(...[...document.querySelectorAll('.top nav a span')].map((s) => s.offsetHeight));
}"""


def test_the_overview_fits_one_screen(product: Product, visit: Visit) -> None:
    long = "Trạm đo mực nước và lượng mưa tự động " * 3
    with product.log_in() as admin:
        org = admin.get("/organisations").json()["items"][0]["id"]
        for name in (long, f"{long} II"):
            new = {"name": name, "org": org, "sector": "environment", "profile": 1}
            token = admin.post("/devices", json=new).json()["token"]
            address = f"{product.http_url}/api/v1/{token}/telemetry"
            assert httpx.post(address, content=b"{", timeout=20).status_code == 400
    visitor = visit()
    refused = "[...document.querySelectorAll('.board .feed li')].filter((li) => li.innerText.includes('tự động')).length"
    wait_until(
        lambda: visitor.go("/").evaluate(refused) == 2, "both refusals are shown", 3 * PATIENCE_S
    )

    for locale in ("en", "vi"):  # the last is what other tests read
        choose_language(visitor, locale)
        assert visitor.page.evaluate("document.documentElement.scrollHeight") <= 900, locale
        tallest = visitor.page.evaluate(TALLEST_WORD_OF_THE_BAR)
        assert tallest < 30, f"every word of the bar is on one line ({locale})"


@pytest.mark.parametrize("path", ["/reports", "/reports/targets", "/reports/counts"])
def test_a_day_before_the_first_count_says_what_is_missing(visit: Visit, path: str) -> None:
    page = visit().go(f"{path}?as_of=2025-07-01")

    assert "chưa có" in page.locator("main").inner_text().lower()
