"""The gateway: opens whatever protocols it is given, and closes them in good order."""

import asyncio
from collections.abc import Sequence
from typing import Final

from prometheus_client import REGISTRY

from tram.fleet.block.limits import BLOCK_BYTES_MAX
from tram.fleet.device_api.interfaces import GatewayDependencies
from tram.fleet.device_api.verbs import DeviceApi
from tram.fleet.gateway.backpressure import Backpressure
from tram.fleet.gateway.block_writer import BlockWriter
from tram.fleet.gateway.connections import Connections
from tram.fleet.gateway.context import GatewayContext
from tram.fleet.gateway.faults import Faults
from tram.fleet.gateway.listeners import Listeners
from tram.fleet.gateway.metrics import GatewayMetrics
from tram.fleet.gateway.protocol import DeviceProtocol
from tram.fleet.gateway.settings import GatewaySettings
from tram.fleet.gateway.tls import Trust, open_context
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused, first_of

__all__ = ("STOP_S", "Gateway")

STOP_S: Final = 5.0
"""Longest wait for the log when stopping; what is not durable then is not acknowledged."""


class Gateway:
    """One boot of a gateway: what it acknowledges is on disk.

    ``boot`` is 16 ASCII characters that no other boot has; ``protocols`` are opened in their order.

    Raises:
        Refused: ``settings.wrong``, if one message could outgrow a block.
    """

    def __init__(
        self,
        settings: GatewaySettings,
        neighbours: GatewayDependencies,
        clock: Clock,
        boot: str,
        protocols: Sequence[DeviceProtocol],
    ) -> None:
        if settings.payload_bytes_max > BLOCK_BYTES_MAX:
            raise Refused(
                "settings.wrong",
                f"gateway.payload_bytes_max must not exceed {BLOCK_BYTES_MAX}: one message must "
                "fit into one block.",
                "Set a smaller value.",
            )
        self.metrics = GatewayMetrics()
        self._settings = settings
        self._neighbours = neighbours
        self._clock = clock
        self._block_writer = BlockWriter(settings, neighbours.sink, clock, boot, self.metrics)
        self._block_writer.on_full = self._make_wait
        self._block_writer.on_room = self._let_go_on
        backpressure = Backpressure(settings, self._block_writer, self.metrics)
        faults = Faults(self.metrics, self._block_writer, clock)
        self._connections = Connections(settings, self.metrics, backpressure, faults)
        self._block_writer.on_fault = self._connections.failed
        neighbours.identity.on_gone(self._connections.revoke, self._connections.credentials)
        self._protocols = protocols
        self._listeners: Listeners | None = None
        self._stopping = False

    @property
    def ports(self) -> tuple[int, ...]:
        """Return the ports listened on, protocol by protocol; empty while not running."""
        return () if self._listeners is None else self._listeners.ports

    def problem(self) -> str | None:
        """Return None, or one sentence that says why devices must wait."""
        if not self.ports:
            return "The gateway is not listening."
        return self._block_writer.problem()

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until ``stop``; then acknowledge what became durable and close.

        Raises:
            Unavailable: ``log.boot_ended``: everything was closed unacknowledged, and the role
                must start again as a new boot.
            Refused: ``port.taken``.
        """
        REGISTRY.register(self.metrics)
        try:
            async with asyncio.TaskGroup() as group:
                writer = group.create_task(self._block_writer.run())
                wheel = group.create_task(self._connections.deadlines.run())
                context = self._context(group)
                listeners = await self._open(context)
                await stop.wait()
                await self._finish(context, listeners, writer)
                wheel.cancel()
        except ExceptionGroup as errors:
            raise first_of(errors) from None  # the supervisor wants the one cause
        finally:
            self._stopping = True
            self._connections.end_all()
            if self._listeners is not None:
                self._listeners.close()
            await self._connections.gone()
            if self._listeners is not None:
                self._listeners.gone()
            REGISTRY.unregister(self.metrics)

    def _context(self, group: asyncio.TaskGroup) -> GatewayContext:
        return GatewayContext(
            self._settings,
            self._neighbours,
            DeviceApi(self._block_writer, self._neighbours, self._clock, self.metrics),
            self._block_writer,
            self._connections,
            self.metrics,
            self._clock,
            group.create_task,
            self.problem,
        )

    async def _open(self, context: GatewayContext) -> Listeners:
        settings = self._settings
        tls = open_context(settings) if settings.tls_certificate else None
        if tls is not None:
            self._neighbours.identity.on_trust(Trust(tls).add)
        listeners = self._listeners = Listeners(context, tls)
        for protocol in self._protocols:
            await protocol.open(context, listeners)
        await listeners.accept()
        return listeners

    async def _finish(
        self, context: GatewayContext, listeners: Listeners, writer: asyncio.Task[None]
    ) -> None:
        """Take nothing more, wait for the disk, answer, say good-bye, write that down too."""
        self._stopping = True
        listeners.pause()
        self._connections.hold_all()
        try:
            async with asyncio.timeout(STOP_S):
                await context.flushed()
                self._connections.end_all()
                self._block_writer.close()
                await asyncio.shield(writer)
        except TimeoutError:
            writer.cancel()
        finally:
            listeners.close()

    def _make_wait(self) -> None:
        if self._listeners is not None:
            self._listeners.pause()
        self._connections.hold_all()

    def _let_go_on(self) -> None:
        if self._stopping or self._listeners is None:
            return
        self._connections.release_all()
        self._listeners.resume()
