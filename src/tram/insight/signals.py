"""Signal that devices report, as measurements: by metric keys that any device may send.

``rsrp_dbm`` (or ``rsrp``) number, ``operator`` the operator's code, ``band`` like ``n78``,
``indoor`` true or false, ``position_accuracy_m`` number. A device without them takes no part.
"""

import asyncio
from collections.abc import Mapping, Sequence

from tram.domain.reading import Value
from tram.fleet.store.client import StoreClient
from tram.insight.drive_test import Measurement
from tram.registry.viewer import Viewer
from tram.registry.views import DevicePosition

__all__ = ("measurements_of", "read_signals")

_ASKED_AT_ONCE = 16
DEVICES_MAX = 2_000
_LEVELS = ("rsrp_dbm", "rsrp")


async def read_signals(
    store: StoreClient, viewer: Viewer, devices: Sequence[DevicePosition]
) -> list[Measurement]:
    """Return the newest signal of the devices that report one; at most 2,000 are asked."""
    gate = asyncio.Semaphore(_ASKED_AT_ONCE)
    found: list[Measurement] = []

    async def ask(device: DevicePosition) -> None:
        async with gate:
            latest = await store.latest(viewer, device.id)
        values = {item.metric: item.value for item in latest}
        times = {item.metric: item.observed_at_ms for item in latest}
        found.extend(measurements_of(device, values, times))

    async with asyncio.TaskGroup() as group:
        for device in devices[:DEVICES_MAX]:
            group.create_task(ask(device))
    return sorted(found, key=lambda item: item.device)


def measurements_of(
    device: DevicePosition, values: Mapping[str, Value], times: Mapping[str, int]
) -> list[Measurement]:
    """Return a device's measurement, or nothing where it does not say enough."""
    key = next((name for name in _LEVELS if _is_number(values.get(name))), None)
    operator, band = values.get("operator"), values.get("band")
    if key is None or not isinstance(operator, str) or not isinstance(band, str):
        return []
    indoor, accuracy = values.get("indoor"), values.get("position_accuracy_m")
    return [
        Measurement(
            device=device.id,
            name=device.name,
            lon=device.lon,
            lat=device.lat,
            operator=operator.upper(),
            band=band.lower(),
            rsrp_dbm=float(values[key]),  # a number, as just seen
            at_ms=times[key],
            is_indoor=indoor if isinstance(indoor, bool) else None,
            accuracy_m=float(accuracy) if _is_number(accuracy) else None,  # type: ignore[arg-type]
            synthetic=device.synthetic,
        )
    ]


def _is_number(value: Value | None) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
