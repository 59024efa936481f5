"""The gateway's follower of the identity stream: who may connect, never guessed."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec
from nats.js.errors import APIError

from tram.fleet.device_api.interfaces import Device, ShownCredentials
from tram.fleet.log.nats_connection import DOUBTS, NatsConnection
from tram.fleet.log.reader import StreamReader
from tram.fleet.log.streams import HEAD_SUBJECT, IDENTITY
from tram.fleet.sync.identity_map import IdentityTable
from tram.fleet.sync.identity_snapshot import (
    SnapshotManifest,
    bodies_of,
    device_of,
    read_file,
    read_manifest,
)
from tram.fleet.sync.outbox_relay import ChangeBeat
from tram.registry.credentials.tokens import basic_digest, certificate_digest, token_digest
from tram.registry.kernel.changes import (
    CredentialGone,
    CredentialPut,
    RegistryChange,
    TrustGone,
    TrustPut,
    decode_changes,
)
from tram.runtime.clock import Clock
from tram.runtime.errors import Broken, Refused, Unavailable
from tram.runtime.logging import get_logger
from tram.runtime.until_stopped import work_until

__all__ = ("IdentityFollower",)

CERTAINTY_S_MAX = 3.0
"""Longest wait for a beat that proves a credential unknown; then the answer is *unavailable*."""

BEHIND_S_MAX = 5.0
"""A follower that stays behind the beat for longer begins a new session."""

OVERLAY_MAX = 50_000
"""Changes kept beside the mapped table; beyond, they are folded into it."""

UNKNOWN_MAX: Final = 20_000
"""Digests remembered as unknown; beyond, the memory is cleared."""
UNKNOWN_S: Final = 0.5
"""A digest that was certainly unknown is refused at once while a beat this young says so."""

_RETRY_S = 1
_PAUSE_S = 0.2

log = get_logger()


class IdentityFollower:
    """The gateway's view of who may connect: a mapped table kept up to date.

    What is not found is *unknown* only once a beat sent after the question says that every change
    was applied; until then it is *unavailable*. ``admit`` asks the registry for the device of a
    certificate that nobody knows yet.
    """

    def __init__(
        self,
        link: NatsConnection,
        hmac_key: bytes,
        file: Path,
        clock: Clock,
        admit: Callable[[bytes], Awaitable[Device]] | None = None,
    ) -> None:
        self._link = link
        self._hmac_key = hmac_key
        self._file = file
        self._clock = clock
        self._admit = admit
        self._table = IdentityTable()
        self._version = -1
        self._unknown: set[bytes] = set()
        self._trusted: dict[bytes, bytes] = {}
        self._gone: list[tuple[Callable[[bytes], None], Callable[[], Iterable[bytes]]]] = []
        self._on_trust: list[Callable[[bytes], None]] = []
        self._heartbeat = ChangeBeat(head=-1, at_ms=0)
        self._beat_s = float("-inf")
        self._beaten = asyncio.Event()
        self._current_s = clock.monotonic_s()
        self._session_limit = asyncio.timeout(None)

    @property
    def is_ready(self) -> bool:
        """Whether the first snapshot was read."""
        return self._version >= 0

    def on_gone(
        self, callback: Callable[[bytes], None], bound: Callable[[], Iterable[bytes]]
    ) -> None:
        """Call back with the credential's digest at each revocation; ``bound`` tells who is in."""
        self._gone.append((callback, bound))

    def on_trust(self, callback: Callable[[bytes], None]) -> None:
        """Call back with each certificate that a chain may end in, those known now first."""
        self._on_trust.append(callback)
        for certificate in self._trusted.values():
            callback(certificate)

    async def identify(self, presented: ShownCredentials) -> Device:
        """Return who connects.

        Raises:
            Refused: ``token.unknown``, only when what was shown is certainly unknown; what the
                registry says to an unknown certificate.
            Unavailable: ``identity.behind`` when this process may not know the newest credentials.
        """
        digests = tuple(_digests(self._hmac_key, presented))
        device = self._find(digests)
        if device is None and not self._is_known_unknown(digests):
            await self._be_certain()
            device = self._find(digests)
        if device is not None:
            return device
        if presented.certificate is not None and self._admit is not None:
            return await self._admit(presented.certificate)
        if len(self._unknown) >= UNKNOWN_MAX:
            self._unknown.clear()
        self._unknown.update(digests)
        raise Refused(
            "token.unknown",
            "No device has this credential.",
            "Look at the device's page, and issue a new one.",
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Follow the stream until stopped."""
        await self._link.subscribe(HEAD_SUBJECT, self._hear)
        await work_until(stop, self._follow())

    def _find(self, digests: Iterable[bytes]) -> Device | None:
        if not self.is_ready:
            return None
        return next(filter(None, map(self._table.find, digests)), None)

    def _is_known_unknown(self, digests: tuple[bytes, ...]) -> bool:
        """Whether these were certainly unknown as of a beat of a moment ago."""
        return (
            self._unknown.issuperset(digests)
            and self._version >= self._heartbeat.head
            and self._clock.monotonic_s() - self._beat_s < UNKNOWN_S
        )

    async def _hear(self, payload: bytes) -> None:
        self._heartbeat = msgspec.json.decode(payload, type=ChangeBeat)
        self._beat_s = self._clock.monotonic_s()
        beaten, self._beaten = self._beaten, asyncio.Event()
        beaten.set()
        if self._version >= self._heartbeat.head:
            self._current_s = self._beat_s
        elif self._beat_s - self._current_s > BEHIND_S_MAX:
            self._current_s = self._beat_s
            with contextlib.suppress(RuntimeError):  # between two sessions there is none to end
                self._session_limit.reschedule(asyncio.get_running_loop().time())

    async def _be_certain(self) -> None:
        """Wait for a beat younger than now whose head was applied."""
        try:
            async with asyncio.timeout(CERTAINTY_S_MAX):
                await self._beaten.wait()
                await self._beaten.wait()  # the second beat was read after the question was put
                while self._version < self._heartbeat.head or not self.is_ready:
                    await self._clock.sleep(_PAUSE_S / 10)
        except TimeoutError:
            raise Unavailable(
                "identity.behind",
                "This gateway cannot tell yet whether the credential exists.",
                "Try again; if it stays so, look at the role 'work'.",
                _RETRY_S,
            ) from None

    async def _follow(self) -> None:
        while True:
            try:
                async with asyncio.timeout(None) as self._session_limit:
                    await self._session()
            except (*DOUBTS, APIError, Broken, msgspec.DecodeError) as error:
                log.info("identity stream interrupted", error=repr(error))
            await asyncio.sleep(_PAUSE_S)

    async def _session(self) -> None:
        """Take a snapshot if changes were missed, then apply changes until a gap or an outage."""
        manifest = await read_manifest(self._link)
        if manifest is None:
            return
        if self._version < manifest.version:
            await self._take(manifest)
        async for entry in StreamReader(self._link, IDENTITY).read(0):
            changes = decode_changes(entry.payload)
            if changes[-1].number <= self._version:
                continue
            if changes[0].number > self._version + 1:
                return
            self._apply(changes)
            if self._table.overlaid > OVERLAY_MAX:
                await self._table.fold(self._file)

    async def _take(self, manifest: SnapshotManifest) -> None:
        content = await read_file(self._link, manifest, "credentials")
        trusted = bodies_of(await read_file(self._link, manifest, "trust"))
        await asyncio.to_thread(self._table.load, self._file, content)
        self._version = manifest.version
        self._unknown.clear()
        self._trusted.clear()
        for body in trusted:
            if isinstance(body, TrustPut):
                self._trust(body)
        self._tell_who_is_gone()

    def _apply(self, changes: list[RegistryChange]) -> None:
        for change in changes:
            body = change.body
            if change.number <= self._version:
                continue
            if isinstance(body, CredentialPut):
                self._table.put(device_of(body))
                self._unknown.discard(body.digest)
            elif isinstance(body, CredentialGone):
                self._table.remove(body.digest)
                self._tell_gone(body.digest)
            elif isinstance(body, TrustPut):
                self._trust(body)
            elif isinstance(body, TrustGone):
                self._trusted.pop(body.fingerprint, None)
        self._version = changes[-1].number

    def _trust(self, body: TrustPut) -> None:
        self._trusted[body.fingerprint] = body.certificate
        for callback in self._on_trust:
            _call(callback, body.certificate)

    def _tell_who_is_gone(self) -> None:
        """After a snapshot: end the connections whose credentials are no longer in it."""
        for callback, bound in self._gone:
            for digest in [d for d in bound() if self._table.find(d) is None]:
                _call(callback, digest)

    def _tell_gone(self, digest: bytes) -> None:
        for callback, _ in self._gone:
            _call(callback, digest)


def _call(callback: Callable[[bytes], None], content: bytes) -> None:
    """Tell of one change; who fails over it does not stop the changes after it."""
    try:
        callback(content)
    except Exception:
        log.exception("an identity change could not be told")


def _digests(hmac_key: bytes, presented: ShownCredentials) -> Iterator[bytes]:
    """Yield what to look up, the strongest first: certificate, name with password, token."""
    if presented.certificate is not None:
        yield certificate_digest(hmac_key, sha256(presented.certificate).digest())
    if presented.user_name is not None:
        if presented.password:
            yield basic_digest(hmac_key, presented.user_name, presented.password)
        yield token_digest(hmac_key, presented.user_name)
