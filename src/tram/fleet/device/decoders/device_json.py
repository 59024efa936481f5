"""The JSON of the device API, on a free topic."""

from tram.fleet.device.decoder import Decoder
from tram.fleet.device.payload import decode_telemetry

__all__ = ("DECODER",)

DECODER = Decoder("json", lambda _options: decode_telemetry)
