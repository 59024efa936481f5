"""An export holds everything up to its checkpoint; an import makes the same store of it."""

from pathlib import Path

import pytest

from tests.store.calls import fill, seen
from tests.store.conftest import NORTH, NOW_MS, MemoryLog, OpenWorld, timed, untimed, viewer
from tram.fleet.store.backup import export_folder, import_folder
from tram.runtime.errors import Refused

TABLES = {
    "readings": "log_seq, row_no",
    "messages": "log_seq, message_no",
    "events": "log_seq, event_no",
    "quarantine": "log_seq, row_no",
    "series": "series",
}


async def test_imported_store_equals_the_exported_and_goes_on(
    open_world: OpenWorld, tmp_path: Path
) -> None:
    async with open_world(folder=tmp_path / "a", keys_per_device=3) as world:
        world.blocks.message(10, *(untimed(key, 1) for key in "abcde"))
        world.blocks.send()
        await world.settled()
        await fill(world)
        await world.client.export(str(tmp_path / "export"))
        with pytest.raises(Refused):
            await world.client.export(str(tmp_path / "export"))
        tables = {name: await world.rows(name, order) for name, order in TABLES.items()}
        before = await seen(world, viewer(NORTH), 11)
        status = await world.client.status()
        world.blocks.message(10, timed("a", 9.0, NOW_MS + 9))
        late = world.blocks.payload()
    import_folder(tmp_path / "export", tmp_path / "b")
    new_log = MemoryLog(epoch=500)
    new_log.append(late)
    async with open_world(new_log, folder=tmp_path / "b") as copy:
        await copy.settled()

        assert (await copy.client.status()).rows == status.rows + 1
        assert await seen(copy, viewer(NORTH), 11) == before
        for name, order in TABLES.items():
            rows = [row for row in await copy.rows(name, order) if row.get("log_epoch") != 500]
            assert rows == tables[name], name


async def test_stopped_store_is_exported_too(open_world: OpenWorld, tmp_path: Path) -> None:
    async with open_world(folder=tmp_path / "a") as world:
        await fill(world)

    manifest = export_folder(tmp_path / "a", tmp_path / "export")

    assert {name: file.rows for name, file in manifest.files.items()} == {
        "series": 6,
        "readings": 6,
        "messages": 3,
        "events": 3,
        "quarantine": 0,
    }


async def test_damaged_export_and_filled_folder_are_refused(
    open_world: OpenWorld, tmp_path: Path
) -> None:
    async with open_world(folder=tmp_path / "a") as world:
        await fill(world)
    export_folder(tmp_path / "a", tmp_path / "export")

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
