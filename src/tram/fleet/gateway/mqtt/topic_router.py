"""What a device's PUBLISH means, by its topic: values, facts, answers, questions, its own space.

Values of a device and of those behind it go straight into the block. Everything rarer is an
*errand*: a coroutine during which the connection is not read, so that order stays and the
acknowledgement comes when the errand is done.
"""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Final, TypeVar

import msgspec

from tram.domain.bounds import Number
from tram.domain.reading import INTEGER_MAX, INTEGER_MIN
from tram.fleet.block.block import Message
from tram.fleet.device.payload import decode_attributes, decode_telemetry, parse_json
from tram.fleet.device.topics import rule_of
from tram.fleet.device_api.downlinks import DownlinkReport, call_number
from tram.fleet.device_api.interfaces import Device
from tram.fleet.gateway.block_writer import OpenBlock
from tram.fleet.gateway.mqtt import properties as props
from tram.fleet.gateway.mqtt.outgoing import Outgoing
from tram.fleet.gateway.mqtt.properties import Properties
from tram.fleet.gateway.mqtt.sessions import MqttSessions
from tram.fleet.gateway.mqtt.stored_session import StoredMessage
from tram.fleet.gateway.mqtt.topics import OWN_SPACE, check_topic_name
from tram.runtime.errors import Refused

__all__ = (
    "ATTRIBUTES",
    "PROVISIONER",
    "TELEMETRY",
    "IncomingMessage",
    "PendingWork",
    "TopicRouter",
)

TELEMETRY: Final = b"v1/devices/me/telemetry"
ATTRIBUTES: Final = b"v1/devices/me/attributes"
PROVISIONER: Final = "provision"
"""The user name of a device that asks for credentials, and nothing else."""
TOPIC_CHARS_SHOWN: Final = 100
DEVICES_MAX: Final = 1_000
"""Most devices behind a gateway in one message."""
REQUEST_DIGITS_MAX: Final = 19
"""Of the number that a device gives its own request, and finds in the answer's topic."""

_PROVISION: Final = "/provision/request"
_PROVISION_ANSWER: Final = "/provision/response"
_ASK_ATTRIBUTES: Final = "v1/devices/me/attributes/request/"
_ATTRIBUTES_ANSWER: Final = "v1/devices/me/attributes/response/"
_RPC_ANSWER: Final = "v1/devices/me/rpc/response/"
_RPC_ASK: Final = "v1/devices/me/rpc/request/"
_PASSED_ON: Final = (
    props.PAYLOAD_FORMAT,
    props.CONTENT_TYPE,
    props.RESPONSE_TOPIC,
    props.CORRELATION_DATA,
    props.USER_PROPERTY,
)

PendingWork = Coroutine[Any, Any, None]
RequestId = Annotated[int, msgspec.Meta(ge=INTEGER_MIN, le=INTEGER_MAX)]
_Form = TypeVar("_Form")


_decode_parts: Final = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class IncomingMessage(msgspec.Struct):
    """A PUBLISH whose topic is read: ``message`` is what the block would hold of it."""

    message: Message
    topic: str
    payload: bytes
    now_ms: int
    retain: bool
    properties: Properties


class _Ask(msgspec.Struct):
    id: RequestId = 0
    device: str = ""
    client: bool = False
    key: str = ""
    keys: list[str] = []


class _Answer(msgspec.Struct):
    device: str
    id: Number
    data: msgspec.Raw = msgspec.Raw(b"null")


class _Link(msgspec.Struct):
    device: str
    type: str = ""


class TopicRouter:
    """Every topic that devices publish to, of one gateway."""

    def __init__(self, sessions: MqttSessions) -> None:
        self._sessions = sessions
        self._context = sessions.context
        self._exact: dict[str, Callable[[Outgoing, IncomingMessage], OpenBlock | PendingWork]] = {
            "v1/devices/me/claim": self._claim,
            "v1/gateway/telemetry": self._of_behind,
            "v1/gateway/attributes": self._of_behind,
            "v1/gateway/connect": self._connect,
            "v1/gateway/disconnect": self._disconnect,
            "v1/gateway/attributes/request": self._ask_of_behind,
            "v1/gateway/rpc": self._rpc_of_behind,
            "v1/gateway/claim": self._claim_of_behind,
        }

    def take(self, session: Outgoing, incoming: IncomingMessage) -> OpenBlock | PendingWork:
        """Return the batch that the message went into, or the errand that it asks for.

        Raises:
            Refused: ``topic.unknown``, or what the decoder refuses.
            Malformed: if the topic is not one.
        """
        topic = incoming.topic
        check_topic_name(topic)
        if session.is_provisioning:
            if topic == _PROVISION:
                return self._provision(session, incoming)
            raise _unknown(topic)
        exact = self._exact.get(topic)
        if exact is not None:
            return exact(session, incoming)
        if topic.startswith("v1/devices/me/"):
            return self._numbered(session, incoming)
        if topic.startswith(OWN_SPACE):
            return self._own(session, incoming)
        return self._free(session, incoming)

    # The device itself

    def _numbered(self, session: Outgoing, incoming: IncomingMessage) -> PendingWork:
        topic = incoming.topic
        for start, take in (
            (_ASK_ATTRIBUTES, self._ask_attributes),
            (_RPC_ANSWER, self._answer),
            (_RPC_ASK, self._ask_server),
        ):
            number = topic.removeprefix(start)
            if number is not topic and number.isascii() and number.isdigit():
                if take != self._answer and len(number) > REQUEST_DIGITS_MAX:
                    raise _unknown(topic)
                return take(session, incoming, number)
        raise _unknown(topic)

    async def _ask_attributes(
        self, session: Outgoing, incoming: IncomingMessage, number: str
    ) -> None:
        answer = await self._context.queries.ask(
            "attributes", session.device, incoming.payload or b"{}"
        )
        session.tell(_ATTRIBUTES_ANSWER + number, answer)

    async def _ask_server(self, session: Outgoing, incoming: IncomingMessage, number: str) -> None:
        answer = await self._context.queries.ask("rpc", session.device, incoming.payload)
        session.tell(f"v1/devices/me/rpc/response/{number}", answer)

    async def _answer(self, session: Outgoing, incoming: IncomingMessage, number: str) -> None:
        await self._report(session, call_number(number), incoming.payload)

    async def _report(self, session: Outgoing, number: int, body: bytes) -> None:
        device = session.device
        self._context.neighbours.downlinks.forget(device.device, number)
        await self._context.neighbours.reports.put(
            DownlinkReport(number, device.device, "answered", self._context.clock.now_ms(), body)
        )

    async def _claim(self, session: Outgoing, incoming: IncomingMessage) -> None:
        await self._context.queries.ask("claim", session.device, incoming.payload or b"{}")

    async def _provision(self, session: Outgoing, incoming: IncomingMessage) -> None:
        answer = await self._context.queries.ask("provision", None, incoming.payload)
        session.tell(_PROVISION_ANSWER, answer)

    # Devices behind a gateway

    def _of_behind(self, session: Outgoing, incoming: IncomingMessage) -> OpenBlock | PendingWork:
        """Take the values or facts of devices behind this one, by their names."""
        document = _parts_of(incoming.payload)
        if not 0 < len(document) <= DEVICES_MAX:
            raise _no_devices('{"Device A": [{"ts": 1700000000000, "values": {"t": 21.5}}]}')
        devices: dict[str, Device] = {}
        for name in document:
            device = self._context.queries.known(session.device, name)
            if device is None:
                return self._after_names(session, incoming, document)
            devices[name] = device
        return self._take_of_behind(incoming, document, devices)

    async def _after_names(
        self, session: Outgoing, incoming: IncomingMessage, document: dict[str, msgspec.Raw]
    ) -> None:
        behind = self._context.queries.behind
        devices = {name: await behind(session.device, name) for name in document}
        self._take_of_behind(incoming, document, devices)

    def _take_of_behind(
        self,
        incoming: IncomingMessage,
        document: dict[str, msgspec.Raw],
        devices: dict[str, Device],
    ) -> OpenBlock:
        context = self._context
        telemetry = incoming.topic.endswith("telemetry")
        batch = context.block_writer.batch
        decoded: list[tuple[Message, Any, int]] = []
        for name, part in document.items():
            device = devices[name]
            payload = bytes(part)
            message = incoming.message._replace(device=device.device, org=device.org)
            decode = decode_telemetry(payload, incoming.now_ms) if telemetry else None
            decoded.append((message, decode or decode_attributes(payload), len(payload)))
        for message, found, size in decoded:
            context.metrics.mqtt_by_qos[message.qos] += 1
            batch = (
                context.block_writer.add(message, found, size)
                if telemetry
                else context.take_attributes(message, found, incoming.now_ms)
            )
        return batch

    async def _connect(self, session: Outgoing, incoming: IncomingMessage) -> None:
        link = _read(incoming.payload, _Link)
        await self._context.queries.behind(session.device, link.device, link.type)
        session.send_downlinks()

    async def _disconnect(self, _session: Outgoing, incoming: IncomingMessage) -> None:
        _read(incoming.payload, _Link)

    async def _ask_of_behind(self, session: Outgoing, incoming: IncomingMessage) -> None:
        ask = _read(incoming.payload, _Ask)
        device = await self._context.queries.behind(session.device, ask.device)
        keys = ",".join(ask.keys or [ask.key])
        body = {"clientKeys" if ask.client else "sharedKeys": keys}
        answer = await self._context.queries.ask("attributes", device, msgspec.json.encode(body))
        values = msgspec.json.decode(answer).get("client" if ask.client else "shared", {})
        told: dict[str, Any] = {"id": ask.id, "device": ask.device}
        if ask.keys or not ask.key:
            told["values"] = values
        else:
            told["value"] = values.get(ask.key)
        session.tell("v1/gateway/attributes/response", msgspec.json.encode(told))

    async def _claim_of_behind(self, session: Outgoing, incoming: IncomingMessage) -> None:
        """Offer devices behind this one, each with its own secret."""
        forms = _read(incoming.payload, dict[str, msgspec.Raw])
        if not 0 < len(forms) <= DEVICES_MAX:
            raise _no_devices('{"Device A": {"secretKey": "…", "durationMs": 60000}}')
        for name, form in forms.items():
            device = await self._context.queries.behind(session.device, name)
            await self._context.queries.ask("claim", device, bytes(form))

    async def _rpc_of_behind(self, session: Outgoing, incoming: IncomingMessage) -> None:
        answer = _read(incoming.payload, _Answer)
        await self._report(session, answer.id, bytes(answer.data))

    # Everything else

    def _free(self, session: Outgoing, incoming: IncomingMessage) -> OpenBlock | PendingWork:
        rules = self._context.queries.known_rules(session.device.profile)
        if rules is None:
            return self._after_rules(session, incoming)
        return self._take_free(session, incoming)

    async def _after_rules(self, session: Outgoing, incoming: IncomingMessage) -> None:
        await self._context.queries.rules(session.device)
        self._take_free(session, incoming)

    def _take_free(self, session: Outgoing, incoming: IncomingMessage) -> OpenBlock:
        rules = self._context.queries.known_rules(session.device.profile) or ()
        rule = rule_of(rules, incoming.topic)
        if rule is None:
            raise _unknown(incoming.topic)
        rows = rule.decode(incoming.payload, incoming.now_ms)
        self._context.metrics.mqtt_by_qos[incoming.message.qos] += 1
        return self._context.block_writer.add(incoming.message, rows, len(incoming.payload))

    async def _own(self, session: Outgoing, incoming: IncomingMessage) -> None:
        """Bring a message to the device's other programs."""
        asked = incoming.properties
        lasts_s = asked.get(props.MESSAGE_EXPIRY, 0)
        mail = StoredMessage(
            incoming.topic,
            incoming.payload,
            min(incoming.message.qos, 1),
            incoming.retain,
            incoming.now_ms + lasts_s * 1000 if lasts_s else 0,
            {key: asked[key] for key in _PASSED_ON if key in asked},
            session.client_id,
        )
        self._context.metrics.mqtt_by_qos[incoming.message.qos] += 1
        await self._sessions.pass_on(session.device.device, mail, session.charge)


def _parts_of(payload: bytes) -> dict[str, msgspec.Raw]:
    """Return what an object says of each device, as it came; nothing of what is no object."""
    try:
        return _decode_parts(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        parse_json(payload)  # which says what is wrong with it as JSON
        return {}


def _read(payload: bytes, form: type[_Form]) -> _Form:
    try:
        return msgspec.json.decode(payload, type=form)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(
            "payload.wrong", f"The payload is not what this topic takes: {error}.", ""
        ) from None


def _no_devices(example: str) -> Refused:
    return Refused(
        "payload.wrong",
        f"Expected one object with the names of 1 to {DEVICES_MAX} devices.",
        f"For example {example}.",
    )


def _unknown(topic: str) -> Refused:
    return Refused(
        "topic.unknown",
        f"Nothing is published to {topic[:TOPIC_CHARS_SHOWN]!r}.",
        f"Publish to {TELEMETRY.decode()} or {ATTRIBUTES.decode()}.",
    )
