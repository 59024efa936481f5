"""SenML in JSON (RFC 8428): records with base values, resolved as chapter 4.6 says."""

from typing import Any, Final

from tram.fleet.device.decoder import Decoder
from tram.fleet.device.decoders.device_json import parse_json, payload_fault, rows_of
from tram.fleet.device.rows import Row

__all__ = ("DECODER",)

VERSION: Final = 10
RELATIVE_BELOW_S: Final = 2**28
"""Times below this number of seconds are relative to now (RFC 8428, 4.5.3)."""
_LARGEST: Final = 10**300
"""A whole number beyond this fits no calculation with a base value or a base time."""
_VALUES: Final = ("v", "vs", "vb", "vd")


def decode_senml(payload: bytes, now_ms: int) -> list[Row]:
    """Return the rows of a pack; units are the profile's matter.

    Raises:
        Refused: ``payload.not_json`` or ``payload.wrong``.
    """
    pack = parse_json(payload)
    if not isinstance(pack, list) or not all(isinstance(record, dict) for record in pack):
        raise payload_fault("", "senml.pack")
    base: dict[str, Any] = {"bn": "", "bt": 0, "bv": 0}
    items: list[object] = []
    for place, record in enumerate(pack):
        _check(record, place)
        base.update({key: value for key, value in record.items() if key in base})
        name = base["bn"] + record.get("n", "")
        value = _value(record, base["bv"])
        if value is not None:
            items.append({"ts": _time_ms(base, record, now_ms), "values": {name: value}})
    return rows_of(items, now_ms)


def _check(record: dict[str, Any], place: int) -> None:
    if record.get("bver", VERSION) > VERSION if _is_number(record.get("bver", 0)) else True:
        raise payload_fault(f"[{place}].bver", "senml.version", most=VERSION)
    for key in ("bn", "n", "vs", "vd"):
        if not isinstance(record.get(key, ""), str):
            raise payload_fault(f"[{place}].{key}", "senml.text")
    for key in ("bt", "t", "bv", "v"):
        if not _is_number(record.get(key, 0)):
            raise payload_fault(f"[{place}].{key}", "senml.number")
    unknown = [key for key in record if key.endswith("_")]
    if unknown:  # RFC 8428, 4.4: what must be understood and is not
        raise payload_fault(f"[{place}].{unknown[0][:40]}", "senml.field")


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isinstance(value, float) or abs(value) <= _LARGEST


def _value(record: dict[str, Any], base: float) -> object:
    if "v" in record:
        return record["v"] + base if base else record["v"]
    for key in _VALUES[1:]:
        if key in record:
            found: object = record[key]
            return found
    return None


def _time_ms(base: dict[str, Any], record: dict[str, Any], now_ms: int) -> int:
    seconds: float = base["bt"] + record.get("t", 0)
    try:
        at_ms = round(seconds * 1000)
    except (OverflowError, ValueError):
        return -1
    return now_ms + at_ms if seconds < RELATIVE_BELOW_S else at_ms


DECODER: Final = Decoder("senml", lambda _options: decode_senml)
