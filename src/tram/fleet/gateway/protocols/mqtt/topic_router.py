"""Which verb of the device API a PUBLISH asks for, by its topic; and the own space, which is MQTT's.

What goes straight into the block is answered with it. Everything rarer is *pending work*: a coroutine
during which the connection is not read, so that order stays and the acknowledgement comes when it is
done.
"""

from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, Final, Protocol

import msgspec

from tram.fleet.block.block import Message
from tram.fleet.block.open_block import OpenBlock
from tram.fleet.device_api.interfaces import Device
from tram.fleet.device_api.verbs import topic_unknown
from tram.fleet.gateway.protocols.mqtt.outgoing import Outgoing, SessionLink
from tram.fleet.gateway.protocols.mqtt.packets.properties import Properties
from tram.fleet.gateway.protocols.mqtt.packets.topics import OWN_SPACE, check_topic_name
from tram.fleet.gateway.protocols.mqtt.sessions import MqttSessions
from tram.fleet.gateway.protocols.mqtt.stored_session import StoredMessage, lasting

__all__ = (
    "ATTRIBUTES",
    "PROVISIONER",
    "TELEMETRY",
    "IncomingMessage",
    "PendingWork",
    "Statement",
    "TopicRouter",
)

TELEMETRY: Final = b"v1/devices/me/telemetry"
ATTRIBUTES: Final = b"v1/devices/me/attributes"
PROVISIONER: Final = "provision"
"""The user name of a device that asks for credentials, and nothing else."""
REQUEST_DIGITS_MAX: Final = 19
"""Of the number that a device gives its own request, and finds in the answer's topic."""

_PROVISION: Final = "/provision/request"
_PROVISION_ANSWER: Final = "/provision/response"
_DEVICE: Final = "v1/devices/me/"
_RPC_ANSWER: Final = "v1/devices/me/rpc/response/"

PendingWork = Coroutine[Any, Any, object]
Statement = Callable[[Message, bytes, int], OpenBlock]
"""A verb that puts what was sent into the block at once."""


class IncomingMessage(msgspec.Struct):
    """A PUBLISH whose topic is read: ``message`` is what the block would hold of it."""

    message: Message
    topic: str
    payload: bytes
    now_ms: int
    retain: bool
    properties: Properties


class Publisher(SessionLink, Protocol):
    """The session that a message came from."""

    @property
    def outgoing(self) -> Outgoing:
        """Return the way back."""
        ...


class TopicRouter:
    """Every topic that devices publish to, of one gateway."""

    def __init__(self, sessions: MqttSessions) -> None:
        self._sessions = sessions
        self._api = api = sessions.context.api
        behind = api.behind
        self.own: dict[bytes, Statement] = {TELEMETRY: api.telemetry, ATTRIBUTES: api.attributes}
        """The topics of nearly every message, by their bytes."""
        self._of_behind = {
            "v1/gateway/telemetry": behind.telemetry,
            "v1/gateway/attributes": behind.attributes,
        }
        self._work: dict[str, Callable[[Device, bytes], PendingWork]] = {
            "v1/devices/me/claim": api.claim,
            "v1/gateway/disconnect": behind.disconnect,
            "v1/gateway/rpc": behind.answer_call,
            "v1/gateway/claim": behind.claim,
        }
        self._work_of_session: dict[str, Callable[[Publisher, bytes], PendingWork]] = {
            "v1/gateway/connect": self._connect,
            "v1/gateway/attributes/request": self._ask_of_behind,
        }
        self._questions = (
            (
                "v1/devices/me/attributes/request/",
                "v1/devices/me/attributes/response/",
                api.ask_attributes,
            ),
            ("v1/devices/me/rpc/request/", _RPC_ANSWER, api.call_server),
        )

    def take(self, session: Publisher, incoming: IncomingMessage) -> OpenBlock | PendingWork:
        """Return the block that the message went into, or the work that it asks for.

        Raises:
            Refused: ``topic.unknown``, or what the verb refuses.
            Malformed: if the topic is not one.
        """
        topic, payload = incoming.topic, incoming.payload
        check_topic_name(topic)
        if session.is_provisioning:
            if topic == _PROVISION:
                return self._tell(session, _PROVISION_ANSWER, self._api.provision(payload))
            raise topic_unknown(topic)
        work = self._work.get(topic)
        if work is not None:
            return work(session.device, payload)
        of_session = self._work_of_session.get(topic)
        if of_session is not None:
            return of_session(session, payload)
        return self._take_values(session, incoming)

    def _take_values(
        self, session: Publisher, incoming: IncomingMessage
    ) -> OpenBlock | PendingWork:
        topic, message, payload = incoming.topic, incoming.message, incoming.payload
        of_behind = self._of_behind.get(topic)
        if of_behind is not None:
            return of_behind(session.device, message, payload, incoming.now_ms)
        if topic.startswith(_DEVICE):
            return self._numbered(session, topic, payload)
        if topic.startswith(OWN_SPACE):
            return self._own(session, incoming)
        return self._api.free(session.device, topic, message, payload, incoming.now_ms)

    def _numbered(self, session: Publisher, topic: str, payload: bytes) -> PendingWork:
        """Return what a topic that ends in a number asks for: a question, or the answer to a call."""
        start, _, number = topic.rpartition("/")
        if number.isascii() and number.isdigit():
            if f"{start}/" == _RPC_ANSWER:
                return self._api.answer_call(session.device, number, payload)
            for asked, answered, ask in self._questions:
                if f"{start}/" == asked and len(number) <= REQUEST_DIGITS_MAX:
                    return self._tell(session, answered + number, ask(session.device, payload))
        raise topic_unknown(topic)

    async def _tell(self, session: Publisher, topic: str, answer: Awaitable[bytes]) -> None:
        session.outgoing.tell(topic, await answer)

    async def _connect(self, session: Publisher, payload: bytes) -> None:
        await self._api.behind.connect(session.device, payload)
        session.outgoing.send_downlinks()

    async def _ask_of_behind(self, session: Publisher, payload: bytes) -> None:
        answer = await self._api.behind.ask_attributes(session.device, payload)
        session.outgoing.tell("v1/gateway/attributes/response", answer)

    async def _own(self, session: Publisher, incoming: IncomingMessage) -> None:
        """Bring a message to the device's other programs."""
        mail = StoredMessage(
            incoming.topic,
            incoming.payload,
            min(incoming.message.qos, 1),
            incoming.retain,
            *lasting(incoming.properties, incoming.now_ms),
            session.client_id,
        )
        self._sessions.metrics.accepted[incoming.message.qos] += 1
        charge = partial(self._sessions.context.connections.backpressure.charge, session)
        await self._sessions.pass_on(session.device.device, mail, charge)
