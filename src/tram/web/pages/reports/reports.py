"""The letter's page: draft beside findings, its texts with history, versions and downloads."""

from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from tram.api.http.parameters import TakenServices, TakenViewer
from tram.api.http.services import Services
from tram.api.reports.reports import (
    PeriodForm,
    TextForm,
    draft_file,
    list_versions,
    make_version,
    reset_text,
    show_draft,
    show_text,
    text_history,
    write_text,
)
from tram.domain.days import local_day
from tram.registry.kernel.viewer import Viewer
from tram.runtime.errors import Fault, Refused
from tram.web.forms import Form, day_of, faults_of
from tram.web.pages.people.login import inside
from tram.web.rendering import Screen, TakenScreen
from tram.web.words.rollout import SEVERITIES

_HOME = "/reports"
SEVERITY_ORDER = tuple(SEVERITIES)
_BLOCK = "block:"
_PLACES = {
    "targets": "/reports/targets?as_of={day}",
    "directives": "/reports/directives?as_of={day}",
    "recommendations": "/reports/recommendations",
    "devices": "/devices",
}
"""Where the sources of a finding are mended, besides counts and texts, which lead back here."""


@get("/reports")
async def reports_page(  # noqa: PLR0913, PLR0917  # the address has these parts
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    as_of: FromQuery[str] = "",
    since: FromQuery[str] = "",
    saved: FromQuery[str] = "",
) -> Response[str]:
    """Show the letter as it would be printed, beside what the checks find in it."""
    draft = await show_draft(services, viewer, day_of(as_of), day_of(since))
    return screen.show(
        "reports/reports.html",
        tab="letter",
        draft=draft,
        open=sorted(
            (finding for finding in draft.findings if not finding.holds),
            key=lambda finding: SEVERITY_ORDER.index(finding.severity),
        ),
        kept=[finding for finding in draft.findings if finding.holds],
        versions=(await list_versions(services, viewer)).items,
        mend_address=_mend_address,
        saved=saved,
        saved_text=next((text for text in draft.texts if text.key == saved), None),
    )


@get("/reports/letter/{kind:str}", media_type="application/octet-stream")
async def draft_download(
    services: TakenServices,
    viewer: TakenViewer,
    kind: FromPath[str],
    as_of: FromQuery[str] = "",
    since: FromQuery[str] = "",
) -> Response[bytes]:
    """Give the draft as a file; nothing is kept."""
    found = await draft_file(services, viewer, kind, day_of(as_of), day_of(since))
    disposition = f"attachment; filename*=UTF-8''{quote(found.name)}"
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return Response(found.content, media_type=found.media_type, headers=headers)


@post("/reports/versions", status_code=HTTPStatus.SEE_OTHER)
async def keep_version(services: TakenServices, viewer: TakenViewer, data: Form) -> Redirect:
    """Keep the draft as a version and show it among the others."""
    day = day_of(data.get("as_of", "")) or local_day(services.clock.now_ms())
    since = day_of(data.get("since", ""))
    await make_version(services, viewer, PeriodForm(as_of=day, since=since))
    parts = {"as_of": day.isoformat(), **({"since": since.isoformat()} if since else {})}
    return Redirect(f"{_HOME}?{urlencode(parts)}#versions", status_code=303)


@get("/reports/texts/{key:str}")
async def text_page(  # noqa: PLR0913, PLR0917  # the address has these parts
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    key: FromPath[str],
    as_of: FromQuery[str] = "",
    next: FromQuery[str] = "",  # noqa: A002  # the address says next
) -> Response[str]:
    """Show one text of the letter with its history; who may write changes or undoes it."""
    return await _show_text(services, viewer, screen, key, {"as_of": as_of, "next": next})


@post("/reports/texts/{key:str}", status_code=HTTPStatus.CREATED)
async def save_letter_text(
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    key: FromPath[str],
    data: Form,
) -> Response[Any]:
    """Put other words into the letter."""
    form = TextForm(text=data.get("text", ""), as_of=day_of(data.get("as_of", "")))
    try:
        await write_text(services, viewer, key, form)
    except Refused as error:
        return await _show_text(services, viewer, screen, key, data, faults_of(error))
    return _saved(data, key)


@post("/reports/texts/{key:str}/reset", status_code=HTTPStatus.SEE_OTHER)
async def reset_letter_text(
    services: TakenServices, viewer: TakenViewer, key: FromPath[str], data: Form
) -> Redirect:
    """Go back to the words that the product came with."""
    await reset_text(services, viewer, key, day_of(data.get("as_of", "")))
    return _saved(data, key)


async def _show_text(  # noqa: PLR0913, PLR0917  # what a form page is made of
    services: Services,
    viewer: Viewer,
    screen: Screen,
    key: str,
    data: Mapping[str, str],
    faults: tuple[Fault, ...] = (),
) -> Response[str]:
    day = day_of(data.get("as_of", "")) or local_day(services.clock.now_ms())
    return screen.show(
        "reports/report_text.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        tab="letter",
        text=await show_text(services, viewer, key, day),
        day=day,
        typed=data.get("text"),
        next=_target(data),
        history=(await text_history(services, viewer, key)).items,
        may_write=screen.may("report.write"),
        faults={fault.field: fault for fault in faults},
    )


def _mend_address(source: str, here: str, day: date) -> str:
    """Return where a finding's figure or text is mended, empty where no page mends it."""
    back = urlencode({"as_of": day.isoformat(), "next": here})
    if source == "counts":
        return f"/reports/counts?{back}"
    if source.startswith(_BLOCK):
        key = source.removeprefix(_BLOCK)
        return f"/reports/texts/{quote(key)}?{back}" if key else ""
    return _PLACES.get(source, "").format(day=day)


def _target(data: Mapping[str, str]) -> str:
    """Return the page to go back to."""
    wanted = data.get("next", "")
    return inside(wanted) if wanted else _HOME


def _saved(data: Mapping[str, str], key: str) -> Redirect:
    target = _target(data)
    sign = "&" if "?" in target else "?"
    return Redirect(
        f"{target}{sign}{urlencode({'saved': key})}#text-{quote(key)}", status_code=303
    )
