"""Imports as people ask for them: upload, plan, dry run, write, undo; each is a job."""

import hashlib
import secrets
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import asdict
from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.days import DAY_MS, local_day
from tram.domain.text import one_line
from tram.jobs.kinds import QUICK, JobKind, PartialWork
from tram.registry.jobs import Jobs, why
from tram.registry.kernel.access import org_is_visible
from tram.registry.kernel.database import AnyRow, Database, as_view
from tram.registry.kernel.repository import found_row
from tram.registry.kernel.tables import jobs
from tram.registry.kernel.viewer import Viewer
from tram.rollout.inventory.exchange.faults import DryRunFaults
from tram.rollout.inventory.exchange.limits import FILE_BYTES_MAX, too_large
from tram.rollout.inventory.exchange.plan import ImportPlan
from tram.rollout.inventory.exchange.positions import Reference
from tram.rollout.inventory.exchange.reader_process import (
    READER,
    FaultyRows,
    Look,
    Seen,
    look,
    rows_kept_out,
)
from tram.rollout.inventory.imports.views import (
    ImportItem,
    ImportRequest,
    ImportResult,
    StoredPlan,
)
from tram.rollout.inventory.stations.tables import imports
from tram.rollout.inventory.stations.visibility import WRITE, writable_operators
from tram.runtime.clock import Clock
from tram.runtime.errors import Fault, Refused
from tram.runtime.file_times import changed_s
from tram.runtime.processes.thread_pools import FILES

__all__ = ("CHECK", "UNDO", "WRITE_JOB", "StationImports")

_LISTED_MAX = 100
UPLOADS_OF_ONE_DAY_MAX = 100
"""Lists of one organisation within 24 hours: each is kept, up to 64 MB."""
_NAME_CHARACTERS_MAX = 200


def _step(name: str, partial_work: PartialWork) -> JobKind[ImportRequest, ImportResult]:
    return JobKind(
        name=name,
        request=ImportRequest,
        result=ImportResult,
        lane=QUICK,
        partial_work=partial_work,
    )


CHECK = _step("stations.check", PartialWork.REMOVED)
WRITE_JOB = _step("stations.write", PartialWork.KEPT)
UNDO = _step("stations.undo", PartialWork.KEPT)
# From which states a step may be asked for, and what the state is then.
_STEPS = {
    CHECK.name: (("new", "checked", "failed"), "checking"),
    WRITE_JOB.name: (("checked",), "writing"),
    UNDO.name: (("done",), "undoing"),
}


class StationImports:
    """The imports of the organisations that the viewer may write for."""

    def __init__(self, database: Database, clock: Clock, folder: Path) -> None:
        self._database = database
        self._clock = clock
        self._jobs = Jobs(database, clock)
        self._folder = folder

    async def list(self, viewer: Viewer) -> list[ImportItem]:
        """Return the newest hundred imports."""
        viewer.needs(WRITE)
        statement = _rows().where(org_is_visible(viewer, WRITE, imports.c.org_id))
        statement = statement.order_by(imports.c.id.desc()).limit(_LISTED_MAX)
        async with self._database.read() as connection:
            return [_view(row) for row in await connection.execute(statement)]

    async def one(self, viewer: Viewer, number: int) -> ImportItem:
        """Return one import; ``import.unknown`` when there is none that the viewer may see."""
        async with self._database.read() as connection:
            return _view(await _found(connection, viewer, number))

    async def upload(
        self, viewer: Viewer, name: str, data: bytes, *, encoding: str = ""
    ) -> ImportItem:
        """Keep a file and guess how it is to be read; nothing is imported yet.

        Raises:
            Refused: ``import.unreadable``, ``import.too_large``; ``file.too_large`` when reading
                takes too much, ``file.unreadable``; ``import.too_many`` lists within a day.
            Unavailable: when too many files of this organisation, or of all, wait to be read.
        """
        viewer.needs(WRITE)
        if len(data) > FILE_BYTES_MAX:
            raise too_large("bytes")
        async with self._database.read() as connection:
            writable = await writable_operators(connection, viewer)
            await self._must_have_room(connection, viewer)
        seen, digest = await self._taken(viewer, data, encoding)
        now_ms = self._clock.now_ms()
        plan = _guessed(seen, local_day(now_ms), writable)
        values = {
            "org_id": viewer.org,
            "person_id": viewer.person,
            "person_name": viewer.name,
            "state": "new",
            "file_name": one_line(name)[:_NAME_CHARACTERS_MAX],
            "digest": digest,
            "plan": _stored(seen, plan, sorted(writable)),
            "created_ms": now_ms,
        }
        async with self._database.write() as connection:
            made = await connection.execute(insert(imports).values(values).returning(imports.c.id))
            return _view(await _found(connection, viewer, made.scalar_one()))

    async def read_anew(self, viewer: Viewer, number: int, encoding: str) -> ImportItem:
        """Read the kept file in another encoding and guess its columns again.

        Raises:
            Refused: ``import.unreadable`` if the text is not in that encoding.
        """
        async with self._database.read() as connection:
            row = await _found(connection, viewer, number)
            writable = await writable_operators(connection, viewer)
        before = _view(row).plan
        seen = await self._look(viewer, row, before.sheet, encoding)
        plan = _guessed(seen, before.as_of, writable)
        stored = _stored(seen, plan, sorted(writable))
        async with self._database.write() as connection:
            changed = await connection.execute(
                update(imports)
                .where(imports.c.id == number, imports.c.state.in_(_STEPS[CHECK.name][0]))
                .values(state="new", result=None, plan=stored)
            )
            if not changed.rowcount:
                raise _busy(row.state)
            return _view(await _found(connection, viewer, number))

    async def change_plan(self, viewer: Viewer, number: int, plan: ImportPlan) -> ImportItem:
        """Set how a file is read and ask for a dry run.

        Raises:
            Refused: ``import.plan_wrong`` with all that the plan lacks.
        """
        async with self._database.read() as connection:
            row = await _found(connection, viewer, number)
            writable = await writable_operators(connection, viewer)
        seen = await self._look(viewer, row, plan.sheet, plan.encoding, plan)
        stored = _stored(seen, plan, sorted(writable))
        return await self._ask(viewer, number, CHECK, {"plan": stored})

    async def write(self, viewer: Viewer, number: int) -> ImportItem:
        """Ask for the rows that are right to be imported."""
        return await self._ask(viewer, number, WRITE_JOB, {})

    async def undo(self, viewer: Viewer, number: int) -> ImportItem:
        """Ask for everything to be as before the import, but for what was changed since."""
        return await self._ask(viewer, number, UNDO, {})

    async def cancel(self, viewer: Viewer, number: int) -> None:
        """Ask that the step ends that is under way; its kind says what is kept of it."""
        item = await self.one(viewer, number)
        if item.job is not None:
            await self._jobs.cancel(viewer, item.job)

    async def faults(self, viewer: Viewer, number: int) -> DryRunFaults:
        """Return all faults of the last dry run."""
        await self.one(viewer, number)
        path = self.faults_file(number)
        if not path.exists():
            return DryRunFaults([], {})
        return msgspec.json.decode(await FILES.run(path.read_bytes), type=DryRunFaults)

    async def failed_rows(self, viewer: Viewer, number: int, form: str, locale: str) -> bytes:
        """Return the rows that were kept out as a file, with reasons and remedies."""
        async with self._database.read() as connection:
            row = await _found(connection, viewer, number)
        question = FaultyRows(
            path=str(self.file(row.digest)),
            plan=_view(row).plan,
            faults=str(self.faults_file(number)),
            form=form,
            locale=locale,
        )
        return await READER.call(viewer.org, rows_kept_out, question)

    def file(self, digest: str) -> Path:
        """Return where a file is kept."""
        return self._folder.absolute() / digest

    def faults_file(self, number: int) -> Path:
        """Return where the faults of an import are kept."""
        return self._folder.absolute() / f"{number}.faults.json"

    def keep_faults(self, number: int, content: bytes) -> None:
        """Keep the faults of a dry run, with their rows (``DryRunFaults`` as JSON)."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self.faults_file(number).write_bytes(content)

    async def _taken(self, viewer: Viewer, data: bytes, encoding: str) -> tuple[Seen, str]:
        """Put a file aside, have it looked at, and keep it only if it can be read."""
        part = self.file(f"{secrets.token_hex(8)}.part")
        digest = await FILES.run_for(viewer.org, self._put, part, data)
        try:
            seen = await READER.call(viewer.org, look, Look(path=str(part), encoding=encoding))
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        part.replace(self.file(digest))
        return seen, digest

    def _put(self, part: Path, data: bytes) -> str:
        self._folder.mkdir(parents=True, exist_ok=True)
        for left in self._folder.glob("*.part"):  # by a process that died meanwhile
            at_s = changed_s(left)
            if at_s is not None and at_s * 1_000 < self._clock.now_ms() - DAY_MS:
                left.unlink(missing_ok=True)
        part.write_bytes(data)
        return hashlib.sha256(data).hexdigest()

    async def _must_have_room(self, connection: AsyncConnection, viewer: Viewer) -> None:
        since_ms = self._clock.now_ms() - DAY_MS
        found = await connection.execute(
            select(func.count(imports.c.id)).where(
                imports.c.org_id == viewer.org, imports.c.created_ms > since_ms
            )
        )
        if found.scalar_one() >= UPLOADS_OF_ONE_DAY_MAX:
            raise Refused("import.too_many", Fault("file", "import.lists_of_day"))

    async def _look(
        self,
        viewer: Viewer,
        row: AnyRow,
        sheet: str,
        encoding: str,
        plan: ImportPlan | None = None,
    ) -> Seen:
        """Look at a kept file again, read in another way."""
        path = str(self.file(row.digest))
        question = Look(path=path, sheet=sheet, encoding=encoding, plan=plan)
        return await READER.call(viewer.org, look, question)

    async def _ask(
        self,
        viewer: Viewer,
        number: int,
        kind: JobKind[ImportRequest, ImportResult],
        values: dict[str, Any],
    ) -> ImportItem:
        allowed, state = _STEPS[kind.name]
        async with self._database.read() as connection:
            row = await _found(connection, viewer, number)
        if row.state not in allowed:
            raise _busy(row.state)
        job = await kind.ask(self._jobs, viewer, ImportRequest(number), org=viewer.org)
        async with self._database.write() as connection:
            changed = await connection.execute(
                update(imports)
                .where(imports.c.id == number, imports.c.state.in_(allowed))
                .values(state=state, job_id=job.id, **values)
            )
            if not changed.rowcount:
                raise _busy(row.state)
            return _view(await _found(connection, viewer, number))


async def _found(connection: AsyncConnection, viewer: Viewer, number: int) -> AnyRow:
    viewer.needs(WRITE)
    missing = Refused("import.unknown", "There is no such import.", "Look at the list of imports.")
    visible = org_is_visible(viewer, WRITE, imports.c.org_id)
    return await found_row(connection, _rows().where(imports.c.id == number, visible), missing)


def _guessed(seen: Seen, day: date, writable: frozenset[int]) -> ImportPlan:
    """Return how a list is read as long as nobody says otherwise."""
    is_projected = "easting" in seen.columns and "lon" not in seen.columns
    return ImportPlan(
        columns=seen.columns,
        # Degrees are degrees; of metres nobody knows the meridian.
        reference=None if is_projected else Reference(),
        as_of=day,
        operator=next(iter(writable)) if len(writable) == 1 else None,
        sheet=seen.sheet,
        encoding=seen.encoding if seen.sure else "",
    )


def _busy(state: str) -> Refused:
    return Refused(
        "import.step_wrong",
        f"An import that is {state} cannot go on like this.",
        "Look at its page: it shows what can be done now.",
    )


def _rows() -> Select[Any]:
    return select(
        imports,
        jobs.c.done.label("job_done"),
        jobs.c.total.label("job_total"),
        jobs.c.note.label("job_note"),
    ).outerjoin(jobs, jobs.c.id == imports.c.job_id)


def _stored(seen: Seen, plan: ImportPlan, operators: list[int]) -> Any:  # noqa: ANN401  # JSON
    return msgspec.to_builtins(
        StoredPlan(
            plan=plan,
            headers=list(seen.headers),
            samples=seen.samples,
            format=seen.format,
            encoding=seen.encoding,
            sheets=list(seen.sheets),
            operators=operators,
        ),
        str_keys=True,
    )


def _view(row: AnyRow) -> ImportItem:
    stored = msgspec.convert(row.plan, StoredPlan, strict=False)
    result = None if row.result is None else msgspec.convert(row.result, ImportResult)
    code, problem = why(row.job_note or "") if row.state == "failed" else ("", "")
    read = {name: value for name, value in asdict(stored).items() if name != "operators"}
    return as_view(
        ImportItem,
        row,
        org=row.org_id,
        by=row.person_name,
        result=result,
        problem_code=code,
        problem=problem,
        job=row.job_id,
        done=row.job_done or 0,
        total=row.job_total or 0,
        **read,
    )
