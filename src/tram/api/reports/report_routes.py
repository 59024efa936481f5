"""Routes of the letter: draft, findings, texts, versions and their files."""

from datetime import date
from urllib.parse import quote

from litestar import Response, Router, delete, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody

from tram.api.http.list_files import TableFile, table_of, with_every_format
from tram.api.http.paging import LIMIT_DEFAULT
from tram.api.http.parameters import AsOf, Cursor, PageLimit, TakenServices, TakenViewer
from tram.api.reports.reports import (
    DraftView,
    FindingList,
    PeriodForm,
    TextForm,
    TextHistory,
    TextList,
    VersionItem,
    VersionList,
    draft_file,
    letter_file,
    list_findings,
    list_texts,
    list_versions,
    make_version,
    reset_text,
    show_draft,
    show_version,
    text_history,
    write_text,
)
from tram.report.views import LetterFile, LetterVersion, TextBlock

__all__ = ("report_routes",)

_FINDING_COLUMNS = (
    "code",
    "severity",
    "holds",
    "place_vi",
    "sentence_vi",
    "remedy_vi",
    "place_en",
    "sentence_en",
    "remedy_en",
)


@get("/findings", summary="What the checks find")
async def get_findings(
    services: TakenServices, viewer: TakenViewer, as_of: AsOf = None
) -> FindingList:
    """Every rule with place, sentence and remedy; `holds` where it is kept."""
    return await list_findings(services, viewer, as_of)


@get("/letter/draft", summary="The letter as a draft")
async def get_draft(
    services: TakenServices,
    viewer: TakenViewer,
    as_of: AsOf = None,
    since: FromQuery[date | None] = None,
) -> DraftView:
    """The words that would be printed, beside the findings."""
    return await show_draft(services, viewer, as_of, since)


@get(
    "/letter/draft/{kind:str}",
    summary="Download the draft",
    media_type="application/octet-stream",
)
async def get_draft_file(
    services: TakenServices,
    viewer: TakenViewer,
    kind: FromPath[str],
    as_of: AsOf = None,
    since: FromQuery[date | None] = None,
) -> Response[bytes]:
    """`kind` is docx or pdf; nothing is kept."""
    return _download(await draft_file(services, viewer, kind, as_of, since))


@get("/letter/texts", summary="Editable texts")
async def get_texts(services: TakenServices, viewer: TakenViewer, as_of: AsOf = None) -> TextList:
    """In the order of the letter, with who wrote them last."""
    return await list_texts(services, viewer, as_of)


@put("/letter/texts/{key:str}", summary="Write a text")
async def put_text(
    services: TakenServices, viewer: TakenViewer, key: FromPath[str], data: JSONBody[TextForm]
) -> TextBlock:
    """The words before stay in the history."""
    return await write_text(services, viewer, key, data)


@delete("/letter/texts/{key:str}", summary="Reset a text", status_code=200)
async def delete_text(
    services: TakenServices, viewer: TakenViewer, key: FromPath[str], as_of: AsOf = None
) -> TextBlock:
    """Back to the words that the product came with; the history stays."""
    return await reset_text(services, viewer, key, as_of)


@get("/letter/texts/{key:str}/history", summary="Changes of a text")
async def get_text_history(
    services: TakenServices, viewer: TakenViewer, key: FromPath[str]
) -> TextHistory:
    """Newest first, with before and after."""
    return await text_history(services, viewer, key)


@get("/letter/versions", summary="Versions")
async def get_versions(
    services: TakenServices,
    viewer: TakenViewer,
    cursor: Cursor = None,
    limit: PageLimit = LIMIT_DEFAULT,
) -> VersionList:
    """Newest first, each with the hashes of its files."""
    return await list_versions(services, viewer, cursor, limit)


@post("/letter/versions", summary="Make a version")
async def post_version(
    services: TakenServices, viewer: TakenViewer, data: JSONBody[PeriodForm]
) -> VersionItem:
    """Same data, same bytes; number, date and signature are left empty."""
    return await make_version(services, viewer, data)


@get("/letter/versions/{version:int}", summary="One version")
async def get_version(
    services: TakenServices, viewer: TakenViewer, version: FromPath[int]
) -> LetterVersion:
    """With its content and the findings of its moment."""
    return await show_version(services, viewer, version)


@get(
    "/letter/versions/{version:int}/{kind:str}",
    summary="Download a version",
    media_type="application/octet-stream",
)
async def get_version_file(
    services: TakenServices, viewer: TakenViewer, version: FromPath[int], kind: FromPath[str]
) -> Response[bytes]:
    """`kind` is docx or pdf."""
    return _download(await letter_file(services, viewer, version, kind))


def _download(found: LetterFile) -> Response[bytes]:
    disposition = f"attachment; filename*=UTF-8''{quote(found.name)}"
    return Response(
        found.content,
        media_type=found.media_type,
        headers={"Content-Disposition": disposition},
    )


def report_routes() -> Router:
    """Return the routes of this module."""
    return Router(
        "/",
        route_handlers=with_every_format(
            [
                get_findings,
                table_of(
                    get_findings,
                    table=TableFile("findings", _FINDING_COLUMNS, "Download findings"),
                ),
                get_draft,
                get_draft_file,
                get_texts,
                put_text,
                delete_text,
                get_text_history,
                get_versions,
                post_version,
                get_version,
                get_version_file,
            ]
        ),
        tags=["letter"],
    )
