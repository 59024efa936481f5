"""Tasks that documents assign: who, until when, in which state, and how late."""

from datetime import date

import msgspec

from tram.api.http.paging import LIMIT_MAX, cut
from tram.api.http.parameters import AsOf, Cursor, PageLimit
from tram.api.http.services import Services
from tram.domain.bounds import Day, Line
from tram.domain.days import local_day
from tram.registry.kernel.viewer import Viewer
from tram.rollout.directives.views import NewTask, Task, TaskEdit

__all__ = (
    "MoveForm",
    "TaskFilter",
    "TaskList",
    "change_task",
    "create_task",
    "list_tasks",
    "move_task",
    "show_task",
)


class TaskFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which tasks to list, in the states that they had on ``day`` (today if None)."""

    day: AsOf = None
    document: int | None = None
    state: str | None = None
    overdue: bool = False


class TaskList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of tasks; ``overdue`` counts those of the whole list that are late."""

    items: list[Task]
    next: str | None
    day: date
    overdue: int
    as_of_ms: int


class MoveForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The new state of a task, from a day on."""

    state: Line
    on: Day
    note: Line = ""


async def list_tasks(
    services: Services,
    viewer: Viewer,
    wanted: TaskFilter,
    cursor: Cursor = None,
    limit: PageLimit = LIMIT_MAX,
) -> TaskList:
    """Return the tasks that match."""
    now_ms = services.clock.now_ms()
    day = wanted.day or local_day(now_ms)
    found = await services.directives.tasks.list(
        viewer, day=day, document=wanted.document, state=wanted.state, overdue=wanted.overdue
    )
    rows, following = cut(found, cursor, limit)
    late = sum(task.verdict == "missed" for task in found)
    return TaskList(items=rows, next=following, day=day, overdue=late, as_of_ms=now_ms)


async def show_task(services: Services, viewer: Viewer, task: int, day: AsOf = None) -> Task:
    """Return one task with its history.

    Raises:
        Refused: ``task.unknown``.
    """
    return await services.directives.tasks.one(viewer, task, day=day)


async def create_task(services: Services, viewer: Viewer, form: NewTask) -> Task:
    """Register a task.

    Raises:
        Refused: with every wrong field.
    """
    return await services.directives.tasks.create(viewer, form)


async def change_task(services: Services, viewer: Viewer, task: int, form: TaskEdit) -> Task:
    """Change what is registered about a task; its states stay.

    Raises:
        Refused: ``task.unknown``, or with every wrong field.
    """
    return await services.directives.tasks.change(viewer, task, form)


async def move_task(services: Services, viewer: Viewer, task: int, form: MoveForm) -> Task:
    """Note a new state.

    Raises:
        Refused: ``task.unknown``, or with every wrong field.
    """
    tasks = services.directives.tasks
    return await tasks.move(viewer, task, state=form.state, on=form.on, note=form.note)
