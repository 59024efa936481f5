"""The smallest MQTT 3.1.1 sender that keeps the promise: one connection, one message at a time."""

import asyncio
import struct

from tram.runtime.errors import Refused, Unavailable

__all__ = ("ATTRIBUTES", "TELEMETRY", "MqttSender", "open_sender")

TELEMETRY = "v1/devices/me/telemetry"
ATTRIBUTES = "v1/devices/me/attributes"
_CONNECT, _CONNACK, _PUBLISH, _PUBACK, _DISCONNECT = 0x10, 0x20, 0x32, 0x40, 0xE0
_PROTOCOL = b"\x00\x04MQTT\x04"
_CLEAN_WITH_USER = 0x82
_KEEP_ALIVE_S = 300
_ANSWER_S_MAX = 30.0
_SHORT_PACKET_BYTES = 4
_PACKET_ID_MAX = 65_535
_LENGTH_BITS = 7
_LENGTH_MORE = 0x80
_BAD_CREDENTIALS = (4, 5)


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
        body = _text(topic) + struct.pack(">H", self._packet_id) + payload
        answer = await self._ask(_PUBLISH, body)
        if answer != bytes((_PUBACK, 2)) + struct.pack(">H", self._packet_id):
            raise Unavailable("demo.no_answer", "The gateway answered something else.")

    async def close(self) -> None:
        """Say good-bye and close."""
        try:
            self._writer.write(bytes((_DISCONNECT, 0)))
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
        head = _PROTOCOL + bytes((_CLEAN_WITH_USER,)) + struct.pack(">H", _KEEP_ALIVE_S)
        answer = await self._ask(_CONNECT, head + _text("") + _text(token))
        code = answer[-1]
        if code in _BAD_CREDENTIALS:
            raise Refused("demo.token", "The platform does not know a simulated device's token.")
        if answer[0] != _CONNACK or code != 0:
            raise Unavailable("demo.no_answer", f"The gateway is not ready (code {code}).")

    async def _ask(self, kind: int, body: bytes) -> bytes:
        """Send a packet and return the four bytes of its answer."""
        try:
            self._writer.write(bytes((kind,)) + _length(len(body)) + body)
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


def _text(text: str) -> bytes:
    raw = text.encode()
    return struct.pack(">H", len(raw)) + raw


def _length(count: int) -> bytes:
    """Return MQTT's variable length."""
    out = bytearray()
    while True:
        digit, count = count % _LENGTH_MORE, count >> _LENGTH_BITS
        out.append(digit | (_LENGTH_MORE if count else 0))
        if not count:
            return bytes(out)
