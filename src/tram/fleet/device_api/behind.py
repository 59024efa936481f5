"""The verbs of devices behind another one, which speaks for them by their names."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Annotated, Any, Final, Protocol, TypeVar

import msgspec

from tram.domain.bounds import Number
from tram.domain.ids import DeviceId
from tram.domain.reading import INTEGER_MAX, INTEGER_MIN
from tram.fleet.block.block import Message
from tram.fleet.block.open_block import OpenBlock
from tram.fleet.device.decoders.device_json import (
    Attribute,
    decode_attributes,
    decode_telemetry,
    parse_json,
)
from tram.fleet.device.rows import Row
from tram.fleet.device_api.interfaces import Device
from tram.fleet.device_api.registry_queries import RegistryQueries
from tram.runtime.errors import Refused

__all__ = ("DevicesBehind", "OwnVerbs")

DEVICES_MAX: Final = 1_000
"""Most devices behind a gateway in one message."""

RequestId = Annotated[int, msgspec.Meta(ge=INTEGER_MIN, le=INTEGER_MAX)]
_Form = TypeVar("_Form")
_Parts = list[tuple[Device, bytes]]
_decode_parts: Final = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class _Ask(msgspec.Struct):
    id: RequestId = 0
    device: str = ""
    client: bool = False
    key: str = ""
    keys: list[str] = []


class _Answer(msgspec.Struct):
    device: str
    id: Number
    data: msgspec.Raw = msgspec.Raw(b"null")


class _Link(msgspec.Struct):
    device: str
    type: str = ""


class OwnVerbs(Protocol):
    """The verbs of one device that those behind it share."""

    def take_rows(self, message: Message, rows: list[Row], payload_bytes: int) -> OpenBlock:
        """Put a message of decoded values into the block."""
        ...

    def take_attributes(
        self, message: Message, attributes: list[Attribute], now_ms: int
    ) -> OpenBlock:
        """Put a message of decoded facts into the block."""
        ...

    def report(
        self, target: DeviceId, number: int, state: str, body: bytes = b""
    ) -> Coroutine[Any, Any, None]:
        """Say what became of a downlink."""
        ...


class DevicesBehind:
    """What a gateway device says of the devices behind it; the registry makes those that are new."""

    def __init__(self, own: OwnVerbs, queries: RegistryQueries) -> None:
        self._own = own
        self._queries = queries

    async def connect(self, gateway: Device, payload: bytes) -> None:
        """Note a device that the gateway speaks for, ``{"device", "type"?}``."""
        link = _read(payload, _Link)
        await self._queries.behind(gateway, link.device, link.type)

    async def disconnect(self, _gateway: Device, payload: bytes) -> None:
        """Take note that a device is not reached any more; nothing depends on it."""
        _read(payload, _Link)

    def forget(self, gateway: Device) -> None:
        """Ask for the gateway's names anew from now on."""
        self._queries.forget(gateway)

    def telemetry(
        self, gateway: Device, message: Message, payload: bytes, now_ms: int
    ) -> OpenBlock | Coroutine[Any, Any, OpenBlock]:
        """Take values, ``{name: [{"ts", "values"}]}``: all of them or none."""
        return self._of_each(gateway, payload, partial(self._take_telemetry, message, now_ms))

    def attributes(
        self, gateway: Device, message: Message, payload: bytes, now_ms: int
    ) -> OpenBlock | Coroutine[Any, Any, OpenBlock]:
        """Take facts, ``{name: {key: value}}``: all of them or none."""
        return self._of_each(gateway, payload, partial(self._take_attributes, message, now_ms))

    def _of_each(
        self, gateway: Device, payload: bytes, take: Callable[[_Parts], OpenBlock]
    ) -> OpenBlock | Coroutine[Any, Any, OpenBlock]:
        document = _parts_of(payload)
        if not 0 < len(document) <= DEVICES_MAX:
            raise _no_devices('{"Device A": [{"ts": 1700000000000, "values": {"t": 21.5}}]}')
        parts: _Parts = []
        for name, part in document.items():
            device = self._queries.known(gateway, name)
            if device is None:
                return self._after_names(gateway, document, take)
            parts.append((device, bytes(part)))
        return take(parts)

    async def _after_names(
        self,
        gateway: Device,
        document: dict[str, msgspec.Raw],
        take: Callable[[_Parts], OpenBlock],
    ) -> OpenBlock:
        behind = self._queries.behind
        return take(
            [(await behind(gateway, name), bytes(part)) for name, part in document.items()]
        )

    def _take_telemetry(self, message: Message, now_ms: int, parts: _Parts) -> OpenBlock:
        decoded = [
            (_of(message, device), decode_telemetry(part, now_ms), len(part))
            for device, part in parts
        ]
        return [self._own.take_rows(*one) for one in decoded][-1]

    def _take_attributes(self, message: Message, now_ms: int, parts: _Parts) -> OpenBlock:
        decoded = [(_of(message, device), decode_attributes(part)) for device, part in parts]
        return [self._own.take_attributes(*one, now_ms) for one in decoded][-1]

    async def ask_attributes(self, gateway: Device, payload: bytes) -> bytes:
        """Return ``{"id", "device", "value" or "values"}`` for one of these devices."""
        ask = _read(payload, _Ask)
        device = await self._queries.behind(gateway, ask.device)
        keys = ",".join(ask.keys or [ask.key])
        body = {"clientKeys" if ask.client else "sharedKeys": keys}
        answer = await self._queries.ask("attributes", device, msgspec.json.encode(body))
        values = msgspec.json.decode(answer).get("client" if ask.client else "shared", {})
        told: dict[str, Any] = {"id": ask.id, "device": ask.device}
        if ask.keys or not ask.key:
            told["values"] = values
        else:
            told["value"] = values.get(ask.key)
        return msgspec.json.encode(told)

    async def answer_call(self, gateway: Device, payload: bytes) -> None:
        """Take the answer of one of these devices to a call, ``{"device", "id", "data"}``."""
        answer = _read(payload, _Answer)
        await self._own.report(gateway.device, answer.id, "answered", bytes(answer.data))

    async def claim(self, gateway: Device, payload: bytes) -> None:
        """Offer devices behind this one, each with its own secret."""
        forms = _read(payload, dict[str, msgspec.Raw])
        if not 0 < len(forms) <= DEVICES_MAX:
            raise _no_devices('{"Device A": {"secretKey": "…", "durationMs": 60000}}')
        for name, form in forms.items():
            device = await self._queries.behind(gateway, name)
            await self._queries.ask("claim", device, bytes(form))


def _of(message: Message, device: Device) -> Message:
    return message._replace(device=device.device, org=device.org)


def _parts_of(payload: bytes) -> dict[str, msgspec.Raw]:
    """Return what an object says of each device, as it came; nothing of what is no object."""
    try:
        return _decode_parts(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        parse_json(payload)  # which says what is wrong with it as JSON
        return {}


def _read(payload: bytes, form: type[_Form]) -> _Form:
    try:
        return msgspec.json.decode(payload, type=form)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(
            "payload.wrong", f"The payload is not what this topic takes: {error}.", ""
        ) from None


def _no_devices(example: str) -> Refused:
    return Refused(
        "payload.wrong",
        f"Expected one object with the names of 1 to {DEVICES_MAX} devices.",
        f"For example {example}.",
    )
