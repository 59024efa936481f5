"""A block that alone brings the store down goes into quarantine; its neighbours lose nothing."""

from pathlib import Path

from tests.fleet.store.conftest import MemoryLog, OpenWorld, untimed
from tests.poison import raising
from tram.app.roles.examine import examiner
from tram.fleet.block.given_back import given_back
from tram.runtime.clock import SystemClock
from tram.runtime.watch.footprint import DEATHS_MAX, Footprint
from tram.runtime.watch.inspection import Inspector
from tram.runtime.watch.quarantine import Quarantine

EPOCH = 100


def an_inspector(folder: Path, died_at: int = 0) -> Inspector:
    """Return the inspector of a store whose predecessors were killed at a block."""
    path = folder / "store.footprint"
    for _ in range(DEATHS_MAX if died_at else 0):
        Footprint(path, EPOCH).step(1, died_at, died_at)
    return Inspector(
        part="store",
        footprint=Footprint(path, EPOCH),
        examine=examiner("store", folder, folder),
        quarantine=Quarantine(folder / "quarantine", SystemClock()),
    )


async def test_what_raises_alone_is_taken_out_and_kept_for_another_try(
    open_world: OpenWorld, tmp_path: Path
) -> None:
    log, inspector, poison = MemoryLog(), an_inspector(tmp_path), raising("f" * 16)
    async with open_world(log, folder=tmp_path / "store", inspector=inspector) as world:
        for value in (1.0, 2.0):
            world.blocks.message(10, untimed("t", value))
            world.blocks.send()
            if value == 1.0:
                await world.settled()
                # What a store that was killed half-way would have left of the next block.
                world.store._opened.engine.command(
                    "INSERT INTO tram.messages SELECT * REPLACE (2 AS log_seq) FROM tram.messages"
                )
                log.append(poison)
        await world.settled()

        status = await world.client.status()
        assert (status.blocks_unreadable, status.problem) == (1, None)
        assert [row["f"] for row in await world.rows()] == [1.0, 2.0]
        left = await world.rows("messages", order="log_seq")
        assert [row["log_seq"] for row in left] == [1, 3]
    assert inspector.quarantine is not None
    (record,) = inspector.quarantine.list()
    assert record.name == f"store-{EPOCH}-2"
    assert "IndexError" in record.reason
    assert inspector.quarantine.one(record.name)[1] == poison


async def test_a_block_at_which_three_died_is_examined_first_and_an_innocent_one_stays(
    open_world: OpenWorld, tmp_path: Path
) -> None:
    log, inspector = MemoryLog(), an_inspector(tmp_path, died_at=1)
    async with open_world(log, folder=tmp_path / "store", inspector=inspector) as world:
        world.blocks.message(10, untimed("t", 1.0))
        world.blocks.send()
        await world.settled()

        assert [row["f"] for row in await world.rows()] == [1.0]
    assert inspector.quarantine is not None
    assert inspector.quarantine.list() == []
    assert inspector.footprint.deaths == 0


async def test_a_block_given_back_is_inserted_once_by_whom_it_is_for(
    open_world: OpenWorld,
) -> None:
    source = MemoryLog()
    async with open_world(source) as world:
        world.blocks.message(10, untimed("t", 1.0))
        world.blocks.send()
        await world.settled()
        payload = source.entries[0].payload
        world.blocks.message(10, untimed("t", 2.0))
        _, theirs = given_back(payload, "alarms")
        source.append(theirs)
        world.blocks.send()
        await world.settled()
        assert len(await world.rows()) == 2

        boot, ours = given_back(payload, "store")
        for _ in range(2):
            source.append(ours)
        await world.settled()

        assert boot == given_back(payload, "store")[0] != given_back(payload, "alarms")[0]
        assert (
            await world.client.status()
        ).blocks_skipped == 2  # theirs, and ours the second time
