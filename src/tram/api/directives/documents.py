"""The register of directives: documents and how they rest on each other."""

from datetime import date

import msgspec

from tram.api.http.paging import LIMIT_MAX, cut
from tram.api.http.parameters import Cursor, PageLimit
from tram.api.http.services import Services
from tram.domain.bounds import Line, Number
from tram.registry.kernel.viewer import Viewer
from tram.rollout.directives.views import Document, DocumentEdit, NewDocument

__all__ = (
    "ALL_DOCUMENTS",
    "DocumentFilter",
    "DocumentList",
    "LinkForm",
    "change_document",
    "create_document",
    "link_documents",
    "list_documents",
    "show_document",
    "unlink_documents",
)


class DocumentList(msgspec.Struct, frozen=True):
    """One page of documents."""

    items: list[Document]
    next: str | None
    as_of_ms: int


class DocumentFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which documents to list: words in number, issuer or subject; issued until a day."""

    search: str = ""
    until: date | None = None


ALL_DOCUMENTS = DocumentFilter()


class LinkForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a document stands to another: implements, rests-on, answers or cites."""

    relation: Line
    document: Number


async def list_documents(
    services: Services,
    viewer: Viewer,
    wanted: DocumentFilter = ALL_DOCUMENTS,
    cursor: Cursor = None,
    limit: PageLimit = LIMIT_MAX,
) -> DocumentList:
    """Return the documents that match."""
    found = await services.directives.documents.list(
        viewer, search=wanted.search, until=wanted.until
    )
    rows, following = cut(found, cursor, limit)
    return DocumentList(rows, following, services.clock.now_ms())


async def show_document(services: Services, viewer: Viewer, document: int) -> Document:
    """Return one document.

    Raises:
        Refused: ``document.unknown``.
    """
    return await services.directives.documents.one(viewer, document)


async def create_document(services: Services, viewer: Viewer, form: NewDocument) -> Document:
    """Register a document.

    Raises:
        Refused: with every wrong field.
    """
    return await services.directives.documents.create(viewer, form)


async def change_document(
    services: Services, viewer: Viewer, document: int, form: DocumentEdit
) -> Document:
    """Change what is registered about a document.

    Raises:
        Refused: ``document.unknown``, or with every wrong field.
    """
    return await services.directives.documents.change(viewer, document, form)


async def link_documents(
    services: Services, viewer: Viewer, document: int, form: LinkForm
) -> Document:
    """Note how a document stands to another.

    Raises:
        Refused: when one of them is unknown or the link is wrong.
    """
    return await services.directives.documents.link(viewer, document, form.relation, form.document)


async def unlink_documents(
    services: Services, viewer: Viewer, document: int, form: LinkForm
) -> Document:
    """Take such a note away.

    Raises:
        Refused: when there is none.
    """
    return await services.directives.documents.unlink(
        viewer, document, form.relation, form.document
    )
