"""What a device asks over HTTP beside sending values: calls both ways, attributes, claim, provision.

Long polls wait for a downlink; what is answered with it counts as delivered.
"""

import asyncio
from collections import Counter
from typing import Final
from urllib.parse import parse_qs

import msgspec

from tram.domain.ids import DeviceId
from tram.fleet.device_api.downlinks import ATTRIBUTES, RPC, Downlink, DownlinkReport, call_number
from tram.fleet.device_api.interfaces import Device
from tram.fleet.gateway.context import GatewayContext
from tram.runtime.errors import Refused

__all__ = ("POLL_S_MAX", "Polls", "methods_of")

POLL_S: Final = 20.0
"""A long poll without ``timeout`` (milliseconds) waits so long."""
POLL_S_MAX: Final = 60.0
POLLS_PER_DEVICE_MAX: Final = 4
_METHODS: Final = {
    "telemetry": ("POST",),
    "attributes": ("GET", "POST"),
    "attributes/updates": ("GET",),
    "rpc": ("GET", "POST"),
    "rpc/": ("POST",),
    "claim": ("POST",),
}


def methods_of(noun: str) -> tuple[str, ...]:
    """Return the methods that an address below a token takes; none where nothing is."""
    if noun.startswith("rpc/") and noun[4:].isascii() and noun[4:].isdigit():
        noun = "rpc/"
    elif noun.endswith("/"):
        return ()
    return _METHODS.get(noun, ())


class Polls:
    """Answers these questions for every HTTP connection of a gateway."""

    def __init__(self, context: GatewayContext) -> None:
        self._context = context
        self._open: Counter[DeviceId] = Counter()

    async def answer(  # noqa: PLR0911  # one address each
        self, device: Device, ask: tuple[str, str], query: bytes, body: bytes
    ) -> bytes:
        """Return the answer (JSON) to a method and noun.

        Raises:
            Refused: ``poll.empty`` when nothing came in time, ``poll.too_many``,
                ``call.unknown``, and what the registry refuses.
            Unavailable: when the registry does not answer.
        """
        asked = parse_qs(query.decode("latin-1"))
        match ask:
            case ("GET", "attributes"):
                keys = {k: v[0] for k, v in asked.items() if k in ("clientKeys", "sharedKeys")}
                return await self._ask("attributes", device, msgspec.json.encode(keys))
            case ("GET", "rpc"):
                return await self._poll(device, RPC, asked)
            case ("GET", "attributes/updates"):
                return await self._poll(device, ATTRIBUTES, asked)
            case ("POST", "rpc"):
                return await self._ask("rpc", device, body)
            case ("POST", "claim"):
                await self._ask("claim", device, body or b"{}")
                return b""
            case (_, noun):
                number = call_number(noun.removeprefix("rpc/"))
                await self._report(device, number, "answered", body)
                return b""

    async def provision(self, body: bytes) -> bytes:
        """Return the registry's answer to a device that has no credential yet."""
        return await self._context.queries.ask("provision", None, body)

    async def _ask(self, question: str, device: Device, body: bytes) -> bytes:
        return await self._context.queries.ask(question, device, body)

    async def _report(self, device: Device, number: int, state: str, body: bytes = b"") -> None:
        neighbours, now_ms = self._context.neighbours, self._context.clock.now_ms()
        neighbours.downlinks.forget(device.device, number)
        await neighbours.reports.put(DownlinkReport(number, device.device, state, now_ms, body))

    async def _poll(self, device: Device, kind: str, asked: dict[str, list[str]]) -> bytes:
        """Wait for a downlink of a kind; it is delivered with the answer."""
        if self._open[device.device] >= POLLS_PER_DEVICE_MAX:
            raise Refused(
                "poll.too_many",
                f"{POLLS_PER_DEVICE_MAX} requests of this device wait already.",
                "Wait for their answers.",
            )
        waiter = _Waiter(kind)
        pending = self._context.neighbours.downlinks
        self._open[device.device] += 1
        pending.watch(device.device, waiter)
        try:
            for downlink in pending.of(device.device, self._context.clock.now_ms()):
                waiter.downlink(downlink)
            async with asyncio.timeout(_patience_s(asked)):
                downlink = await waiter.found
        except TimeoutError:
            raise Refused("poll.empty", "Nothing came for the device in time.", "") from None
        finally:
            pending.unwatch(device.device, waiter)
            self._open[device.device] -= 1
            if not self._open[device.device]:
                del self._open[device.device]
        await self._report(device, downlink.number, "delivered")
        if kind == RPC:
            call = {"id": downlink.number, **msgspec.json.decode(downlink.body)}
            return msgspec.json.encode(call)
        return downlink.body


class _Waiter:
    """Takes the first downlink of a kind."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self.found: asyncio.Future[Downlink] = asyncio.get_running_loop().create_future()

    def downlink(self, downlink: Downlink) -> None:
        """Take note of a new downlink."""
        if downlink.kind == self._kind and not downlink.name and not self.found.done():
            self.found.set_result(downlink)

    def fail(self, error: Exception) -> None:
        """Give the fault to who waits."""
        if not self.found.done():
            self.found.set_exception(error)


def _patience_s(asked: dict[str, list[str]]) -> float:
    given = asked.get("timeout", [""])[0]
    if not (given.isascii() and given.isdigit()):
        return POLL_S
    return min(int(given[:9]) / 1000, POLL_S_MAX)
