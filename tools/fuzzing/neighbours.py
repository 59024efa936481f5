"""The well-behaved ones: devices that send with QoS 1, people who look at pages, a program that waits.

Every acknowledged message is noted and looked for at the end; every answer is timed.
"""

import asyncio
import heapq
import json
import random
import time
from collections import defaultdict
from collections.abc import Sequence

import httpx
import numpy as np
from tools.fuzzing.findings import Findings
from tools.fuzzing.scene import Scene, log_in

from tram.app.demo.mqtt import open_sender
from tram.runtime.errors import TramError

__all__ = ("KINDS", "Neighbours", "summary")

HOST = "127.0.0.1"
ADDRESS = "127.0.0.2"
"""The attack comes from another one."""
PERIOD_S = 1.0
LOOK_S = 1.0
NOTICE_S = 10.0
NOTICE_S_MAX = 20.0
STORED_S_MAX = 60.0
ANSWER_S_MAX = 30.0
SLOWEST = 200
"""Answers kept with their time of day, to be laid beside the deeds."""
PAGES = ("/", "/devices", "/alarms", "/map")
KINDS = ("puback", "page", "api", "notice")


class Neighbours:
    """One organisation's everyday life; ``phase`` names under what the times are kept."""

    def __init__(self, scene: Scene, findings: Findings, seed: int) -> None:
        self._scene = scene
        self._findings = findings
        self._rng = random.Random(seed)
        self._sent: dict[int, list[int]] = defaultdict(list)
        self._notices: dict[float, asyncio.Event] = {}
        self.times_s: dict[tuple[str, str], list[float]] = defaultdict(list)
        self._slowest: list[tuple[float, float, str]] = []
        self.phase = "quiet"
        self._is_over = False

    async def live(self) -> None:
        """Go on until ``end``."""
        scene = self._scene
        async with asyncio.TaskGroup() as group:
            for device, token in scene.neighbour.devices:
                group.create_task(self._device(device, token))
            for person in scene.neighbour.people:
                group.create_task(self._person(person.login))
            group.create_task(self._program(scene.neighbour.people[0].login))

    def end(self) -> None:
        """Finish what is under way, then stop."""
        self._is_over = True

    def p99_s(self, kind: str, phase: str) -> float:
        """Return the time within which 99 of 100 were answered; NaN without any."""
        times = self.times_s.get((kind, phase), [])
        return float(np.percentile(times, 99)) if times else float("nan")

    def count(self, kind: str, phase: str) -> int:
        """Return how many were timed."""
        return len(self.times_s.get((kind, phase), []))

    def slowest(self) -> list[str]:
        """Return the slowest answers, as deeds are noted: when it came, what it was, how long it took."""
        return [
            f"{at_s:.3f} {what} took {took_s:.3f} s"
            for took_s, at_s, what in sorted(self._slowest, reverse=True)
        ]

    # Devices

    async def _device(self, device: int, token: str) -> None:
        port = self._scene.ports["mqtt"]
        await asyncio.sleep(self._rng.random() * PERIOD_S)
        sent_ms = 0
        while not self._is_over:
            try:
                async with asyncio.timeout(ANSWER_S_MAX):
                    sender = await open_sender(HOST, port, token)
            except (TramError, TimeoutError) as error:
                self._findings.add("lost", f"device {device} cannot connect: {error!r}")
                await asyncio.sleep(PERIOD_S)
                continue
            try:
                while not self._is_over:
                    sent_ms = max(sent_ms + 1, time.time_ns() // 1_000_000)
                    body = json.dumps({"ts": sent_ms, "values": {"seq": len(self._sent[device])}})
                    start_s = time.monotonic()
                    await sender.send(body.encode())
                    self._timed("puback", start_s)
                    self._sent[device].append(sent_ms)
                    await asyncio.sleep(PERIOD_S)
            except TramError as error:
                self._findings.add("lost", f"device {device} lost its connection: {error!r}")
            finally:
                await sender.close()

    async def unstored(self) -> int:
        """Wait for the store, then return how many acknowledged messages are not among the readings."""
        start_s, missing = time.monotonic(), -1
        while missing and time.monotonic() - start_s < STORED_S_MAX:
            await asyncio.sleep(1)
            missing = await self._missing()
        return missing

    async def _missing(self) -> int:
        missing = 0
        async with self._client() as client:
            await log_in(client, self._scene.neighbour.people[0].login)
            for device, times in self._sent.items():
                query = {"device": device, "start_ms": min(times), "end_ms": max(times) + 1}
                answer = await client.get("/exports/csv", params={**query, "metric": "seq"})
                self._findings.answered("neighbour", answer, "export of its readings")
                missing += max(0, len(times) - (answer.text.count("\n") - 1))
        return missing

    # People

    async def _person(self, login: str) -> None:
        base = self._scene.web_url
        while not self._is_over:
            try:
                async with self._client() as api:
                    await self._in(api, login)
                    for _ in range(self._rng.randint(10, 30)):
                        page = base + self._rng.choice(PAGES)
                        await self._look(api, "page", page)
                        device, _ = self._rng.choice(self._scene.neighbour.devices)
                        await self._look(api, "api", f"/devices/{device}/latest")
                        if self._is_over:
                            break
                        await asyncio.sleep(LOOK_S * (0.5 + self._rng.random()))
            except httpx.TransportError as error:
                self._findings.add("lost", f"{login} got no answer: {error!r}")
                await asyncio.sleep(LOOK_S)

    async def _in(self, client: httpx.AsyncClient, login: str) -> None:
        start_s = time.monotonic()
        status = await log_in(client, login)
        self._timed("api", start_s, "/session")
        if status != httpx.codes.CREATED:
            self._findings.add("lost", f"{login} cannot log in: {status}")

    async def _look(self, client: httpx.AsyncClient, kind: str, address: str) -> None:
        start_s = time.monotonic()
        answer = await client.get(address)
        self._timed(kind, start_s, address)
        if not answer.is_success:
            self._findings.add("lost", f"neighbour: {answer.status_code} at {address}")

    # A program that is told

    async def _program(self, login: str) -> None:
        """Ask for a test notice now and then, and wait until it comes."""
        server = await asyncio.start_server(self._hear, HOST, 0)
        url = f"http://{HOST}:{server.sockets[0].getsockname()[1]}/"
        async with (
            server,
            self._client() as api,
        ):
            await self._in(api, login)
            made = await api.post("/alarms/webhooks", json={"name": "nghe", "url": url})
            if not made.is_success:
                self._findings.add("lost", f"no webhook: {made.status_code} {made.text}")
                return
            while not self._is_over:
                await self._told(api, made.json()["id"])
                await asyncio.sleep(NOTICE_S)

    async def _told(self, api: httpx.AsyncClient, webhook: int) -> None:
        start_s = time.monotonic()
        heard = self._notices[start_s] = asyncio.Event()
        try:
            answer = await api.post("/alarms/test", json={"webhook": webhook})
            if not answer.is_success:
                self._findings.add("lost", f"no test notice: {answer.status_code} {answer.text}")
                return
            async with asyncio.timeout(NOTICE_S_MAX):
                await heard.wait()
            self._timed("notice", start_s)
        except (TimeoutError, httpx.TransportError) as error:
            self._findings.add("lost", f"a notice did not come: {error!r}")
        finally:
            self._notices.clear()

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()
        for event in self._notices.values():
            event.set()

    def _client(self) -> httpx.AsyncClient:
        """Return a client at an address of the neighbours' own, as an office has one."""
        way = httpx.AsyncHTTPTransport(local_address=ADDRESS)
        return httpx.AsyncClient(transport=way, base_url=self._scene.api, timeout=ANSWER_S_MAX)

    def _timed(self, kind: str, start_s: float, what: str = "") -> None:
        took_s = time.monotonic() - start_s
        self.times_s[kind, self.phase].append(took_s)
        slowest = heapq.heappush if len(self._slowest) < SLOWEST else heapq.heappushpop
        slowest(self._slowest, (took_s, time.time(), f"{self.phase} {kind} {what}"))


def summary(neighbours: Neighbours, phases: Sequence[str]) -> list[dict[str, object]]:
    """Return a row per kind of answer and phase: how many, and the time of 99 of 100 in seconds."""
    return [
        {
            "kind": kind,
            "phase": phase,
            "count": neighbours.count(kind, phase),
            "p99_s": round(neighbours.p99_s(kind, phase), 4),
        }
        for kind in KINDS
        for phase in phases
    ]
