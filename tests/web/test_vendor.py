"""What was vendored lies here unchanged, with its licence, and is what the pages ask for."""

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest

from tests.api.province import Client
from tests.repository import TESTS
from tools import vendor
from tram.web.assets import STATIC_FOLDER, load_assets

FOLDERS = (STATIC_FOLDER / "vendor", TESTS / "browser" / "vendor")
OUR_FILES = sorted(STATIC_FOLDER.glob("js/*.js")) + sorted(STATIC_FOLDER.glob("css/*.css"))
TEMPLATES = sorted((STATIC_FOLDER.parent / "templates").rglob("*.html"))
SVG_NAMESPACE = "http://www.w3.org/2000/svg"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
def test_every_vendored_file_has_the_hash_in_the_lock(folder: Path) -> None:
    lock = json.loads((folder / "vendor.lock.json").read_text())
    found = {
        f"{package['name']}/{package['version']}/{name}": stated
        for package in lock
        for name, stated in package["files"].items()
    }

    lying = {
        path.relative_to(folder).as_posix(): "sha512-"
        + base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "vendor.lock.json"
    }

    assert lying == found
    assert all("LICENSE.txt" in package["files"] for package in lock)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
def test_the_lock_names_no_host(folder: Path) -> None:
    assert "://" not in (folder / "vendor.lock.json").read_text()


async def test_scripts_and_sheets_ask_for_the_vendored_versions(guest: Client) -> None:
    assets = load_assets({})
    served = [
        (await guest.get(assets.own(path.relative_to(STATIC_FOLDER).as_posix()))).text
        for path in OUR_FILES
    ]
    asked = [
        found
        for text in served
        for found in re.findall(r"/static/vendor/([\w.-]+)/([\w.-]+)/", text)
    ]

    assert asked
    assert all(assets.vendored[name] == version for name, version in asked)
    assert not [
        text for text in served if re.search(r"/static/vendor/[\w.-]+/[\w.-]+[\"')]", text)
    ]


def test_a_version_is_pinned_and_locked_and_named_nowhere_else() -> None:
    pinned = {package.folder: package.version for package in vendor.FOR_THE_PRODUCT}
    versions = re.compile("|".join(map(re.escape, pinned.values())))

    assert load_assets({}).vendored == pinned
    assert [p.name for p in OUR_FILES + TEMPLATES if versions.search(p.read_text())] == []


@pytest.mark.parametrize("path", OUR_FILES + TEMPLATES, ids=lambda path: path.name)
def test_no_page_asks_another_host(path: Path) -> None:
    text = path.read_text().replace(SVG_NAMESPACE, "")

    assert re.findall(r"(?:https?:)?//[a-z0-9][\w.-]+\.[a-z]{2,}", text) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_needs_what_the_policy_forbids(path: Path) -> None:
    text = path.read_text()

    assert re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", text) == []
    assert re.findall(r"\s(?:style|on[a-z]+)=", text) == []
    assert "|safe" not in text.replace(" ", "")


def test_the_map_is_small_and_holds_land_only() -> None:
    text = (STATIC_FOLDER / "geo" / "coast.geojson").read_text()
    parts = {feature["properties"]["part"] for feature in json.loads(text)["features"]}

    assert len(text) < 200_000
    assert parts == {"land", "Hoàng Sa", "Trường Sa"}
    assert (STATIC_FOLDER / "geo" / "NOTICE.txt").exists()
