"""Hostile devices with real tokens: packets of MQTT 3.1.1 and 5, HTTP and WebSocket that no manual foresees."""

import asyncio
import base64
import contextlib
import json
import random
import struct
from collections.abc import Callable

from tools.fuzzing.findings import Findings
from tools.fuzzing.scene import Scene
from tools.fuzzing.values import NUMBERS, TEXTS, Values, encode

__all__ = (
    "HostileDevices",
    "connect_packet",
    "packet",
    "publish_packet",
    "string",
    "subscribe_packet",
)

HOST = "127.0.0.1"
ANSWER_S_MAX = 2.0
PACKETS_MAX = 60
MANY = 1_100
"""More than a server gives at once of anything."""
TOPICS = (
    "v1/devices/me/telemetry", "v1/devices/me/attributes", "v1/devices/me/attributes/request/{n}",
    "v1/devices/me/rpc/response/{n}", "v1/devices/me/rpc/request/{n}", "v1/gateway/telemetry",
    "v1/gateway/attributes", "v1/gateway/connect", "v1/gateway/disconnect", "v1/gateway/rpc",
    "v1/gateway/attributes/request", "v1/gateway/claim", "v1/devices/me/claim", "/provision/request",
    "me/in", "me/{n}", "me/{t}", "{t}", "v2/fw/request/{n}/chunk/{n}", "$SYS/{n}", "a/b/c",
)  # fmt: skip
FILTERS = (
    "#",
    "+",
    "me/#",
    "me/+",
    "v1/devices/me/#",
    "v1/gateway/+",
    "$share/g/#",
    "me/#/x",
    "{t}",
)
PATHS = (
    "telemetry", "attributes", "attributes?clientKeys={t}", "rpc", "rpc/{n}", "claim", "{t}",
    "attributes/updates?timeout={n}", "rpc?timeout={n}", "firmware?title={t}&version={n}",
)  # fmt: skip


def string(text: str) -> bytes:
    """Return a string of MQTT; what is no UTF-8 stays as it is."""
    raw = text.encode("utf-8", "surrogatepass")[:65_535]
    return struct.pack(">H", len(raw)) + raw


def packet(head: int, body: bytes) -> bytes:
    """Return a packet with its length."""
    out, count = bytearray((head,)), len(body)
    while True:
        digit, count = count % 128, count // 128
        out.append(digit | (128 if count else 0))
        if not count:
            return bytes(out) + body


def connect_packet(
    token: str, client: str, *, five: bool = False, clean: bool = True, keep_alive_s: int = 60
) -> bytes:
    """Return CONNECT with the token as the user name."""
    flags = 0x80 | (2 if clean else 0)
    head = string("MQTT") + bytes((5 if five else 4, flags)) + struct.pack(">H", keep_alive_s)
    properties = (b"\x05\x11" + struct.pack(">I", 600)) if five and not clean else b"\x00"
    return packet(0x10, head + (properties if five else b"") + string(client) + string(token))


def publish_packet(  # noqa: PLR0913  # the fields of the packet
    topic: str,
    payload: bytes,
    number: int = 1,
    *,
    qos: int = 1,
    retain: bool = False,
    five: bool = False,
) -> bytes:
    """Return PUBLISH."""
    identifier = struct.pack(">H", number % 65_535 + 1) if qos else b""
    properties = b"\x00" if five else b""
    head = 0x30 | qos << 1 | int(retain)
    return packet(head, string(topic) + identifier + properties + payload)


def subscribe_packet(number: int, topic_filter: str, *, five: bool = False) -> bytes:
    """Return SUBSCRIBE for one filter with QoS 1."""
    head = struct.pack(">H", number % 65_535 + 1) + (b"\x00" if five else b"")
    return packet(0x82, head + string(topic_filter) + b"\x01")


def _metrics(number: int, five: bool) -> bytes:  # noqa: FBT001  # one of the table below
    names = {f"m{number}-{place}": number for place in range(200)}
    return publish_packet(TOPICS[0], json.dumps(names).encode(), number, five=five)


def _behind(number: int, five: bool) -> bytes:  # noqa: FBT001  # the same
    body = json.dumps({f"d{number}": [{"x": number}]}).encode()
    return publish_packet("v1/gateway/telemetry", body, number, five=five)


_MANY: dict[str, Callable[[int, bool], bytes]] = {
    "retained": lambda n, five: publish_packet(f"me/r{n}", b"x", n, retain=True, five=five),
    "queued": lambda n, five: publish_packet("me/q", b"%d" % n, n, five=five),
    "subscriptions": lambda n, five: subscribe_packet(n, f"me/s{n}", five=five),
    "metrics": _metrics,
    "devices": _behind,
}


class HostileDevices:
    """Each call of ``act`` is one deed of one device, drawn from the seed alone."""

    def __init__(self, scene: Scene, findings: Findings) -> None:
        self._scene = scene
        self._findings = findings

    async def act(self, seed: str) -> None:
        """Do one deed; the answers do not matter, only what becomes of others."""
        rng = random.Random(seed)
        device, token = rng.choice(self._scene.hostile.devices)
        deed = rng.choices(
            (self._mqtt, self._http, self._websocket, self._many), weights=(10, 5, 2, 1)
        )[0]
        self._findings.act("device", f"{seed} {deed.__name__} device {device}")
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
            async with asyncio.timeout(30):
                await deed(rng, token)

    async def _mqtt(self, rng: random.Random, token: str) -> None:
        five = rng.random() < 0.5
        first = connect_packet(
            token, f"c{rng.randint(0, 30)}", five=five, clean=rng.random() < 0.6
        )  # fmt: skip
        await self._say("mqtt", rng, [first, *_packets(rng, five=five)])

    async def _websocket(self, rng: random.Random, token: str) -> None:
        """Speak MQTT through a WebSocket, with frames as damaged as the packets."""
        key = base64.b64encode(rng.randbytes(16)).decode()
        hello = (
            f"GET /mqtt HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: mqtt\r\n\r\n"
        )
        parts = [connect_packet(token, "w"), *_packets(rng, five=False)]
        frames = [_frame(rng, part) for part in parts]
        await self._say("http", rng, [hello.encode(), *frames])

    async def _http(self, rng: random.Random, token: str) -> None:
        parts = []
        for _ in range(rng.randint(1, 6)):
            path = _filled(rng, rng.choice(PATHS)).encode("utf-8", "replace").decode("latin-1")
            path = path.replace(" ", "%20").replace("\r", "").replace("\n", "")
            body = _payload(rng)
            length = len(body) if rng.random() < 0.9 else rng.choice((0, 10**6, 10**30, -1))
            method = rng.choice(("POST", "POST", "POST", "GET", "PUT", "HEAD", "X" * 50))
            head = f"{method} /api/v1/{token}/{path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n"
            extra = rng.choice(
                ("", "Idempotency-Key: a\r\n", "Expect: 100-continue\r\n", "A: b\r\n" * 500)
            )
            parts.append((head + extra + "\r\n").encode("latin-1", "replace") + body)
        await self._say("http", rng, parts)

    async def _many(self, rng: random.Random, token: str) -> None:
        """More of one thing than anybody asks for at once."""
        five = rng.random() < 0.5
        all_own = subscribe_packet(0, "me/#", five=five)
        kind = rng.choice(("clients", *_MANY))
        if kind == "clients":
            for _ in range(rng.randint(1, 40)):
                client = f"k{rng.randint(0, 2 * MANY)}"
                await self._say(
                    "mqtt", rng, [connect_packet(token, client, five=five, clean=False), all_own]
                )
            return
        count = MANY if kind != "metrics" else MANY // 20
        parts = [_MANY[kind](number, five) for number in range(count)]
        start = connect_packet(token, "many", five=five, clean=False)
        await self._say("mqtt", rng, [start, *parts, all_own], whole=True)

    async def _say(
        self, door: str, rng: random.Random, parts: list[bytes], *, whole: bool = False
    ) -> None:
        reader, writer = await asyncio.open_connection(HOST, self._scene.ports[door])
        try:
            for part in parts:
                damaged = part if whole or rng.random() < 0.95 else _damaged(rng, part)
                writer.write(damaged)
                await writer.drain()
            if rng.random() < 0.3:
                return  # gone at once, unread
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ANSWER_S_MAX):
                    while await reader.read(65_536):
                        pass
        finally:
            writer.transport.abort() if rng.random() < 0.5 else writer.close()


def _packets(rng: random.Random, *, five: bool) -> list[bytes]:
    found: list[bytes] = []
    for number in range(rng.randint(1, PACKETS_MAX)):
        chance = rng.random()
        properties = _properties(rng) if five else b""
        identifier = struct.pack(">H", rng.choice((0, 1, 2, number, 65_535)))
        if chance < 0.6:
            topic = _filled(rng, rng.choice(TOPICS))
            qos = rng.choice((0, 1, 1, 2, 3))
            head = 0x30 | qos << 1 | rng.choice((0, 0, 1, 8))
            body = string(topic) + (identifier if qos else b"") + properties + _payload(rng)
            found.append(packet(head, body))
        elif chance < 0.8:
            filters = b"".join(
                string(_filled(rng, rng.choice(FILTERS))) + bytes((rng.choice((0, 1, 2, 3, 255)),))
                for _ in range(rng.choice((0, 1, 3, 200)))
            )
            found.append(packet(rng.choice((0x82, 0xA2, 0x80)), identifier + properties + filters))
        elif chance < 0.95:
            head = rng.choice((0x40, 0x50, 0x62, 0x70, 0xC0, 0xE0, 0xF0))
            found.append(packet(head, rng.choice((b"", identifier, identifier + properties))))
        else:
            found.append(packet(rng.randrange(256), rng.randbytes(rng.randint(0, 200))))
    return found


def _properties(rng: random.Random) -> bytes:
    if rng.random() < 0.6:
        return b"\x00"
    some = b"".join(
        rng.choice(
            (
                b"\x26" + string(rng.choice(TEXTS)[:60]) + string("v"),
                b"\x23" + struct.pack(">H", rng.randrange(65_536)),
                b"\x02" + struct.pack(">I", rng.choice((0, 1, 2**32 - 1))),
                b"\x08" + string(rng.choice(TEXTS)[:60]),
                b"\x09" + string("c" * rng.choice((1, 5_000))),
                b"\x0b\x00",
                b"\x01\x05",
            )
        )
        for _ in range(rng.choice((1, 2, 150)))
    )
    return packet(0, some)[1:]


def _payload(rng: random.Random) -> bytes:
    values = Values(rng)
    chance = rng.random()
    if chance < 0.2:
        return encode(values.anything(), rng)
    if chance < 0.5:
        row = {
            "ts": rng.choice((*NUMBERS, values.text())),
            "values": {values.text(): values.anything(3)},
        }
        return encode(rng.choice((row, [row] * 50)), rng)
    if chance < 0.7:
        answer = {"device": values.text(), "id": values.number(), "data": values.anything(2)}
        return encode(rng.choice((answer, {values.text(): [answer]})), rng)
    if chance < 0.9:
        return encode({"temp": rng.random(), values.text(): values.number()}, rng)
    return rng.randbytes(rng.choice((0, 1, 100, 70_000)))


def _filled(rng: random.Random, pattern: str) -> str:
    text = rng.choice(TEXTS)[:200]
    number = rng.choice((*NUMBERS, "99999999999999999999", "1e5", "-0", "٣"))
    return pattern.replace("{n}", str(number)).replace("{t}", text)


def _damaged(rng: random.Random, part: bytes) -> bytes:
    if not part:
        return part
    place = rng.randrange(len(part))
    return rng.choice((part[:place], part[:place] + rng.randbytes(3) + part[place:], part[place:]))


def _frame(rng: random.Random, part: bytes) -> bytes:
    head = rng.choice((0x82, 0x82, 0x82, 0x82, 0x02, 0x89, 0x88, 0xF2))
    mask = rng.randbytes(4)
    masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(part))
    if len(part) < 126:
        return bytes((head, 0x80 | len(part))) + mask + masked
    if len(part) < 65_536:
        return bytes((head, 0xFE)) + struct.pack(">H", len(part)) + mask + masked
    return bytes((head, 0xFF)) + struct.pack(">Q", len(part)) + mask + masked
