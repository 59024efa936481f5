"""The store's follower of the identity stream: devices, organisations and grants, in order."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import msgspec
from nats.js.errors import APIError

from tram.fleet.log.nats_connection import DOUBTS, NatsConnection
from tram.fleet.log.reader import StreamReader
from tram.fleet.log.streams import IDENTITY
from tram.fleet.sync.identity_snapshot import bodies_of, read_file, read_manifest
from tram.registry.kernel.changes import Body, decode_changes
from tram.runtime.errors import Broken
from tram.runtime.logging import get_logger

__all__ = ("ChangeBatch", "RegistryFollower")

_PAUSE_S = 0.2

log = get_logger()


@dataclass(frozen=True, slots=True)
class ChangeBatch:
    """Changes up to ``version``; ``is_reset`` means they are everything there is."""

    version: int
    is_reset: bool
    changes: list[Body]


class RegistryFollower:
    """Yields what the store must know of devices, organisations and grants, in order."""

    def __init__(self, link: NatsConnection) -> None:
        self._link = link

    async def follow(self, after_version: int) -> AsyncIterator[ChangeBatch]:
        """Yield changes above ``after_version`` for ever; a gap begins anew with a reset.

        A negative ``after_version`` means that nothing is known yet.
        """
        version = after_version
        while True:
            try:
                async for batch in self._session(version):
                    version = batch.version
                    yield batch
            except (*DOUBTS, APIError, Broken, msgspec.DecodeError) as error:
                log.info("identity stream interrupted", error=repr(error))
            await asyncio.sleep(_PAUSE_S)

    async def _session(self, after_version: int) -> AsyncIterator[ChangeBatch]:
        """Follow until a gap or an outage; then the caller begins the next session."""
        manifest = await read_manifest(self._link)
        if manifest is None:
            return
        version = after_version
        if version < manifest.version:
            content = await read_file(self._link, manifest, "dims")
            version = manifest.version
            yield ChangeBatch(version, is_reset=True, changes=bodies_of(content))
        async for entry in StreamReader(self._link, IDENTITY).read(0):
            changes = decode_changes(entry.payload)
            if changes[-1].number <= version:
                continue
            if changes[0].number > version + 1:
                return
            new = [change.body for change in changes if change.number > version]
            version = changes[-1].number
            yield ChangeBatch(version, is_reset=False, changes=new)
