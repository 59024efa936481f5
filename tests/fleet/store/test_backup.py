"""An export holds everything up to its checkpoint; an import makes the same store of it."""

import asyncio
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from tests.fleet.store.calls import fill, seen
from tests.fleet.store.conftest import (
    NORTH,
    NOW_MS,
    MemoryLog,
    OpenWorld,
    World,
    timed,
    untimed,
    viewer,
)
from tram.fleet.store.queries.questions import Correction, TimeSpan
from tram.fleet.store.serving.backup import ExportManifest, import_folder
from tram.registry.kernel.viewer import Scope, Viewer
from tram.runtime.errors import Refused

TABLES = {
    "tram.readings": "log_seq, row_no, revision",
    "tram.messages": "log_seq, message_no",
    "tram.events": "log_seq, event_no",
    "tram.quarantine": "log_seq, row_no",
    "tram.series": "series",
    "tram.revisions": "revision_id",
    "tram.rollup_minute FINAL": "series, bucket_ms",
    "tram.rollup_hour FINAL": "series, bucket_ms",
    "tram.rollup_day FINAL": "series, bucket_ms",
    "tram.expected FINAL": "series",
    "tram.gaps FINAL": "series, kind, start_ms",
}
NEW_EPOCH = 500
WRITER = Viewer(
    7, NORTH, "Lan", (Scope(NORTH, None, None, frozenset({"device.read", "device.write"})),)
)
HOUR = 3_600_000
GONE = "gone=2, *=0"
LONG_AGO = NOW_MS // HOUR * HOUR - 3 * 24 * HOUR


async def fill_history(world: World) -> None:
    """Leave a row in every table: a busy hour, a silence after it, a correction, what is gone."""
    for at_ms in (*(LONG_AGO + 20_000 * step for step in range(150)), LONG_AGO + 24 * HOUR):
        world.blocks.message(11, timed("busy", 1.5, at_ms), timed("gone", 2.5, at_ms))
        if world.blocks.send() < 10:
            await world.settled()  # an interval is learned before it is missed
    await roll(world)
    change = Correction(device=11, metric="busy", operation="scale", factor=2.0, reason="drift")
    await world.client.ask(WRITER, replace(change, span=TimeSpan(LONG_AGO, LONG_AGO + HOUR)))
    await roll(world)
    retention = world.store._opened.history._parts.retention
    await asyncio.to_thread(retention.run, ["gone"], NOW_MS)


async def roll(world: World) -> None:
    await world.settled()
    opened = world.store._opened
    place = opened.ingest.checkpoint
    await asyncio.to_thread(opened.history.roll, place.epoch, place.seq, NOW_MS)


async def content(world: World) -> dict[str, list[dict]]:
    """Return every table that a backup carries, without versions; rows of a new log left out."""
    found = {}
    for name, order in TABLES.items():
        rows = (await world.client.sql(f"SELECT * FROM {name} ORDER BY {order}")).to_pylist()
        kept = [row for row in rows if row.get("log_epoch") != NEW_EPOCH]
        found[name] = [{k: v for k, v in row.items() if k != "version"} for row in kept]
    return found


async def test_imported_store_equals_the_exported_and_goes_on(
    open_world: OpenWorld, tmp_path: Path
) -> None:
    async with open_world(folder=tmp_path / "a", keys_per_device=4, retention=GONE) as world:
        world.blocks.message(10, *(untimed(key, 1) for key in "abcde"))
        world.blocks.send()
        await world.settled()
        await fill(world)
        await fill_history(world)
        await world.client.export(str(tmp_path / "export"))
        with pytest.raises(Refused):
            await world.client.export(str(tmp_path / "export"))
        tables = await content(world)
        before = await seen(world, viewer(NORTH), 11)
        status = await world.client.status()
        world.blocks.message(11, timed("gone", 99.0, LONG_AGO + 5))
        late = world.blocks.payload()
    import_folder(tmp_path / "export", tmp_path / "b")
    new_log = MemoryLog(epoch=NEW_EPOCH)
    new_log.append(late)
    async with open_world(new_log, folder=tmp_path / "b", retention=GONE) as copy:
        await roll(copy)

        assert (await copy.client.status()).rows == status.rows + 1
        assert await seen(copy, viewer(NORTH), 11) == before
        assert await content(copy) == tables
    assert [name for name, rows in tables.items() if not rows] == []


async def test_manifest_names_every_table_and_state(open_world: OpenWorld, tmp_path: Path) -> None:
    async with open_world(folder=tmp_path / "a") as world:
        await fill(world)
        await world.client.export(str(tmp_path / "export"))

    written = (tmp_path / "export" / "manifest.json").read_bytes()
    manifest = msgspec.json.decode(written, type=ExportManifest)

    assert {name: file.rows for name, file in manifest.files.items()} == {
        "series": 6,
        "readings": 6,
        "messages": 3,
        "events": 6,
        "quarantine": 0,
        "revisions": 0,
        "rollup_minute": 0,
        "rollup_hour": 0,
        "rollup_day": 0,
        "expected": 0,
        "gaps": 0,
    }
    assert set(manifest.states) == {"rolled.json"}


async def test_damaged_export_and_filled_folder_are_refused(
    open_world: OpenWorld, tmp_path: Path
) -> None:
    async with open_world(folder=tmp_path / "a") as world:
        await fill(world)
        await world.client.export(str(tmp_path / "export"))

    with pytest.raises(Refused) as filled:
        import_folder(tmp_path / "export", tmp_path / "a")
    path = tmp_path / "export" / "readings.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(Refused) as damaged:
        import_folder(tmp_path / "export", tmp_path / "b")
    with pytest.raises(Refused) as absent:
        import_folder(tmp_path / "nowhere", tmp_path / "b")

    codes = [filled.value.code, damaged.value.code, absent.value.code]
    assert codes == ["backup.store_exists", "backup.damaged", "backup.unreadable"]
