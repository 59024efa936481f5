"""What every door of the gateway shares, and how every door refuses a message."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

from tram.fleet.device.payload import Attribute
from tram.fleet.gateway.block import Event, EventKind, Message
from tram.fleet.gateway.connections import Connections
from tram.fleet.gateway.errands import Errands
from tram.fleet.gateway.intake import Batch, Intake
from tram.fleet.gateway.ports import Device, Neighbours
from tram.fleet.gateway.tally import Tally
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused, TramError
from tram.runtime.logging import get_logger
from tram.runtime.settings import GatewaySettings

__all__ = ("EXCERPT_CHARS_MAX", "Hall", "excerpt")

EXCERPT_CHARS_MAX: Final = 200
_ATTRIBUTE: Final = int(EventKind.ATTRIBUTE)


log = get_logger()


@dataclass(frozen=True, slots=True)
class Hall:
    """The parts that a connection works with; ``start`` runs a coroutine in the gateway's group."""

    settings: GatewaySettings
    neighbours: Neighbours
    errands: Errands
    intake: Intake
    connections: Connections
    tally: Tally
    clock: Clock
    start: Callable[[Coroutine[Any, Any, None]], Any]

    def start_quietly(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something that nobody waits for; a failure is logged."""
        self.start(_quiet(work))

    async def flushed(self) -> None:
        """Return when everything that was accepted so far is on disk."""
        reached = asyncio.Event()
        self.intake.current().waiters.append((asyncio.Event.set, reached))
        self.intake.hurry()
        await reached.wait()

    def refuse(self, device: Device, error: Refused, payload: bytes) -> Batch:
        """Put a refusal into the block, with what is wrong and how the payload begins."""
        self.tally.refused[error.code] += 1
        faults = "; ".join(
            f"{fault.field}: {fault.sentence}" if fault.field else fault.sentence
            for fault in error.faults
        )
        received = f"Received: {excerpt(payload)}" if payload else ""
        parts = (faults or error.sentence, error.hint, received)
        return self.happened(device, EventKind.REFUSED, error.code, " ".join(filter(None, parts)))

    def happened(self, device: Device, kind: EventKind, code: str = "", detail: str = "") -> Batch:
        """Put an event of a device into the block."""
        event = Event(device.device, device.org, self.clock.now_ms(), int(kind), code, detail)
        return self.intake.note(event)

    def take_attributes(self, message: Message, attributes: list[Attribute], now_ms: int) -> Batch:
        """Put a message of attributes into the block; return the batch that holds its last."""
        batch = self.intake.add(message, [], 0)
        for name, text in attributes:
            event = Event(message.device, message.org, now_ms, _ATTRIBUTE, name, text)
            batch = self.intake.note(event)
        return batch


async def _quiet(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except TramError as error:
        log.warning("work behind the scenes failed", code=error.code, reason=error.sentence)


def excerpt(payload: bytes) -> str:
    """Return the beginning of a payload in printable characters, escaped where needed."""
    text = payload[:EXCERPT_CHARS_MAX].decode("utf-8", "backslashreplace")
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    short = shown[:EXCERPT_CHARS_MAX]
    return short if len(payload) <= EXCERPT_CHARS_MAX and short == shown else short[:-1] + "…"
