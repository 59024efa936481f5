"""A patient fleet in one thread: MQTT 3.1.1, QoS 1, device time, and nothing given up.

What a device sent and nobody acknowledged is sent again after every reconnect: same packet id, same
payload, DUP=1. Every acknowledgement is noted, so that somebody else can check that it was true.
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
_CONNACK, _PUBACK = 0x20, 0x40
_REPLY_BYTES = 4
_DUPLICATE = 0x08


class _Connection(asyncio.Protocol):
    """Understands the two packets that a publishing device gets."""

    def __init__(self, device: "_Device") -> None:
        self._device = device
        self._bytes = b""
        self.greeting: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.is_open = False

    def connection_made(self, _transport: asyncio.BaseTransport) -> None:
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
            elif packet[0] == _PUBACK:
                self._device.acknowledge(int.from_bytes(packet[2:], "big"))


class _Device:
    """One device: what it sent, what it still owes."""

    def __init__(self, fleet: "Fleet", number: int, token: str) -> None:
        self._fleet = fleet
        self.number = number
        self._token = token.encode()
        self._seq = self._last_ts = 0
        self.unacked: dict[int, tuple[int, int, bytes]] = {}

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
            partial(_Connection, self), "127.0.0.1", self._fleet.port
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
        while connection.is_open and not self._fleet.is_done(self):
            if self._fleet.is_sending and len(self.unacked) < self._fleet.window:
                transport.write(self._next_message())
            await asyncio.sleep(self._fleet.pause_s)
        if connection.is_open:
            transport.write(b"\xe0\x00")
            await asyncio.sleep(0)

    def _next_message(self) -> bytes:
        self._seq += 1
        self._last_ts = max(self._last_ts + 1, self._fleet.clock.now_ms())
        packet_id = (self._seq - 1) % _PACKET_IDS + 1
        values = {"seq": self._seq, "noise": self._fleet.rng.random()}
        body = msgspec.json.encode({"ts": self._last_ts, "values": values})
        packet = _packet(0x32, _TOPIC + packet_id.to_bytes(2, "big") + body)
        self.unacked[packet_id] = (self._seq, self._last_ts, packet)
        self._fleet.sent += 1
        return packet

    def _connect_packet(self) -> bytes:
        name = b"fleet-%d" % self.number
        fields = b"\x00\x04MQTT\x04\x80\x00\x00"  # keeps its session, no keep-alive
        for text in (name, self._token):
            fields += len(text).to_bytes(2, "big") + text
        return _packet(0x10, fields)


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
    ) -> None:
        self.port, self.pause_s, self.window = port, pause_s, window
        self.clock = SystemClock()
        self.rng = random.Random(1)
        self.sent = self.resent = 0
        self.acked: list[tuple[int, int, int]] = []
        self.refused: list[int] = []
        self.is_sending = True
        self._given_up = False
        self._devices = [_Device(self, number, token) for number, token in devices]
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
        return self._given_up or not (self.is_sending or device.unacked)

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
