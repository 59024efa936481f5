"""The smallest MQTT 3.1.1 sender that keeps the promise: one connection, one message at a time."""

import asyncio

from tram.fleet.gateway.protocols.mqtt.packets import codec
from tram.runtime.errors import Refused, Unavailable

__all__ = ("ATTRIBUTES", "TELEMETRY", "MqttSender", "open_sender")

TELEMETRY = "v1/devices/me/telemetry"
ATTRIBUTES = "v1/devices/me/attributes"
_KEEP_ALIVE_S = 300
_ANSWER_S_MAX = 30.0
_SHORT_PACKET_BYTES = 4
_PACKET_ID_MAX = 65_535
_BAD_CREDENTIALS = (codec.WRONG_TOKEN, codec.NOT_AUTHORISED)


class MqttSender:
    """One device's connection; ``send`` returns when the platform has the message on disk."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._packet_id = 0

    async def send(self, payload: bytes, topic: str = TELEMETRY) -> None:
        """Publish with QoS 1 and wait for its PUBACK.

        Raises:
            Unavailable: if it does not come; the caller connects anew and sends again.
        """
        self._packet_id = self._packet_id % _PACKET_ID_MAX + 1
        answer = await self._ask(codec.build_publish(topic, payload, 1, self._packet_id))
        if answer != codec.build_with_id(codec.PUBACK, self._packet_id):
            raise Unavailable("demo.no_answer", "The gateway answered something else.")

    async def close(self) -> None:
        """Say good-bye and close."""
        try:
            self._writer.write(codec.build_packet(codec.DISCONNECT))
            self._writer.close()
            await self._writer.wait_closed()
        except OSError:
            return

    async def greet(self, token: str) -> None:
        """Sign in with the device's token as the user name.

        Raises:
            Refused: if the platform does not know the token.
            Unavailable: if it cannot say now.
        """
        asking = codec.Connect(codec.LEVEL_3_1_1, keep_alive_s=_KEEP_ALIVE_S, user_name=token)
        answer = await self._ask(codec.build_connect(asking))
        code = answer[-1]
        if code in _BAD_CREDENTIALS:
            raise Refused("demo.token", "The platform does not know a simulated device's token.")
        if answer[0] != codec.CONNACK or code != 0:
            raise Unavailable("demo.no_answer", f"The gateway is not ready (code {code}).")

    async def _ask(self, packet: bytes) -> bytes:
        """Send a packet and return the four bytes of its answer."""
        try:
            self._writer.write(packet)
            async with asyncio.timeout(_ANSWER_S_MAX):
                await self._writer.drain()
                return await self._reader.readexactly(_SHORT_PACKET_BYTES)
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            raise Unavailable("demo.no_answer", "The gateway does not answer.") from error


async def open_sender(host: str, port: int, token: str) -> MqttSender:
    """Connect and sign in.

    Raises:
        Refused: if the token is unknown.
        Unavailable: if the gateway is not there or not ready.
    """
    try:
        reader, writer = await asyncio.open_connection(host, port)
    except OSError as error:
        raise Unavailable("demo.no_answer", "The gateway is not there.") from error
    sender = MqttSender(reader, writer)
    try:
        await sender.greet(token)
    except (Refused, Unavailable):
        writer.close()
        raise
    return sender
