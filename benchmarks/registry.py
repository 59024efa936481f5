"""The registry at the size of a country: pages of lists, folded search, the look-up of a connect.

``python -m benchmarks.registry --devices 1000000 --orgs 10000 --json``
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from pathlib import Path

from sqlalchemy import insert, select
from tests.provinces import QUANG_NGAI

from tram.domain.ids import OrgId, ZoneId
from tram.domain.text import fold
from tram.registry.kernel.tables import (
    credentials,
    devices,
    org_closure,
    organisations,
    profiles,
    zones,
)
from tram.registry.kernel.viewer import PERMISSIONS, Scope, Viewer, system_viewer
from tram.registry.registry import Registry
from tram.runtime.clock import SystemClock

KEY = b"a key of the benchmark, 32 bytes"
BATCH = 5_000
REPEATS = 7
WORDS = ("trạm đo", "máy bơm", "cảm biến", "đèn đường", "công tơ")


async def fill(registry: Registry, root: OrgId, many: int, orgs: int) -> None:
    """Write organisations and devices straight into the tables: seeding is not what is measured."""
    numbers = []
    async with registry.database.write() as connection:
        profile = (await connection.execute(select(profiles.c.id).limit(1))).scalar_one()
        places = (
            (await connection.execute(select(zones.c.id).order_by(zones.c.id))).scalars().all()
        )
        for i in range(orgs):
            name = f"Hợp tác xã số {i:05d}"
            row = {"parent_id": root, "kind": "cooperative", "name": name, "folded": fold(name)}
            made = await connection.execute(
                insert(organisations).values(**row, code=f"B{i}").returning(organisations.c.id)
            )
            numbers.append(made.scalar_one())
        rows = [{"ancestor": org, "descendant": org, "depth": 0} for org in numbers]
        rows += [{"ancestor": root, "descendant": org, "depth": 1} for org in numbers]
        await connection.execute(insert(org_closure), rows)
    sectors = ("environment", "agriculture", "traffic", "energy", "safety")
    for start in range(0, many, BATCH):
        rows = []
        for i in range(start, min(start + BATCH, many)):
            name = f"{WORDS[i % 5].capitalize()} {i:07d}"
            rows.append(
                {
                    "id": i + 1,
                    "org_id": numbers[i % orgs],
                    "zone_id": places[i % orgs % len(places)],
                    "sector": sectors[i % 5],
                    "profile_id": profile,
                    "name": name,
                    "folded": fold(name),
                    "code": "",
                    "synthetic": True,
                    "created_ms": 0,
                }
            )
        async with registry.database.write() as connection:
            await connection.execute(insert(devices), rows)


async def timed(ask) -> dict[str, float]:  # noqa: ANN001  # a call without arguments
    """Return median and greatest wall time and the CPU time of one call, in milliseconds."""
    walls = []
    cpu_before = time.process_time()
    for _ in range(REPEATS):
        start = time.perf_counter()
        await ask()
        walls.append((time.perf_counter() - start) * 1000)
    cpu_ms = (time.process_time() - cpu_before) * 1000 / REPEATS
    return {
        "median": round(statistics.median(walls), 1),
        "max": round(max(walls), 1),
        "cpu": round(cpu_ms, 1),
    }


async def measure(many: int, orgs: int, folder: Path) -> dict[str, object]:
    """Fill a registry and return its figures."""
    registry = await Registry.open(
        f"sqlite+aiosqlite:///{folder}/registry.db", SystemClock(), KEY, QUANG_NGAI
    )
    root = await registry.seed_base()
    await fill(registry, root, many, orgs)
    whole = system_viewer(root)
    async with registry.database.read() as connection:
        some = select(organisations.c.id).where(organisations.c.code == "B7")
        org = OrgId((await connection.execute(some)).scalar_one())
        zone = ZoneId((await connection.execute(select(zones.c.id).limit(1))).scalar_one())
    own = Viewer(None, org, "own", (Scope(org, None, None, PERMISSIONS),))
    page = registry.devices.page
    middle = f"{many // 2:07d}"
    figures: dict[str, object] = {
        "devices": many,
        "organisations": orgs,
        "list_ms": {
            "province": await timed(lambda: page(whole)),
            "province, one sector": await timed(lambda: page(whole, sector="energy")),
            "province, one zone": await timed(lambda: page(whole, zone=zone)),
            "enterprise": await timed(lambda: page(own)),
            "devices by sector": await timed(lambda: registry.devices.counts(whole)),
            "devices by zone": await timed(lambda: registry.devices.counts_by_zone(whole)),
            "people": await timed(lambda: registry.people.page(whole)),
            "organisations": await timed(lambda: registry.organisations.tree(whole)),
            "audit": await timed(lambda: registry.audit.page(whole)),
        },
        "search_ms": {
            "rare": await timed(lambda: page(whole, search=f"tram do {middle}")),
            "frequent": await timed(lambda: page(whole, search="tram do")),
            "two letters": await timed(lambda: page(whole, search="do")),
            "nothing": await timed(lambda: page(whole, search="khong co")),
            "enterprise": await timed(lambda: page(own, search="bom")),
        },
        "connect_lookup_ms": await timed(lambda: _lookup(registry)),
    }
    await registry.close()
    return figures


async def _lookup(registry: Registry) -> None:
    async with registry.database.read() as connection:
        await connection.execute(select(credentials).where(credentials.c.digest == b"x" * 32))


def asked(about: str | None) -> argparse.Namespace:
    """Return the size that the command line asks for."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--devices", type=int, default=1_000_000)
    parser.add_argument("--orgs", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    given = asked(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(measure(given.devices, given.orgs, Path(folder)))
    print(json.dumps(figures, indent=None if given.json else 2, ensure_ascii=False))


if __name__ == "__main__":
    main()
