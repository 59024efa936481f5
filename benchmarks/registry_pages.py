"""Pages of lists as a browser gets them, from a whole product with a million devices.

``python -m benchmarks.registry_pages --devices 1000000 --orgs 10000 --json``

The product is started once for its folder and keys, its registry filled while it stands still, and
started again; an administrator then asks each page seven times.
"""

import asyncio
import json
import statistics
import tempfile
import time
from pathlib import Path

import httpx
from tests.product import Product
from tests.provinces import QUANG_NGAI

from benchmarks.registry import KEY, REPEATS, asked, fill
from tram.registry.registry import Registry
from tram.runtime.clock import SystemClock

API = "/api/platform/v1"
PERSON = "quantri"
PATIENCE_S = 60
PAGES = (
    "/devices",
    "/devices?sector=energy",
    "/devices?search=tram+do",
    "/devices?search=do",
    "/devices?search=khong+co",
    "/people",
    "/organisations",
    "/sharing",
    "/sharing/groups",
    "/journal",
    "/alarms",
    f"{API}/devices",
    f"{API}/devices?search=tram",
    f"{API}/organisations",
    f"{API}/people",
    f"{API}/audit",
)


def measure(folder: Path, devices: int, orgs: int) -> dict[str, dict[str, float]]:
    """Return median and slowest time of each page, in milliseconds."""
    product = Product(folder)
    product.start()
    product.stop()
    asyncio.run(_fill(folder / "registry.db", devices, orgs))
    try:
        product.start()
        with httpx.Client(base_url=product.web_url, timeout=PATIENCE_S) as client:
            form = {"login": PERSON, "password": product.log_ins()[PERSON], "next": "/"}
            client.post("/login", data=form)
            client.get("/")  # the gateway and the store have taken the devices in
            return {page: _asked(client, page) for page in PAGES}
    finally:
        product.stop()


async def _fill(database: Path, devices: int, orgs: int) -> None:
    registry = await Registry.open(
        f"sqlite+aiosqlite:///{database}", SystemClock(), KEY, QUANG_NGAI
    )
    await fill(registry, await registry.seed_base(), devices, orgs)
    await registry.close()


def _asked(client: httpx.Client, page: str) -> dict[str, float]:
    walls = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        client.get(page).raise_for_status()
        walls.append((time.perf_counter() - start) * 1000)
    return {"median": round(statistics.median(walls), 1), "max": round(max(walls), 1)}


def main() -> None:
    """Measure and print."""
    given = asked(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder) / "data", given.devices, given.orgs)
    if given.json:
        print(json.dumps(figures))
        return
    for page, times in figures.items():
        print(f"{page:40} {times['median']:8.1f} ms, slowest {times['max']:.1f}")


if __name__ == "__main__":
    main()
