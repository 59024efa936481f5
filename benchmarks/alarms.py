"""How quickly the console answers over a million alarms: ``python -m benchmarks.alarms --json``.

Each question is one page of fifty with its count, asked through the console as pages ask it, on
SQLite. ``filter_1m_ms`` is the slowest question's median; CPU time stands beside it.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import insert
from tests.provinces import QUANG_NGAI

from tram.domain.ids import OrgId
from tram.fleet.alarms.alarms import Alarms
from tram.fleet.alarms.console.alarm_filter import AlarmFilter
from tram.fleet.alarms.tables import alarm_tallies, alarms
from tram.fleet.alarms.views import NewRule, RuleContent
from tram.fleet.rules.kinds import Limit
from tram.registry.kernel.viewer import PERMISSIONS, Scope, Viewer, system_viewer
from tram.registry.kernel.views import NewOrganisation
from tram.registry.registry import Registry
from tram.runtime.clock import SystemClock

__all__ = ("main",)

KEY = b"a key of thirty-two bytes, really"
DEVICES = 2_000
ORGS = 20
BATCH = 5_000
SECTORS = ("environment", "agriculture", "traffic", "energy", "safety")
QUESTIONS: dict[str, AlarmFilter] = {
    "open": AlarmFilter(),
    "active critical": AlarmFilter(state="active", severity="critical"),
    "all": AlarmFilter(state="all"),
    "cleared, energy": AlarmFilter(state="cleared", sector="energy"),
    "one device": AlarmFilter(state="all", device=7),
    "one rule": AlarmFilter(rule=1),
    "search": AlarmFilter(search="thiet bi 77"),
    "search, all": AlarmFilter(state="all", search="thiet bi 77"),
    "search of every device": AlarmFilter(state="all", search="thiet"),
}


async def fill(registry: Registry, viewer: Viewer, register: Alarms, count: int) -> list[int]:
    """Make the alarms, most of them over, as after years; return the organisations."""
    rng = random.Random(1)  # data of a benchmark
    orgs = []
    for number in range(ORGS):
        new = NewOrganisation(
            parent=viewer.org, kind="enterprise", name=f"Công ty {number}", code=f"C{number}"
        )
        orgs.append(int((await registry.organisations.create(viewer, new)).id))
        await registry.seed_devices(
            viewer, DEVICES // ORGS, org=OrgId(orgs[-1]), sink=lambda _some: None
        )
    spec = RuleContent(spec=Limit(metric="v", high=1.0))
    for number in range(10):
        await register.rules.create(
            viewer, NewRule(name=f"Luật {number}", severity="major", content=spec)
        )
    tallies: dict[tuple[Any, ...], int] = {}
    for start in range(1, count + 1, BATCH):
        lines = [_line(rng, number, orgs) for number in range(start, start + BATCH)]
        for line in lines:
            key = (line["org_id"], 0, line["sector"], line["severity"], line["state"], 0)
            tallies[key] = tallies.get(key, 0) + 1
        async with registry.database.write() as connection:
            await connection.execute(insert(alarms), lines)
    names = ("org_id", "zone_id", "sector", "severity", "state", "is_held")
    async with registry.database.write() as connection:
        await connection.execute(
            insert(alarm_tallies),
            [dict(zip(names, key, strict=True)) | {"count": n} for key, n in tallies.items()],
        )
    return orgs


def _line(rng: random.Random, number: int, orgs: list[int]) -> dict[str, Any]:
    state = rng.choices((0, 1, 2, 3), (1, 1, 2, 96))[0]
    device = rng.randrange(1, DEVICES + 1)
    at_ms = 1_700_000_000_000 + number * 1_000
    return {
        "id": number, "rule_id": rng.randrange(1, 11), "rule_version": 1, "device_id": device,
        "org_id": orgs[(device - 1) * ORGS // DEVICES], "zone_id": None,
        "sector": SECTORS[device % len(SECTORS)], "severity": rng.randrange(4), "state": state,
        "held": "", "retro": False, "drill": False, "started_ms": at_ms, "episode_ms": at_ms,
        "raised_ms": at_ms, "ended_ms": None, "acked_ms": None, "acked_by": "", "count": 1,
        "value": 2.0, "assignee_id": None, "incident_id": None, "parent_id": None,
        "shelved_until_ms": None, "next_step": 0, "next_ms": None, "log_seq": number,
    }  # fmt: skip


async def ask(register: Alarms, viewer: Viewer, times: int) -> dict[str, tuple[float, float]]:
    """Return the median milliseconds and CPU milliseconds of each question."""
    figures = {}
    for name, wanted in QUESTIONS.items():
        walls, used = [], []
        for _ in range(times):
            start_s, cpu_s = time.monotonic(), time.process_time()
            page = await register.console.page(viewer, wanted)
            if page.next_after:
                await register.console.page(viewer, wanted, after=page.next_after)
            walls.append(1000 * (time.monotonic() - start_s))
            used.append(1000 * (time.process_time() - cpu_s))
        figures[name] = (statistics.median(walls), statistics.median(used))
    return figures


async def run(count: int, times: int, folder: Path) -> dict[str, float]:
    """Fill a database and ask it, as the whole province and as one organisation."""
    clock = SystemClock()
    registry = await Registry.open(
        f"sqlite+aiosqlite:///{folder / 'r.db'}", clock, KEY, QUANG_NGAI
    )
    viewer = system_viewer(await registry.seed_base())
    register = Alarms(registry.database, clock, KEY)
    orgs = await fill(registry, viewer, register, count)
    one = Viewer(None, OrgId(orgs[3]), "one", (Scope(OrgId(orgs[3]), None, None, PERMISSIONS),))
    figures: dict[str, float] = {"alarms": count}
    slowest = slowest_cpu = 0.0
    for who, asker in (("province", viewer), ("organisation", one)):
        for name, (wall, used) in (await ask(register, asker, times)).items():
            figures[f"{who}: {name} ms"] = round(wall, 1)
            slowest, slowest_cpu = max(slowest, wall), max(slowest_cpu, used)
    figures["filter_1m_ms"] = round(slowest, 1)
    figures["filter_1m_cpu_ms"] = round(slowest_cpu, 1)
    await registry.close()
    return figures


def main() -> None:
    """Print the figures; each question is two pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alarms", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(run(asked.alarms, asked.times, Path(folder)))
    if asked.json:
        print(msgspec.json.encode(figures).decode())
    else:
        for name, value in figures.items():
            print(f"{name:36}{value:>12}")


if __name__ == "__main__":
    main()
