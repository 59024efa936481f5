"""The identity snapshot in the log: files in parts of a megabyte, and a manifest over them.

``credentials`` is the gateways' look-up file; ``trust`` and ``dims`` hold, one encoded list of
changes a line, the anchors of certificates and what the store needs to scope its queries. A snapshot stands for all changes up to its version.
"""

import asyncio
import hashlib

import msgspec
from nats.js.errors import NotFoundError

from tram.domain.ids import DeviceId, OrgId, ProfileId
from tram.fleet.device_api.interfaces import Device
from tram.fleet.log.nats_connection import NatsConnection
from tram.fleet.log.streams import MANIFEST_SUBJECT, SNAPSHOT_SUBJECT, SNAPSHOTS
from tram.registry.kernel.changes import Body, CredentialPut, decode_changes
from tram.runtime.errors import Broken

__all__ = (
    "SnapshotManifest",
    "bodies_of",
    "device_of",
    "publish_snapshot",
    "read_file",
    "read_manifest",
)

_PART_BYTES = 1_048_576


class SnapshotFile(msgspec.Struct, frozen=True):
    """One file of a snapshot."""

    parts: int
    bytes: int
    sha256: str


class SnapshotManifest(msgspec.Struct, frozen=True):
    """What a snapshot holds and the change number it stands for."""

    version: int
    files: dict[str, SnapshotFile]


def device_of(body: CredentialPut) -> Device:
    """Return the gateway's view of a credential."""
    return Device(DeviceId(body.device), OrgId(body.org), ProfileId(body.profile), body.digest)


async def publish_snapshot(link: NatsConnection, version: int, files: dict[str, bytes]) -> None:
    """Write the parts, then the manifest that makes them valid, then drop older snapshots."""
    before = await read_manifest(link)
    entries: dict[str, SnapshotFile] = {}
    for name, content in files.items():
        parts = [content[i : i + _PART_BYTES] for i in range(0, len(content), _PART_BYTES)] or [
            b""
        ]
        for number, part in enumerate(parts):
            await link.jetstream.publish(_subject(version, name, number), part)
        entries[name] = SnapshotFile(len(parts), len(content), hashlib.sha256(content).hexdigest())
    await link.jetstream.publish(
        MANIFEST_SUBJECT, msgspec.json.encode(SnapshotManifest(version, entries))
    )
    if before is not None and before.version != version:
        await link.jetstream.purge_stream(
            SNAPSHOTS, subject=f"{SNAPSHOT_SUBJECT}.{before.version}.>"
        )


async def read_manifest(link: NatsConnection) -> SnapshotManifest | None:
    """Return the newest snapshot's manifest, None before the first snapshot."""
    try:
        message = await link.jetstream.get_last_msg(SNAPSHOTS, MANIFEST_SUBJECT, direct=True)
    except NotFoundError:
        return None
    return msgspec.json.decode(message.data or b"", type=SnapshotManifest)


async def read_file(link: NatsConnection, manifest: SnapshotManifest, name: str) -> bytes:
    """Return a whole file of the snapshot, verified.

    Raises:
        Broken: if a newer snapshot replaced this one while reading, or the file is damaged.
    """
    entry = manifest.files.get(name)
    if entry is None:
        return b""  # of a version that knew no such file
    parts: list[bytes] = []
    for number in range(entry.parts):
        subject = _subject(manifest.version, name, number)
        try:
            message = await link.jetstream.get_last_msg(SNAPSHOTS, subject, direct=True)
        except NotFoundError:
            raise Broken("identity.replaced", "The snapshot was replaced while reading.") from None
        parts.append(message.data or b"")
    content = b"".join(parts)
    digest = await asyncio.to_thread(hashlib.sha256, content)
    if digest.hexdigest() != entry.sha256:
        raise Broken("identity.damaged", f"The snapshot's file {name} is damaged.")
    return content


def bodies_of(content: bytes) -> list[Body]:
    """Return the changes of a file that holds an encoded list of them in each line."""
    return [
        change.body for line in content.split(b"\n") if line for change in decode_changes(line)
    ]


def _subject(version: int, name: str, number: int) -> str:
    return f"{SNAPSHOT_SUBJECT}.{version}.{name}.{number}"
