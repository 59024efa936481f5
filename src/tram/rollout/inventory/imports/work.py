"""What the role work does for an import: dry run, writing, undoing; each may be begun again."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict

import msgspec
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.ids import OrgId, PersonId
from tram.domain.province import Province
from tram.domain.text import fold
from tram.jobs.kinds import CancelToken, JobHandler, JobWork, Progress
from tram.jobs.meanwhile import meanwhile
from tram.registry.kernel.database import AnyRow, Database
from tram.registry.kernel.viewer import Viewer
from tram.rollout.inventory.exchange.merging import merge
from tram.rollout.inventory.exchange.plan import ImportPlan, Neighbour, StationDraft, Surroundings
from tram.rollout.inventory.exchange.reader_process import (
    READER,
    Examine,
    Examined,
    examine_list,
    restored,
)
from tram.rollout.inventory.geography.borders import commune_borders, commune_names
from tram.rollout.inventory.imports.imports import CHECK, UNDO, WRITE_JOB, StationImports
from tram.rollout.inventory.imports.views import ImportRequest, ImportResult, StoredPlan
from tram.rollout.inventory.stations.keeping import BATCH_STATIONS, ground_of, note
from tram.rollout.inventory.stations.tables import changes, imports, operators, stations
from tram.rollout.inventory.stations.views import StationImage
from tram.rollout.inventory.stations.writing import (
    Author,
    StoredStation,
    WriteCounts,
    images_of,
    put_images,
    remove_stations,
)
from tram.runtime.clock import Clock
from tram.runtime.processes.thread_pools import FILES

__all__ = ("ImportWork",)

_WATCH_S = 0.3


Step = Callable[[AnyRow, Progress], Awaitable[ImportResult]]
Leave = Callable[[AnyRow], Awaitable[None]]


class ImportWork:
    """Carries out the steps of imports in the name of who asked for them."""

    def __init__(
        self, database: Database, clock: Clock, kept: StationImports, province: Province
    ) -> None:
        self._database = database
        self._clock = clock
        self._kept = kept
        self._province = province

    def handlers(self) -> list[JobHandler[ImportRequest, ImportResult]]:
        """Return who does which kind of job."""
        return [
            JobHandler(CHECK, _StepWork(self, self._check, self._leave_check)),
            JobHandler(WRITE_JOB, _StepWork(self, self._write, self._leave_writing)),
            JobHandler(UNDO, _StepWork(self, self._undo, self._leave_undoing)),
        ]

    async def row(self, number: int) -> AnyRow:
        """Return an import as it is kept."""
        async with self._database.read() as connection:
            found = await connection.execute(select(imports).where(imports.c.id == number))
            return found.one()

    async def fail(self, number: int) -> None:
        """Note that a step could not be done; it may be asked for again."""
        await self._close(number, "failed")

    async def _check(self, row: AnyRow, progress: Progress) -> ImportResult:
        found = await self._examine(row, progress)
        outcome = await self._outcome(row, found)
        await FILES.run(self._kept.keep_faults, row.id, found.faults)
        return await self._done(row.id, "checked", _result(found, outcome))

    async def _write(self, row: AnyRow, progress: Progress) -> ImportResult:
        found = await self._examine(row, progress)
        plan = _stored(row).plan
        author = Author(_author(row), self._clock.now_ms(), row.id)
        async with self._database.read() as connection:
            ground = await ground_of(connection)
        outcome, total = WriteCounts(), len(found.drafts)
        for start in range(0, total, BATCH_STATIONS):
            some = found.drafts[start : start + BATCH_STATIONS]
            async with self._database.write() as connection:
                there = await images_of(connection, [draft.key for draft in some], lock=True)
                images = [_image(draft, plan, there.get(draft.key)) for draft in some]
                done = await put_images(connection, author, images, ground, there)
                await note(connection, author, "station.import", done)
            outcome += done
            await progress(start + len(some), total)
        outcome = await self._whole(row.id, outcome)
        return await self._done(row.id, "done", _result(found, outcome))

    async def _whole(self, number: int, outcome: WriteCounts) -> WriteCounts:
        """Return the figures of the whole import, also when it was begun more than once."""
        written = await self._written(number)
        total = outcome.new + outcome.changed + outcome.same
        return WriteCounts(written.new, written.changed, total - written.new - written.changed)

    async def _written(self, number: int) -> WriteCounts:
        """Return what an import has written so far."""
        statement = (
            select(changes.c.before.is_(None).label("made"), func.count(changes.c.id).label("n"))
            .where(changes.c.import_id == number)
            .group_by(changes.c.before.is_(None))
        )
        async with self._database.read() as connection:
            counts = {bool(row.made): row.n for row in await connection.execute(statement)}
        return WriteCounts(counts.get(True, 0), counts.get(False, 0))

    async def _leave_check(self, row: AnyRow) -> None:
        """Of a dry run that was cancelled nothing is kept: the import is as it came."""
        await self._close(row.id, "new", result=None, finished_ms=None)

    async def _leave_writing(self, row: AnyRow) -> None:
        """What was written stays and can be undone; where nothing was, the dry run still holds."""
        written = await self._written(row.id)
        if not written.new + written.changed:
            await self._close(row.id, "checked")
            return
        result = msgspec.structs.replace(
            _result_of(row), new=written.new, changed=written.changed, same=0
        )
        await self._done(row.id, "done", result)

    async def _leave_undoing(self, row: AnyRow) -> None:
        """What was taken back stays so; the rest can be undone still."""
        await self._close(row.id, "done")

    async def _undo(self, row: AnyRow, progress: Progress) -> ImportResult:
        author = Author(_author(row), self._clock.now_ms())
        async with self._database.read() as connection:
            found = await connection.execute(
                select(changes).where(changes.c.import_id == row.id).order_by(changes.c.id.desc())
            )
            made = found.all()
            ground = await ground_of(connection)
        undone = later = 0
        for start in range(0, len(made), BATCH_STATIONS):
            some = made[start : start + BATCH_STATIONS]
            async with self._database.write() as connection:
                newest = select(func.max(changes.c.id)).where(
                    changes.c.station_id.in_([change.station_id for change in some])
                )
                last = await connection.execute(newest.group_by(changes.c.station_id))
                free = set(last.scalars())
                mine = [change for change in some if change.id in free]
                gone = [_as_image(c.after) for c in mine if c.before is None]
                back = [_as_image(c.before) for c in mine if c.before is not None]
                present = await images_of(connection, [image.key for image in gone], lock=True)
                await remove_stations(
                    connection, author, [item for item in present.values() if not item.removed]
                )
                await put_images(connection, author, back, ground)
                await note(connection, author, "station.undo", WriteCounts(changed=len(mine)))
                others = [change for change in some if change.id not in free]
                already = await _taken_back(connection, others)
            undone += len(mine) + already
            later += len(others) - already
            await progress(start + len(some), len(made))
        result = msgspec.structs.replace(_result_of(row), undone=undone, later=later)
        return await self._done(row.id, "undone", result)

    async def _examine(self, row: AnyRow, progress: Progress) -> Examined:
        """Have the kept file examined in a process of its own, and tell how far it is."""
        stored = _stored(row)
        borders: list[tuple[str, str]] = []
        if "commune" in stored.plan.columns:
            async with self._database.read() as connection:
                borders = await commune_borders(connection)
        question = Examine(
            path=str(self._kept.file(row.digest)),
            plan=stored.plan,
            around=await self._around(stored),
            borders=borders,
        )
        at = [0, 0]

        def step(done: int, total: int) -> None:
            at[:] = done, total

        found = await meanwhile(
            READER.call(row.org_id, examine_list, question, step),
            _WATCH_S,
            lambda: progress(at[0], at[1]),
        )
        await progress(found.rows, found.rows)
        return msgspec.structs.replace(found, drafts=restored(found.drafts))

    async def _around(self, stored: StoredPlan) -> Surroundings:
        async with self._database.read() as connection:
            listed = (await connection.execute(select(operators))).all()
            communes = await commune_names(connection, self._province.communes)
            key = (stations.c.operator_id, stations.c.technology, stations.c.code)
            there = select(*key, stations.c.lon, stations.c.lat).where(
                stations.c.removed_ms.is_(None), stations.c.operator_id.in_(stored.operators)
            )
            neighbours = [Neighbour(*row) for row in await connection.execute(there)]
        names = {fold(text): row.id for row in listed for text in (row.name, row.code)}
        return Surroundings(
            operators=names,
            operator_names={row.id: row.name for row in listed},
            writable=frozenset(stored.operators),
            communes=communes,
            bounds=self._province.bounds,
            neighbours=tuple(neighbours),
        )

    async def _outcome(self, row: AnyRow, found: Examined) -> WriteCounts:
        """Return what writing would do, without doing it."""
        plan = _stored(row).plan
        outcome = WriteCounts()
        for start in range(0, len(found.drafts), BATCH_STATIONS):
            some = found.drafts[start : start + BATCH_STATIONS]
            async with self._database.read() as connection:
                there = await images_of(connection, [draft.key for draft in some])
            for draft in some:
                known = there.get(draft.key)
                if known is None:
                    outcome += WriteCounts(new=1)
                elif known.removed or _image(draft, plan, known) != known.image:
                    outcome += WriteCounts(changed=1)
                else:
                    outcome += WriteCounts(same=1)
        return outcome

    async def _done(self, number: int, state: str, result: ImportResult) -> ImportResult:
        await self._close(number, state, result=msgspec.to_builtins(result))
        return result

    async def _close(self, number: int, state: str, **values: object) -> None:
        closed = {"state": state, "finished_ms": self._clock.now_ms(), **values}
        async with self._database.write() as connection:
            await connection.execute(update(imports).where(imports.c.id == number).values(closed))


class _StepWork(JobWork[ImportRequest, ImportResult]):
    """One step of an import as a job."""

    def __init__(self, work: ImportWork, step: Step, leave: Leave) -> None:
        self._work = work
        self._step = step
        self._leave = leave

    async def run(
        self, request: ImportRequest, progress: Progress, cancel: CancelToken
    ) -> ImportResult:
        """Do the step."""
        del cancel
        return await self._step(await self._work.row(request.number), progress)

    async def failed(self, request: ImportRequest) -> None:
        """Note that the step could not be done."""
        await self._work.fail(request.number)

    async def cancelled(self, request: ImportRequest) -> None:
        """Keep what the step has done, or leave nothing of it."""
        await self._leave(await self._work.row(request.number))


def _image(draft: StationDraft, plan: ImportPlan, known: StoredStation | None) -> StationImage:
    """Return the station after the list; one that was removed begins with what it was."""
    return merge(draft, plan, known.image if known is not None else None)


def _stored(row: AnyRow) -> StoredPlan:
    return msgspec.convert(row.plan, StoredPlan, strict=False)


def _author(row: AnyRow) -> Viewer:
    person = None if row.person_id is None else PersonId(row.person_id)
    return Viewer(person, OrgId(row.org_id), row.person_name, ())


def _as_image(stored: object) -> StationImage:
    return msgspec.convert(stored, StationImage)


async def _taken_back(connection: AsyncConnection, made: Sequence[AnyRow]) -> int:
    """Return how many changes an undo that broke off had taken back already."""
    there = await images_of(connection, [_as_image(change.after).key for change in made])
    count = 0
    for change in made:
        now = there.get(_as_image(change.after).key)
        if change.before is None:
            count += now is None or now.removed
        else:
            count += now is not None and now.image == _as_image(change.before)
    return count


def _result_of(row: AnyRow) -> ImportResult:
    return msgspec.convert(row.result, ImportResult)


def _result(found: Examined, outcome: WriteCounts) -> ImportResult:
    return ImportResult(
        rows=found.rows,
        stations=len(found.drafts),
        **asdict(outcome),
        errors=found.errors,
        warnings=found.warnings,
        failed_rows=found.failed_rows,
    )
