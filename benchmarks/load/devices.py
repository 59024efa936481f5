"""A patient fleet in one thread: MQTT 3.1.1, device time, and nothing given up.

What a device sent and nobody acknowledged is sent again after every reconnect: same packet id, same
payload, DUP=1. Every acknowledgement is noted, so that somebody else can check that it was true.
A mixed fleet has devices of QoS 0 (promised nothing), 1 and 2 and of HTTP with idempotency keys;
with several gateways every reconnect may lead to another one.
Slower than the generator in C, but needs no compiler, and a test can steer it.
"""

import asyncio
import contextlib
import random
import threading
from collections.abc import Sequence
from functools import partial

import msgspec
import numpy as np

from benchmarks.acknowledged import ACKNOWLEDGED, Acknowledged
from tram.runtime.clock import SystemClock

__all__ = ("Fleet",)

_TOPIC = b"\x00\x17v1/devices/me/telemetry"
_PACKET_IDS = 65_535
_RETRY_S = 0.1
_ANSWER_S_MAX = 5.0
_CONNACK, _PUBACK, _PUBREC, _PUBCOMP = 0x20, 0x40, 0x50, 0x70
_KINDS = ("qos1", "qos2", "http", "qos0")
_HTTP_OK = b"200"
_REPLY_BYTES = 4
_DUPLICATE = 0x08


class _Connection(asyncio.Protocol):
    """Understands the two packets that a publishing device gets."""

    def __init__(self, device: "_Device") -> None:
        self._device = device
        self._bytes = b""
        self.greeting: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # TCP is both
        self.is_open = True

    def connection_lost(self, _error: Exception | None) -> None:
        self.is_open = False
        if not self.greeting.done():
            self.greeting.set_result(-1)

    def data_received(self, data: bytes) -> None:
        self._bytes += data
        while len(self._bytes) >= _REPLY_BYTES:
            packet, self._bytes = self._bytes[:_REPLY_BYTES], self._bytes[_REPLY_BYTES:]
            if packet[0] == _CONNACK and not self.greeting.done():
                self.greeting.set_result(packet[3])
            elif packet[0] in {_PUBACK, _PUBREC}:
                self._device.acknowledge(int.from_bytes(packet[2:], "big"))
                if packet[0] == _PUBREC:
                    self._transport.write(self._device.release(packet[2:]))
            elif packet[0] == _PUBCOMP:
                self._device.releasing.discard(packet[2:])


class _Device:
    """One device: what it sent, what it still owes."""

    def __init__(self, fleet: "Fleet", number: int, token: str, qos: int = 1) -> None:
        self._fleet = fleet
        self.number = number
        self._token = token.encode()
        self._qos = qos
        self._seq = self._last_ts = 0
        self.unacked: dict[int, tuple[int, int, bytes]] = {}
        self.releasing: set[bytes] = set()

    @property
    def owes(self) -> bool:
        """Whether something sent is not settled yet."""
        return bool(self.unacked or self.releasing)

    def release(self, packet_id: bytes) -> bytes:
        """Return the PUBREL of a message of QoS 2."""
        self.releasing.add(packet_id)
        return b"\x62\x02" + packet_id

    def acknowledge(self, packet_id: int) -> None:
        """Note the message as acknowledged; a second PUBACK for it means nothing."""
        sent = self.unacked.pop(packet_id, None)
        if sent is not None:
            self._fleet.acked.append((self.number, sent[0], sent[1]))

    async def live(self) -> None:
        """Connect again and again until the fleet stops and nothing is owed."""
        while not self._fleet.is_done(self):
            with contextlib.suppress(OSError, TimeoutError):  # the next try is the remedy
                await self._connect()
            await asyncio.sleep(_RETRY_S)

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        transport, connection = await loop.create_connection(
            partial(_Connection, self), "127.0.0.1", self._fleet.gateway()[0]
        )
        try:
            transport.write(self._connect_packet())
            async with asyncio.timeout(_ANSWER_S_MAX):
                code = await connection.greeting
            if code == 0:
                await self._talk(connection, transport)
            else:
                self._fleet.refused.append(code)
        finally:
            transport.abort()

    async def _talk(self, connection: _Connection, transport: asyncio.Transport) -> None:
        for _, _, packet in self.unacked.values():
            transport.write(bytes([packet[0] | _DUPLICATE]) + packet[1:])
            self._fleet.resent += 1
        for packet_id in self.releasing:
            transport.write(self.release(packet_id))
        while connection.is_open and not self._fleet.is_done(self):
            if self._fleet.is_sending and len(self.unacked) < self._fleet.window:
                transport.write(self._next_message())
            await asyncio.sleep(self._fleet.pause_s)
        if connection.is_open:
            transport.write(b"\xe0\x00")
            await asyncio.sleep(0)

    def _next_body(self) -> bytes:
        self._seq += 1
        self._last_ts = max(self._last_ts + 1, self._fleet.clock.now_ms())
        values = {"seq": self._seq, "noise": self._fleet.rng.random()}
        return msgspec.json.encode({"ts": self._last_ts, "values": values})

    def _next_message(self) -> bytes:
        body = self._next_body()
        if not self._qos:
            self._fleet.unpromised += 1
            return _packet(0x30, _TOPIC + body)
        packet_id = (self._seq - 1) % _PACKET_IDS + 1
        head = 0x30 | self._qos << 1
        packet = _packet(head, _TOPIC + packet_id.to_bytes(2, "big") + body)
        self.unacked[packet_id] = (self._seq, self._last_ts, packet)
        self._fleet.sent += 1
        return packet

    def _connect_packet(self) -> bytes:
        name = b"fleet-%d" % self.number
        fields = b"\x00\x04MQTT\x04\x80\x00\x00"  # keeps its session, no keep-alive
        for text in (name, self._token):
            fields += len(text).to_bytes(2, "big") + text
        return _packet(0x10, fields)


class _HttpDevice(_Device):
    """The same over HTTP: one request after the other, repeated with its key until it is answered."""

    async def _connect(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._fleet.gateway()[1])
        try:
            while not self._fleet.is_done(self):
                if not self.unacked and self._fleet.is_sending:
                    body = self._next_body()
                    self.unacked[0] = (self._seq, self._last_ts, body)
                    self._fleet.sent += 1
                if self.unacked:
                    writer.write(self._request(self.unacked[0][2]))
                    async with asyncio.timeout(_ANSWER_S_MAX):
                        if await self._is_accepted(reader):
                            self.acknowledge(0)
                await asyncio.sleep(self._fleet.pause_s)
        except asyncio.IncompleteReadError:
            self._fleet.resent += 1
        finally:
            writer.close()

    def _request(self, body: bytes) -> bytes:
        return (
            b"POST /api/v1/%s/telemetry HTTP/1.1\r\nHost: x\r\nIdempotency-Key: %d-%d\r\n"
            b"Content-Length: %d\r\n\r\n%s"
            % (self._token, self.number, self._seq, len(body), body)
        )

    @staticmethod
    async def _is_accepted(reader: asyncio.StreamReader) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        lengths = [line.partition(b":")[2] for line in lines if line.startswith(b"content-length")]
        await reader.readexactly(int(lengths[0]) if lengths else 0)
        return lines[0].split()[1] == _HTTP_OK


class Fleet:
    """Devices that send until ``stop``; use it as a context manager.

    Each waits ``pause_s`` between messages and has at most ``window`` of them unacknowledged.
    """

    def __init__(
        self,
        port: int,
        devices: Sequence[tuple[int, str]],
        *,
        pause_s: float = 0.03,
        window: int = 8,
        gateways: Sequence[tuple[int, int]] = (),
    ) -> None:
        self.gateways = list(gateways) or [(port, 0)]
        self.pause_s, self.window = pause_s, window
        self.clock = SystemClock()
        self.rng = random.Random(1)
        self.sent = self.resent = self.unpromised = 0
        self.acked: list[tuple[int, int, int]] = []
        self.refused: list[int] = []
        self.is_sending = True
        self._given_up = False
        self._devices = [
            self._device(number, token, _KINDS[place % len(_KINDS)] if gateways else "qos1")
            for place, (number, token) in enumerate(devices)
        ]
        self._thread = threading.Thread(target=self._live, daemon=True)

    def __enter__(self) -> "Fleet":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_sending = False
        self._given_up = True
        self._thread.join()

    @property
    def unacked(self) -> int:
        """How many messages were sent and not acknowledged."""
        return self.sent - len(self.acked)

    def stop(self, seconds: float = 30.0) -> int:
        """Send nothing new, wait until all is acknowledged; return how many are still not."""
        self.is_sending = False
        self._thread.join(seconds)
        return self.unacked

    def acknowledged(self) -> Acknowledged:
        """Return every acknowledged message so far."""
        return np.array(self.acked, dtype=ACKNOWLEDGED)

    def is_done(self, device: _Device) -> bool:
        """Whether this device may go."""
        return self._given_up or not (self.is_sending or device.owes)

    def gateway(self) -> tuple[int, int]:
        """Return the ports (MQTT, HTTP) that the next connection goes to."""
        return self.rng.choice(self.gateways)

    def _device(self, number: int, token: str, kind: str) -> _Device:
        if kind == "http":
            return _HttpDevice(self, number, token)
        return _Device(self, number, token, int(kind[-1]))

    def _live(self) -> None:
        asyncio.run(self._run())

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for device in self._devices:
                group.create_task(device.live())


def _packet(head: int, body: bytes) -> bytes:
    length = len(body)
    if length < 128:
        return bytes([head, length]) + body
    return bytes([head, length & 127 | 128, length >> 7]) + body
