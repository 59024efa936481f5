"""A first message to paste: the metrics of the device's own profile with plausible values."""

import json
from collections.abc import Sequence

from tram.api.devices.profiles import MetricView

__all__ = ("sample_payload",)

_METRICS_MAX = 2
_FALLBACK = {"temperature": 27.4}
_BY_UNIT = {
    "Cel": 27.4, "%": 61.5, "[pH]": 7.2, "mg/L": 4.8, "ug/m3": 18.3, "kW": 12.6, "kW.h": 1520.4,
    "V": 229.8, "A": 4.2, "m3/h": 35.1, "dB": 54.0, "1": 1, "km/h": 42.0, "hPa": 1008.2, "lx": 820.0,
}  # fmt: skip
_ANY_VALUE = 12.3


def sample_payload(metrics: Sequence[MetricView]) -> str:
    """Return a JSON object with the first metrics of a profile."""
    values = {item.key: _BY_UNIT.get(item.unit, _ANY_VALUE) for item in metrics[:_METRICS_MAX]}
    return json.dumps(values or _FALLBACK)
