"""A whole product of another province, an invented one: what a person sees, and never a word of the first."""

import io
import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import docx
import httpx
import pytest

from tests.product import API, Product
from tests.provinces import INVENTED, INVENTED_FOLDER, QUANG_NGAI
from tram.app.installation.installation import open_installation
from tram.domain.text import fold

NAME = "Phù Vân (mô phỏng)"
PAGES_MIN = 60
_STRANGE = re.compile(r"quang ?ngai|dung ?quat|kon ?tum|\bqng\b")
_LINK = re.compile(r'(?:href|hx-get)="(/[^"#]*)')
_NO_PAGES = ("/static/", "/api/", "/login", "/reports/letter/")
_NUMBERS = re.compile(r"\d+")
ALIKE_MAX = 3
"""Of pages whose addresses differ only in numbers, so many are read."""


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    settings = {"TRAM_REGISTRY_PROVINCE": str(INVENTED_FOLDER)}
    with Product(tmp_path_factory.mktemp("second"), demo=True, settings=settings) as running:
        yield running


@pytest.fixture(scope="module")
def person(product: Product) -> Iterator[httpx.Client]:
    with product.log_in() as api, httpx.Client(base_url=product.web_url, timeout=30) as client:
        client.cookies = api.cookies
        yield client


def of_api(person: httpx.Client, path: str) -> dict:
    answer = person.get(f"{API}{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture(scope="module")
def pages(person: httpx.Client) -> dict[str, str]:
    """Every page that links lead to from the first one, by address."""
    read: dict[str, str] = {}
    kinds: dict[str, int] = {}
    waiting = ["/"]
    while waiting:
        address = waiting.pop()
        kind = _NUMBERS.sub("0", address.partition("?")[0])
        if address in read or kinds.get(kind, 0) >= ALIKE_MAX or address.startswith(_NO_PAGES):
            continue
        kinds[kind] = kinds.get(kind, 0) + 1
        answer = person.get(address, follow_redirects=True)
        assert answer.status_code == 200, (address, answer.text)
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        read[address] = unescape(answer.text)
        waiting += [unescape(link) for link in _LINK.findall(answer.text)]
    return read


def test_no_page_says_a_word_of_another_province(pages: dict[str, str]) -> None:
    assert len(pages) >= PAGES_MIN, sorted(pages)

    strange = {address: _STRANGE.findall(fold(text)) for address, text in pages.items()}

    assert {address: words for address, words in strange.items() if words} == {}


def test_the_map_begins_with_the_province_and_names_its_places(
    person: httpx.Client, pages: dict[str, str]
) -> None:
    page = pages["/map"]
    view = json.loads(re.search(r'data-view="([^"]*)"', page).group(1))
    names = person.get(re.search(r'data-places="([^"]*)"', page).group(1)).json()["places"]

    assert view == [[105.1, 18.1], [106.4, 19.4]]
    assert {"Mây Trắng", "Hoàng Sa (Việt Nam)"} <= {place["name"] for place in names}
    assert not any(_STRANGE.search(fold(place["name"])) for place in names)


def test_authorities_zones_operators_and_targets_are_its_own(person: httpx.Client) -> None:
    organisations = [item["name"] for item in of_api(person, "/organisations")["items"]]
    zones = {item["code"] for item in of_api(person, "/zones")["items"]}
    counts = of_api(person, "/counts?as_of=2025-08-01")
    targets = [item["target"]["key"] for item in of_api(person, "/targets")["items"]]

    assert organisations[0] == f"UBND tỉnh {NAME}"
    assert zones == {"KKT-MT", "KCN-DG"}
    assert {row["name"] for row in counts["rows"]} == {
        "Mạng Gió (mô phỏng)",
        "Mạng Mây (mô phỏng)",
    }
    assert (counts["total_4g"], counts["total_5g"]) == (65, 10)
    assert targets == ["phu-van-5g"]


def test_the_letter_is_written_by_its_own_office(person: httpx.Client) -> None:
    answer = person.get(f"{API}/letter/draft/docx?as_of=2025-08-01")
    assert answer.status_code == 200, answer.text
    word = docx.Document(io.BytesIO(answer.content))
    cells = [cell for table in word.tables for row in table.rows for cell in row.cells]
    texts = [p.text for p in (*word.paragraphs, *(p for cell in cells for p in cell.paragraphs))]

    assert f"UBND TỈNH {NAME}".upper() in [text.upper() for text in texts]
    assert f"{NAME}, ngày … tháng … năm 2025" in texts
    assert f"Bảng 1. Số trạm BTS 4G, 5G trên địa bàn tỉnh {NAME}" in texts
    assert "Kính gửi: Cục Viễn thông (mô phỏng)" in texts
    assert not [text for text in texts if _STRANGE.search(fold(text))]


def test_the_checks_ask_for_no_merger_and_no_printed_letter(product: Product) -> None:
    findings = json.loads(product.tram("check", "--as-of", "2025-08-01", "--json"))
    refused = product.tram("check", "--original", code=2)

    held = {finding["code"]: finding["holds"] for finding in findings}
    assert held["C19"] is held["C20"] is True
    assert f"There is no printed letter of {NAME}" in refused


def test_an_example_of_a_place_lies_in_the_province(person: httpx.Client) -> None:
    page = person.get("/coverage/path?a=here&b=there").text

    assert "18.7000,105.8000" in page
    assert "108." not in page


def test_the_province_stays_when_the_setting_changes(product: Product) -> None:
    product.stop()
    product.environment["TRAM_REGISTRY_PROVINCE"] = "quang-ngai"
    product.start()

    with product.log_in() as api:
        organisations = [item["name"] for item in api.get("/organisations").json()["items"]]

    assert organisations[0] == f"UBND tỉnh {NAME}"
    assert not any(QUANG_NGAI.name in name for name in organisations)


def test_a_restored_backup_is_of_the_same_province(product: Product, tmp_path: Path) -> None:
    secret = tmp_path / "passphrase"
    secret.write_text("một câu dễ nhớ\n")
    backup = str(tmp_path / "backup.tar")
    restored = Product(tmp_path / "restored")

    product.tram("backup", "--out", backup, "--passphrase-file", str(secret))
    restored.tram("restore", backup, "--passphrase-file", str(secret))

    assert open_installation(restored.data).province == INVENTED


def test_the_copy_is_whole_without_the_folder_that_it_came_from(product: Product) -> None:
    kept = {path.name: path.read_bytes() for path in (product.data / "province").iterdir()}

    assert kept == {path.name: path.read_bytes() for path in Path(INVENTED_FOLDER).iterdir()}
