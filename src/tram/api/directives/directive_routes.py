"""Routes of the register: documents, tasks, recommendations, providers."""

from datetime import date
from typing import Annotated

from litestar import Router, get, post, put
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from tram.api.directives.documents import (
    DocumentFilter,
    DocumentList,
    LinkForm,
    change_document,
    create_document,
    link_documents,
    list_documents,
    show_document,
    unlink_documents,
)
from tram.api.directives.tasks import (
    MoveForm,
    TaskFilter,
    TaskList,
    change_task,
    create_task,
    list_tasks,
    move_task,
    show_task,
)
from tram.api.http.list_files import TableFile, table_of, with_every_format
from tram.api.http.paging import LIMIT_DEFAULT
from tram.api.http.parameters import AsOf, Cursor, PageLimit, TakenServices, TakenViewer
from tram.rollout.directives.views import (
    Document,
    DocumentEdit,
    NewDocument,
    NewTask,
    Task,
    TaskEdit,
)

__all__ = ("directive_routes",)

_DOCUMENT_COLUMNS = (
    "key",
    "role",
    "kind",
    "number",
    "issued_on",
    "issuer",
    "issuer_stated",
    "subject",
    "source",
    "mark",
    "note",
)
_TASK_COLUMNS = (
    "key",
    "document_number",
    "text",
    "responsible",
    "partners",
    "deadline",
    "deadline_text",
    "state",
    "state_on",
    "state_note",
    "verdict",
    "days_over",
)


async def provide_document_filter(
    search: FromQuery[str] = "", until: FromQuery[date | None] = None
) -> DocumentFilter:
    """Read the filter of the document list from the query."""
    return DocumentFilter(search=search, until=until)


@get(
    "/documents",
    summary="Documents of the register",
    dependencies={"wanted": Provide(provide_document_filter)},
)
async def get_documents(
    services: TakenServices,
    viewer: TakenViewer,
    wanted: NamedDependency[DocumentFilter],
    cursor: Cursor = None,
    limit: PageLimit = LIMIT_DEFAULT,
) -> DocumentList:
    """In the order of the letter, then by date."""
    return await list_documents(services, viewer, wanted, cursor, limit)


@post("/documents", summary="Register a document")
async def post_document(
    services: TakenServices, viewer: TakenViewer, data: JSONBody[NewDocument]
) -> Document:
    """Type, number, date, issuer and subject, as on its first page."""
    return await create_document(services, viewer, data)


@get("/documents/{document:int}", summary="One document")
async def get_document(
    services: TakenServices, viewer: TakenViewer, document: FromPath[int]
) -> Document:
    """The document with its links."""
    return await show_document(services, viewer, document)


@put("/documents/{document:int}", summary="Change a document")
async def put_document(
    services: TakenServices,
    viewer: TakenViewer,
    document: FromPath[int],
    data: JSONBody[DocumentEdit],
) -> Document:
    """The audit keeps what was there before."""
    return await change_document(services, viewer, document, data)


@post("/documents/{document:int}/links", summary="Link two documents")
async def post_link(
    services: TakenServices,
    viewer: TakenViewer,
    document: FromPath[int],
    data: JSONBody[LinkForm],
) -> Document:
    """One implements, rests on or answers the other."""
    return await link_documents(services, viewer, document, data)


@post("/documents/{document:int}/links/removal", summary="Unlink two documents")
async def post_unlink(
    services: TakenServices,
    viewer: TakenViewer,
    document: FromPath[int],
    data: JSONBody[LinkForm],
) -> Document:
    """Takes exactly this link away."""
    return await unlink_documents(services, viewer, document, data)


async def provide_task_filter(
    as_of: AsOf = None,
    document: FromQuery[int | None] = None,
    task_state: Annotated[str | None, QueryParameter(name="state")] = None,
    overdue: FromQuery[bool] = False,  # noqa: FBT002  # a query has no keywords
) -> TaskFilter:
    """Read the filter of the task list from the query."""
    return TaskFilter(day=as_of, document=document, state=task_state, overdue=overdue)


@get("/tasks", summary="Tasks", dependencies={"wanted": Provide(provide_task_filter)})
async def get_tasks(
    services: TakenServices,
    viewer: TakenViewer,
    wanted: NamedDependency[TaskFilter],
    cursor: Cursor = None,
    limit: PageLimit = LIMIT_DEFAULT,
) -> TaskList:
    """In the states of the day; `days_over` says how late a task is."""
    return await list_tasks(services, viewer, wanted, cursor, limit)


@post("/tasks", summary="Register a task")
async def post_task(services: TakenServices, viewer: TakenViewer, data: JSONBody[NewTask]) -> Task:
    """With the document that assigns it."""
    return await create_task(services, viewer, data)


@get("/tasks/{task:int}", summary="One task")
async def get_task(
    services: TakenServices, viewer: TakenViewer, task: FromPath[int], as_of: AsOf = None
) -> Task:
    """The task with its history."""
    return await show_task(services, viewer, task, as_of)


@put("/tasks/{task:int}", summary="Change a task")
async def put_task(
    services: TakenServices, viewer: TakenViewer, task: FromPath[int], data: JSONBody[TaskEdit]
) -> Task:
    """The audit keeps what was there before."""
    return await change_task(services, viewer, task, data)


@post("/tasks/{task:int}/state", summary="Note a task's state")
async def post_state(
    services: TakenServices, viewer: TakenViewer, task: FromPath[int], data: JSONBody[MoveForm]
) -> Task:
    """Holds from the given day on; the states before stay in the history."""
    return await move_task(services, viewer, task, data)


def directive_routes() -> Router:
    """Return the routes of this module."""
    return Router(
        "/",
        route_handlers=with_every_format(
            [
                get_documents,
                table_of(
                    get_documents,
                    table=TableFile("documents", _DOCUMENT_COLUMNS, "Download documents"),
                ),
                post_document,
                get_document,
                put_document,
                post_link,
                post_unlink,
                get_tasks,
                table_of(get_tasks, table=TableFile("tasks", _TASK_COLUMNS, "Download tasks")),
                post_task,
                get_task,
                table_of(get_task, "history"),
                table_of(get_document, "links"),
                put_task,
                post_state,
            ]
        ),
        tags=["directives"],
    )
