"""Which devices stood on a day in the whole province, for official figures.

An official figure does not depend on who asks: there is no viewer here. Callers give out sums only.
"""

import msgspec
from sqlalchemy import or_, select

from tram.registry.kernel.database import Database, columns_of, fields_of
from tram.registry.kernel.tables import devices

__all__ = ("RegisteredDevice", "registered_devices")


class RegisteredDevice(msgspec.Struct, frozen=True, kw_only=True):
    """A device that was registered, and not yet removed, at some moment (times in epoch ms)."""

    id: int
    sector: str
    lon: float | None
    lat: float | None
    synthetic: bool
    created_ms: int


async def registered_devices(database: Database, at_ms: int) -> list[RegisteredDevice]:
    """Return the devices that stood at a moment, simulated ones too, by number."""
    statement = (
        select(*columns_of(RegisteredDevice, devices))
        .where(
            devices.c.created_ms <= at_ms,
            or_(devices.c.removed_ms.is_(None), devices.c.removed_ms > at_ms),
        )
        .order_by(devices.c.id)
    )
    async with database.read() as connection:
        return [RegisteredDevice(**fields_of(row)) for row in await connection.execute(statement)]
