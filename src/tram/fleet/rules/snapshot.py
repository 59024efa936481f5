"""The engine's state in one file: its arrays side by side, and its place in the log.

Format 1: magic ``TRAMRUL1``, length (u64) and CRC-32 of a JSON header, the header, then every array
as a ``.npy`` stream in the header's order, followed by the CRC-32 of its type, shape and bytes. It is written beside the old one and put in its place
by one rename, so that after a crash the old or the new one is there.
"""

import io
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

import msgspec
import numpy as np

from tram.fleet.rules.arrays import Array
from tram.fleet.rules.engine import RuleEngine
from tram.fleet.rules.facts import FOREVER_MS
from tram.fleet.rules.kinds import YEAR_S, Missing, Rule
from tram.fleet.rules.rows import MetricNumbers
from tram.fleet.rules.ruleset import compile_rules
from tram.registry.kernel.changes import GrantPut
from tram.runtime.errors import Broken
from tram.runtime.whole_files import replacing

__all__ = ("Frozen", "freeze", "read_snapshot", "write_snapshot")

MAGIC = b"TRAMRUL1"
FILE = "rules.snapshot"
_HEAD = struct.Struct("<8sQI")
_CHECK = struct.Struct("<I")
_COUNTS = {
    "series": "series_count", "ring_t": "ring_used", "ring_v": "ring_used",
    "link_instance": "link_count", "link_next": "link_count", "head": "instance_count",
    "live": "instance_count", "base": "instance_count", "slots": "slot_count",
}  # fmt: skip


class SnapshotHeader(msgspec.Struct, frozen=True):
    """What is not an array."""

    epoch: int
    seq: int
    run_ms: int
    received_ms: int
    last_tick: int
    facts_version: int
    sectors: dict[str, int]
    ancestors: dict[int, list[int]]
    metrics: list[str]
    rules: list[Rule]
    multi: list[tuple[int, int, int]]
    grants: list[GrantPut] | None = None
    """Loans; None in files of before they were kept: devices and loans are then read anew."""
    cut_ms: int = FOREVER_MS
    """When the next loan ends that a rule reads by."""


class _Read(SnapshotHeader, frozen=True):
    """A header as it lies on disk: its rules may be more than this program takes."""

    rules: list[msgspec.Raw]  # type: ignore[assignment]  # decoded one by one


class _Identity(msgspec.Struct, frozen=True):
    """What names a version of a rule."""

    id: int
    version: int
    org: int


class Frozen(msgspec.Struct, frozen=True):
    """A copy of an engine at one moment, ready to be written by another thread."""

    header: SnapshotHeader
    arrays: list[Array]


def freeze(engine: RuleEngine, epoch: int) -> Frozen:
    """Copy the engine's state; the engine may go on at once."""
    binding, facts = engine.binding, engine.facts
    header = SnapshotHeader(
        epoch=epoch,
        seq=engine.seq,
        run_ms=engine.run_ms,
        received_ms=engine.received_ms,
        last_tick=engine.last_tick,
        facts_version=facts.version,
        sectors=dict(facts.sectors),
        ancestors=dict(facts.ancestors),
        metrics=list(binding.metric_numbers.names),
        rules=binding.rules,
        multi=[(rule, device, line) for (rule, device), line in binding.multi.items()],
        grants=list(facts.grants.values()),
        cut_ms=binding.cut_ms,
    )
    keys, values = binding.room.keys.items()
    arrays = [facts.lines[: facts.count].copy(), keys, values]
    for name, count in _COUNTS.items():
        arrays.append(getattr(binding.room.memory, name)[: getattr(binding.room, count)].copy())
    return Frozen(header, arrays)


def write_snapshot(folder: Path, frozen: Frozen) -> None:
    """Put a frozen engine on disk."""
    header = msgspec.json.encode(frozen.header)
    with replacing(folder / FILE) as file:
        file.write(_HEAD.pack(MAGIC, len(header), zlib.crc32(header)))
        file.write(header)
        for array in frozen.arrays:
            np.save(file, array, allow_pickle=False)
            file.write(_CHECK.pack(_check(array)))


def read_snapshot(folder: Path) -> tuple[RuleEngine, int] | None:
    """Return the engine of a folder and its log's epoch, None if there is none.

    Raises:
        Broken: if the file is damaged or of another format.
    """
    path = folder / FILE
    if not path.exists():
        return None
    try:
        with path.open("rb") as file:
            header = _header(file)
            arrays = [_array(file) for _ in range(3 + len(_COUNTS))]
    except (ValueError, EOFError, OSError, struct.error, msgspec.DecodeError) as error:
        raise Broken(
            "rules.snapshot_damaged",
            f"{path} cannot be read ({error}).",
            "Remove the file: states are built anew from the log and from the alarms.",
        ) from error
    return _thawed(header, arrays), header.epoch


def _header(file: BinaryIO | io.BufferedReader) -> SnapshotHeader:
    magic, length, check = _HEAD.unpack(file.read(_HEAD.size))
    raw = file.read(length)
    if magic != MAGIC or zlib.crc32(raw) != check:
        raise ValueError("not a snapshot of this format")
    read = msgspec.json.decode(raw, type=_Read)
    rules = [_rule(one) for one in read.rules]
    return SnapshotHeader(**{**msgspec.structs.asdict(read), "rules": rules})


def _array(file: BinaryIO | io.BufferedReader) -> Array:
    array: Array = np.load(file, allow_pickle=False)
    (check,) = _CHECK.unpack(file.read(_CHECK.size))
    if check != _check(array):
        raise ValueError("an array is damaged")
    return array


def _check(array: Array) -> int:
    shape = zlib.crc32(repr((array.dtype.descr, array.shape)).encode())
    return zlib.crc32(np.ascontiguousarray(array).view(np.uint8).data, shape)


def _rule(raw: msgspec.Raw) -> Rule:
    """Return a rule; for one that this program does not take, one that keeps its place.

    An older program took more than can be judged. Its rules are read anew right after the snapshot.
    """
    try:
        return msgspec.json.decode(raw, type=Rule)
    except msgspec.ValidationError:
        known = msgspec.json.decode(raw, type=_Identity)
        nothing = Missing(metric="?", for_s=YEAR_S)
        return Rule(id=known.id, version=known.version, org=known.org, spec=nothing)


def _thawed(header: SnapshotHeader, arrays: list[Array]) -> RuleEngine:
    engine = RuleEngine()
    lines, keys, values, *columns = arrays
    facts, binding = engine.facts, engine.binding
    facts.restore(lines)
    facts.sectors, facts.ancestors = header.sectors, header.ancestors
    facts.version = -1 if header.grants is None else header.facts_version
    facts.grants = {grant.grant: grant for grant in header.grants or ()}
    engine.seq, engine.run_ms, engine.received_ms = header.seq, header.run_ms, header.received_ms
    engine.last_tick = header.last_tick
    binding.now_ms, binding.cut_ms = header.received_ms, header.cut_ms
    binding.metric_numbers = MetricNumbers(header.metrics)
    binding.rules = header.rules
    binding.compiled = compile_rules(binding.rules)
    binding.multi = {(rule, device): line for rule, device, line in header.multi}
    room = binding.room
    room.keys.put(keys, values)
    counts = {count: len(column) for count, column in zip(_COUNTS.values(), columns, strict=True)}
    room.restore(dict(zip(_COUNTS, columns, strict=True)), counts)
    binding.forget_metrics(())  # an older program numbered every metric that devices sent
    binding.touch()
    return engine
