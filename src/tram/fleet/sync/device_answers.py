"""Answers to what devices ask: their attributes, their profile, what lies behind them, the time."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from tram.domain.ids import DeviceId, OrgId
from tram.fleet.device_api.interfaces import Device
from tram.fleet.sync.registry_rpc import Answer
from tram.registry.registry import Registry
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused

__all__ = ("Facts", "device_answers")

Facts = Callable[[DeviceId, OrgId], Awaitable[dict[str, Any]]]
"""Returns what a device stated about itself."""


class _Keys(msgspec.Struct):
    client_keys: str | None = msgspec.field(default=None, name="clientKeys")
    shared_keys: str | None = msgspec.field(default=None, name="sharedKeys")


class _Name(msgspec.Struct):
    name: str
    type: str = ""


class _Call(msgspec.Struct):
    method: str
    params: Any = None


def device_answers(registry: Registry, facts: Facts, clock: Clock) -> Mapping[str, Answer]:
    """Return the answers of the registry's role to these questions."""

    async def attributes(device: Device | None, body: bytes) -> bytes:
        known = _known(device)
        asked = _read(body, _Keys)
        both = asked.client_keys is None and asked.shared_keys is None
        answer: dict[str, Any] = {}
        if both or asked.client_keys is not None:
            stated = await facts(known.device, known.org)
            answer["client"] = _chosen(stated, asked.client_keys)
        if both or asked.shared_keys is not None:
            shared = await registry.downlinks.shared_of(known.device)
            answer["shared"] = _chosen(shared, asked.shared_keys)
        return msgspec.json.encode(answer)

    async def behind(device: Device | None, body: bytes) -> bytes:
        asked = _read(body, _Name)
        found = await registry.behind.find_or_make(_known(device).device, asked.name, asked.type)
        return msgspec.json.encode(found)

    async def profile(device: Device | None, _body: bytes) -> bytes:
        topics = await registry.profiles.topics(_known(device).profile)
        return msgspec.json.encode({"topics": topics})

    async def rpc(_device: Device | None, body: bytes) -> bytes:
        asked = _read(body, _Call)
        if asked.method == "getCurrentTime":
            return msgspec.json.encode(clock.now_ms())
        return msgspec.json.encode({"error": f"There is no method {asked.method[:100]!r}."})

    return {"attributes": attributes, "behind": behind, "profile": profile, "rpc": rpc}


def _known(device: Device | None) -> Device:
    if device is None:
        raise Refused("token.unknown", "Only a known device can ask this.")
    return device


def _chosen(values: Mapping[str, Any], keys: str | None) -> dict[str, Any]:
    """Return the values of these keys; no keys mean all."""
    if not keys:
        return dict(values)
    wanted = [key.strip() for key in keys.split(",")]
    return {key: values[key] for key in wanted if key in values}


def _read(body: bytes, form: type[Any]) -> Any:  # noqa: ANN401  # of the form
    try:
        return msgspec.json.decode(body or b"{}", type=form)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused("payload.wrong", f"The question cannot be read: {error}.", "") from None
