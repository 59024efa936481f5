"""Long pieces of work: asked for by people, reported on by the role that does them."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, update

from tram.domain.ids import OrgId
from tram.registry.access import must_reach, org_is_reached
from tram.registry.audit import Deed, record
from tram.registry.checks import Checked
from tram.registry.database import AnyRow, Database
from tram.registry.tables import jobs
from tram.registry.viewer import Viewer
from tram.registry.views import JobRow
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused

__all__ = ("ClaimedJob", "Jobs", "why")

KIND_CHARACTERS_MAX = 60
NOTE_CHARACTERS_MAX = 500
LISTED_MAX = 200
_ENDED = ("done", "failed")
_PARTED = ": "
_CODE = re.compile(r"[a-z_]+\.[a-z_]+")


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """A job that is being done: its number, what it is and what it is about."""

    id: int
    kind: str
    params: dict[str, Any]


class Jobs:
    """Jobs of the organisations that the viewer's open scopes reach.

    ``progress`` and ``finish`` are called by the role at work, which runs as the system.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def list(self, viewer: Viewer) -> list[JobRow]:
        """Return the newest 200 jobs."""
        viewer.needs("job.read")
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(jobs)
                .where(org_is_reached(viewer, "job.read", jobs.c.org_id))
                .order_by(jobs.c.id.desc())
                .limit(LISTED_MAX)
            )
            return [_view(row) for row in rows]

    async def create(
        self, viewer: Viewer, kind: str, params: dict[str, Any], *, org: OrgId | None = None
    ) -> JobRow:
        """Ask for a job of one's own organisation, or of one that ``job.write`` reaches."""
        now_ms = self._clock.now_ms()
        org = viewer.org if org is None else org
        checked = Checked()
        kind = checked.text("kind", kind, KIND_CHARACTERS_MAX)
        checked.done(Refused("job.wrong", "The job cannot be kept like this."))
        async with self._database.write() as connection:
            await must_reach(connection, viewer, "job.write", org)
            inserted = await connection.execute(
                insert(jobs)
                .values(
                    org_id=org,
                    person_id=viewer.person,
                    kind=kind,
                    state="waiting",
                    params=params,
                    done=0,
                    total=0,
                    note="",
                    created_ms=now_ms,
                )
                .returning(*jobs.c)
            )
            row = inserted.one()
            await record(
                connection, viewer, now_ms, Deed("job.create", row.id, org, after={"kind": kind})
            )
            return _view(row)

    async def claim(self, kinds: Collection[str]) -> ClaimedJob | None:
        """Take the oldest waiting job of these kinds, or None; nobody else gets it."""
        async with self._database.write() as connection:
            oldest = await connection.execute(
                select(jobs.c.id)
                .where(jobs.c.state == "waiting", jobs.c.kind.in_(kinds))
                .order_by(jobs.c.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            number = oldest.scalar_one_or_none()
            if number is None:
                return None
            taken = await connection.execute(
                update(jobs)
                .where(jobs.c.id == number)
                .values(state="running")
                .returning(jobs.c.id, jobs.c.kind, jobs.c.params)
            )
            row = taken.one()
            return ClaimedJob(row.id, row.kind, row.params)

    async def take_up(self, kinds: Collection[str]) -> int:
        """Let jobs wait again that a process left running when it died; return how many."""
        async with self._database.write() as connection:
            left = await connection.execute(
                update(jobs)
                .where(jobs.c.state == "running", jobs.c.kind.in_(kinds))
                .values(state="waiting")
            )
            return left.rowcount

    async def progress(self, job: int, done: int, total: int, note: str = "") -> None:
        """Note how far a job is; a job that has ended stays as it is."""
        async with self._database.write() as connection:
            await connection.execute(
                update(jobs)
                .where(jobs.c.id == job, jobs.c.state.not_in(_ENDED))
                .values(state="running", done=done, total=total, note=note[:NOTE_CHARACTERS_MAX])
            )

    async def finish(self, job: int, *, code: str = "", failure: str = "") -> None:
        """End a job: done, or failed with the code and the sentence of the error."""
        values: dict[str, Any] = {
            "state": "failed" if failure else "done",
            "finished_ms": self._clock.now_ms(),
        }
        if failure:
            note = f"{code}{_PARTED}{failure}" if code else failure
            values["note"] = note[:NOTE_CHARACTERS_MAX]
        async with self._database.write() as connection:
            await connection.execute(
                update(jobs).where(jobs.c.id == job, jobs.c.state.not_in(_ENDED)).values(values)
            )


def why(note: str) -> tuple[str, str]:
    """Return code and sentence of a failure, as the note of its job keeps them."""
    code, parted, sentence = note.partition(_PARTED)
    return (code, sentence) if parted and _CODE.fullmatch(code) else ("", note)


def _view(row: AnyRow) -> JobRow:
    code, note = why(row.note) if row.state == "failed" else ("", row.note)
    return JobRow(
        id=row.id,
        org=row.org_id,
        person=row.person_id,
        kind=row.kind,
        state=row.state,
        done=row.done,
        total=row.total,
        code=code,
        note=note,
        created_ms=row.created_ms,
        finished_ms=row.finished_ms,
    )
