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
from contextlib import suppress

import msgspec
from nats.aio.msg import Msg
from nats.js.errors import APIError, NotFoundError

from tram.domain.ids import DeviceId, OrgId
from tram.fleet.log.nats_connection import DOUBTS, NatsConnection
from tram.fleet.log.reader import StreamReader
from tram.fleet.log.session_quota import (
    DEVICE_BYTES_MAX,
    DEVICE_BYTES_MAX_CROWDED,
    ORG_SHARE,
    SessionQuota,
    Shelves,
)
from tram.fleet.log.streams import SESSION_SUBJECT, SESSIONS
from tram.runtime.errors import Unavailable
from tram.runtime.logging import get_logger
from tram.runtime.until_stopped import work_until

__all__ = ("SessionLog",)

_ANSWER_S = 5.0
_TRIES = 3
_RETRY_S = 5
_TOMBSTONE_S = 3_600
_PAGE = {"batch": 1_000, "max_bytes": 16_777_216}
_PAUSE_S = 0.5
_DIGEST_BYTES = 12
_SEGMENT_CHARS = 2
_TOO_MANY = "413"
_END = "204"
_LOOK_AGAIN_S = 5.0
_TRUST_S = 60.0
"""So long what a device keeps counts as known: other gateways write too."""
_MEASURE_S = 10.0

log = get_logger()


class _Entry(msgspec.Struct):
    """A message of the stream; ``content`` is empty in a tombstone."""

    device: int
    client: str
    content: bytes


_Found = tuple[int, str, _Entry]
_decode = msgspec.msgpack.Decoder(_Entry).decode
_encode = msgspec.msgpack.Encoder().encode


class SessionLog:
    """What outlives connections, durable before any method that writes returns."""

    def __init__(self, link: NatsConnection) -> None:
        self._link = link
        self._clients: dict[int, set[str]] = {}
        self._is_current = False
        self._shelves = Shelves()
        self._learning: dict[int, asyncio.Task[SessionQuota]] = {}
        self._bytes_max = DEVICE_BYTES_MAX

    async def run(self, stop: asyncio.Event) -> None:
        """Follow the stream, to know who has a session."""
        await work_until(stop, self._follow(), self._measure())

    def belongs(self, device: DeviceId, org: OrgId) -> None:
        """Note whose a device is: what it keeps counts for its organisation too."""
        self._shelves.belongs(device, org)

    def may_have(self, device: DeviceId, client: str | None = None) -> bool:
        """Return False only if the device (and client) certainly has no stored session."""
        if not self._is_current:
            return True
        clients = self._clients.get(device)
        return clients is not None and (client is None or client in clients)

    async def load(self, device: DeviceId, client: str) -> bytes | None:
        """Return a stored session."""
        async for _, _, entry in self._last(f"s.{device}.{_digest(client)}"):
            return entry.content
        return None

    async def sessions(self, device: DeviceId) -> list[bytes]:
        """Return all stored sessions of a device."""
        return [entry.content async for _, _, entry in self._last(f"s.{device}.*")]

    async def save(self, device: DeviceId, client: str, content: bytes) -> None:
        """Store a session; return when it is on disk."""
        digest = _digest(client)
        await self._fit(device, "s", digest, len(content))
        await self._put(f"s.{device}.{digest}", _Entry(device, client, content))
        self._clients.setdefault(device, set()).add(client)

    async def forget(self, device: DeviceId, client: str) -> None:
        """Drop a session with its queue."""
        digest = _digest(client)
        await self._put(f"s.{device}.{digest}", _Entry(device, client, b""), _TOMBSTONE_S)
        await self._purge(f"q.{device}.{digest}.*")
        self._drop_client(device, client)
        quota = self._shelves.get(device)
        if quota is not None:
            quota.put("s", digest, 0)
            quota.clear(f"q.{digest}")

    async def push(self, device: DeviceId, client: str, content: bytes) -> int:
        """Append a message to a session's queue; return its place when it is on disk."""
        digest = _digest(client)
        group = f"q.{digest}"
        await self._fit(device, group, "", len(content))
        subject = f"q.{device}.{digest}.{secrets.token_hex(_DIGEST_BYTES)}"
        place = await self._put(subject, _Entry(device, client, content))
        self._note(device, group, str(place), len(content))
        return place

    async def pull(self, device: DeviceId, client: str) -> list[tuple[int, bytes]]:
        """Return a session's queue in order, each with its place."""
        found = self._last(f"q.{device}.{_digest(client)}.*")
        return [(place, entry.content) async for place, _, entry in found]

    async def drop(self, device: DeviceId, client: str, place: int) -> None:
        """Remove one message of a queue."""
        try:
            async with self._link.answer_within(_ANSWER_S):
                await self._link.jetstream.delete_msg(SESSIONS, place)
        except (*DOUBTS, APIError) as error:  # it will be sent once more
            log.info("a delivered message stays in its queue", error=repr(error))
        else:
            self._note(device, f"q.{_digest(client)}", str(place), 0)

    async def retain(self, device: DeviceId, topic: str, content: bytes) -> None:
        """Keep the last message of a topic, or none when the content is empty."""
        digest = _digest(topic)
        if content:
            await self._fit(device, "r", digest, len(content))
        entry = _Entry(device, "", content)
        await self._put(f"r.{device}.{digest}", entry, 0 if content else _TOMBSTONE_S)
        self._note(device, "r", digest, len(content))

    async def retained(self, device: DeviceId) -> list[bytes]:
        """Return the kept messages of a device."""
        return [entry.content async for _, _, entry in self._last(f"r.{device}.*")]

    async def keep_will(self, gateway: str, device: DeviceId, client: str, content: bytes) -> None:
        """Keep the will of a gateway's client, or none when the content is empty."""
        digest = _digest(client)
        if content:
            await self._fit(device, "w", digest, len(content))
        subject = f"w.{_digest(gateway)}.{digest[:_SEGMENT_CHARS]}.{device}.{digest}"
        entry = _Entry(device, "", content)
        await self._put(subject, entry, 0 if content else _TOMBSTONE_S)
        self._note(device, "w", digest, len(content))

    async def wills(self, gateway: str) -> list[bytes]:
        """Return the wills that are kept of a gateway."""
        found = self._last(f"w.{_digest(gateway)}.>")
        return [entry.content async for _, _, entry in found]

    # What a device may keep

    async def _fit(self, device: DeviceId, group: str, place: str, size: int) -> None:
        """Make sure that one more entry fits beside the device's others.

        Raises:
            Refused: ``session.too_many``.
            Unavailable: when the log cannot say what is there.
        """
        now_s = asyncio.get_running_loop().time()
        quota = self._shelves.get(device)
        if quota is None or now_s - quota.learnt_s > _TRUST_S:
            quota = await self._learnt(device)
        problem = quota.problem(group, place, size, self._bytes_max)
        if problem is not None and now_s - quota.learnt_s > _LOOK_AGAIN_S:
            quota = await self._learnt(device)
            problem = quota.problem(group, place, size, self._bytes_max)
        if problem is None and quota.grows(group, place, size):
            problem = self._shelves.org_problem(device)
        if problem is not None:
            raise problem
        if place:
            quota.put(group, place, size)

    async def _learnt(self, device: DeviceId) -> SessionQuota:
        """Return what a device keeps as it is now; all who ask meanwhile get the same."""
        learning = self._learning.get(device)
        if learning is None:
            learning = asyncio.get_running_loop().create_task(self._learn(device))
            self._learning[device] = learning
            learning.add_done_callback(lambda _: self._learning.pop(device, None))
        return await asyncio.shield(learning)

    async def _learn(self, device: DeviceId) -> SessionQuota:
        """Read what a device keeps."""
        quota = SessionQuota(asyncio.get_running_loop().time())
        subjects = (*(f"{kind}.{device}.>" for kind in "srq"), f"w.*.*.{device}.*")
        async for place, subject, entry in self._last(*subjects):
            kind, *levels = subject.split(".")
            group, mark = (f"q.{levels[1]}", str(place)) if kind == "q" else (kind, levels[-1])
            quota.put(group, mark, len(entry.content))
        self._shelves.keep(device, quota)
        return quota

    def _note(self, device: DeviceId, group: str, place: str, size: int) -> None:
        quota = self._shelves.get(device)
        if quota is not None:
            quota.put(group, place, size)

    async def _measure(self) -> None:
        """Look now and then how full the store is: devices and organisations keep less in a crowd."""
        while True:
            with suppress(*DOUBTS, APIError):
                state = await StreamReader(self._link, SESSIONS).state()
                is_crowded = 0 < state.bytes_max < 2 * state.bytes
                self._bytes_max = DEVICE_BYTES_MAX_CROWDED if is_crowded else DEVICE_BYTES_MAX
                self._shelves.weigh(state.bytes_max // ORG_SHARE if is_crowded else None)
            await asyncio.sleep(_MEASURE_S)

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

    async def _last(self, *subjects: str) -> AsyncIterator[tuple[int, str, _Entry]]:
        """Yield the last message of every matching subject, in the order of the stream.

        Each comes with its place and its subject. What is more than the server gives at once comes
        page by page: here every message of the stream is the last of its subject.
        """
        filters = [f"{SESSION_SUBJECT}.{subject}" for subject in subjects]
        found, _, is_whole = await self._ask({"multi_last": filters, **_PAGE})
        if is_whole:
            for each in found:
                yield each
            return
        for subject in filters:
            seq = 1
            while seq:
                found, seq, _ = await self._ask({"seq": seq, "next_by_subj": subject, **_PAGE})
                for each in found:
                    yield each

    async def _ask(self, request: dict[str, object]) -> tuple[list[_Found], int, bool]:
        """Return messages, where the next page begins (0: nowhere), and whether these are all."""
        client = self._link.client
        found: list[_Found] = []
        seq = 0
        try:
            async with self._link.answer_within(_ANSWER_S):
                inbox = client.new_inbox()
                subscription = await client.subscribe(
                    inbox, pending_msgs_limit=-1, pending_bytes_limit=-1
                )  # bounded by the page
                try:
                    await client.publish(
                        f"$JS.API.DIRECT.GET.{SESSIONS}", msgspec.json.encode(request), inbox
                    )
                    while (message := await subscription.next_msg(timeout=_ANSWER_S)).data:
                        seq = _place(message)
                        entry = _entry_of(message.data)
                        if entry is not None and entry.content:
                            found.append((seq, _subject(message), entry))
                finally:
                    await subscription.unsubscribe()
        except (*DOUBTS, NotFoundError) as error:
            raise _unavailable() from error
        headers = message.headers or {}
        has_more = headers.get("Status") == _END and headers.get("Nats-Num-Pending", "0") != "0"
        is_whole = headers.get("Status") != _TOO_MANY and not has_more
        return found, seq + 1 if has_more and seq else 0, is_whole

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
        entry = _entry_of(payload)
        if entry is None:
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


def _entry_of(payload: bytes) -> _Entry | None:
    """Return an entry; one that cannot be read is left out, so that it costs no other."""
    try:
        return _decode(payload)
    except msgspec.DecodeError:
        log.exception("an entry of the sessions cannot be read")
        return None


def _subject(message: Msg) -> str:
    """Return the subject of a message below that of all sessions."""
    return (message.headers or {})["Nats-Subject"].removeprefix(f"{SESSION_SUBJECT}.")


def _unavailable() -> Unavailable:
    return Unavailable(
        "session.unavailable",
        "The log cannot keep or give sessions at the moment.",
        "Look at nats-server.",
        _RETRY_S,
    )
