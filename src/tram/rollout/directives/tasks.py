"""Tasks that documents give: dated states, so that an old day shows what was known of it then."""

from collections import defaultdict
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.days import local_day
from tram.domain.permissions import Permission
from tram.registry.kernel.audit import ProvinceChange, province_change
from tram.registry.kernel.checks import Checked
from tram.registry.kernel.database import AnyRow, Database, as_view
from tram.registry.kernel.viewer import Viewer
from tram.rollout.directives.documents import STEPS
from tram.rollout.directives.tables import documents, task_events, tasks
from tram.rollout.directives.views import NewTask, Task, TaskEdit, TaskEvent
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused

__all__ = ("TASK_STATES", "Tasks", "verdict_of")

WRITE = Permission.DIRECTIVE_WRITE
TASK_STATES = ("assigned", "planned", "in-progress", "done", "cancelled")
TASKS_MAX = 5_000
EVENTS_MAX = 500
KEY_CHARACTERS_MAX = 40
NOTE_CHARACTERS_MAX = 500
_TEXTS = (
    ("text", 2_000, 1),
    ("responsible", 300, 1),
    ("partners", 500, 0),
    ("deadline_text", 200, 0),
)


class Tasks:
    """Tasks of all documents, each in its state as of a day (today if none is named)."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def list(
        self,
        viewer: Viewer,
        *,
        day: date | None = None,
        document: int | None = None,
        state: str | None = None,
        overdue: bool = False,
    ) -> list[Task]:
        """Return the tasks known on a day, in the order of their documents.

        ``overdue`` keeps those only that are open and past their deadline.
        """
        viewer.needs(Permission.DIRECTIVE_READ)
        chosen = [] if document is None else [tasks.c.document_id == document]
        async with self._database.read() as connection:
            found = await _read(connection, day or self._today(), *chosen)
        return [
            task
            for task in found
            if state in {None, task.state} and (not overdue or task.verdict == "missed")
        ]

    async def one(self, viewer: Viewer, task: int, *, day: date | None = None) -> Task:
        """Return one task; ``task.unknown`` when there is none, or none yet on that day."""
        viewer.needs(Permission.DIRECTIVE_READ)
        async with self._database.read() as connection:
            return await _found(connection, day or self._today(), task)

    async def create(self, viewer: Viewer, new: NewTask) -> Task:
        """Register a task of a document with its first state; its key is unique."""
        checked = Checked()
        key = checked.text("key", new.key, KEY_CHARACTERS_MAX)
        event = self._checked_event(checked, new.state, new.on, new.note)
        values = _checked(checked, new)
        async with province_change(self._database, self._clock, viewer, WRITE) as change:
            await _refuse_wrong_place(change.connection, new.document)
            try:
                inserted = await change.connection.execute(
                    insert(tasks)
                    .values({**values, "key": key, "document_id": new.document})
                    .returning(tasks.c.id)
                )
            except IntegrityError:
                raise Refused(
                    "task.taken", "A task has this key already.", "Choose another key."
                ) from None
            number = inserted.scalar_one()
            await _add_event(change, number, event)
            made = await _found(change.connection, self._today(), number)
            await change.note("task.create", number, after=made)
            return made

    async def change(self, viewer: Viewer, task: int, edit: TaskEdit) -> Task:
        """Replace all that may change about a task but its state."""
        values = _checked(Checked(), edit)
        async with province_change(self._database, self._clock, viewer, WRITE) as change:
            old = await _found(change.connection, self._today(), task)
            await change.connection.execute(update(tasks).where(tasks.c.id == task).values(values))
            made = await _found(change.connection, self._today(), task)
            await change.note("task.change", task, old, made)
            return made

    async def move(
        self, viewer: Viewer, task: int, *, state: str, on: date, note: str = ""
    ) -> Task:
        """Enter a state that holds from a day on; of two of one day the later entry holds."""
        checked = Checked()
        checked.day("on", on)
        event = self._checked_event(checked, state, on, note)
        async with province_change(self._database, self._clock, viewer, WRITE) as change:
            old = await _found(change.connection, self._today(), task)
            checked.unless(
                len(old.history) < EVENTS_MAX, "state", "state.changes", most=EVENTS_MAX
            )
            checked.done(_wrong())
            await _add_event(change, task, event)
            made = await _found(change.connection, self._today(), task)
            await change.note("task.move", task, _state_of(old), _state_of(made))
            return made

    def _today(self) -> date:
        return local_day(self._clock.now_ms())

    def _checked_event(self, checked: Checked, state: str, on: date, note: str) -> dict[str, Any]:
        checked.choice("state", state, TASK_STATES)
        checked.unless(on <= self._today(), "on", "day.future")
        note = checked.lines("note", note, NOTE_CHARACTERS_MAX, shortest=0)
        return {"state": state, "on": on, "note": note}


async def _add_event(change: ProvinceChange, task: int, event: dict[str, Any]) -> None:
    who = {"person_id": change.viewer.person, "person_name": change.viewer.name}
    await change.connection.execute(
        insert(task_events).values({**event, **who, "task_id": task, "entered_ms": change.at_ms})
    )


def verdict_of(state: str, state_on: date, deadline: date | None, day: date) -> tuple[str, int]:
    """Return the verdict of a task in a state on a day, and the days beyond its deadline.

    >>> verdict_of("planned", date(2025, 7, 30), date(2025, 8, 31), date(2025, 9, 3))
    ('missed', 3)
    """
    if state == "cancelled":
        return "cancelled", 0
    over = (
        0 if deadline is None else max(0, ((state_on if state == "done" else day) - deadline).days)
    )
    if state == "done":
        return ("done-late" if over else "done"), over
    if deadline is None:
        return "no-deadline", 0
    return ("missed" if over else "open"), over


def _checked(checked: Checked, edit: TaskEdit) -> dict[str, Any]:
    """Return the columns of a task but its key and document, or refuse it with every fault."""
    checked.bounded(edit)
    values: dict[str, Any] = {
        name: checked.prose(name, getattr(edit, name), longest, shortest)
        for name, longest, shortest in _TEXTS
    }
    checked.choice("step", edit.step, ("", *STEPS))
    checked.done(_wrong())
    return {**values, "step": edit.step, "deadline": edit.deadline}


async def _refuse_wrong_place(connection: AsyncConnection, document: int) -> None:
    checked = Checked()
    known = await connection.execute(select(documents.c.id).where(documents.c.id == document))
    checked.unless(known.first(), "document", "document.not_found")
    checked.done(_wrong())
    counting = select(func.count()).select_from(tasks)
    if (await connection.execute(counting)).scalar_one() >= TASKS_MAX:
        raise Refused("task.too_many", f"The register holds {TASKS_MAX} tasks already.")


async def _read(
    connection: AsyncConnection, day: date, *chosen: ColumnElement[bool]
) -> list[Task]:
    rows = (
        await connection.execute(
            select(
                tasks,
                documents.c.key.label("document_key"),
                documents.c.number.label("document_number"),
            )
            .join(documents, documents.c.id == tasks.c.document_id)
            .where(*chosen)
            .order_by(documents.c.place == 0, documents.c.place, tasks.c.id)
        )
    ).all()
    history = await _history(connection, day, *chosen)
    return [_view(row, day, history[row.id]) for row in rows if row.id in history]


async def _history(
    connection: AsyncConnection, day: date, *chosen: ColumnElement[bool]
) -> dict[int, list[TaskEvent]]:
    """Return the events of the chosen tasks until the end of a day, oldest first."""
    found: dict[int, list[TaskEvent]] = defaultdict(list)
    rows = await connection.execute(
        select(task_events)
        .join(tasks, tasks.c.id == task_events.c.task_id)
        .where(task_events.c.on <= day, *chosen)
        .order_by(task_events.c.on, task_events.c.id)
    )
    for row in rows:
        found[row.task_id].append(as_view(TaskEvent, row, entered_by=row.person_name))
    return found


async def _found(connection: AsyncConnection, day: date, task: int) -> Task:
    found = await _read(connection, day, tasks.c.id == task)
    if not found:
        raise Refused("task.unknown", "There is no such task.", "Look at the list of tasks.")
    return found[0]


def _wrong() -> Refused:
    return Refused("task.wrong", "The task cannot be kept like this.")


def _state_of(task: Task) -> dict[str, Any]:
    return {"state": task.state, "on": task.state_on, "note": task.state_note}


def _view(row: AnyRow, day: date, history: list[TaskEvent]) -> Task:
    last = history[-1]
    verdict, days_over = verdict_of(last.state, last.on, row.deadline, day)
    return as_view(
        Task,
        row,
        document=row.document_id,
        day=day,
        state=last.state,
        state_on=last.on,
        state_note=last.note,
        verdict=verdict,
        days_over=days_over,
        history=history,
    )
