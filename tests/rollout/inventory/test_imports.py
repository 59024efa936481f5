"""Imports of lists: dry run, writing, again, undo; an operator's own only; begun again after death."""

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.provinces import QUANG_NGAI
from tests.registry.world import World, refused
from tests.rollout.conftest import Cast
from tests.rollout.exchange.lists import HEADERS, csv_of, good_row
from tests.rollout.exchange.test_limits import row_of, workbook
from tests.rollout.inventory.test_areas import COMMUNES
from tram.jobs.kinds import CancelToken, JobCancelled
from tram.jobs.pruning import JobLocks
from tram.jobs.runner import JobRunner
from tram.rollout.inventory.exchange.positions import Reference
from tram.rollout.inventory.imports.imports import WRITE_JOB, StationImports
from tram.rollout.inventory.imports.views import ImportItem
from tram.rollout.inventory.imports.work import ImportWork
from tram.rollout.inventory.inventory import Inventory
from tram.rollout.inventory.stations.views import StationFilter

GOOD = [good_row(number) for number in range(30)]


class Doer:
    """Does the jobs of imports as the role work does."""

    def __init__(self, world: World, kept: StationImports) -> None:
        self.handlers = ImportWork(
            world.registry.database, world.clock, kept, QUANG_NGAI
        ).handlers()
        self.jobs = world.registry.jobs
        self.runner = JobRunner(
            self.jobs, world.clock, self.handlers, JobLocks(kept.file("locks"))
        )

    async def run(self, kind: str, params: dict[str, int], progress: Callable) -> None:
        handler = next(handler for handler in self.handlers if handler.kind.name == kind)
        await handler.run(params, progress, CancelToken())

    async def cancelled_at(self, at: int, cancel: Callable) -> None:
        """Do the next job until it has written so many, as it is cancelled there."""

        async def progress(done: int, total: int) -> None:
            if done == at < total:
                raise JobCancelled

        kinds = [handler.kind.name for handler in self.handlers]
        job = await self.jobs.claim(kinds)
        with pytest.raises(JobCancelled):
            await self.run(job.kind, job.params, progress)
        await cancel()
        await self.jobs.take_up(kinds)
        await self.runner.drain()


@pytest.fixture
def kept(world: World, tmp_path: Path) -> StationImports:
    return StationImports(world.registry.database, world.clock, tmp_path / "imports")


@pytest.fixture
def doer(world: World, kept: StationImports) -> Doer:
    return Doer(world, kept)


async def checked(kept: StationImports, doer: Doer, viewer, data: bytes, **plan) -> ImportItem:
    item = await kept.upload(viewer, "tram.csv", data)
    await kept.change_plan(viewer, item.id, replace(item.plan, **plan))
    await doer.runner.drain()
    return await kept.one(viewer, item.id)


async def written(kept: StationImports, doer: Doer, viewer, data: bytes) -> ImportItem:
    item = await checked(kept, doer, viewer, data)
    await kept.write(viewer, item.id)
    await doer.runner.drain()
    return await kept.one(viewer, item.id)


async def test_dry_run_changes_nothing_and_names_every_fault(
    kept: StationImports, doer: Doer, cast: Cast, inventory: Inventory
) -> None:
    rows = [list(row) for row in GOOD]
    rows[3][6], rows[7][1] = "sai", "Beeline"

    item = await checked(kept, doer, cast.officer, csv_of(rows))

    assert (item.state, item.done, item.total) == ("checked", 30, 30)
    assert (item.result.stations, item.result.new, item.result.failed_rows) == (28, 28, 2)
    found = await kept.faults(cast.officer, item.id)
    assert [(fault.row, fault.reason) for fault in found.faults] == [
        (5, "number"),
        (9, "operator"),
    ]
    assert found.rows[5][6] == "sai"
    assert await inventory.stations.points(cast.officer) == []


@pytest.mark.parametrize("sign", ["\0", "\u202e"])
async def test_a_sign_that_a_workbook_escapes_keeps_its_own_row_out(
    kept: StationImports, doer: Doer, cast: Cast, sign: str
) -> None:
    escaped = f"_x{ord(sign):04X}_"
    bad = good_row(1)
    bad[3] = f"Trạm{escaped}"
    lines = [[*HEADERS, f"Khác{escaped}"], [*good_row(0), escaped], [*bad, escaped]]

    item = await checked(kept, doer, cast.officer, workbook("".join(map(row_of, lines))))

    assert (item.result.stations, item.result.failed_rows) == (1, 1)
    (fault,) = (await kept.faults(cast.officer, item.id)).faults
    assert (fault.row, fault.reason, fault.value) == (3, "unprintable", f"Trạm{sign}")


async def test_one_organisation_sends_a_bounded_number_of_lists_a_day(
    kept: StationImports, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tram.rollout.inventory.imports.imports.UPLOADS_OF_ONE_DAY_MAX", 2)
    for _ in range(2):
        await kept.upload(cast.planner, "tram.csv", csv_of(GOOD[:1]))

    with refused("import.too_many"):
        await kept.upload(cast.planner, "tram.csv", csv_of(GOOD[:1]))

    await kept.upload(cast.officer, "tram.csv", csv_of(GOOD[:1]))


async def test_importing_the_same_list_again_changes_nothing(
    kept: StationImports, doer: Doer, cast: Cast, inventory: Inventory
) -> None:
    first = await written(kept, doer, cast.officer, csv_of(GOOD))
    again = await written(kept, doer, cast.officer, csv_of(GOOD))

    assert (first.state, first.result.new) == ("done", 30)
    assert (again.result.new, again.result.changed, again.result.same) == (0, 0, 30)
    assert len(await inventory.stations.points(cast.officer)) == 30


async def test_station_outside_its_commune_is_a_warning_only(
    kept: StationImports, doer: Doer, cast: Cast, inventory: Inventory
) -> None:
    await inventory.areas.import_layer(cast.officer, "commune", COMMUNES, source="Thử")
    row = good_row(1)
    row[6], row[7] = "108.9", "15.2"

    item = await checked(kept, doer, cast.officer, csv_of([row]))

    assert (item.result.stations, item.result.errors, item.result.warnings) == (1, 0, 1)
    (fault,) = (await kept.faults(cast.officer, item.id)).faults
    assert fault.more == {"given": "Xã Thọ Phong", "found": "Phường Cẩm Thành"}


async def test_undo_puts_back_what_was_there(
    kept: StationImports, doer: Doer, cast: Cast, inventory: Inventory
) -> None:
    await written(kept, doer, cast.officer, csv_of(GOOD[:10]))
    before = await inventory.stations.with_sectors(cast.officer)
    changed = [[*row[:3], "Tên mới", *row[4:]] for row in GOOD[:20]]
    second = await written(kept, doer, cast.officer, csv_of(changed))
    assert (second.result.new, second.result.changed) == (10, 10)

    await kept.undo(cast.officer, second.id)
    await doer.runner.drain()

    item = await kept.one(cast.officer, second.id)
    assert (item.state, item.result.undone, item.result.later) == ("undone", 20, 0)
    assert await inventory.stations.with_sectors(cast.officer) == before
    with refused("import.step_wrong"):
        await kept.undo(cast.officer, second.id)


async def test_undo_leaves_what_somebody_changed_since(
    kept: StationImports, doer: Doer, cast: Cast, inventory: Inventory
) -> None:
    first = await written(kept, doer, cast.officer, csv_of(GOOD[:5]))
    await written(kept, doer, cast.officer, csv_of([[*GOOD[0][:10], "Đã khảo sát"]]))

    await kept.undo(cast.officer, first.id)
    await doer.runner.drain()

    item = await kept.one(cast.officer, first.id)
    assert (item.result.undone, item.result.later) == (4, 1)
    (left,) = (await inventory.stations.page(cast.officer)).items
    assert (left.code, left.note) == ("QNI00000", "Đã khảo sát")


async def test_operator_imports_its_own_only(
    kept: StationImports, doer: Doer, cast: Cast, inventory: Inventory, world: World
) -> None:
    listed = {item.code: item.id for item in await inventory.operators.list(cast.officer)}
    await inventory.operators.link(cast.officer, listed["VIETTEL"], world.red.org)
    planner = world.red.viewer

    item = await checked(kept, doer, planner, csv_of(GOOD))

    assert item.plan.operator == listed["VIETTEL"]
    reasons = {fault.reason for fault in (await kept.faults(planner, item.id)).faults}
    assert (item.result.stations, reasons) == (10, {"not-yours"})
    with refused("import.unknown"):
        await kept.one(world.blue.viewer, item.id)
    assert await kept.list(world.blue.viewer) == []
    assert [found.id for found in await kept.list(cast.officer)] == []


async def test_job_that_died_half_way_begins_again(
    kept: StationImports, doer: Doer, cast: Cast, inventory: Inventory, world: World
) -> None:
    item = await checked(kept, doer, cast.officer, csv_of(GOOD))
    await kept.write(cast.officer, item.id)
    # A process takes the job, writes the stations and dies before it says so.
    job = await world.registry.jobs.claim([WRITE_JOB.name])
    assert job is not None
    await doer.run(job.kind, job.params, _quiet)
    assert await doer.runner.drain() == 0

    assert await world.registry.jobs.take_up([WRITE_JOB.name]) == []
    await doer.runner.drain()

    item = await kept.one(cast.officer, item.id)
    assert (item.state, item.result.new, item.result.same) == ("done", 30, 0)
    assert len(await inventory.stations.points(cast.officer, StationFilter())) == 30


async def test_of_a_cancelled_dry_run_nothing_is_kept(
    kept: StationImports, doer: Doer, cast: Cast
) -> None:
    item = await checked(kept, doer, cast.officer, csv_of(GOOD))
    await kept.change_plan(cast.officer, item.id, item.plan)

    await kept.cancel(cast.officer, item.id)
    await doer.runner.drain()

    item = await kept.one(cast.officer, item.id)
    assert (item.state, item.result, item.finished_ms) == ("new", None, None)
    assert (await kept.change_plan(cast.officer, item.id, item.plan)).state == "checking"


async def test_of_cancelled_steps_what_was_done_is_kept_and_can_be_undone(
    kept: StationImports,
    doer: Doer,
    cast: Cast,
    inventory: Inventory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tram.rollout.inventory.imports.work.BATCH_STATIONS", 10)
    item = await checked(kept, doer, cast.officer, csv_of(GOOD))

    async def cancelled_at(at: int) -> tuple[ImportItem, int]:
        await doer.cancelled_at(at, lambda: kept.cancel(cast.officer, item.id))
        points = await inventory.stations.points(cast.officer, StationFilter())
        return await kept.one(cast.officer, item.id), len(points)

    await kept.write(cast.officer, item.id)
    await kept.cancel(cast.officer, item.id)
    await doer.runner.drain()
    assert (await kept.one(cast.officer, item.id)).state == "checked"  # nothing was written

    await kept.write(cast.officer, item.id)
    found, points = await cancelled_at(20)
    assert (found.state, found.result.new, points) == ("done", 20, 20)

    await kept.undo(cast.officer, item.id)
    found, points = await cancelled_at(10)
    assert (found.state, points) == ("done", 10)

    await kept.undo(cast.officer, item.id)
    await doer.runner.drain()
    found = await kept.one(cast.officer, item.id)
    assert (found.state, found.result.undone, found.result.later) == ("undone", 20, 0)
    assert await inventory.stations.points(cast.officer, StationFilter()) == []


async def test_metres_are_not_read_before_somebody_says_the_meridian(
    kept: StationImports, cast: Cast
) -> None:
    data = csv_of(
        [["A", "VNPT", "5G", "1672345.5", "567890.25"]],
        ["Mã trạm", "Doanh nghiệp", "Công nghệ", "X", "Y"],
    )
    item = await kept.upload(cast.officer, "vn2000.csv", data)

    assert item.plan.reference is None
    with refused("import.plan_wrong") as caught:
        await kept.change_plan(cast.officer, item.id, item.plan)
    assert [fault.field for fault in caught.value.faults] == ["reference"]
    plan = replace(item.plan, reference=Reference("vn2000-tm3", 108.0))
    assert (await kept.change_plan(cast.officer, item.id, plan)).state == "checking"


async def _quiet(_done: int, _total: int) -> None:
    pass


async def test_a_file_that_goes_while_leftovers_are_looked_at_stops_no_upload(
    kept: StationImports, cast: Cast, tmp_path: Path
) -> None:
    folder = tmp_path / "imports"
    folder.mkdir()
    (folder / "gone.part").symlink_to("nowhere")  # as one that another upload has just renamed

    item = await kept.upload(cast.officer, "tram.csv", csv_of(GOOD[:1]))

    assert item.file_name == "tram.csv"
