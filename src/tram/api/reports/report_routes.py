"""Routes of the letter: draft, findings, texts, versions and their files."""

from datetime import date
from urllib.parse import quote

from litestar import Response
from litestar.params import FromQuery

from tram.api.http.list_files import TableFile
from tram.api.http.parameters import AsOf
from tram.api.http.route_table import delete, get, post, put, tagged
from tram.api.http.services import Services
from tram.api.reports import reports
from tram.registry.kernel.viewer import Viewer
from tram.report.views import LetterFile

__all__ = ("ROUTES",)

_FINDING_COLUMNS = (
    "code severity holds place_vi sentence_vi remedy_vi place_en sentence_en remedy_en"
)


async def get_draft_file(
    services: Services,
    viewer: Viewer,
    kind: str,
    as_of: AsOf = None,
    since: FromQuery[date | None] = None,
) -> Response[bytes]:
    """`kind` is docx or pdf; nothing is kept."""
    return _download(await reports.draft_file(services, viewer, kind, as_of, since))


async def get_version_file(
    services: Services, viewer: Viewer, version: int, kind: str
) -> Response[bytes]:
    """`kind` is docx or pdf."""
    return _download(await reports.letter_file(services, viewer, version, kind))


def _download(found: LetterFile) -> Response[bytes]:
    disposition = f"attachment; filename*=UTF-8''{quote(found.name)}"
    return Response(
        found.content, media_type=found.media_type, headers={"Content-Disposition": disposition}
    )


ROUTES = tagged(
    "letter",
    get(
        "/findings",
        reports.list_findings,
        "What the checks find",
        "Every rule with place, sentence and remedy; `holds` where it is kept.",
        files=(TableFile("findings", "Download findings", _FINDING_COLUMNS),),
    ),
    get(
        "/letter/draft",
        reports.show_draft,
        "The letter as a draft",
        "The words that would be printed, beside the findings.",
    ),
    get(
        "/letter/draft/{kind:str}",
        get_draft_file,
        "Download the draft",
        noun="draft_file",
        media_type="application/octet-stream",
    ),
    get(
        "/letter/texts",
        reports.list_texts,
        "Editable texts",
        "In the order of the letter, with who wrote them last.",
    ),
    put(
        "/letter/texts/{key:str}",
        reports.write_text,
        "Write a text",
        "The words before stay in the history.",
        noun="text",
    ),
    delete(
        "/letter/texts/{key:str}",
        reports.reset_text,
        "Reset a text",
        "Back to the words that the product came with; the history stays.",
        noun="text",
        status=200,
    ),
    get(
        "/letter/texts/{key:str}/history",
        reports.text_history,
        "Changes of a text",
        "Newest first, with before and after.",
        noun="text_history",
    ),
    get(
        "/letter/versions",
        reports.list_versions,
        "Versions",
        "Newest first, each with the hashes of its files.",
    ),
    post(
        "/letter/versions",
        reports.make_version,
        "Make a version",
        "Same data, same bytes; number, date and signature are left empty.",
    ),
    post(
        "/letter/versions/orders",
        reports.order_version,
        "Ask for a version",
        "A job makes it; its result names the version.",
        status=202,
    ),
    get(
        "/letter/versions/{version:int}",
        reports.show_version,
        "One version",
        "With its content and the findings of its moment.",
    ),
    get(
        "/letter/versions/{version:int}/{kind:str}",
        get_version_file,
        "Download a version",
        noun="version_file",
        media_type="application/octet-stream",
    ),
)
