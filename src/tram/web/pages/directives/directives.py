"""The register of directives: tasks with their states, and the documents that assign them."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

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
from tram.api.http.parameters import TakenServices, TakenViewer
from tram.api.http.services import Services
from tram.registry.kernel.viewer import Viewer
from tram.rollout.directives.views import (
    Document,
    DocumentEdit,
    NewDocument,
    NewTask,
    Task,
    TaskEdit,
)
from tram.runtime.errors import Fault, Refused
from tram.web.forms import Form, Typed, day_of, faults_of
from tram.web.rendering import Screen, TakenScreen
from tram.web.words.rollout import TASK_STATES, document_label

_HOME = "/reports/directives"


@get("/reports/directives")
async def directives_page(
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    as_of: FromQuery[str] = "",
    only: FromQuery[str] = "",
) -> Response[str]:
    """Show the tasks in the states of a day, late ones first, and the documents below."""
    overdue = only == "overdue"
    task_state = only if only in TASK_STATES else None
    wanted = TaskFilter(day=day_of(as_of), state=task_state, overdue=overdue)
    tasks = await list_tasks(services, viewer, wanted)
    documents = await list_documents(services, viewer, DocumentFilter(until=tasks.day))
    return screen.show(
        "directives/directives.html",
        tab="directives",
        tasks=tasks,
        documents=documents.items,
        numbers={item.id: item.number for item in documents.items},
        only="overdue" if overdue else task_state or "",
    )


@get("/reports/directives/documents/new")
async def new_document_page(viewer: TakenViewer, screen: TakenScreen) -> Response[str]:
    """Show the empty form of a document."""
    viewer.needs("directive.write")
    return _document_form(screen, None, {})


@post("/reports/directives/documents/new", status_code=HTTPStatus.CREATED)
async def add_document(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, data: Form
) -> Response[Any]:
    """Register a document."""
    form, faults = _read_document(data)
    if not faults:
        try:
            await create_document(services, viewer, form)
        except Refused as error:
            faults = faults_of(error)
        else:
            return Redirect(f"{_HOME}#documents", status_code=303)
    return _document_form(screen, None, data, faults)


@get("/reports/directives/documents/{document:int}")
async def document_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, document: FromPath[int]
) -> Response[str]:
    """Show a document; who may write can change it here."""
    found = await show_document(services, viewer, document)
    return _document_form(screen, found, _typed_document(found))


@post("/reports/directives/documents/{document:int}", status_code=HTTPStatus.CREATED)
async def mend_document(
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    document: FromPath[int],
    data: Form,
) -> Response[Any]:
    """Change a document."""
    found = await show_document(services, viewer, document)
    form, faults = _read_document(data, found)
    if not faults:
        try:
            await change_document(services, viewer, document, _edit_of(form))
        except Refused as error:
            faults = faults_of(error)
        else:
            return Redirect(f"{_HOME}#documents", status_code=303)
    return _document_form(screen, found, data, faults)


@get("/reports/directives/tasks/new")
async def new_task_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen
) -> Response[str]:
    """Show the empty form of a task."""
    viewer.needs("directive.write")
    return await _task_form(services, viewer, screen, (None, {}))


@post("/reports/directives/tasks/new", status_code=HTTPStatus.CREATED)
async def add_task(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, data: Form
) -> Response[Any]:
    """Register a task."""
    form, faults = _read_task(data)
    if not faults:
        try:
            await create_task(services, viewer, form)
        except Refused as error:
            faults = faults_of(error)
        else:
            return Redirect(_HOME, status_code=303)
    return await _task_form(services, viewer, screen, (None, data), faults)


@get("/reports/directives/tasks/{task:int}")
async def task_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, task: FromPath[int]
) -> Response[str]:
    """Show a task with its history; who may write moves it on or changes it here."""
    found = await show_task(services, viewer, task)
    return await _task_form(services, viewer, screen, (found, _typed_task(found)))


@post("/reports/directives/tasks/{task:int}", status_code=HTTPStatus.CREATED)
async def mend_task(
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    task: FromPath[int],
    data: Form,
) -> Response[Any]:
    """Change a task."""
    found = await show_task(services, viewer, task)
    form, faults = _read_task(data, found)
    if not faults:
        try:
            await change_task(services, viewer, task, _task_edit_of(form))
        except Refused as error:
            faults = faults_of(error)
        else:
            return Redirect(_HOME, status_code=303)
    return await _task_form(services, viewer, screen, (found, data), faults)


@post("/reports/directives/tasks/{task:int}/state", status_code=HTTPStatus.CREATED)
async def move_task_on(
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    task: FromPath[int],
    data: Form,
) -> Response[Any]:
    """Note a task's new state."""
    found = await show_task(services, viewer, task)
    typed = Typed(data)
    form = MoveForm(
        state=typed.text("state", needed=True), on=typed.day("on"), note=typed.text("note")
    )
    faults = tuple(typed.faults)
    if not faults:
        try:
            await move_task(services, viewer, task, form)
        except Refused as error:
            faults = faults_of(error)
        else:
            return Redirect(f"{_HOME}/tasks/{task}", status_code=303)
    about = (found, {**_typed_task(found), **data})
    return await _task_form(services, viewer, screen, about, faults)


def _document_form(
    screen: Screen,
    document: Document | None,
    data: Mapping[str, str],
    faults: tuple[Fault, ...] = (),
) -> Response[str]:
    return screen.show(
        "directives/document.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        tab="directives",
        document=document,
        data=data,
        faults={fault.field: fault for fault in faults},
    )


async def _task_form(
    services: Services,
    viewer: Viewer,
    screen: Screen,
    about: tuple[Task | None, Mapping[str, str]],
    faults: tuple[Fault, ...] = (),
) -> Response[str]:
    task, data = about
    return screen.show(
        "directives/task.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        tab="directives",
        task=task,
        document_choices=[
            (item.id, document_label(item, screen.locale))
            for item in (await list_documents(services, viewer)).items
        ],
        data=data,
        faults={fault.field: fault for fault in faults},
    )


def _read_document(
    data: Mapping[str, str], before: Document | None = None
) -> tuple[NewDocument, tuple[Fault, ...]]:
    """Read the form; what it does not show stays as it was."""
    typed = Typed(data)
    form = NewDocument(
        key=before.key if before else typed.text("key", needed=True),
        role=typed.text("role"),
        kind=typed.text("kind", needed=True),
        number=typed.text("number"),
        issued_on=typed.day_or_none("issued_on"),
        issuer=typed.text("issuer"),
        issuer_stated=not typed.ticked("issuer_guessed"),
        subject=typed.text("subject"),
        asks=list(before.asks) if before else [],
        source=typed.text("source"),
        mark=before.mark if before else "",
        note=typed.text("note"),
        place=before.place if before else 0,
    )
    return form, tuple(typed.faults)


def _typed_document(document: Document) -> dict[str, str]:
    return {
        "role": document.role,
        "kind": document.kind,
        "number": document.number,
        "issued_on": document.issued_on.isoformat() if document.issued_on else "",
        "issuer": document.issuer,
        "issuer_guessed": "" if document.issuer_stated else "yes",
        "subject": document.subject,
        "source": document.source,
        "note": document.note,
    }


def _edit_of(form: NewDocument) -> DocumentEdit:
    return msgspec.convert(form, DocumentEdit, from_attributes=True)


def _read_task(
    data: Mapping[str, str], before: Task | None = None
) -> tuple[NewTask, tuple[Fault, ...]]:
    """Read the form; a task keeps its document, its key and its states."""
    typed = Typed(data)
    form = NewTask(
        key=before.key if before else typed.text("key", needed=True),
        document=before.document if before else typed.choice("document"),
        text=typed.text("text", needed=True),
        step=typed.text("step"),
        responsible=typed.text("responsible", needed=True),
        partners=typed.text("partners"),
        deadline=typed.day_or_none("deadline"),
        deadline_text=typed.text("deadline_text"),
        on=before.state_on if before else typed.day("on"),
        note=typed.text("note"),
    )
    return form, tuple(typed.faults)


def _task_edit_of(form: NewTask) -> TaskEdit:
    return msgspec.convert(form, TaskEdit, from_attributes=True)


def _typed_task(task: Task) -> dict[str, str]:
    return {
        "text": task.text,
        "step": task.step,
        "responsible": task.responsible,
        "partners": task.partners,
        "deadline": task.deadline.isoformat() if task.deadline else "",
        "deadline_text": task.deadline_text,
        "state": task.state,
    }
