"""Who may connect: a memory-mapped snapshot of all credentials, with the changes since on top.

The snapshot file holds columns, sorted by the first eight bytes of the digest: the count (u64), then those bytes of
every digest (u64, big endian order), the digests (32 bytes each), devices, organisations and
profiles (i64 each). A look-up is one binary search; a million devices take 64 MB of page cache.
"""

import asyncio
import struct
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tram.domain.ids import DeviceId, OrgId, ProfileId
from tram.fleet.device_api.interfaces import Device
from tram.runtime.errors import Broken
from tram.runtime.whole_files import write_private

__all__ = ("DIGEST_BYTES", "IdentityTable", "encode_snapshot")

DIGEST_BYTES = 32
_PREFIX_BYTES = 8
_DIGEST = np.dtype(f"V{DIGEST_BYTES}")
_COUNT = struct.Struct("<Q")
_RECORD_BYTES = _PREFIX_BYTES + DIGEST_BYTES + 3 * 8


class _Columns(NamedTuple):
    prefixes: npt.NDArray[np.uint64]
    digests: npt.NDArray[np.void]
    devices: npt.NDArray[np.int64]
    orgs: npt.NDArray[np.int64]
    profiles: npt.NDArray[np.int64]


def encode_snapshot(devices: Iterable[Device]) -> bytes:
    """Return the snapshot file of these credentials."""
    return _encode(_columns(devices))


def _columns(devices: Iterable[Device]) -> _Columns:
    lines = list(devices)
    digests = np.frombuffer(b"".join(line.credential for line in lines), _DIGEST)
    return _Columns(
        _prefixes(digests),
        digests,
        np.asarray([line.device for line in lines], "<i8"),
        np.asarray([line.org for line in lines], "<i8"),
        np.asarray([line.profile for line in lines], "<i8"),
    )


def _prefixes(digests: npt.NDArray[np.void]) -> npt.NDArray[np.uint64]:
    wide = DIGEST_BYTES // _PREFIX_BYTES
    return np.frombuffer(digests.tobytes(), ">u8").reshape(len(digests), wide)[:, 0].astype("<u8")


def _encode(columns: _Columns) -> bytes:
    order = np.argsort(columns.prefixes, kind="stable")
    return _COUNT.pack(len(order)) + b"".join(column[order].tobytes() for column in columns)


class IdentityTable:
    """Credentials by digest: the mapped snapshot, and an overlay of later changes."""

    def __init__(self) -> None:
        self._columns = _map_nothing()
        self._overlay: dict[bytes, Device | None] = {}

    def __len__(self) -> int:
        return len(self._columns.prefixes) + len(self._overlay)

    @property
    def overlaid(self) -> int:
        """Return how many changes lie over the snapshot; ``fold`` when they grow too many."""
        return len(self._overlay)

    def load(self, file: Path, content: bytes) -> None:
        """Replace everything by a snapshot, mapped from ``file``, whose name is gone at once.

        The mapping keeps the content until this process ends, however it ends.
        """
        self._columns = _mapped(file, content)
        self._overlay = {}

    def put(self, device: Device) -> None:
        """Add or replace a credential."""
        self._overlay[device.credential] = device

    def remove(self, digest: bytes) -> None:
        """Forget a credential."""
        self._overlay[digest] = None

    async def fold(self, file: Path) -> None:
        """Write the overlay into a new snapshot file, in a thread; changes may come meanwhile."""
        folded = dict(self._overlay)
        self._columns = await asyncio.to_thread(_folded, self._columns, folded, file)
        overlay = self._overlay
        for digest, device in folded.items():
            if digest in overlay and overlay[digest] is device:
                del overlay[digest]

    def find(self, digest: bytes) -> Device | None:
        """Return whom the digest belongs to."""
        if digest in self._overlay:
            return self._overlay[digest]
        columns = self._columns
        line = _line_of(columns, digest)
        if line is None:
            return None
        return Device(
            DeviceId(int(columns.devices[line])),
            OrgId(int(columns.orgs[line])),
            ProfileId(int(columns.profiles[line])),
            digest,
        )


def _line_of(columns: _Columns, digest: bytes) -> int | None:
    key = np.uint64(int.from_bytes(digest[:_PREFIX_BYTES], "big"))
    line = int(np.searchsorted(columns.prefixes, key))
    while line < len(columns.prefixes) and columns.prefixes[line] == key:
        if columns.digests[line].tobytes() == digest:
            return line
        line += 1
    return None


def _folded(columns: _Columns, overlay: dict[bytes, Device | None], file: Path) -> _Columns:
    """Return mapped columns that hold the overlay too."""
    kept = np.ones(len(columns.prefixes), np.bool_)
    for digest in overlay:
        line = _line_of(columns, digest)
        if line is not None:
            kept[line] = False
    added = _columns(device for device in overlay.values() if device is not None)
    joined = (np.concatenate([old[kept], new]) for old, new in zip(columns, added, strict=True))
    return _mapped(file, _encode(_Columns(*joined)))


def _mapped(file: Path, content: bytes) -> _Columns:
    write_private(file, content)
    columns = _map(file)
    file.unlink()
    return columns


def _map_nothing() -> _Columns:
    empty = np.empty(0, "<i8")
    return _Columns(np.empty(0, "<u8"), np.empty(0, f"V{DIGEST_BYTES}"), empty, empty, empty)


def _map(file: Path) -> _Columns:
    data = np.memmap(file, np.uint8, "r")
    count = _COUNT.unpack(data[: _COUNT.size].tobytes())[0]
    if len(data) != _COUNT.size + count * _RECORD_BYTES:
        raise Broken("identity.cut", "The snapshot of credentials is cut.")
    start = _COUNT.size
    columns: list[npt.NDArray[np.generic]] = []
    kinds: Sequence[str] = ("<u8", f"V{DIGEST_BYTES}", "<i8", "<i8", "<i8")
    for kind in kinds:
        end = start + count * np.dtype(kind).itemsize
        columns.append(data[start:end].view(kind))
        start = end
    return _Columns(*columns)  # type: ignore[arg-type]  # the kinds are those of the fields
