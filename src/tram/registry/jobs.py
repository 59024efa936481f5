"""Long pieces of work: asked for by people, reported on by the role that does them."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, case, func, insert, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.ids import OrgId
from tram.domain.permissions import Permission
from tram.registry.kernel.access import must_be_visible, org_is_visible
from tram.registry.kernel.audit import AuditEntry, record
from tram.registry.kernel.checks import Checked
from tram.registry.kernel.database import AnyRow, as_view
from tram.registry.kernel.repository import Repository, count_rows
from tram.registry.kernel.tables import jobs
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import JobRow
from tram.runtime.errors import Refused

__all__ = ("ATTEMPTS_MAX", "NOTE_CHARACTERS_MAX", "ClaimedJob", "Jobs", "why")

KIND_CHARACTERS_MAX = 60
NOTE_CHARACTERS_MAX = 500
LISTED_MAX = 200
WAITING_OF_ONE_MAX = 20
"""Jobs of one organisation that wait or run; who asks for more waits for one of them."""
ATTEMPTS_MAX = 3
"""How often a job is begun: one that ends its process as often is not begun again."""
_ENDED = ("done", "failed", "cancelled")
# A job that is to be cancelled: by the process that does it, or by the next one, as none does it.
_CANCELLING, _WITHDRAWN = "cancelling", "withdrawn"
_PARTED = ": "
_CODE = re.compile(r"[a-z_]+\.[a-z_]+")


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """A job that is being done: its number, whose it is, what it is and what it is about."""

    id: int
    org: OrgId
    kind: str
    params: dict[str, Any]


class Jobs(Repository):
    """Jobs of the organisations that the viewer's open scopes reach.

    ``progress`` and ``finish`` are called by the role at work, which runs as the system.
    """

    async def create(
        self, viewer: Viewer, kind: str, params: dict[str, Any], *, org: OrgId | None = None
    ) -> JobRow:
        """Ask for a job of one's own organisation, or of one that ``job.write`` reaches.

        Raises:
            Refused: ``job.too_many`` when as many of the organisation wait as may.
        """
        now_ms = self._clock.now_ms()
        org = viewer.org if org is None else org
        checked = Checked()
        kind = checked.text("kind", kind, KIND_CHARACTERS_MAX)
        checked.done(Refused("job.wrong", "The job cannot be kept like this."))
        async with self._database.write() as connection:
            await must_be_visible(connection, viewer, Permission.JOB_WRITE, org)
            await _must_have_room(connection, org)
            values = {
                "org_id": org,
                "person_id": viewer.person,
                "kind": kind,
                "state": "waiting",
                "params": params,
                "done": 0,
                "total": 0,
                "note": "",
                "created_ms": now_ms,
            }
            made = insert(jobs).values(values).returning(*jobs.c)
            row = (await connection.execute(made)).one()
            entry = AuditEntry("job.create", row.id, org, after={"kind": kind})
            await record(connection, viewer, now_ms, entry)
            return _view(row)

    async def claim(
        self,
        kinds: Collection[str],
        *,
        served: Mapping[OrgId, int] | None = None,
        without: Collection[OrgId] = (),
    ) -> ClaimedJob | None:
        """Take a waiting job of these kinds, or None; nobody else gets it.

        Organisations take turns: the one served longest ago comes first (``served`` counts turns),
        with its oldest job. Those in ``without`` have a job under way already.
        """
        turns = served or {}
        async with self._database.write() as connection:
            waiting = await connection.execute(
                select(jobs.c.org_id, func.min(jobs.c.id).label("oldest"))
                .where(
                    jobs.c.state == "waiting",
                    jobs.c.kind.in_(kinds),
                    jobs.c.org_id.not_in(without),
                )
                .group_by(jobs.c.org_id)
            )
            heads = sorted(waiting, key=lambda row: (turns.get(row.org_id, 0), row.oldest))
            for head in heads:
                taken = await connection.execute(
                    update(jobs)
                    .where(jobs.c.id == head.oldest, jobs.c.state == "waiting")
                    .values(state="running", attempts=jobs.c.attempts + 1)
                    .returning(*jobs.c)
                )
                if row := taken.one_or_none():
                    return _claimed(row)
            return None

    async def cancel(self, viewer: Viewer, job: int) -> JobRow:
        """Ask that a job ends; one that has ended stays as it is.

        Raises:
            Refused: ``job.unknown`` if there is none that ``job.write`` reaches.
        """
        viewer.needs(Permission.JOB_WRITE)
        own = (jobs.c.id == job) & org_is_visible(viewer, Permission.JOB_WRITE, jobs.c.org_id)
        state = case((jobs.c.state == "waiting", _WITHDRAWN), else_=_CANCELLING)
        async with self._database.write() as connection:
            changed = await connection.execute(
                update(jobs)
                .where(own, jobs.c.state.in_(("waiting", "running")))
                .values(state=state)
                .returning(*jobs.c)
            )
            row: AnyRow | None = changed.one_or_none()
            if row is not None:
                entry = AuditEntry("job.cancel", row.id, row.org_id, after={"kind": row.kind})
                await record(connection, viewer, self._clock.now_ms(), entry)
                return _view(row)
            found = (await connection.execute(select(jobs).where(own))).one_or_none()
        if found is None:
            raise _unknown()
        return _view(found)

    async def one(self, viewer: Viewer, job: int) -> JobRow:
        """Return one job.

        Raises:
            Refused: ``job.unknown`` if there is none that ``job.read`` reaches.
        """
        viewer.needs(Permission.JOB_READ)
        own = (jobs.c.id == job) & org_is_visible(viewer, Permission.JOB_READ, jobs.c.org_id)
        found = await self._rows(select(jobs).where(own))
        if not found:
            raise _unknown()
        return _view(found[0])

    async def asked_by(
        self, viewer: Viewer, kind: str, *, limit: int = LISTED_MAX
    ) -> list[tuple[JobRow, dict[str, Any]]]:
        """Return one's own newest jobs of a kind, each with what it is about."""
        viewer.needs_person()
        own = (jobs.c.person_id == viewer.person) & (jobs.c.kind == kind)
        newest = select(jobs).where(own).order_by(jobs.c.id.desc()).limit(limit)
        return [(_view(row), row.params) for row in await self._rows(newest)]

    async def is_cancelling(self, job: int) -> bool:
        """Whether somebody has asked that a job ends that is being done."""
        async with self._database.read() as connection:
            found = await connection.execute(select(jobs.c.state).where(jobs.c.id == job))
            return found.scalar_one_or_none() == _CANCELLING

    async def is_asked(self, kinds: Collection[str]) -> bool:
        """Whether a job of these kinds waits, or was cancelled while it did."""
        asked = jobs.c.kind.in_(kinds) & jobs.c.state.in_(("waiting", _WITHDRAWN))
        async with self._database.read() as connection:
            found = await connection.execute(select(jobs.c.id).where(asked).limit(1))
            return found.first() is not None

    async def withdrawn(self, kinds: Collection[str]) -> list[ClaimedJob]:
        """Take the cancelled jobs of these kinds that nobody does; nobody else gets them."""
        idle = (jobs.c.state == _WITHDRAWN) & jobs.c.kind.in_(kinds)
        async with self._database.read() as connection:
            if (await connection.execute(select(jobs.c.id).where(idle).limit(1))).first() is None:
                return []
        async with self._database.write() as connection:
            taken = await connection.execute(
                update(jobs).where(idle).values(state=_CANCELLING).returning(*jobs.c)
            )
            return [_claimed(row) for row in taken]

    async def put_back(self, job: int) -> None:
        """Let a job wait again that was stopped from outside: that is no attempt."""
        async with self._database.write() as connection:
            await connection.execute(
                update(jobs)
                .where(jobs.c.id == job, jobs.c.state == "running")
                .values(state="waiting", attempts=jobs.c.attempts - 1)
            )
            await connection.execute(
                update(jobs)
                .where(jobs.c.id == job, jobs.c.state == _CANCELLING)
                .values(state=_WITHDRAWN)
            )

    async def under_way(self) -> set[int]:
        """Return the jobs that a process does, or did when it died."""
        async with self._database.read() as connection:
            found = await connection.execute(
                select(jobs.c.id).where(jobs.c.state.in_(("running", _CANCELLING)))
            )
            return set(found.scalars())

    async def take_up(
        self,
        kinds: Collection[str],
        attempts_max: int = ATTEMPTS_MAX,
        *,
        only: Collection[int] | None = None,
    ) -> list[ClaimedJob]:
        """Let jobs wait again that a process left running when it died, all or ``only`` these.

        Return those that were left so as often as a job may be: they are to be given up.
        """
        dead = and_(jobs.c.kind.in_(kinds), true() if only is None else jobs.c.id.in_(only))
        left = dead & (jobs.c.state == "running")
        async with self._database.write() as connection:
            await connection.execute(
                update(jobs).where(left, jobs.c.attempts < attempts_max).values(state="waiting")
            )
            await connection.execute(
                update(jobs).where(dead, jobs.c.state == _CANCELLING).values(state=_WITHDRAWN)
            )
            found = await connection.execute(select(jobs).where(left).order_by(jobs.c.id))
            return [_claimed(row) for row in found]

    async def progress(self, job: int, done: int, total: int, note: str = "") -> None:
        """Note how far a job is; one that has ended or is to end stays as it is."""
        async with self._database.write() as connection:
            await connection.execute(
                update(jobs)
                .where(jobs.c.id == job, jobs.c.state.in_(("waiting", "running")))
                .values(state="running", done=done, total=total, note=note[:NOTE_CHARACTERS_MAX])
            )

    async def finish(
        self, job: int, *, result: str = "", code: str = "", failure: str = ""
    ) -> None:
        """End a job: done with its result as JSON, or failed with code and sentence of the error."""
        if not failure:
            await self._end(job, "done", result)
            return
        await self._end(job, "failed", f"{code}{_PARTED}{failure}" if code else failure)

    async def cancelled(self, job: int) -> None:
        """End a job that somebody cancelled."""
        await self._end(job, "cancelled", "")

    async def _end(self, job: int, state: str, note: str) -> None:
        values: dict[str, Any] = {"state": state, "finished_ms": self._clock.now_ms()}
        if note:
            values["note"] = note[:NOTE_CHARACTERS_MAX]
        async with self._database.write() as connection:
            await connection.execute(
                update(jobs).where(jobs.c.id == job, jobs.c.state.not_in(_ENDED)).values(values)
            )

    async def list(self, viewer: Viewer) -> list[JobRow]:
        """Return the newest 200 jobs."""
        viewer.needs(Permission.JOB_READ)
        reached = org_is_visible(viewer, Permission.JOB_READ, jobs.c.org_id)
        newest = select(jobs).where(reached).order_by(jobs.c.id.desc()).limit(LISTED_MAX)
        return [_view(row) for row in await self._rows(newest)]


def why(note: str) -> tuple[str, str]:
    """Return code and sentence of a failure, as the note of its job keeps them."""
    code, parted, sentence = note.partition(_PARTED)
    return (code, sentence) if parted and _CODE.fullmatch(code) else ("", note)


async def _must_have_room(connection: AsyncConnection, org: OrgId) -> None:
    open_still = await count_rows(connection, jobs.c.org_id == org, jobs.c.state.not_in(_ENDED))
    if open_still >= WAITING_OF_ONE_MAX:
        raise Refused(
            "job.too_many",
            f"{WAITING_OF_ONE_MAX} jobs of this organisation wait or run already.",
            "Ask again when one of them is done.",
        )


def _unknown() -> Refused:
    return Refused("job.unknown", "There is no such job.", "Look at what you asked for.")


def _claimed(row: AnyRow) -> ClaimedJob:
    return ClaimedJob(row.id, OrgId(row.org_id), row.kind, row.params)


def _view(row: AnyRow) -> JobRow:
    code, note = why(row.note) if row.state == "failed" else ("", row.note)
    state = _CANCELLING if row.state == _WITHDRAWN else row.state
    return as_view(JobRow, row, code=code, note=note, state=state)
