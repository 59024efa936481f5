"""The last will: what a device wants said when it vanishes."""

import asyncio

from tram.fleet.block.block import Message, Protocol
from tram.fleet.device_api.interfaces import Device
from tram.fleet.gateway.protocols.mqtt.packets import properties as props
from tram.fleet.gateway.protocols.mqtt.packets.codec import Will
from tram.fleet.gateway.protocols.mqtt.packets.topics import OWN_SPACE
from tram.fleet.gateway.protocols.mqtt.sessions import MqttSessions
from tram.fleet.gateway.protocols.mqtt.stored_session import StoredMessage, lasting
from tram.fleet.gateway.protocols.mqtt.topic_router import ATTRIBUTES, TELEMETRY
from tram.runtime.errors import Refused

__all__ = ("LastWill",)


class LastWill:
    """One will; it is published as if the device had sent it, or not at all if it comes back."""

    __slots__ = ("_will",)

    def __init__(self, will: Will) -> None:
        self._will = will

    def publish_after(
        self, sessions: MqttSessions, device: Device, client: str, expiry_s: int
    ) -> None:
        """Publish at once, or when delay or session end, whichever comes first (5: 3.1.3.2.2)."""
        delay_s = min((self._will.properties or {}).get(props.WILL_DELAY, 0), expiry_s)
        if not delay_s:
            self._publish(sessions, device, client)
            return
        key = device.device, client
        asyncio.get_running_loop().call_later(
            delay_s, self._publish_unless_back, sessions, key, device
        )

    def _publish_unless_back(
        self, sessions: MqttSessions, key: tuple[int, str], device: Device
    ) -> None:
        if not sessions.is_here(device.device, key[1]):
            self._publish(sessions, device, key[1])

    def _publish(self, sessions: MqttSessions, device: Device, client: str) -> None:
        context, will = sessions.context, self._will
        now_ms = context.clock.now_ms()
        topic = will.topic.encode()
        message = Message(
            device.device,
            device.org,
            0,
            False,  # noqa: FBT003  # a column
            will.qos,
            int(Protocol.MQTT),
            0,
        )
        try:
            if topic == TELEMETRY:
                context.api.telemetry(message, will.payload, now_ms)
            elif topic == ATTRIBUTES:
                context.api.attributes(message, will.payload, now_ms)
            elif will.topic.startswith(OWN_SPACE):
                context.start_quietly(self._pass_on(sessions, device, self._mail(client, now_ms)))
            else:
                raise Refused(  # noqa: TRY301  # one place turns every refusal into an event
                    "topic.unknown",
                    f"A will cannot be published to {will.topic[:100]!r}.",
                    f"Use {TELEMETRY.decode()}, {ATTRIBUTES.decode()} or {OWN_SPACE}…",
                )
        except Refused as error:
            context.api.refuse(device, error, will.payload)
        sessions.wills.gone(device, client)

    async def _pass_on(self, sessions: MqttSessions, device: Device, mail: StoredMessage) -> None:
        try:
            await sessions.pass_on(device.device, mail)
        except Refused as error:
            sessions.context.api.refuse(device, error, mail.payload)

    def _mail(self, client: str, now_ms: int) -> StoredMessage:
        will = self._will
        return StoredMessage(
            will.topic,
            will.payload,
            min(will.qos, 1),
            will.retain,
            *lasting(will.properties or {}, now_ms),
            client,
        )
