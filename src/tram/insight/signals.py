"""Signal that devices report, as measurements: by metric keys that any device may send.

``rsrp_dbm`` (or ``rsrp``) number, ``operator`` the operator's code, ``band`` like ``n78`` (or its
number, with ``technology``), ``indoor`` true or false, ``position_accuracy_m`` number;
``technology`` like ``5G`` or ``NR``. A device without the first three takes no part.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from tram.domain.reading import Value, value_of
from tram.fleet.store.queries.questions import LatestColumns
from tram.fleet.store.serving.client import StoreClient
from tram.insight.drive_test import Measurement
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import DevicePosition

__all__ = ("measurements_of", "read_signals")

_LEVELS = ("rsrp_dbm", "rsrp")
_WORDS = ("operator", "band", "technology", "indoor", "position_accuracy_m")
_TECHNOLOGIES = {"5g": "5G", "nr": "5G", "4g": "4G", "lte": "4G", "lte-m": "4G", "nb-iot": "4G"}
_LETTERS = {"5G": "n", "4G": "b"}


async def read_signals(
    store: StoreClient, viewer: Viewer, devices: Sequence[DevicePosition]
) -> list[Measurement]:
    """Return the newest signal of the devices that report one, by one question to the store."""
    latest = await store.ask(viewer, LatestColumns([*_LEVELS, *_WORDS]))
    values: dict[int, dict[str, Value]] = defaultdict(dict)
    times: dict[int, dict[str, int]] = defaultdict(dict)
    for row in latest.to_pylist():
        device, metric = row["device"], row["metric"]
        values[device][metric] = value_of(row["kind"], row["f"], row["i"], row["s"])
        times[device][metric] = row["observed_at_ms"]
    found: list[Measurement] = []
    for device in devices:
        if device.id in values:
            found += measurements_of(device, values[device.id], times[device.id])
    return sorted(found, key=lambda item: item.device)


def measurements_of(
    device: DevicePosition, values: Mapping[str, Value], times: Mapping[str, int]
) -> list[Measurement]:
    """Return a device's measurement, or nothing where it does not say enough."""
    key = next((name for name in _LEVELS if _is_number(values.get(name))), None)
    operator = values.get("operator")
    technology = _TECHNOLOGIES.get(str(values.get("technology", "")).lower(), "")
    band = _band_of(values.get("band"), technology)
    if key is None or not isinstance(operator, str) or not band:
        return []
    indoor, accuracy = values.get("indoor"), values.get("position_accuracy_m")
    return [
        Measurement(
            device=device.id,
            name=device.name,
            lon=device.lon,
            lat=device.lat,
            operator=operator.upper(),
            band=band,
            technology=technology,
            rsrp_dbm=float(values[key]),  # a number, as just seen
            at_ms=times[key],
            is_indoor=indoor if isinstance(indoor, bool) else None,
            accuracy_m=float(accuracy) if _is_number(accuracy) else None,  # type: ignore[arg-type]
            synthetic=device.synthetic,
        )
    ]


def _band_of(value: Value | None, technology: str) -> str:
    """Return a band's name: as told, or a number with the letter of the technology."""
    if value is None or isinstance(value, bool):
        return ""
    word = str(int(value)) if isinstance(value, float) else str(value).strip().lower()
    return _LETTERS.get(technology, "") + word if word.isdigit() else word


def _is_number(value: Value | None) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
