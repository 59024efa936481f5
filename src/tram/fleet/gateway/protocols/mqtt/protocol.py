"""MQTT 3.1.1 and 5: over TCP, TLS and WebSocket."""

from tram.fleet.block.block import Protocol
from tram.fleet.gateway.batch_reader.batch_reader import BatchReader
from tram.fleet.gateway.batch_reader.library import Library, load_library
from tram.fleet.gateway.context import GatewayContext
from tram.fleet.gateway.listeners import Listeners
from tram.fleet.gateway.protocol import DeviceProtocol, ListenerRow
from tram.fleet.gateway.protocols.mqtt.batched_session import UNANSWERED_BATCH_MAX, BatchedSession
from tram.fleet.gateway.protocols.mqtt.session import MqttSession
from tram.fleet.gateway.protocols.mqtt.sessions import MqttMetrics, MqttSessions
from tram.fleet.gateway.protocols.mqtt.topic_router import TopicRouter
from tram.fleet.gateway.protocols.mqtt.will import LastWill
from tram.fleet.gateway.websocket import WebSocketListener

__all__ = ("PROTOCOL", "MqttListener")


class Mqtt(DeviceProtocol):
    """The protocol MQTT."""

    name = "mqtt"
    number = int(Protocol.MQTT)
    rows: tuple[ListenerRow, ...] = (
        ListenerRow("MQTT over TCP", ("gateway.mqtt_port",)),
        ListenerRow(
            "MQTT over TLS 1.2 and 1.3, with or without a certificate of the device",
            ("gateway.mqtts_port", "gateway.tls_…"),
        ),
        ListenerRow(
            "MQTT over WebSocket (`/mqtt`), also over TLS",
            ("gateway.ws_port", "gateway.wss_port"),
        ),
    )

    async def open(self, context: GatewayContext, listeners: Listeners) -> None:
        """Open the MQTT ports; say the wills of an earlier boot first."""
        mqtt, settings = MqttListener(context, load_library()), context.settings
        listeners.when_gone(mqtt.close)
        await mqtt.begin()
        web = WebSocketListener(mqtt.make, context.connections.faults).make
        listeners.stream(settings.mqtt_port, mqtt.make_plain)
        listeners.stream(settings.ws_port, web)
        listeners.stream(settings.mqtts_port, mqtt.make, encrypted=True)
        listeners.stream(settings.wss_port, web, encrypted=True)


PROTOCOL = Mqtt()


class MqttListener:
    """Makes the connections of the MQTT ports; with the compiled library those over TCP use it."""

    def __init__(self, context: GatewayContext, library: Library | None) -> None:
        metrics = MqttMetrics()
        context.metrics.add(PROTOCOL.number, metrics)
        self._sessions = MqttSessions(context, metrics)
        self._router = TopicRouter(self._sessions)
        self._spare = MqttSession(self._sessions, self._router)
        self._batch_reader = (
            None
            if library is None
            else BatchReader(library, context, UNANSWERED_BATCH_MAX, metrics.accepted)
        )

    async def begin(self) -> None:
        """Say the wills of connections that ended with an earlier boot."""
        for left in await self._sessions.wills.left():
            try:
                LastWill(left.will).publish_after(
                    self._sessions, left.device, left.client, left.expiry_s
                )
            except Exception as error:  # noqa: BLE001  # the wills of others are said
                self._sessions.context.connections.faults.note(left.device, error)

    def close(self) -> None:
        """Read nothing more."""
        if self._batch_reader is not None:
            self._batch_reader.close()

    def make(self) -> MqttSession:
        """Return the protocol of a new connection, over whatever carries it."""
        return MqttSession(self._sessions, self._router, self._spare)

    def make_plain(self) -> MqttSession:
        """Return the protocol of a new connection over plain TCP."""
        if self._batch_reader is None:
            return self.make()
        return BatchedSession(self._sessions, self._router, self._spare, self._batch_reader)
