"""The letter's page: draft beside findings, its texts with history, versions and downloads."""

from collections.abc import Mapping
from datetime import date
from urllib.parse import quote, urlencode

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from tram.api.reports.reports import (
    PeriodForm,
    TextForm,
    draft_file,
    list_versions,
    newest_version_order,
    order_version,
    reset_text,
    show_draft,
    show_text,
    text_history,
    write_text,
)
from tram.domain.days import local_day
from tram.domain.permissions import Permission
from tram.web.forms import Form, day_of
from tram.web.page_context import PageContext, TakenPage
from tram.web.pages.people.login import inside
from tram.web.submission import NO_FAULTS, Faults, submission
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
async def reports_page(
    page: TakenPage,
    as_of: FromQuery[str] = "",
    since: FromQuery[str] = "",
    saved: FromQuery[str] = "",
) -> Response[str]:
    """Show the letter as it would be printed, beside what the checks find in it."""
    draft = await page.call(show_draft, day_of(as_of), day_of(since))
    return page.show(
        "reports/reports.html",
        tab="letter",
        draft=draft,
        open=sorted(
            (finding for finding in draft.findings if not finding.holds),
            key=lambda finding: SEVERITY_ORDER.index(finding.severity),
        ),
        kept=[finding for finding in draft.findings if finding.holds],
        versions=(await page.call(list_versions)).items,
        order=await page.call(newest_version_order),
        mend_address=_mend_address,
        saved=saved,
        saved_text=next((text for text in draft.texts if text.key == saved), None),
    )


@get("/reports/letter/{kind:str}", media_type="application/octet-stream")
async def draft_download(
    page: TakenPage, kind: FromPath[str], as_of: FromQuery[str] = "", since: FromQuery[str] = ""
) -> Response[bytes]:
    """Give the draft as a file; nothing is kept."""
    found = await page.call(draft_file, kind, day_of(as_of), day_of(since))
    disposition = f"attachment; filename*=UTF-8''{quote(found.name)}"
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return Response(found.content, media_type=found.media_type, headers=headers)


@submission("/reports/versions")
async def keep_version(page: TakenPage, data: Form) -> str:
    """Ask for the draft to be kept as a version, and show how far it is among the others."""
    day = day_of(data.get("as_of", "")) or local_day(page.screen.now_ms)
    since = day_of(data.get("since", ""))
    await page.call(order_version, PeriodForm(as_of=day, since=since))
    parts = {"as_of": day.isoformat(), **({"since": since.isoformat()} if since else {})}
    return f"{_HOME}?{urlencode(parts)}#versions"


@get("/reports/versions/order")
async def version_progress(page: TakenPage) -> Response[str]:
    """Say how far the newest version is that one asked for; the page loads anew when it is kept."""
    page.viewer.needs(Permission.REPORT_READ)
    order = await page.call(newest_version_order)
    shown = page.show("reports/letter_order.html", order=order)
    if order is None or order.finished_ms is not None:
        shown.headers["HX-Refresh"] = "true"
    return shown


async def _text(
    page: PageContext, key: str, data: Mapping[str, str], faults: Faults = NO_FAULTS
) -> Response[str]:
    """Show one text with its history and its form."""
    day = day_of(data.get("as_of", "")) or local_day(page.screen.now_ms)
    return page.show(
        "reports/report_text.html",
        tab="letter",
        text=await page.call(show_text, key, day),
        day=day,
        typed=data.get("text"),
        next=_target(data),
        history=(await page.call(text_history, key)).items,
        may_write=page.may(Permission.REPORT_WRITE),
        faults=faults,
    )


@get("/reports/texts/{key:str}")
async def text_page(
    page: TakenPage,
    key: FromPath[str],
    as_of: FromQuery[str] = "",
    next: FromQuery[str] = "",  # noqa: A002  # the address says next
) -> Response[str]:
    """Show one text of the letter with its history; who may write changes or undoes it."""
    return await _text(page, key, {"as_of": as_of, "next": next})


@submission("/reports/texts/{key:str}", _text)
async def save_letter_text(page: TakenPage, key: FromPath[str], data: Form) -> str:
    """Put other words into the letter."""
    form = TextForm(text=data.get("text", ""), as_of=day_of(data.get("as_of", "")))
    await page.call(write_text, key, form)
    return _saved(data, key)


@submission("/reports/texts/{key:str}/reset")
async def reset_letter_text(page: TakenPage, key: FromPath[str], data: Form) -> str:
    """Go back to the words that the product came with."""
    await page.call(reset_text, key, day_of(data.get("as_of", "")))
    return _saved(data, key)


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


def _saved(data: Mapping[str, str], key: str) -> str:
    target = _target(data)
    sign = "&" if "?" in target else "?"
    return f"{target}{sign}{urlencode({'saved': key})}#text-{quote(key)}"
