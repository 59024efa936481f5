"""Routes of the register: documents, tasks, recommendations, providers."""

from tram.api.directives import documents, tasks
from tram.api.http.list_files import TableFile
from tram.api.http.route_table import get, post, put, tagged

__all__ = ("ROUTES",)

_DOCUMENT_COLUMNS = "key role kind number issued_on issuer issuer_stated subject source mark note"
_TASK_COLUMNS = (
    "key document_number text responsible partners deadline deadline_text state state_on"
    " state_note verdict days_over"
)


ROUTES = tagged(
    "directives",
    get(
        "/documents",
        documents.list_documents,
        "Documents of the register",
        "In the order of the letter, then by date.",
        files=(TableFile("documents", "Download documents", _DOCUMENT_COLUMNS),),
    ),
    post(
        "/documents",
        documents.create_document,
        "Register a document",
        "Type, number, date, issuer and subject, as on its first page.",
    ),
    get(
        "/documents/{document:int}",
        documents.show_document,
        "One document",
        "The document with its links.",
        files=("links",),
    ),
    put(
        "/documents/{document:int}",
        documents.change_document,
        "Change a document",
        "The audit keeps what was there before.",
    ),
    post(
        "/documents/{document:int}/links",
        documents.link_documents,
        "Link two documents",
        "One implements, rests on or answers the other.",
    ),
    post(
        "/documents/{document:int}/links/removal",
        documents.unlink_documents,
        "Unlink two documents",
        "Takes exactly this link away.",
        noun="unlink",
    ),
    get(
        "/tasks",
        tasks.list_tasks,
        "Tasks",
        "In the states of the day; `days_over` says how late a task is.",
        files=(TableFile("tasks", "Download tasks", _TASK_COLUMNS),),
    ),
    post("/tasks", tasks.create_task, "Register a task", "With the document that assigns it."),
    get(
        "/tasks/{task:int}",
        tasks.show_task,
        "One task",
        "The task with its history.",
        files=("history",),
    ),
    put(
        "/tasks/{task:int}",
        tasks.change_task,
        "Change a task",
        "The audit keeps what was there before.",
    ),
    post(
        "/tasks/{task:int}/state",
        tasks.move_task,
        "Note a task's state",
        "Holds from the given day on; the states before stay in the history.",
    ),
)
