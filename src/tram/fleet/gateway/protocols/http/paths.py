"""Which verb of the device API a request asks for, by its method and the path below the token."""

from collections.abc import Callable, Coroutine
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec

from tram.fleet.block.block import Message
from tram.fleet.block.open_block import OpenBlock
from tram.fleet.device_api.downlinks import ATTRIBUTES, RPC
from tram.fleet.device_api.interfaces import Device
from tram.fleet.device_api.verbs import DeviceApi
from tram.fleet.gateway.protocols.http.limits import POLL_S, POLL_S_MAX
from tram.fleet.gateway.protocols.http.requests import Request

__all__ = ("Paths",)

_NUMBERED: Final = "rpc/"

Verb = Callable[[Device, Request], Coroutine[Any, Any, bytes]]
Statement = Callable[[Message, bytes, int], OpenBlock]


class Paths:
    """Every address below a device's token, of one gateway."""

    def __init__(self, api: DeviceApi) -> None:
        self._api = api
        self._statements: dict[str, Statement] = {
            "telemetry": api.telemetry,
            "attributes": api.attributes,
        }
        self._verbs: dict[tuple[str, str], Verb] = {
            ("GET", "attributes"): self._ask_attributes,
            ("GET", "attributes/updates"): lambda device, ask: self._poll(device, ATTRIBUTES, ask),
            ("GET", "rpc"): lambda device, ask: self._poll(device, RPC, ask),
            ("POST", "rpc"): lambda device, ask: api.call_server(device, ask.body),
            ("POST", _NUMBERED): self._answer_call,
            ("POST", "claim"): self._claim,
        }
        methods: dict[str, set[str]] = {noun: {"POST"} for noun in self._statements}
        for method, noun in self._verbs:
            methods.setdefault(noun, set()).add(method)
        self._methods = {noun: tuple(sorted(known)) for noun, known in methods.items()}

    def methods_of(self, noun: str) -> tuple[str, ...]:
        """Return the methods that an address takes; none where nothing is."""
        return self._methods.get(_kind_of(noun), ())

    def statement(self, request: Request) -> Statement | None:
        """Return the verb that puts what was sent into the block, if the request is one of these."""
        return self._statements.get(request.noun) if request.method == "POST" else None

    def answer(self, device: Device, request: Request) -> Coroutine[Any, Any, bytes]:
        """Return the answer (JSON) to what has to be asked or waited for elsewhere."""
        return self._verbs[request.method, _kind_of(request.noun)](device, request)

    async def _ask_attributes(self, device: Device, request: Request) -> bytes:
        asked = _query_of(request)
        keys = {key: asked[key] for key in ("clientKeys", "sharedKeys") if key in asked}
        return await self._api.ask_attributes(device, msgspec.json.encode(keys))

    async def _poll(self, device: Device, kind: str, request: Request) -> bytes:
        given = _query_of(request).get("timeout", "")
        is_number = given.isascii() and given.isdigit()
        patience_s = min(int(given[:9]) / 1000, POLL_S_MAX) if is_number else POLL_S
        return (await self._api.polls.next(device, kind, patience_s)).numbered()

    async def _answer_call(self, device: Device, request: Request) -> bytes:
        await self._api.answer_call(device, request.noun.removeprefix(_NUMBERED), request.body)
        return b""

    async def _claim(self, device: Device, request: Request) -> bytes:
        await self._api.claim(device, request.body)
        return b""


def _kind_of(noun: str) -> str:
    """Return the address without the number at its end."""
    digits = noun.removeprefix(_NUMBERED)
    if digits is noun:
        return noun
    return _NUMBERED if digits.isascii() and digits.isdigit() else ""


def _query_of(request: Request) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(request.query.decode("latin-1")).items()}
