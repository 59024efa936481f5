"""The platform's own figures for a letter: real devices by sector, and how steadily they report."""

from collections import defaultdict
from datetime import date

from tram.domain.days import DAY_MS, end_of_day_ms, local_day, start_of_day_ms
from tram.domain.sectors import SECTORS
from tram.fleet.store.serving.client import StoreClient
from tram.registry.devices.counts import RegisteredDevice, registered_devices
from tram.registry.kernel.database import Database
from tram.report.sources import DeviceFigures, SectorFigures

__all__ = ("PlatformCounts",)

# Vietnamese days with readings, of each device; a device's own clock decides on which day.
_ACTIVE_DAYS = """
    SELECT s.device AS device, uniqExact(intDiv(r.observed_at_ms - {start_ms:Int64}, {day_ms:Int64})) AS days
    FROM tram.readings AS r INNER JOIN tram.series AS s ON s.series = r.series
    WHERE r.observed_at_ms >= {start_ms:Int64} AND r.observed_at_ms <= {end_ms:Int64}
    GROUP BY device
"""


class PlatformCounts:
    """Counts what stands in the registry and, with a store, what reported to it."""

    def __init__(self, database: Database, store: StoreClient | None) -> None:
        self._database = database
        self._store = store

    async def figures(self, since: date, as_of: date) -> DeviceFigures:
        """Return the figures of a period; simulated devices are in no sector's count.

        Raises:
            Unavailable: if the store is there but does not answer.
        """
        registered = await registered_devices(self._database, end_of_day_ms(as_of))
        real = [device for device in registered if not device.synthetic]
        days = await self._active_days(since, as_of) if real else None
        return DeviceFigures(
            sectors=[
                _sector(sector, [d for d in real if d.sector == sector], days, (since, as_of))
                for sector in SECTORS
                if any(d.sector == sector for d in real)
            ],
            synthetic=len(registered) - len(real),
        )

    async def _active_days(self, since: date, as_of: date) -> dict[int, int] | None:
        """Return how many days each device reported on, or None where there is no store."""
        if self._store is None:
            return None
        found = await self._store.sql(
            _ACTIVE_DAYS,
            {
                "start_ms": start_of_day_ms(since),
                "end_ms": end_of_day_ms(as_of),
                "day_ms": DAY_MS,
            },
        )
        if not found.num_rows:
            return defaultdict(int)
        pairs = zip(found["device"].to_pylist(), found["days"].to_pylist(), strict=True)
        return defaultdict(int, pairs)


def _sector(
    sector: str,
    devices: list[RegisteredDevice],
    days: dict[int, int] | None,
    period: tuple[date, date],
) -> SectorFigures:
    since, as_of = period
    places = {(d.lon, d.lat) for d in devices if d.lon is not None and d.lat is not None}
    registered = {d.id: (as_of - max(since, local_day(d.created_ms))).days + 1 for d in devices}
    active = None if days is None else sum(min(days[d], n) for d, n in registered.items())
    return SectorFigures(
        sector=sector,
        places=len(places),
        devices=len(devices),
        registered_days=sum(registered.values()),
        active_days=active,
    )
