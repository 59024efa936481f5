"""What every protocol of the gateway shares."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from tram.fleet.block.open_block import OpenBlock
from tram.fleet.device_api.interfaces import GatewayDependencies
from tram.fleet.device_api.isolation import Failing, alone_async
from tram.fleet.device_api.verbs import DeviceApi
from tram.fleet.gateway.block_writer import BlockWriter
from tram.fleet.gateway.connections import Connections
from tram.fleet.gateway.metrics import GatewayMetrics
from tram.fleet.gateway.settings import GatewaySettings
from tram.runtime.clock import Clock
from tram.runtime.errors import TramError
from tram.runtime.logging import get_logger

__all__ = ("GatewayContext",)


log = get_logger()


@dataclass(frozen=True, slots=True)
class GatewayContext:
    """The parts that a connection works with; ``spawn`` runs a coroutine in the gateway's group.

    ``problem`` returns None, or one sentence that says why devices must wait.
    """

    settings: GatewaySettings
    neighbours: GatewayDependencies
    api: DeviceApi
    block_writer: BlockWriter
    connections: Connections
    metrics: GatewayMetrics
    clock: Clock
    spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]
    problem: Callable[[], str | None]

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

    async def durable(self, block: OpenBlock) -> None:
        """Return when a block is on disk."""
        reached = asyncio.Event()
        block.waiters.append((asyncio.Event.set, reached))
        await reached.wait()

    async def flushed(self) -> None:
        """Return when everything that was accepted so far is on disk."""
        block = self.block_writer.current()
        self.block_writer.hurry()
        await self.durable(block)
