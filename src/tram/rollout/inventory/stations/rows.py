"""Rows of the stations' tables as structs."""

from tram.registry.kernel.database import AnyRow
from tram.rollout.inventory.stations.views import Sector

__all__ = ("sector_of",)


def sector_of(row: AnyRow) -> Sector:
    """Return a sector of its row."""
    return Sector(
        code=row.code,
        azimuth_deg=row.azimuth_deg,
        tilt_deg=row.tilt_deg,
        height_m=row.height_m,
        eirp_dbm=row.eirp_dbm,
        antenna=row.antenna,
        carrier_mhz=row.carrier_mhz,
        bandwidth_mhz=row.bandwidth_mhz,
    )
