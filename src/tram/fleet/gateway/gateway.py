"""The gateway: opens the doors for devices, and closes them in good order."""

import asyncio
from collections.abc import Callable
from ssl import SSLContext
from typing import Final

from prometheus_client import REGISTRY

from tram.fleet.device_api.interfaces import GatewayDependencies
from tram.fleet.device_api.verbs import DeviceApi
from tram.fleet.gateway.backpressure import Backpressure
from tram.fleet.gateway.batch_reader.library import Library
from tram.fleet.gateway.block_writer import BLOCK_BYTES_MAX, BlockWriter
from tram.fleet.gateway.connections import Connections
from tram.fleet.gateway.context import GatewayContext
from tram.fleet.gateway.faults import Faults
from tram.fleet.gateway.http.listener import HttpListener
from tram.fleet.gateway.listener import Listener
from tram.fleet.gateway.metrics import GatewayMetrics
from tram.fleet.gateway.mqtt.listener import MqttListener
from tram.fleet.gateway.tls import Trust, open_context
from tram.fleet.gateway.websocket import WebSocketListener
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused
from tram.runtime.logging import get_logger
from tram.runtime.settings import GatewaySettings

__all__ = ("STOP_S", "Gateway")

OPEN_AGAIN_S: Final = 0.5

STOP_S: Final = 5.0
"""Longest wait for the log when stopping; what is not durable then is not acknowledged."""


log = get_logger()


class Gateway:
    """One boot of a gateway: what it acknowledges is on disk.

    ``boot`` is 16 ASCII characters that no other boot has; ``library`` is the compiled sweep, without
    which everything is read by Python.

    Raises:
        Refused: ``settings.wrong``, if one message could outgrow a block.
    """

    def __init__(
        self,
        settings: GatewaySettings,
        neighbours: GatewayDependencies,
        clock: Clock,
        boot: str,
        library: Library | None = None,
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
        self._library = library
        self._mqtt: MqttListener | None = None
        self._listeners: list[Listener] = []
        self._group: asyncio.TaskGroup | None = None
        self._stopping = False

    @property
    def ports(self) -> tuple[int, ...]:
        """Return the TCP ports listened on: MQTT, HTTP, further ones; empty while not running."""
        return tuple(listener.port for listener in self._listeners)

    def problem(self) -> str | None:
        """Return None, or one sentence that says why devices must wait."""
        if not self._listeners:
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
                self._group = group
                writer = group.create_task(self._block_writer.run())
                wheel = group.create_task(self._connections.deadlines.run())
                await self._open(group)
                await stop.wait()
                await self._finish(writer)
                wheel.cancel()
        except ExceptionGroup as errors:
            raise first_cause(errors) from None  # the supervisor wants the one cause
        finally:
            self._stopping = True
            self._connections.end_all("gateway.stopped")
            for listener in self._listeners:
                listener.close()
            self._listeners.clear()
            await self._connections.gone()
            if self._mqtt is not None:
                self._mqtt.close()
            REGISTRY.unregister(self.metrics)

    async def _open(self, group: asyncio.TaskGroup) -> None:
        context = GatewayContext(
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
        settings = self._settings
        tls = open_context(settings) if settings.tls_certificate else None
        if tls is not None:
            self._neighbours.identity.on_trust(Trust(tls).add)
        mqtt_listener = self._mqtt = MqttListener(context, self._library)
        await mqtt_listener.begin()
        mqtt, http = mqtt_listener.make, HttpListener(context).make
        self._listen(settings.mqtt_port, mqtt_listener.make_plain)
        self._listen(settings.http_port, http)
        web = WebSocketListener(mqtt, self._connections.faults).make
        self._listen(settings.ws_port, web)
        if tls is not None:
            self._listen(settings.mqtts_port, mqtt, tls)
            self._listen(settings.https_port, http, tls)
            self._listen(settings.wss_port, web, tls)
        for listener in self._listeners:
            await listener.accept()

    def _listen(
        self, port: int, make: Callable[[], asyncio.Protocol], tls: SSLContext | None = None
    ) -> None:
        """Open a door; port 0 means that nobody wants it."""
        if not port:
            return
        host = self._settings.host
        try:
            self._listeners.append(Listener(host, port, make, tls))
        except OSError as error:
            raise Refused(
                "port.taken",
                f"Cannot listen on {host}:{port} ({error.strerror}).",
                "Stop the other program, or choose another port in the settings.",
            ) from error

    async def _finish(self, writer: asyncio.Task[None]) -> None:
        """Take nothing more, wait for the disk, answer, say good-bye, write that down too."""
        self._stopping = True
        for listener in self._listeners:
            listener.pause()
        self._connections.hold_all()
        try:
            async with asyncio.timeout(STOP_S):
                await self._everything_durable()
                self._connections.end_all("gateway.stopped")
                self._block_writer.close()
                await asyncio.shield(writer)
        except TimeoutError:
            writer.cancel()

    async def _everything_durable(self) -> None:
        reached = asyncio.Event()
        self._block_writer.current().waiters.append((asyncio.Event.set, reached))
        self._block_writer.hurry()
        await reached.wait()

    async def _accept(self, listener: Listener) -> None:
        """Open a door again, as soon as the system has a descriptor for it."""
        while not self._stopping:
            try:
                await listener.accept()
            except OSError as error:
                log.warning(
                    "a door stays shut for a moment", port=listener.port, error=repr(error)
                )
                await self._clock.sleep(OPEN_AGAIN_S)
            else:
                return

    def _make_wait(self) -> None:
        for listener in self._listeners:
            listener.pause()
        self._connections.hold_all()

    def _let_go_on(self) -> None:
        if self._stopping or self._group is None:
            return
        self._connections.release_all()
        for listener in self._listeners:
            self._group.create_task(self._accept(listener))


def first_cause(errors: ExceptionGroup[Exception]) -> Exception:
    """Return the first single error in a group of groups."""
    first = errors.exceptions[0]
    return first_cause(first) if isinstance(first, ExceptionGroup) else first
