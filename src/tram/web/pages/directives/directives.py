"""The register of directives: tasks with their states, and the documents that assign them."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from tram.api.directives.documents import (
    DocumentFilter,
    change_document,
    create_document,
    list_documents,
    show_document,
)
from tram.api.directives.tasks import (
    MoveForm,
    TaskFilter,
    change_task,
    create_task,
    list_tasks,
    move_task,
    show_task,
)
from tram.domain.permissions import Permission
from tram.rollout.directives.views import DocumentEdit, NewDocument, NewTask, TaskEdit
from tram.web.forms import Form, Typed, day_of, typed_of
from tram.web.page_context import PageContext, TakenPage
from tram.web.submission import NO_FAULTS, Faults, submission
from tram.web.words.rollout import TASK_STATES, document_label

_HOME = "/reports/directives"
_DOCUMENTS = f"{_HOME}#documents"


@get("/reports/directives")
async def directives_page(
    page: TakenPage, as_of: FromQuery[str] = "", only: FromQuery[str] = ""
) -> Response[str]:
    """Show the tasks in the states of a day, late ones first, and the documents below."""
    overdue = only == "overdue"
    task_state = only if only in TASK_STATES else None
    wanted = TaskFilter(day=day_of(as_of), state=task_state, overdue=overdue)
    tasks = await page.call(list_tasks, wanted)
    documents = await page.call(list_documents, DocumentFilter(until=tasks.day))
    return page.show(
        "directives/directives.html",
        tab="directives",
        tasks=tasks,
        documents=documents.items,
        numbers={item.id: item.number for item in documents.items},
        only="overdue" if overdue else task_state or "",
    )


async def _document(
    page: PageContext,
    document: int | None = None,
    data: Mapping[str, str] | None = None,
    faults: Faults = NO_FAULTS,
) -> Response[str]:
    """Show a document with its form, or the form of a new one."""
    found = await page.call(show_document, document) if document is not None else None
    kept = {**typed_of(found), "issuer_guessed": _guessed(found)} if found else {}
    return page.show(
        "directives/document.html",
        tab="directives",
        document=found,
        data=kept if data is None else data,
        faults=faults,
    )


@get("/reports/directives/documents/new")
async def new_document_page(page: TakenPage) -> Response[str]:
    """Show the empty form of a document."""
    page.viewer.needs(Permission.DIRECTIVE_WRITE)
    return await _document(page)


@submission("/reports/directives/documents/new", _document)
async def add_document(page: TakenPage, data: Form) -> str:
    """Register a document."""
    typed = Typed(data)
    await page.call(create_document, typed.read(NewDocument, **_said_of_document(typed)))
    return _DOCUMENTS


@get("/reports/directives/documents/{document:int}")
async def document_page(page: TakenPage, document: FromPath[int]) -> Response[str]:
    """Show a document; who may write can change it here."""
    return await _document(page, document)


@submission("/reports/directives/documents/{document:int}", _document)
async def mend_document(page: TakenPage, document: FromPath[int], data: Form) -> str:
    """Change a document; what the form does not show stays as it was."""
    found = await page.call(show_document, document)
    typed = Typed(data)
    said = _said_of_document(typed)
    edit = typed.read(DocumentEdit, asks=found.asks, mark=found.mark, place=found.place, **said)
    await page.call(change_document, document, edit)
    return _DOCUMENTS


def _said_of_document(typed: Typed) -> dict[str, Any]:
    """Read what a document may lack though its register asks for it, and who guessed its issuer."""
    texts = {name: typed.text(name) for name in ("role", "number", "issuer", "subject")}
    return {**texts, "issuer_stated": not typed.ticked("issuer_guessed")}


def _guessed(document: DocumentEdit) -> str:
    return "" if document.issuer_stated else "yes"


async def _task(
    page: PageContext,
    task: int | None = None,
    data: Mapping[str, str] | None = None,
    faults: Faults = NO_FAULTS,
) -> Response[str]:
    """Show a task with its forms and its history, or the form of a new one."""
    found = await page.call(show_task, task) if task is not None else None
    documents = await page.call(list_documents)
    return page.show(
        "directives/task.html",
        tab="directives",
        task=found,
        document_choices=[
            (item.id, document_label(item, page.screen.locale)) for item in documents.items
        ],
        data=(typed_of(found) if found else {}) if data is None else data,
        faults=faults,
    )


@get("/reports/directives/tasks/new")
async def new_task_page(page: TakenPage) -> Response[str]:
    """Show the empty form of a task."""
    page.viewer.needs(Permission.DIRECTIVE_WRITE)
    return await _task(page)


@submission("/reports/directives/tasks/new", _task)
async def add_task(page: TakenPage, data: Form) -> str:
    """Register a task."""
    await page.call(create_task, Typed(data).read(NewTask))
    return _HOME


@get("/reports/directives/tasks/{task:int}")
async def task_page(page: TakenPage, task: FromPath[int]) -> Response[str]:
    """Show a task with its history; who may write moves it on or changes it here."""
    return await _task(page, task)


@submission("/reports/directives/tasks/{task:int}", _task)
async def mend_task(page: TakenPage, task: FromPath[int], data: Form) -> str:
    """Change a task; it keeps its document, its key and its states."""
    await page.call(change_task, task, Typed(data).read(TaskEdit))
    return _HOME


async def _not_moved(
    page: PageContext, task: int, data: Mapping[str, str], faults: Faults
) -> Response[str]:
    """Show what is kept beside the state that was typed."""
    found = await page.call(show_task, task)
    return await _task(page, task, {**typed_of(found), **data}, faults)


@submission("/reports/directives/tasks/{task:int}/state", _not_moved)
async def move_task_on(page: TakenPage, task: FromPath[int], data: Form) -> str:
    """Note a task's new state."""
    await page.call(move_task, task, Typed(data).read(MoveForm))
    return f"{_HOME}/tasks/{task}"
