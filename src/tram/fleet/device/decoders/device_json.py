"""The default decoder: JSON of the widespread device API to rows.

Telemetry comes as ``{"key": value, …}``, as ``{"ts": ms, "values": {…}}``, or as an array of either.
A message is taken whole or refused whole, with every fault of it named.
"""

import unicodedata
from typing import Final, NamedTuple

import msgspec

from tram.domain.bounds import MOMENT_MS_MAX, is_moment_ms
from tram.domain.reading import INTEGER_MAX, INTEGER_MIN, Quality, Status, Value
from tram.fleet.device.decoder import Decoder
from tram.fleet.device.limits import (
    AHEAD_MS_MAX,
    BEHIND_MS_MAX,
    FAULTS_MAX,
    FIELD_CHARS_MAX,
    KEY_CHARS_MAX,
    NESTED_MAX,
    TEXT_CHARS_MAX,
    VALUES_MAX,
)
from tram.fleet.device.rows import Row
from tram.runtime.errors import Fault, Refused
from tram.runtime.messages import Param

__all__ = (
    "DECODER",
    "Attribute",
    "decode_attributes",
    "decode_plain",
    "decode_telemetry",
    "is_plain_name",
    "parse_json",
    "rows_of",
)

NAMES_CACHED_MAX: Final = 10_000

# Plain integers: an enum member costs more at every use, and this is the hot path.
_MEASURING: Final = int(Status.MEASURING)
_GOOD: Final = int(Quality.GOOD)
_SERVER_TIMED: Final = int(Quality.SERVER_TIMED)
_CLOCK_FAR_OFF: Final = int(Quality.CLOCK_FAR_OFF)

_decode = msgspec.json.Decoder().decode
_new_row = tuple.__new__
_names: dict[str, str] = {}
"""Keys that were found good, to the one string object that all rows share."""
_plain_names: set[str] = set()
"""Those of them that are kept as they came."""
_FLOATS: Final = {float}
_NUMBERS: Final = {float, int, bool}


class Attribute(NamedTuple):
    """A fact that a device states about itself; ``json`` is its value as compact JSON."""

    name: str
    json: str


def decode_telemetry(payload: bytes, now_ms: int) -> list[Row]:
    """Return the rows of a message; values without a time get ``now_ms`` and SERVER_TIMED.

    Raises:
        Refused: ``payload.not_json`` or ``payload.wrong``, with all faults.
    """
    plain = decode_plain(payload, now_ms)
    if plain is not None:
        values, at_ms, quality = plain
        return [
            _new_row(Row, (name, at_ms, value, _MEASURING, quality))
            for name, value in values.items()
        ]
    return _Reading(now_ms).rows_of(parse_json(payload))


def decode_plain(payload: bytes, now_ms: int) -> tuple[dict[str, Value], int, int] | None:
    """Return values, time and quality where every key is known and nothing needs a closer look.

    None means: ask ``decode_telemetry``, which looks at every field and names every fault.
    """
    try:
        values = document = _decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    at_ms, quality = now_ms, _SERVER_TIMED
    if type(document) is dict and "ts" in document:
        at_ms, quality = document["ts"], _GOOD
        values = document.get("values")
        if (
            len(document) != 2  # noqa: PLR2004  # exactly ts and values
            or type(at_ms) is not int
            or not now_ms - BEHIND_MS_MAX <= at_ms <= now_ms + AHEAD_MS_MAX
        ):
            return None
    return (values, at_ms, quality) if _all_plain(values) else None


def is_plain_name(key: str) -> bool:
    """Tell whether a key was found good and is kept as it came."""
    return key in _plain_names


def _all_plain(values: object) -> bool:
    """Tell whether these are known keys with values that may be stored as they are."""
    if type(values) is not dict or not 0 < len(values) <= VALUES_MAX:
        return False
    if not values.keys() <= _plain_names:
        return False
    found = values.values()
    kinds = set(map(type, found))
    if kinds == _FLOATS:
        return True
    if kinds <= _NUMBERS:  # a float beyond both limits is looked at more closely
        return bool(min(found) >= INTEGER_MIN and max(found) <= INTEGER_MAX)
    return all(map(_is_plain, found))


def decode_attributes(payload: bytes) -> list[Attribute]:
    """Return the attributes of a message, which must be one JSON object.

    Raises:
        Refused: ``payload.not_json`` or ``payload.wrong``, with all faults.
    """
    document = parse_json(payload)
    reading = _Reading(0)
    if not isinstance(document, dict) or not document:
        reading.note("", "attributes.shape")
        raise reading.refusal()
    if len(document) > VALUES_MAX:
        reading.note("", "payload.values", most=VALUES_MAX)
        raise reading.refusal()
    attributes = []
    for key, value in document.items():
        name = reading.name(key, "")
        unfit = _unfit(value)
        text = "" if unfit else msgspec.json.encode(value).decode()
        if unfit:
            reading.note(key, "payload.unfit", problem=unfit)
        elif value is None:
            reading.note(key, "payload.null")
        elif len(text) > TEXT_CHARS_MAX:
            reading.note(key, "payload.value_long", most=TEXT_CHARS_MAX)
        attributes.append(Attribute(name, text))
    reading.check()
    return attributes


def rows_of(document: object, now_ms: int) -> list[Row]:
    """Return the rows of a document of the device API's form.

    Raises:
        Refused: ``payload.wrong``, with all faults.
    """
    return _Reading(now_ms).rows_of(document)


def parse_json(payload: bytes) -> object:
    """Return a JSON document.

    Raises:
        Refused: ``payload.not_json``.
    """
    try:
        document: object = _decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused(
            "payload.not_json",
            f"The payload is not valid JSON: {error}.",
            "Send UTF-8 JSON; NaN and Infinity are not JSON numbers.",
        ) from None
    except RecursionError:
        raise Refused(
            "payload.not_json",
            "The payload is nested too deeply.",
            "Send flat keys with plain values.",
        ) from None
    return document


def _is_plain(value: object) -> bool:
    """Tell whether a value may be stored as it is (the JSON parser let no infinity through)."""
    kind = type(value)
    if kind is float or kind is bool:
        return True
    if kind is int:
        return INTEGER_MIN <= value <= INTEGER_MAX  # type: ignore[operator]
    if kind is not str:
        return False
    text: str = value  # type: ignore[assignment]  # as was asked
    return len(text) <= TEXT_CHARS_MAX and text.isascii() and "\0" not in text


def _unfit(value: object, depth: int = 0) -> str:
    """Return why a value cannot be kept, or nothing.

    Texts stay as they are but for NUL, which no database keeps; halves of pairs are not JSON.
    """
    if isinstance(value, str):
        return "The text holds the character U+0000." if "\0" in value else ""
    if not isinstance(value, dict | list):
        return ""
    if depth == NESTED_MAX:
        return f"The value is nested deeper than {NESTED_MAX} times."
    inside = [*value, *value.values()] if isinstance(value, dict) else value
    return next(filter(None, (_unfit(one, depth + 1) for one in inside)), "")


def payload_fault(field: str, code: str, **params: Param) -> Refused:
    """Return the refusal of a payload for one fault."""
    fault = Fault(field, code, params)
    return Refused("payload.wrong", f"The payload has a fault: {fault.sentence}", "", (fault,))


class _Reading:
    """The careful way through a document: looks at every field and collects every fault."""

    def __init__(self, now_ms: int) -> None:
        self._now_ms = now_ms
        self._rows: list[Row] = []
        self._faults: list[Fault] = []
        self._faults_count = 0
        self._values_count = 0

    def rows_of(self, document: object) -> list[Row]:
        """Return the rows of an object or of an array of objects."""
        if isinstance(document, list):
            for index, item in enumerate(document[: VALUES_MAX + 1]):
                self._item(item, f"[{index}].")
            if not document:
                self.note("", "payload.empty")
        else:
            self._item(document, "")
        if self._values_count > VALUES_MAX:
            self.note("", "payload.values", most=VALUES_MAX)
        self.check()
        return self._rows

    def note(self, field: str, code: str, **params: Param) -> None:
        """Note one fault."""
        self._faults_count += 1
        if len(self._faults) < FAULTS_MAX:
            shown = field if field.isprintable() else ascii(field)[1:-1]
            self._faults.append(Fault(shown[:FIELD_CHARS_MAX], code, params))

    def check(self) -> None:
        """Raise if anything was wrong."""
        if self._faults:
            raise self.refusal()

    def refusal(self) -> Refused:
        """Return the refusal with the faults so far."""
        more = self._faults_count - len(self._faults)
        return Refused(
            "payload.wrong",
            f"The payload has {self._faults_count} faults."
            if self._faults_count > 1
            else "The payload has a fault.",
            f"{more} further faults are not listed." if more else "",
            tuple(self._faults),
        )

    def name(self, key: str, where: str) -> str:
        """Return the key as all rows share it, in NFC; note what is wrong with it."""
        known = _names.get(key)
        if known is not None:
            return known
        name = unicodedata.normalize("NFC", key)
        if not name.strip():
            self.note(where + key, "payload.key_empty")
        elif len(name) > KEY_CHARS_MAX:
            self.note(where + key, "payload.key_long", most=KEY_CHARS_MAX)
        elif not name.isprintable():
            self.note(where + key, "payload.key_control")
        else:
            if len(_names) >= NAMES_CACHED_MAX:
                _names.clear()
                _plain_names.clear()
            _names[key] = name
            if name == key:
                _plain_names.add(key)
        return name

    def _item(self, item: object, where: str) -> None:
        if not isinstance(item, dict):
            self.note(where[:-1], "payload.shape")
        elif "ts" in item and "values" in item:
            self._timed(item, where)
        else:
            self._values(item, self._now_ms, _SERVER_TIMED, where)

    def _timed(self, item: dict[str, object], where: str) -> None:
        for key in item:
            if key not in ("ts", "values"):
                self.note(where + key, "payload.beside")
        at_ms = self._time(item["ts"], where)
        quality = _GOOD
        if not self._now_ms - BEHIND_MS_MAX <= at_ms <= self._now_ms + AHEAD_MS_MAX:
            quality = _CLOCK_FAR_OFF
        values = item["values"]
        if isinstance(values, dict):
            self._values(values, at_ms, quality, where + "values.")
        else:
            self.note(where + "values", "payload.object")

    def _time(self, given: object, where: str) -> int:
        if isinstance(given, float) and given.is_integer():
            given = int(given)
        if type(given) is int and is_moment_ms(given):
            return given
        self.note(
            where + "ts",
            "payload.time",
            most=MOMENT_MS_MAX,
        )
        return 0

    def _values(self, values: dict[str, object], at_ms: int, quality: int, where: str) -> None:
        if not values:
            self.note(where[:-1], "payload.empty")
        self._values_count += len(values)
        if self._values_count > VALUES_MAX:
            return  # refused as a whole; what follows need not be kept
        for key, value in values.items():
            name = self.name(key, where)
            kept = self._value(value, where + key)
            self._rows.append(Row(name, at_ms, kept, _MEASURING, quality))

    def _value(self, value: object, field: str) -> Value:
        if value is None:
            self.note(field, "payload.null")
            return 0
        if isinstance(value, float):  # a bool is an int, and both stay what they are
            return value
        if isinstance(value, int):
            return value if INTEGER_MIN <= value <= INTEGER_MAX else self._large(value, field)
        unfit = _unfit(value)
        if unfit:
            self.note(field, "payload.unfit", problem=unfit)
            return 0
        text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        if len(text) > TEXT_CHARS_MAX:
            self.note(field, "payload.text_long", most=TEXT_CHARS_MAX)
        return unicodedata.normalize("NFC", text)

    def _large(self, value: int, field: str) -> float:
        try:
            return float(value)
        except OverflowError:
            self.note(field, "payload.number")
            return 0.0


DECODER = Decoder("json", lambda _options: decode_telemetry)
