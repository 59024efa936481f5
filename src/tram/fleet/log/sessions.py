"""Sessions, their queues and retained messages in one stream: the last message of each subject.

Subjects: ``tram.session.s.<device>.<client>`` a session, ``…q.<device>.<client>.<id>`` one queued
message, ``…r.<device>.<topic>`` a retained one, ``…w.<gateway>.<part>.<device>.<client>`` a will;
clients, topics and gateways as digests. An empty message is a tombstone, which the server drops
after a while. Each gateway follows the stream for one thing: to know without asking which devices
and clients have no session.
"""

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator

import msgspec
from nats.aio.msg import Msg
from nats.js.errors import APIError, NotFoundError

from tram.domain.ids import DeviceId
from tram.fleet.log.link import DOUBTS, Link
from tram.fleet.log.reader import StreamReader
from tram.fleet.log.streams import SESSION_SUBJECT, SESSIONS
from tram.runtime.errors import Unavailable
from tram.runtime.logging import get_logger

__all__ = ("SessionLog",)

_ANSWER_S = 5.0
_TRIES = 3
_RETRY_S = 5
_TOMBSTONE_S = 3_600
_PAGE = 1_000
_PAUSE_S = 0.5
_DIGEST_BYTES = 12
_SEGMENT_CHARS = 2
_TOO_MANY = "413"

log = get_logger()


class _TooManyError(Exception):
    """More subjects match than the server gives at once."""


class _Entry(msgspec.Struct):
    """A message of the stream; ``content`` is empty in a tombstone."""

    device: int
    client: str
    content: bytes


_decode = msgspec.msgpack.Decoder(_Entry).decode
_encode = msgspec.msgpack.Encoder().encode


class SessionLog:
    """What outlives connections, durable before any method that writes returns."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._clients: dict[int, set[str]] = {}
        self._is_current = False

    async def run(self, stop: asyncio.Event) -> None:
        """Follow the stream, to know who has a session."""
        async with asyncio.TaskGroup() as group:
            following = group.create_task(self._follow())
            await stop.wait()
            following.cancel()

    def may_have(self, device: DeviceId, client: str | None = None) -> bool:
        """Return False only if the device (and client) certainly has no stored session."""
        if not self._is_current:
            return True
        clients = self._clients.get(device)
        return clients is not None and (client is None or client in clients)

    async def load(self, device: DeviceId, client: str) -> bytes | None:
        """Return a stored session."""
        async for _, entry in self._last(f"s.{device}.{_digest(client)}"):
            return entry.content
        return None

    async def sessions(self, device: DeviceId) -> list[bytes]:
        """Return all stored sessions of a device."""
        return [entry.content async for _, entry in self._last(f"s.{device}.*")]

    async def save(self, device: DeviceId, client: str, content: bytes) -> None:
        """Store a session; return when it is on disk."""
        await self._put(f"s.{device}.{_digest(client)}", _Entry(device, client, content))
        self._clients.setdefault(device, set()).add(client)

    async def forget(self, device: DeviceId, client: str) -> None:
        """Drop a session with its queue."""
        digest = _digest(client)
        await self._put(f"s.{device}.{digest}", _Entry(device, client, b""), _TOMBSTONE_S)
        await self._purge(f"q.{device}.{digest}.*")
        self._drop_client(device, client)

    async def push(self, device: DeviceId, client: str, content: bytes) -> int:
        """Append a message to a session's queue; return its place when it is on disk."""
        subject = f"q.{device}.{_digest(client)}.{secrets.token_hex(_DIGEST_BYTES)}"
        return await self._put(subject, _Entry(device, client, content))

    async def pull(self, device: DeviceId, client: str) -> list[tuple[int, bytes]]:
        """Return a session's queue in order, each with its place."""
        found = self._last(f"q.{device}.{_digest(client)}.*")
        return [(place, entry.content) async for place, entry in found]

    async def drop(self, device: DeviceId, client: str, place: int) -> None:  # noqa: ARG002  # the place is enough
        """Remove one message of a queue."""
        try:
            async with self._link.answer_within(_ANSWER_S):
                await self._link.jetstream.delete_msg(SESSIONS, place)
        except (*DOUBTS, APIError) as error:  # it will be sent once more
            log.info("a delivered message stays in its queue", error=repr(error))

    async def retain(self, device: DeviceId, topic: str, content: bytes) -> None:
        """Keep the last message of a topic, or none when the content is empty."""
        entry = _Entry(device, "", content)
        limit_s = 0 if content else _TOMBSTONE_S
        await self._put(f"r.{device}.{_digest(topic)}", entry, limit_s)

    async def retained(self, device: DeviceId) -> list[bytes]:
        """Return the kept messages of a device."""
        return [entry.content async for _, entry in self._last(f"r.{device}.*")]

    async def keep_will(self, gateway: str, device: DeviceId, client: str, content: bytes) -> None:
        """Keep the will of a gateway's client, or none when the content is empty."""
        digest = _digest(client)
        subject = f"w.{_digest(gateway)}.{digest[:_SEGMENT_CHARS]}.{device}.{digest}"
        entry = _Entry(device, "", content)
        await self._put(subject, entry, 0 if content else _TOMBSTONE_S)

    async def wills(self, gateway: str) -> list[bytes]:
        """Return the wills that are kept of a gateway."""
        start = f"w.{_digest(gateway)}"
        try:
            return [entry.content async for _, entry in self._last(f"{start}.>")]
        except _TooManyError:
            parts = (f"{start}.{n:0{_SEGMENT_CHARS}x}.>" for n in range(16**_SEGMENT_CHARS))
            return [e.content for part in parts async for _, e in self._last(part)]

    async def _put(self, subject: str, entry: _Entry, limit_s: int = 0) -> int:
        headers = {"Nats-TTL": f"{limit_s}s"} if limit_s else None
        last: Exception | None = None
        for _ in range(_TRIES):
            try:
                async with self._link.answer_within(_ANSWER_S):
                    ack = await self._link.jetstream.publish(
                        f"{SESSION_SUBJECT}.{subject}",
                        _encode(entry),
                        timeout=2 * _ANSWER_S,
                        headers=headers,
                    )
            except (*DOUBTS, APIError) as error:
                last = error
                await asyncio.sleep(_PAUSE_S)
            else:
                return ack.seq
        raise _unavailable() from last

    async def _purge(self, subject: str) -> None:
        try:
            async with self._link.answer_within(_ANSWER_S):
                await self._link.jetstream.purge_stream(
                    SESSIONS, subject=f"{SESSION_SUBJECT}.{subject}"
                )
        except (*DOUBTS, APIError) as error:
            raise _unavailable() from error

    async def _last(self, subject: str) -> AsyncIterator[tuple[int, _Entry]]:
        """Yield the last message of every matching subject, in the order of the stream."""
        client = self._link.client
        try:
            async with self._link.answer_within(_ANSWER_S):
                inbox = client.new_inbox()
                subscription = await client.subscribe(inbox)
                try:
                    request = {"multi_last": [f"{SESSION_SUBJECT}.{subject}"], "batch": _PAGE}
                    await client.publish(
                        f"$JS.API.DIRECT.GET.{SESSIONS}", msgspec.json.encode(request), inbox
                    )
                    found = []
                    while (message := await subscription.next_msg(timeout=_ANSWER_S)).data:
                        found.append((_place(message), _decode(message.data)))
                    if (message.headers or {}).get("Status") == _TOO_MANY:
                        raise _TooManyError
                finally:
                    await subscription.unsubscribe()
        except (*DOUBTS, NotFoundError) as error:
            raise _unavailable() from error
        for place, entry in found:
            if entry.content:
                yield place, entry

    async def _follow(self) -> None:
        reader = StreamReader(self._link, SESSIONS)
        goal = -1
        while goal < 0:
            try:
                goal = (await reader.state()).last_seq
            except (*DOUBTS, APIError):
                await asyncio.sleep(_PAUSE_S)
        self._is_current = not goal
        async for seq, payload in reader.read(0):
            self._hear(payload)
            self._is_current = self._is_current or seq >= goal

    def _hear(self, payload: bytes) -> None:
        """Note who has a session; an entry that cannot be read costs no other."""
        try:
            entry = _decode(payload)
        except msgspec.DecodeError:
            log.exception("an entry of the sessions cannot be read")
            return
        if entry.client and entry.content:
            self._clients.setdefault(entry.device, set()).add(entry.client)
        elif entry.client:
            self._drop_client(entry.device, entry.client)

    def _drop_client(self, device: int, client: str) -> None:
        clients = self._clients.get(device)
        if clients is not None:
            clients.discard(client)
            if not clients:
                del self._clients[device]


def _digest(name: str) -> str:
    return hashlib.blake2b(name.encode(), digest_size=_DIGEST_BYTES).hexdigest()


def _place(message: Msg) -> int:
    return int((message.headers or {})["Nats-Sequence"])


def _unavailable() -> Unavailable:
    return Unavailable(
        "session.unavailable",
        "The log cannot keep or give sessions at the moment.",
        "Look at nats-server.",
        _RETRY_S,
    )
