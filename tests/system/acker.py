"""A bad MQTT server: acknowledges, forgets, and breaks connections, to test the loaders against."""

import asyncio
import json
import random
from dataclasses import dataclass, field


@dataclass
class Acker:
    """Keeps every message that it acknowledged; breaks a connection about every ``break_every``."""

    rng: random.Random
    break_every: int = 0
    refuse_first: int = 0
    seen: list[dict[str, float]] = field(default_factory=list)
    acknowledged: set[tuple[int, int]] = field(default_factory=set)
    repeats: int = 0
    marked_repeats: int = 0
    _bodies: set[bytes] = field(default_factory=set)

    async def serve(self) -> asyncio.Server:
        return await asyncio.start_server(self._client, "127.0.0.1", 0)

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._talk(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head, body = await _packet(reader)
            kind = head >> 4
            if kind == 1:
                self.refuse_first -= 1
                refused = self.refuse_first >= 0
                writer.write(b"\x20\x02\x00" + (b"\x03" if refused else b"\x00"))
                if refused:
                    return
            elif kind == 3:
                reply = self._take(head, body)
                if self.break_every and self.rng.randrange(self.break_every) == 0:
                    writer.transport.abort()  # the sender cannot know what arrived
                    return
                writer.write(reply)
            elif kind == 6:
                writer.write(b"\x70\x02" + body[:2])
            elif kind == 14:
                return

    def _take(self, head: int, body: bytes) -> bytes:
        topic_end = 2 + int.from_bytes(body[:2], "big")
        qos = head >> 1 & 3
        payload = body[topic_end + (2 if qos else 0) :]
        if body in self._bodies:
            self.repeats += 1
            self.marked_repeats += head >> 3 & 1
        self._bodies.add(body)
        message = json.loads(payload)
        self.seen.append(message["values"])
        self.acknowledged.add((message["values"]["seq"], message["ts"]))
        packet_id = body[topic_end : topic_end + 2]
        return {0: b"", 1: b"\x40\x02" + packet_id, 2: b"\x50\x02" + packet_id}[qos]


async def _packet(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readexactly(1))[0]
    length = shift = 0
    while True:
        byte = (await reader.readexactly(1))[0]
        length |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return head, await reader.readexactly(length)
