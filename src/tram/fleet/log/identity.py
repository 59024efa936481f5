"""Followers of the identity stream: the gateway's table of tokens and the store's dimensions."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
from nats.js.errors import APIError

from tram.fleet.gateway.identity import IdentityTable
from tram.fleet.gateway.ports import Device, Knock
from tram.fleet.log.identity_pump import Beat
from tram.fleet.log.link import DOUBTS, Link
from tram.fleet.log.reader import StreamReader
from tram.fleet.log.snapshot import device_of, read_file, read_manifest
from tram.fleet.log.streams import HEAD_SUBJECT, IDENTITY
from tram.registry.changes import (
    Body,
    Change,
    CredentialGone,
    CredentialPut,
    decode_changes,
)
from tram.runtime.clock import Clock
from tram.runtime.errors import Broken, Refused, Unavailable
from tram.runtime.logging import get_logger

__all__ = ("DimsBatch", "DimsFollower", "IdentityFollower")

CERTAINTY_S_MAX = 3.0
"""Longest wait for a beat that proves a token unknown; then the answer is *unavailable*."""

BEHIND_S_MAX = 5.0
"""A follower that stays behind the beat for longer begins a new session."""

_RETRY_S = 1
_PAUSE_S = 0.2

log = get_logger()


@dataclass(frozen=True, slots=True)
class DimsBatch:
    """Changes up to ``version``; ``is_reset`` means they are everything there is."""

    version: int
    is_reset: bool
    changes: list[Body]


class DimsFollower:
    """Yields what the store must know of devices, organisations and grants, in order."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def follow(self, after_version: int) -> AsyncIterator[DimsBatch]:
        """Yield changes above ``after_version`` for ever; a gap begins anew with a reset.

        A negative ``after_version`` means that nothing is known yet.
        """
        version = after_version
        while True:
            try:
                async for batch in self._session(version):
                    version = batch.version
                    yield batch
            except (*DOUBTS, APIError, Broken) as error:
                log.info("identity stream interrupted", error=repr(error))
            await asyncio.sleep(_PAUSE_S)

    async def _session(self, after_version: int) -> AsyncIterator[DimsBatch]:
        """Follow until a gap or an outage; then the caller begins the next session."""
        manifest = await read_manifest(self._link)
        if manifest is None:
            return
        version = after_version
        if version < manifest.version:
            content = await read_file(self._link, manifest, "dims")
            version = manifest.version
            yield DimsBatch(version, is_reset=True, changes=_bodies(content))
        async for entry in StreamReader(self._link, IDENTITY).read(0):
            changes = decode_changes(entry.payload)
            if changes[-1].number <= version:
                continue
            if changes[0].number > version + 1:
                return
            new = [change.body for change in changes if change.number > version]
            version = changes[-1].number
            yield DimsBatch(version, is_reset=False, changes=new)


class IdentityFollower:
    """The gateway's view of who may connect: a mapped table kept up to date.

    A token that is not found is *unknown* only once a beat sent after the question says that every
    change was applied; until then it is *unavailable*.
    """

    def __init__(self, link: Link, hmac_key: bytes, file: Path, clock: Clock) -> None:
        self._link = link
        self._hmac_key = hmac_key
        self._file = file
        self._clock = clock
        self._table = IdentityTable()
        self._version = -1
        self._admitted: set[bytes] = set()
        self._gone: list[Callable[[bytes], None]] = []
        self._beat = Beat(head=-1, at_ms=0)
        self._beaten = asyncio.Event()
        self._current_s = clock.monotonic_s()
        self._session_limit = asyncio.timeout(None)

    @property
    def is_ready(self) -> bool:
        """Whether the first snapshot was read."""
        return self._version >= 0

    def on_gone(self, callback: Callable[[bytes], None]) -> None:
        """Call back with the credential's digest at each revocation."""
        self._gone.append(callback)

    async def identify(self, knock: Knock) -> Device:
        """Return who knocks.

        Raises:
            Refused: ``token.unknown``, only when what was shown is certainly unknown.
            Unavailable: ``identity.behind`` when this process may not know the newest credentials.
        """
        token = knock.user_name or ""
        digest = hmac.digest(self._hmac_key, token.encode(), hashlib.sha256)
        device = self._table.find(digest) if self.is_ready else None
        if device is None:
            await self._be_certain()
            device = self._table.find(digest)
        if device is None:
            raise Refused("token.unknown", "No device has this token.", "Issue a new token.")
        self._admitted.add(digest)
        return device

    async def run(self, stop: asyncio.Event) -> None:
        """Follow the stream until stopped."""
        await self._link.subscribe(HEAD_SUBJECT, self._hear)
        async with asyncio.TaskGroup() as group:
            following = group.create_task(self._follow())
            await stop.wait()
            following.cancel()

    async def _hear(self, payload: bytes) -> None:
        self._beat = msgspec.json.decode(payload, type=Beat)
        beaten, self._beaten = self._beaten, asyncio.Event()
        beaten.set()
        if self._version >= self._beat.head:
            self._current_s = self._clock.monotonic_s()
        elif self._clock.monotonic_s() - self._current_s > BEHIND_S_MAX:
            self._current_s = self._clock.monotonic_s()
            self._session_limit.reschedule(asyncio.get_running_loop().time())

    async def _be_certain(self) -> None:
        """Wait for a beat younger than now whose head was applied."""
        try:
            async with asyncio.timeout(CERTAINTY_S_MAX):
                await self._beaten.wait()
                await self._beaten.wait()  # the second beat was read after the question was put
                while self._version < self._beat.head or not self.is_ready:
                    await self._clock.sleep(_PAUSE_S / 10)
        except TimeoutError:
            raise Unavailable(
                "identity.behind",
                "This gateway cannot tell yet whether the token exists.",
                "Try again; if it stays so, look at the role 'work'.",
                _RETRY_S,
            ) from None

    async def _follow(self) -> None:
        while True:
            try:
                async with asyncio.timeout(None) as self._session_limit:
                    await self._session()
            except (*DOUBTS, APIError, Broken) as error:
                log.info("identity stream interrupted", error=repr(error))
            await asyncio.sleep(_PAUSE_S)

    async def _session(self) -> None:
        """Take a snapshot if changes were missed, then apply changes until a gap or an outage."""
        manifest = await read_manifest(self._link)
        if manifest is None:
            return
        if self._version < manifest.version:
            content = await read_file(self._link, manifest, "credentials")
            self._table.load(self._file, content)
            self._version = manifest.version
            self._check_admitted()
        async for entry in StreamReader(self._link, IDENTITY).read(0):
            changes = decode_changes(entry.payload)
            if changes[-1].number <= self._version:
                continue
            if changes[0].number > self._version + 1:
                return
            self._apply(changes)

    def _apply(self, changes: list[Change]) -> None:
        for change in changes:
            body = change.body
            if change.number <= self._version:
                continue
            if isinstance(body, CredentialPut):
                self._table.put(device_of(body))
            elif isinstance(body, CredentialGone):
                self._table.remove(body.digest)
                self._tell_gone(body.digest)
        self._version = changes[-1].number

    def _check_admitted(self) -> None:
        """After a snapshot: tell which admitted credentials are no longer in it."""
        for digest in [d for d in self._admitted if self._table.find(d) is None]:
            self._tell_gone(digest)

    def _tell_gone(self, digest: bytes) -> None:
        self._admitted.discard(digest)
        for callback in self._gone:
            callback(digest)


def _bodies(content: bytes) -> list[Body]:
    return [
        change.body for line in content.split(b"\n") if line for change in decode_changes(line)
    ]
