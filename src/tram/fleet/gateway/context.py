"""What every door of the gateway shares, and how every door refuses a message."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

from tram.fleet.block.block import Event, EventKind, Message
from tram.fleet.device.payload import Attribute
from tram.fleet.device_api.interfaces import Device, GatewayDependencies
from tram.fleet.device_api.isolation import Failing, alone_async
from tram.fleet.device_api.registry_queries import RegistryQueries
from tram.fleet.gateway.block_writer import BlockWriter, OpenBlock
from tram.fleet.gateway.connections import Connections
from tram.fleet.gateway.metrics import GatewayMetrics
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused, TramError
from tram.runtime.logging import get_logger
from tram.runtime.settings import GatewaySettings

__all__ = ("EXCERPT_CHARS_MAX", "GatewayContext", "excerpt", "shown")

EXCERPT_CHARS_MAX: Final = 200
_ATTRIBUTE: Final = int(EventKind.ATTRIBUTE)


log = get_logger()


@dataclass(frozen=True, slots=True)
class GatewayContext:
    """The parts that a connection works with; ``spawn`` runs a coroutine in the gateway's group."""

    settings: GatewaySettings
    neighbours: GatewayDependencies
    queries: RegistryQueries
    block_writer: BlockWriter
    connections: Connections
    metrics: GatewayMetrics
    clock: Clock
    spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]

    def start(self, work: Coroutine[Any, Any, None], one: Failing) -> asyncio.Task[None]:
        """Run something for a connection; what it raises ends that connection."""
        task = self.spawn(alone_async(one, work))
        task.add_done_callback(lambda _: work.close())  # it may have been stopped before it began
        return task

    def start_quietly(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something that nobody waits for; a failure is logged."""
        self.spawn(self._quiet(work))

    async def _quiet(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except TramError as error:
            log.warning("work behind the scenes failed", code=error.code, reason=error.sentence)
        except Exception as error:  # noqa: BLE001  # nobody waits: nobody is to end for it
            self.connections.faults.note(None, error)

    async def flushed(self) -> None:
        """Return when everything that was accepted so far is on disk."""
        reached = asyncio.Event()
        self.block_writer.current().waiters.append((asyncio.Event.set, reached))
        self.block_writer.hurry()
        await reached.wait()

    def refuse(self, device: Device, error: Refused, payload: bytes) -> OpenBlock:
        """Put a refusal into the block, with what is wrong and how the payload begins."""
        self.metrics.refused[error.code] += 1
        faults = "; ".join(
            f"{fault.field}: {fault.sentence}" if fault.field else fault.sentence
            for fault in error.faults
        )
        received = f"Received: {excerpt(payload)}" if payload else ""
        parts = (faults or error.sentence, error.hint, received)
        return self.happened(device, EventKind.REFUSED, error.code, " ".join(filter(None, parts)))

    def happened(
        self, device: Device, kind: EventKind, code: str = "", detail: str = ""
    ) -> OpenBlock:
        """Put an event of a device into the block."""
        event = Event(device.device, device.org, self.clock.now_ms(), int(kind), code, detail)
        return self.block_writer.note(event)

    def take_attributes(
        self, message: Message, attributes: list[Attribute], now_ms: int
    ) -> OpenBlock:
        """Put a message of attributes into the block; return the batch that holds its last."""
        batch = self.block_writer.add(message, [], 0)
        for name, text in attributes:
            event = Event(message.device, message.org, now_ms, _ATTRIBUTE, name, text)
            batch = self.block_writer.note(event)
        return batch


def excerpt(payload: bytes) -> str:
    """Return the beginning of a payload in printable characters, escaped where needed."""
    text = payload[:EXCERPT_CHARS_MAX].decode("utf-8", "backslashreplace")
    whole = shown(text)
    short = whole[:EXCERPT_CHARS_MAX]
    return short if len(payload) <= EXCERPT_CHARS_MAX and short == whole else short[:-1] + "…"


def shown(text: str) -> str:
    """Return a text of a device as it may stand on a page, escaped where needed."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
