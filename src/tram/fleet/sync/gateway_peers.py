"""The other gateways: who takes a client over, and what a device's programs tell each other.

A gateway that hears no beat of another one is alone and asks nobody: a hundred thousand reconnects
cost no message. Otherwise it asks all others at once, and waits for as many answers as it heard.
Who comes while others are asked for goes into the next question: everybody hears every question and
every answer, so one for each newcomer would cost as much as all the rest of a connection.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import msgspec

from tram.domain.ids import DeviceId
from tram.fleet.log.nats_connection import DOUBTS, NatsConnection
from tram.fleet.log.streams import PEER_SUBJECT
from tram.runtime.clock import Clock
from tram.runtime.logging import get_logger

__all__ = ("CLIENTS_MAX", "PeerLink")

BEAT_S = 0.5
ALIVE_S = 2.0
"""A gateway not heard of for this time is gone."""
TAKE_S = 1.0
"""Longest wait for the others to let a client go."""
GATHER_S = 0.02
"""Shortest time between two questions: who comes meanwhile goes into the next."""
CLIENTS_MAX = 500
"""Of one question; with the longest names it stays below a quarter of what the log takes."""


log = get_logger()


class _Take(msgspec.Struct, tag="take"):
    boot: str
    number: int
    clients: Sequence[tuple[int, str]]


class _Taken(msgspec.Struct, tag="taken"):
    boot: str
    asker: str
    number: int


class _Tell(msgspec.Struct, tag="tell"):
    boot: str
    device: int
    content: bytes


class _Beat(msgspec.Struct, tag="beat"):
    boot: str


Client = tuple[DeviceId, str]
_Word = _Take | _Taken | _Tell | _Beat
_decode = msgspec.msgpack.Decoder(_Word).decode
_encode = msgspec.msgpack.Encoder().encode


class PeerLink:
    """One gateway's talk with the others, over one subject that all of them hear."""

    def __init__(self, link: NatsConnection, boot: str, clock: Clock) -> None:
        self._link = link
        self._boot = boot
        self._clock = clock
        self._heard: dict[str, float] = {}
        self._asked: dict[int, tuple[set[str], asyncio.Future[None]]] = {}
        self._number = 0
        self._next: list[tuple[Client, asyncio.Future[None]]] = []
        self._asking: asyncio.Task[None] | None = None
        self._taken: Callable[[Sequence[Client]], Awaitable[None]] | None = None
        self._told: Callable[[DeviceId, bytes], None] | None = None

    def listen(
        self,
        taken: Callable[[Sequence[Client]], Awaitable[None]],
        told: Callable[[DeviceId, bytes], None],
    ) -> None:
        """Call back when another gateway takes clients, and with what others tell."""
        self._taken, self._told = taken, told

    async def run(self, stop: asyncio.Event) -> None:
        """Hear the others until stopped."""
        await self._link.subscribe(PEER_SUBJECT, self._hear)
        while not stop.is_set():
            await self._say(_Beat(self._boot))
            with suppress(TimeoutError):
                async with asyncio.timeout(BEAT_S):
                    await stop.wait()

    async def take(self, device: DeviceId, client: str) -> None:
        """Return when no other gateway has this client any more, or after a second or two."""
        if not self._others():
            return
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._next.append(((device, client), done))
        if self._asking is None:
            self._asking = loop.create_task(self._ask_all())
        await done

    async def _ask_all(self) -> None:
        """Ask for all who have come, again and again until nobody comes."""
        try:
            while self._next:
                asked, self._next = self._next[:CLIENTS_MAX], self._next[CLIENTS_MAX:]
                begun_s = self._clock.monotonic_s()
                try:
                    await self._ask([client for client, _ in asked])
                except Exception:
                    log.exception("other gateways could not be asked")
                finally:
                    for _, done in asked:
                        if not done.done():
                            done.set_result(None)
                if len(self._next) < CLIENTS_MAX:
                    await asyncio.sleep(GATHER_S - (self._clock.monotonic_s() - begun_s))
        finally:
            self._asking = None

    async def _ask(self, clients: list[Client]) -> None:
        others = self._others()
        if not others:
            return
        self._number += 1
        number = self._number
        answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._asked[number] = (others, answered)
        try:
            async with asyncio.timeout(TAKE_S):
                await self._say(_Take(self._boot, number, clients))
                await answered
        except TimeoutError:
            return  # a gateway that does not answer has lost its connections or will soon
        finally:
            del self._asked[number]

    async def tell(self, device: DeviceId, content: bytes) -> None:
        """Give a message of a device's own space to the other gateways."""
        if self._others():
            await self._say(_Tell(self._boot, device, content))

    def _others(self) -> set[str]:
        now_s = self._clock.monotonic_s()
        for boot in [b for b, heard_s in self._heard.items() if now_s - heard_s > ALIVE_S]:
            del self._heard[boot]
        return set(self._heard)

    async def _say(self, word: _Word) -> None:
        with suppress(*DOUBTS):
            await self._link.publish(PEER_SUBJECT, _encode(word))

    async def _hear(self, payload: bytes) -> None:
        word = _decode(payload)
        if word.boot == self._boot:
            return
        self._heard[word.boot] = self._clock.monotonic_s()
        if isinstance(word, _Taken):
            self._note_taken(word)
        elif isinstance(word, _Tell) and self._told is not None:
            self._told(DeviceId(word.device), word.content)
        elif isinstance(word, _Take) and self._taken is not None:
            await self._taken([(DeviceId(device), client) for device, client in word.clients])
            await self._say(_Taken(self._boot, word.boot, word.number))

    def _note_taken(self, word: _Taken) -> None:
        if word.asker != self._boot or word.number not in self._asked:
            return
        missing, done = self._asked[word.number]
        missing.discard(word.boot)
        if not missing and not done.done():
            done.set_result(None)
