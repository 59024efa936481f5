"""Strangers who hold doors: half requests, dripped bodies, silent WebSockets; and storms of connections."""

import asyncio
import base64
import contextlib
import random
import secrets
from collections.abc import Sequence

import httpx
from tools.fuzzing.devices import connect_packet, publish_packet
from tools.fuzzing.files import hostile_file
from tools.fuzzing.findings import Findings
from tools.fuzzing.scene import Scene, log_in

__all__ = ("Dripping", "Holders", "Senders", "Storms")

HOST = "127.0.0.1"
HELD_MAX = 1_200
HOLD_S_MAX = 60
DYING = 2_000
FIGHT_ROUNDS = 100
UPLOAD_S_MAX = 120


async def _opened(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
    try:
        async with asyncio.timeout(5):
            return await asyncio.open_connection(HOST, port)
    except (OSError, TimeoutError):
        return None


class Holders:
    """Opens hundreds of connections to a door, says half a sentence on each, and stays."""

    def __init__(self, scene: Scene, findings: Findings, most: int = HELD_MAX) -> None:
        self._scene = scene
        self._findings = findings
        self._most = most

    async def act(self, seed: str) -> None:
        """Hold a door for a while."""
        rng = random.Random(seed)
        door = rng.choice(("web", "web", "http", "mqtt"))
        words = rng.choice(
            (
                b"GET / HTTP/1.1\r\nHost: x\r\n",
                b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nlogin=",
                b"GET /api/platform/v1/live?scope=map HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
                b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                + base64.b64encode(secrets.token_bytes(16))
                + b"\r\n\r\n",
                b"\x10\x40\x00\x04MQTT",
                b"\x16\x03\x01",
                b"",
            )
        )
        count = rng.randint(50, self._most)
        held_s = rng.randint(3, HOLD_S_MAX)
        self._findings.act(
            "holder", f"{seed} {count} connections to {door} for {held_s} s: {words[:40]!r}"
        )
        writers: list[asyncio.StreamWriter] = []
        try:
            for _ in range(count):
                opened = await _opened(self._scene.ports[door])
                if opened is None:
                    continue
                opened[1].write(words)
                writers.append(opened[1])
            for _ in range(held_s):
                await asyncio.sleep(1)
                for writer in writers[:: rng.randint(1, 5)]:
                    if not writer.is_closing():
                        writer.write(b"x")
        finally:
            for writer in writers:
                writer.transport.abort()


class Senders:
    """An operator who sends hostile files as lists of stations."""

    def __init__(self, scene: Scene, findings: Findings, files: Sequence[str]) -> None:
        self._scene = scene
        self._findings = findings
        self._files = files

    async def act(self, seed: str) -> None:
        """Send a file, now and then eight times at once."""
        rng = random.Random(seed)
        name = rng.choice(self._files)
        content = await asyncio.to_thread(hostile_file, name, rng)
        times = rng.choice((1, 1, 8))
        self._findings.act("file", f"{seed} {name} {len(content)} bytes, {times} times")
        logins = [p.login for p in self._scene.hostile.people if p.role != "enterprise"]
        login = rng.choice(logins)
        async with httpx.AsyncClient(base_url=self._scene.api, timeout=UPLOAD_S_MAX) as client:
            with contextlib.suppress(httpx.TransportError):
                await log_in(client, login)
                answers = await asyncio.gather(
                    *(
                        client.post("/imports", params={"name": name}, content=content)
                        for _ in range(times)
                    )
                )
                for answer in answers:
                    self._findings.answered("hostile", answer, f"file {name}")


class Storms:
    """Thousands of connections that die at once, and two boards that fight for one name."""

    def __init__(self, scene: Scene, findings: Findings, dying: int = DYING) -> None:
        self._scene = scene
        self._findings = findings
        self._dying = dying

    async def act(self, seed: str) -> None:
        """Raise one storm."""
        rng = random.Random(seed)
        deed = rng.choice((self._die, self._fight))
        self._findings.act("storm", f"{seed} {deed.__name__}")
        await deed(rng)

    async def _die(self, rng: random.Random) -> None:
        writers = []
        for number in range(self._dying):
            _, token = rng.choice(self._scene.hostile.devices)
            opened = await _opened(self._scene.ports["mqtt"])
            if opened is not None:
                opened[1].write(connect_packet(token, f"s{number}"))
                writers.append(opened[1])
        await asyncio.sleep(1)
        for writer in writers:
            writer.transport.abort()

    async def _fight(self, rng: random.Random) -> None:
        _, token = rng.choice(self._scene.hostile.devices)
        await asyncio.gather(*(self._board(token) for _ in range(2)))

    async def _board(self, token: str) -> None:
        for number in range(FIGHT_ROUNDS):
            opened = await _opened(self._scene.ports["mqtt"])
            if opened is None:
                continue
            reader, writer = opened
            writer.write(connect_packet(token, "one name", clean=False))
            writer.write(publish_packet("v1/devices/me/telemetry", b'{"x":1}', number))
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(1):
                    while await reader.read(100):
                        pass
            writer.close()


class Dripping:
    """A receiver of webhooks that answers a byte every second, for ever."""

    def __init__(self, scene: Scene, findings: Findings) -> None:
        self._scene = scene
        self._findings = findings

    async def run(self) -> None:
        """Register sixteen webhooks that drip, ask for notices to them again and again."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(_Drip, HOST, 0)
        port = server.sockets[0].getsockname()[1]
        login = self._scene.hostile.people[0].login
        async with server, httpx.AsyncClient(base_url=self._scene.api, timeout=60) as client:
            await log_in(client, login)
            numbers = []
            for number in range(16):
                form = {"name": f"w{number}", "url": f"http://{HOST}:{port}/{number}"}
                made = await client.post("/alarms/webhooks", json=form)
                if made.is_success:
                    numbers.append(made.json()["id"])
            while True:
                for number in numbers:
                    with contextlib.suppress(httpx.TransportError):
                        await client.post("/alarms/test", json={"webhook": number})
                await asyncio.sleep(5)


class _Drip(asyncio.Protocol):
    """Answers a byte every second, and never ends."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # TCP is both
        self._transport.write(b"HTTP/1.1 200 OK\r\nX: ")
        self._drip()

    def _drip(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(b"A")
            asyncio.get_running_loop().call_later(1, self._drip)
