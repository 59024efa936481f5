"""The letter: its draft beside the findings, the editable texts, and the versions made of it."""

from datetime import date

import msgspec
from litestar.params import FromQuery

from tram.api.http.paging import LIMIT_MAX, cut
from tram.api.http.parameters import AsOf, Cursor, PageLimit
from tram.api.http.services import Services
from tram.domain.bounds import Day, Paragraphs
from tram.domain.days import local_day
from tram.domain.permissions import Permission
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import JobRow
from tram.report.checks.letter_rules import Finding
from tram.report.letter.content import Letter
from tram.report.letter_job import LETTER, LetterOrder
from tram.report.reports import MEDIA_TYPES, period_from
from tram.report.views import BlockChange, FileEntry, LetterFile, LetterVersion, TextBlock
from tram.runtime.errors import Refused

__all__ = (
    "DraftView",
    "FindingList",
    "PeriodForm",
    "TextForm",
    "TextHistory",
    "TextList",
    "VersionItem",
    "VersionList",
    "draft_file",
    "letter_file",
    "list_findings",
    "list_texts",
    "list_versions",
    "make_version",
    "newest_version_order",
    "order_version",
    "reset_text",
    "show_draft",
    "show_text",
    "show_version",
    "text_history",
    "write_text",
)


class DraftView(msgspec.Struct, frozen=True, kw_only=True):
    """The letter as it would be printed, what the checks find in it, and its editable texts."""

    letter: Letter
    findings: list[Finding]
    texts: list[TextBlock]
    as_of_ms: int


class FindingList(msgspec.Struct, frozen=True, kw_only=True):
    """What the checks find; ``open`` counts the rules that are not kept."""

    items: list[Finding]
    day: date
    open: int
    as_of_ms: int


class TextList(msgspec.Struct, frozen=True):
    """The editable texts in the order of the letter."""

    items: list[TextBlock]
    as_of_ms: int


class TextHistory(msgspec.Struct, frozen=True):
    """Who changed a text when, newest first."""

    items: list[BlockChange]
    as_of_ms: int


class TextForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """New words for a text of the letter of a day (today if None) and of those after it."""

    text: Paragraphs
    as_of: Day | None = None


class PeriodForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The day and the period of a version; without ``since`` the month of the day."""

    as_of: Day
    since: Day | None = None


class VersionItem(msgspec.Struct, frozen=True, kw_only=True):
    """A version without its content; ``findings`` counts the rules that were not kept."""

    id: int
    as_of: date
    since: date
    made_ms: int
    person_name: str
    files: list[FileEntry]
    findings: int


class VersionList(msgspec.Struct, frozen=True):
    """One page of versions, newest first."""

    items: list[VersionItem]
    next: str | None
    as_of_ms: int


async def show_draft(
    services: Services, viewer: Viewer, day: AsOf = None, since: FromQuery[date | None] = None
) -> DraftView:
    """Return the draft as of a day (today if None) about a period (its month if None).

    Raises:
        Refused: ``letter.period_wrong``.
    """
    draft = await services.reports.draft(viewer, _day(services, day), since)
    return DraftView(
        letter=draft.letter,
        findings=draft.findings,
        texts=draft.blocks,
        as_of_ms=services.clock.now_ms(),
    )


async def draft_file(
    services: Services, viewer: Viewer, kind: str, day: date | None, since: date | None
) -> LetterFile:
    """Return the draft as a file, ``docx`` or ``pdf``; nothing is kept.

    Raises:
        Refused: ``letter.form_unknown``, ``letter.period_wrong``.
    """
    viewer.needs(Permission.REPORT_READ)
    if kind not in MEDIA_TYPES:
        raise Refused("letter.form_unknown", "The letter is made as .docx and as .pdf.")
    files = await services.reports.render(viewer, _day(services, day), since)
    content = files.docx if kind == "docx" else files.pdf
    return LetterFile(name=f"{files.stem}.{kind}", media_type=MEDIA_TYPES[kind], content=content)


async def list_findings(services: Services, viewer: Viewer, day: AsOf = None) -> FindingList:
    """Return what the checks find in the letter as of a day (today if None)."""
    draft = await show_draft(services, viewer, day)
    left = sum(not finding.holds for finding in draft.findings)
    return FindingList(
        items=draft.findings, day=draft.letter.as_of, open=left, as_of_ms=draft.as_of_ms
    )


async def list_texts(services: Services, viewer: Viewer, day: AsOf = None) -> TextList:
    """Return the editable texts as they read in the letter of a day (today if None)."""
    found = await services.reports.blocks(viewer, _day(services, day))
    return TextList(found, services.clock.now_ms())


async def show_text(
    services: Services, viewer: Viewer, key: str, day: date | None = None
) -> TextBlock:
    """Return one text.

    Raises:
        Refused: ``block.unknown``.
    """
    for text in (await list_texts(services, viewer, day)).items:
        if text.key == key:
            return text
    raise Refused("block.unknown", "The letter has no such text.")


async def write_text(services: Services, viewer: Viewer, key: str, form: TextForm) -> TextBlock:
    """Put other words into the letter; the words before stay in the history.

    Raises:
        Refused: ``block.unknown``, ``block.wrong``.
    """
    day = _day(services, form.as_of)
    return await services.reports.write_block(viewer, day, key, form.text)


async def reset_text(services: Services, viewer: Viewer, key: str, day: AsOf = None) -> TextBlock:
    """Go back to the words that the product came with.

    Raises:
        Refused: ``block.unknown``.
    """
    return await services.reports.reset_block(viewer, _day(services, day), key)


async def text_history(services: Services, viewer: Viewer, key: str) -> TextHistory:
    """Return the changes of one text.

    Raises:
        Refused: ``block.unknown``.
    """
    changes = await services.reports.block_history(viewer, key)
    return TextHistory(changes, services.clock.now_ms())


async def make_version(services: Services, viewer: Viewer, form: PeriodForm) -> VersionItem:
    """Make .docx and .pdf and keep them, with the findings of this moment.

    Raises:
        Refused: ``letter.period_wrong``.
    """
    return _item(await services.reports.keep(viewer, form.as_of, form.since))


async def order_version(services: Services, viewer: Viewer, form: PeriodForm) -> JobRow:
    """Ask for a version; the role ``work`` makes and keeps it.

    Raises:
        Refused: ``letter.period_wrong``, ``access.person_needed`` for an API token,
            ``job.too_many``.
    """
    viewer.needs_person()
    viewer.needs(Permission.REPORT_WRITE)
    period_from(form.as_of, form.since)
    order = LetterOrder(
        as_of=form.as_of,
        since=form.since,
        person=int(viewer.person or 0),
        asked_ms=services.clock.now_ms(),
    )
    return await LETTER.ask(services.registry.jobs, viewer, order)


async def newest_version_order(services: Services, viewer: Viewer) -> JobRow | None:
    """Return the newest version that one has asked for oneself."""
    if viewer.person is None or viewer.token is not None:
        return None
    asked = await services.registry.jobs.asked_by(viewer, LETTER.name, limit=1)
    return asked[0][0] if asked else None


async def list_versions(
    services: Services, viewer: Viewer, cursor: Cursor = None, limit: PageLimit = LIMIT_MAX
) -> VersionList:
    """Return the versions kept."""
    rows, following = cut(await services.reports.versions(viewer), cursor, limit)
    return VersionList([_item(row) for row in rows], following, services.clock.now_ms())


async def show_version(services: Services, viewer: Viewer, version: int) -> LetterVersion:
    """Return one version with its content and its findings.

    Raises:
        Refused: ``letter.unknown``.
    """
    return await services.reports.version(viewer, version)


async def letter_file(services: Services, viewer: Viewer, version: int, kind: str) -> LetterFile:
    """Return one file of a version; ``kind`` is docx or pdf.

    Raises:
        Refused: ``letter.unknown``, ``letter.form_unknown``.
    """
    return await services.reports.file(viewer, version, kind)


def _day(services: Services, wanted: date | None) -> date:
    return wanted or local_day(services.clock.now_ms())


def _item(version: LetterVersion) -> VersionItem:
    return VersionItem(
        id=version.id,
        as_of=version.as_of,
        since=version.since,
        made_ms=version.made_ms,
        person_name=version.person_name,
        files=version.files,
        findings=sum(not finding.holds for finding in version.findings),
    )
