"""From the registry's outbox to every gateway and store: numbered changes, snapshots, a beat.

One relay runs in the province. Changes leave in the order of their numbers, a message naming the
numbers that it holds. The beat says which number is the head *as read just now*: a gateway that
has applied it knows that a token it does not find does not exist.
"""

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec
from nats.js.errors import APIError, NotFoundError

from tram.fleet.device_api.interfaces import Device
from tram.fleet.log.nats_connection import DOUBTS, NatsConnection
from tram.fleet.log.reader import StreamReader
from tram.fleet.log.streams import (
    CHANGE_SUBJECT,
    HEAD_SUBJECT,
    IDENTITY,
    MESSAGE_BYTES_MAX,
    SNAPSHOTS,
)
from tram.fleet.sync.identity_map import encode_snapshot
from tram.fleet.sync.identity_snapshot import device_of, publish_snapshot, read_manifest
from tram.registry.kernel.changes import (
    CredentialPut,
    RegistryChange,
    TrustPut,
    decode_changes,
    encode_changes,
)
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused, Unavailable
from tram.runtime.logging import get_logger
from tram.runtime.watch.loops import LOOPS

if TYPE_CHECKING:  # gateways import this module for its beat and carry no database
    from tram.registry.registry import Registry

__all__ = ("ChangeBeat", "OutboxRelay")

BEAT_S = 0.1
SNAPSHOT_EVERY = 20_000
"""Changes after which a new snapshot replaces them, at least; a quarter of what it would hold."""

QUIET_S = 300.0
"""A snapshot of a million credentials takes less; a relay that says nothing for longer hangs."""
_BATCH = 2_000
_BATCH_BYTES = MESSAGE_BYTES_MAX // 2
_PAUSE_S = 0.5

log = get_logger()


class ChangeBeat(msgspec.Struct, frozen=True):
    """The registry's newest change number at a time (UTC epoch milliseconds)."""

    head: int
    at_ms: int


class OutboxRelay:
    """Publishes what the registry decided; resumes where the stream stands."""

    def __init__(self, link: NatsConnection, registry: "Registry", clock: Clock) -> None:
        self._link = link
        self._registry = registry
        self._clock = clock
        self._published = 0
        self._snapshot = -1
        self._size = 0
        self._snapshotting: asyncio.Task[None] | None = None
        self.is_behind = True
        """Whether the last beat could not be sent."""

    async def run(self, stop: asyncio.Event) -> None:
        """Work until stopped, through any outage of the log."""
        in_doubt = True
        heartbeat = LOOPS.begin("changes of identity", QUIET_S)
        while not stop.is_set():
            heartbeat.heartbeat()
            try:
                if in_doubt:
                    await self._resume()
                    in_doubt = False
                await self._step()
                await self._end_snapshot()
                self.is_behind = False
                heartbeat.reach(self._published)
                await self._clock.sleep(BEAT_S)
            except Refused:  # the outbox was trimmed above what the stream holds
                self._published = -1
                await self._take_snapshot()
            except (*DOUBTS, APIError, Unavailable) as error:
                in_doubt = self.is_behind = True
                log.warning("outbox relay waits for log or registry", error=repr(error))
                heartbeat.wait("the log cannot take identity changes")
                await self._clock.sleep(_PAUSE_S)
        if self._snapshotting is not None:
            self._snapshotting.cancel()
            await asyncio.wait({self._snapshotting})

    async def _end_snapshot(self) -> None:
        """Begin a snapshot where it is due, beside the beats; learn how the last one ended."""
        task = self._snapshotting
        if task is not None and task.done():
            self._snapshotting = None
            task.result()
        due = self._published - self._snapshot >= max(SNAPSHOT_EVERY, self._size // 4)
        if due and self._snapshotting is None:
            self._snapshotting = asyncio.get_running_loop().create_task(self._take_snapshot())

    async def _resume(self) -> None:
        """Learn from the stream what was published; a registry older than it starts anew."""
        manifest = await read_manifest(self._link)
        self._snapshot = -1 if manifest is None else manifest.version
        last = await self._last_published()
        self._published = last if last >= 0 else self._snapshot
        if self._published > await self._registry.outbox.head():
            log.warning("the registry is older than the identity stream: starting it anew")
            await self._link.jetstream.purge_stream(IDENTITY)
            await self._link.jetstream.purge_stream(SNAPSHOTS)
            self._snapshot = self._published = -1
        if self._snapshot < 0:
            await self._take_snapshot()

    async def _drop_changes(self, last_seq: int) -> None:
        """Drop the change messages below ``last_seq``: a snapshot stands for them."""
        if last_seq:
            await self._link.jetstream.purge_stream(IDENTITY, seq=last_seq)

    async def _last_published(self) -> int:
        try:
            message = await self._link.jetstream.get_last_msg(
                IDENTITY, CHANGE_SUBJECT, direct=True
            )
        except NotFoundError:
            return -1
        return decode_changes(message.data or b"")[-1].number

    async def _step(self) -> None:
        """Publish what is new, then beat with the head that was read before."""
        head = await self._registry.outbox.head()
        while self._published < head:
            changes = await self._registry.outbox.read(self._published, _BATCH)
            for part in _parts(changes):
                await self._link.jetstream.publish(
                    CHANGE_SUBJECT,
                    encode_changes(part),
                    headers={"Nats-Msg-Id": f"change-{self._snapshot}-{part[-1].number}"},
                )
                self._published = part[-1].number
        heartbeat = ChangeBeat(head, self._clock.now_ms())
        await self._link.publish(HEAD_SUBJECT, msgspec.json.encode(heartbeat))

    async def _take_snapshot(self) -> None:
        """Replace all changes so far by one snapshot of the registry."""
        # What the stream holds now was committed before the snapshot is read, and is part of it.
        last_seq = (await StreamReader(self._link, IDENTITY).state()).last_seq
        version = 0
        credentials: list[Device] = []
        trust: list[bytes] = []
        dimensions: list[bytes] = []
        async for part in self._registry.outbox.snapshot():
            version = part.version
            bodies = [change.body for change in part.changes]
            credentials += [device_of(b) for b in bodies if isinstance(b, CredentialPut)]
            anchors = [c for c in part.changes if isinstance(c.body, TrustPut)]
            others = [c for c in part.changes if not isinstance(c.body, CredentialPut | TrustPut)]
            trust += [encode_changes(anchors)] if anchors else []
            dimensions += [encode_changes(others)] if others else []
        content = await asyncio.to_thread(encode_snapshot, credentials)
        files = {
            "credentials": content,
            "trust": b"\n".join(trust),
            "dims": b"\n".join(dimensions),
        }
        await publish_snapshot(self._link, version, files)
        await self._drop_changes(last_seq)
        self._snapshot = version
        self._size = len(credentials)
        if self._published < 0:
            self._published = version
        # The snapshot may already hold changes that followers still wait for: they come next.
        await self._registry.outbox.trim(min(version, self._published))
        log.info("identity snapshot", version=version, credentials=len(credentials))


def _parts(changes: list[RegistryChange]) -> Iterator[list[RegistryChange]]:
    """Yield changes in messages that the log takes: certificates may fill many."""
    if len(changes) > 1 and len(encode_changes(changes)) > _BATCH_BYTES:
        half = len(changes) // 2
        yield from _parts(changes[:half])
        yield from _parts(changes[half:])
    else:
        yield changes
