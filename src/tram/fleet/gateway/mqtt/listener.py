"""Makes the connections of the MQTT ports."""

from tram.fleet.gateway.batch_reader.batch_reader import BatchReader
from tram.fleet.gateway.batch_reader.library import Library
from tram.fleet.gateway.context import GatewayContext
from tram.fleet.gateway.mqtt.batched_session import UNANSWERED_SWEPT_MAX, BatchedSession
from tram.fleet.gateway.mqtt.session import MqttSession
from tram.fleet.gateway.mqtt.sessions import MqttSessions
from tram.fleet.gateway.mqtt.topic_router import TopicRouter
from tram.fleet.gateway.mqtt.will import LastWill

__all__ = ("MqttListener",)


class MqttListener:
    """The MQTT ports of one gateway; with the sweep's library those over plain TCP use it."""

    def __init__(self, context: GatewayContext, library: Library | None) -> None:
        self._sessions = MqttSessions(context)
        self._router = TopicRouter(self._sessions)
        self._batch_reader = (
            None if library is None else BatchReader(library, context, UNANSWERED_SWEPT_MAX)
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
        return MqttSession(self._sessions, self._router)

    def make_plain(self) -> MqttSession:
        """Return the protocol of a new connection over plain TCP."""
        if self._batch_reader is None:
            return self.make()
        return BatchedSession(self._sessions, self._router, self._batch_reader)
