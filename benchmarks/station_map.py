"""10,000 stations on the map and against 60 zones: ``python -m benchmarks.station_map --stations 10000``.

The processor time of the process that serves pages, by request; and in a browser the time that the
page's own scripts and its main thread spend for one move of the map. Drawing is by software on a
machine without a graphics card: it happens in another process and is not part of either figure.
"""

import argparse
import csv
import io
import json
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import CDPSession, Page, ViewportSize, sync_playwright
from tests.browser.conftest import CHROMIUM_FLAGS, PATIENCE_S, PERSON
from tests.product import Product, wait_until

from benchmarks.cpu import cpu_seconds

REPEATS = 15
VIEW: ViewportSize = {"width": 1440, "height": 900}
MOVES = 40
_HEADERS = (
    *("Mã trạm", "Doanh nghiệp", "Công nghệ", "Tên trạm", "Trạng thái", "Ngày phát sóng"),
    *("Kinh độ", "Vĩ độ", "Băng tần"),
)
_WEST, _SOUTH, _WIDE, _HIGH = 107.3, 14.0, 1.9, 1.4
_REQUESTS = {
    "points for the map": "/map/stations",
    "points of one view": "/map/stations?bbox=108.7,15.0,109.0,15.3",
    "matrix, inside": "/presence/zones?rule=inside",
    "matrix, within 1 km": "/presence/zones?rule=within&distance_m=1000",
    "matrix, covered": "/presence/zones?rule=covered",
    "communes": "/presence/communes",
    "overview": "/overview",
    "list, first page": "/stations?limit=100",
    "list as of a day": "/stations?limit=100&as_of=2025-06-30",
}


def a_list(stations: int) -> bytes:
    """Return stations spread evenly over the province as CSV."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(_HEADERS)
    across = round(stations**0.5)
    for number in range(stations):
        column, line = number % across, number // across
        place = _WEST + _WIDE * column / across, _SOUTH + _HIGH * line / across
        operator, technology = (
            ("MobiFone", "VNPT", "Viettel")[number % 3],
            ("4G", "5G")[number % 2],
        )
        words = [f"Q{number:06}", operator, technology, f"Trạm số {number}", "đang phát sóng"]
        writer.writerow([*words, "01/03/2024", f"{place[0]:.6f}", f"{place[1]:.6f}", "n78"])
    return target.getvalue().encode()


def bring(client: httpx.Client, data: bytes) -> None:
    """Import a list as a person does."""
    item = client.post("/imports", params={"name": "list.csv"}, content=data).json()
    for step, state in (("plan", "checked"), ("write", "done")):
        where = f"/imports/{item['id']}"
        if step == "plan":
            client.put(f"{where}/plan", json=item["plan"]).raise_for_status()
        else:
            client.post(f"{where}/write").raise_for_status()
        wait_until(lambda: client.get(where).json()["state"] == state, state, 600)  # noqa: B023  # at once


def more_zones(product: Product, many: int) -> None:
    """Add zones until there are so many, each with a place and an area, straight into the table."""
    with sqlite3.connect(product.data / "registry.db") as database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(zones)")]
        there = database.execute("SELECT count(*) FROM zones").fetchone()[0]
        row = database.execute("SELECT * FROM zones WHERE lon IS NOT NULL LIMIT 1").fetchone()
        for number in range(there, many):
            place = {"lon": _WEST + _WIDE * number / many, "lat": _SOUTH + _HIGH * number / many}
            new = {**dict(zip(columns, row, strict=True)), **place, "area_ha": 300.0}
            new |= {"id": number + 1_000, "code": f"B-{number}"}
            marks = ", ".join("?" for _ in columns)
            database.execute(
                f"INSERT INTO zones VALUES ({marks})", [new[c] for c in columns]
            )  # marks only


def requests(product: Product, client: httpx.Client) -> dict[str, Any]:
    """Return milliseconds of processor and by the clock, and kilobytes, for each request."""
    found = {}
    for name, path in _REQUESTS.items():
        answer = client.get(path).raise_for_status()
        walls = []
        before = cpu_seconds(product.pids["web"])
        for _ in range(REPEATS):
            began = time.perf_counter()
            answer = client.get(path)
            walls.append((time.perf_counter() - began) * 1000)
        spent_ms = (cpu_seconds(product.pids["web"]) - before) * 1000 / REPEATS
        found[name] = {
            "cpu_ms": round(spent_ms, 1),
            "wall_ms_p50": round(statistics.median(walls), 1),
            "kb": round(len(answer.content) / 1024, 1),
        }
    return found


def moves(product: Product) -> dict[str, Any]:
    """Return milliseconds of script and of the page's main thread for each move of the map."""
    with sync_playwright() as playwright:
        path = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        page = browser.new_page(viewport=VIEW)
        page.goto(f"{product.web_url}/login")
        page.fill("[name=login]", PERSON)
        page.fill("[name=password]", product.log_ins()[PERSON])
        page.click("button.main")
        found = {name: _moves(page, product, zoom) for name, zoom in _VIEWS.items()}
        browser.close()
    return found


_VIEWS = {"province, clusters": 9.0, "district, clusters": 10.8, "town, single stations": 12.5}
_MOVE = """(by) => new Promise((done) => {
  const map = document.getElementById('map').map;
  map.once('moveend', () => requestAnimationFrame(() => done(true)));
  map.panBy(by, { duration: 300 });
})"""


def _moves(page: Page, product: Product, zoom: float) -> dict[str, Any]:
    page.goto(f"{product.web_url}/map?layer=stations&lon=108.4&lat=14.7&zoom={zoom}")
    ready = "document.getElementById('map').dataset.ready === 'yes'"
    drawn = "document.getElementById('map').map.queryRenderedFeatures({layers: ['stations', 'station-clusters']}).length > 3"
    for condition in (ready, drawn):
        wait_until(_holds(page, condition), condition, PATIENCE_S * 6)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    before = _metrics(session)
    for number in range(MOVES):
        page.evaluate(_MOVE, [120 if number % 4 < 2 else -120, 60 if number % 2 else -60])
    after = _metrics(session)
    spent = {name: (after[name] - before[name]) * 1000 / MOVES for name in before}
    return {name: round(value, 1) for name, value in spent.items()}


def _holds(page: Page, condition: str) -> Callable[[], bool]:
    def settle() -> bool:
        page.wait_for_timeout(100)
        return bool(page.evaluate(condition))

    return settle


def _metrics(session: CDPSession) -> dict[str, float]:
    wanted = {"ScriptDuration": "script_ms", "TaskDuration": "main_thread_ms"}
    listed = session.send("Performance.getMetrics")["metrics"]
    return {wanted[m["name"]]: m["value"] for m in listed if m["name"] in wanted}


def main() -> None:
    """Read the options, start the product, measure, print one object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stations", type=int, default=10_000)
    parser.add_argument("--zones", type=int, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Product(Path(folder) / "data") as product:
        more_zones(product, options.zones)
        with product.log_in() as client:
            client.timeout = httpx.Timeout(120)
            bring(client, a_list(options.stations))
            zones = len(client.get("/zones", params={"limit": 200}).json()["items"])
            found = {
                "stations": options.stations,
                "zones": zones,
                "requests": requests(product, client),
                "moves": moves(product),
            }
    sys.stdout.write(json.dumps(found, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
