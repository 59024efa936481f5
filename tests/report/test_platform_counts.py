"""The platform's own figures, counted by a real store over real readings."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from tests.fleet.store.conftest import NOW_MS, opened, timed
from tests.report.july import shipped_registry
from tram.domain.days import DAY_MS, local_day
from tram.registry.kernel.views import NewDevice
from tram.report.platform_counts import PlatformCounts
from tram.runtime.clock import ManualClock

TODAY = local_day(NOW_MS)
FIRST_DAY = TODAY - timedelta(days=3)


async def test_days_with_readings_are_a_share_of_the_days_registered(tmp_path: Path) -> None:
    registry, system, clock = await shipped_registry(tmp_path)
    assert isinstance(clock, ManualClock)
    clock.advance(NOW_MS - clock.now_ms() - 10 * DAY_MS)
    profile = (await registry.profiles.list(system))[0].id

    async def device(sector: str, lon: float, *, synthetic: bool = False) -> int:
        new = NewDevice(
            name="Trạm đo",
            org=system.org,
            profile=profile,
            sector=sector,
            lon=lon,
            lat=15.1,
            synthetic=synthetic,
        )
        return (await registry.devices.create(system, new))[0].id

    steady = await device("environment", 108.8)
    silent = await device("environment", 108.8)
    simulated = await device("energy", 108.9, synthetic=True)
    clock.advance(9 * DAY_MS)  # yesterday
    new = await device("traffic", 108.7)
    async with opened(tmp_path / "store") as store:
        for day in (0, 1, 1, 30):  # two days of the period, one long before it
            store.blocks.message(steady, timed("t", 1.0, NOW_MS - day * DAY_MS))
        store.blocks.message(new, timed("t", 1.0, NOW_MS))
        store.blocks.message(simulated, timed("t", 1.0, NOW_MS))
        store.blocks.send()
        await store.settled()

        figures = await PlatformCounts(registry.database, store.client).figures(FIRST_DAY, TODAY)
        before = await PlatformCounts(registry.database, store.client).figures(
            FIRST_DAY - timedelta(days=60), FIRST_DAY - timedelta(days=30)
        )
    await registry.close()

    by_sector = {sector.sector: sector for sector in figures.sectors}
    assert list(by_sector) == ["environment", "traffic"]
    environment, traffic = by_sector["environment"], by_sector["traffic"]
    assert (environment.devices, environment.places) == (2, 1)
    assert environment.active_percent == Decimal(25)  # 2 of 2 × 4 days; one never reported
    assert traffic.active_percent == Decimal(50)  # registered yesterday, reported today
    assert figures.active_percent == Decimal(30)  # 3 of 10 days
    assert figures.synthetic == 1
    assert (before.devices, before.synthetic) == (0, 0)
    assert silent
