"""``tram report`` and ``tram check``: write the letter, and say what is wrong with it."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import cyclopts
import msgspec

from tram.app.commands.terminal import DEFAULT_DATA, Data, open_for_command, say
from tram.app.composition.engines import open_store
from tram.app.composition.registers import open_registers
from tram.app.composition.services import letter_service
from tram.app.installation.installation import Installation
from tram.app.supervision.supervisor import borrow
from tram.domain.days import end_of_day_ms, local_day
from tram.domain.text import visible
from tram.registry.devices.counts import registered_devices
from tram.registry.kernel.viewer import Viewer, system_viewer
from tram.registry.registry import Registry
from tram.report.checks.letter_rules import Finding
from tram.report.reports import LetterService
from tram.report.views import LetterFiles
from tram.rollout.inventory.stations.views import StationFilter
from tram.rollout.inventory.surveys.reconciling import Difference
from tram.runtime.i18n import N_, catalog_of

__all__ = ("check", "report")

Language = Literal["vi", "en"]
_EXIT_FINDINGS = 1
_DIFFERENCE = N_(
    "%(operator)s %(technology)s: official count %(official)s (%(day)s), the list has %(listed)s"
    " (%(by)s)"
)
_DIFFERENCE_REMEDY = N_(
    "Import the list of that day, or open a survey round to settle the figure."
)

report = cyclopts.App(name="report", help="Official documents made from the product's figures.")


@report.command
def letter(
    *,
    as_of: date,
    out: Path,
    since: Annotated[date | None, cyclopts.Parameter(name=("--from", "--since"))] = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Write the letter to the Telecommunications Authority as .docx and .pdf.

    Args:
        as_of: The day of the figures (YYYY-MM-DD).
        out: The folder to write to; it is made where there is none.
        since: The first day of the period; the first of the month without it.
        data: The data folder.
    """

    async def run() -> LetterFiles:
        async with _reports(open_for_command(data), as_of) as (reports, viewer):
            return await reports.render(viewer, as_of, since)

    files = asyncio.run(run())
    out.mkdir(parents=True, exist_ok=True)
    for end, content in (("docx", files.docx), ("pdf", files.pdf)):
        path = out / f"{files.stem}.{end}"
        path.write_bytes(content)
        _say(str(path))


def check(  # noqa: PLR0913  # options of a command
    *,
    as_of: date | None = None,
    original: bool = False,
    language: Language = "vi",
    json: bool = False,
    strict: bool = False,
    data: Data = DEFAULT_DATA,
) -> None:
    """Examine the letter by every rule of docs/checks.md.

    Args:
        as_of: The day of the letter (YYYY-MM-DD); today without it.
        original: Examine the letter of 30/7/2025 as it was printed instead.
        language: Language of the findings.
        json: Print the findings as JSON.
        strict: Exit with code 1 while a rule of severity E is broken.
        data: The data folder.
    """

    async def run() -> tuple[list[Finding], list[Difference]]:
        installation = open_for_command(data)
        day = as_of or local_day(installation.clock.now_ms())
        async with _reports(installation, day) as (reports, viewer):
            draft = await (reports.printed(viewer) if original else reports.draft(viewer, day))
        return draft.findings, [] if original else await _differences(installation, day)

    findings, differences = asyncio.run(run())
    if json:
        _say(msgspec.json.format(msgspec.json.encode(findings)).decode())
    else:
        for finding in findings:
            _show(finding, language)
        for difference in differences:
            _show_difference(difference, language)
    if strict and any(f.severity == "E" and not f.holds for f in findings):
        sys.exit(_EXIT_FINDINGS)


@contextlib.asynccontextmanager
async def _reports(
    installation: Installation, as_of: date
) -> AsyncIterator[tuple[LetterService, Viewer]]:
    """Give the reports of an installation, which may run or not.

    The store is started only where a real device stood on the day: before that it has no say.
    """
    async with contextlib.AsyncExitStack() as stack:
        registers = await stack.enter_async_context(open_registers(installation))
        viewer = await registers.seed()
        store = None
        if await _has_real_devices(registers.registry, as_of):
            running = await stack.enter_async_context(borrow(installation, "store"))
            store = await stack.enter_async_context(open_store(running))
        yield letter_service(registers, store), viewer


async def _has_real_devices(registry: Registry, as_of: date) -> bool:
    registered = await registered_devices(registry.database, end_of_day_ms(as_of))
    return any(not device.synthetic for device in registered)


def _show(finding: Finding, language: Language) -> None:
    is_vi = language == "vi"
    state = "      " if finding.holds else "✗     "
    sentence = finding.sentence_vi if is_vi else finding.sentence_en
    place = finding.place_vi if is_vi else finding.place_en
    _say(f"{finding.code} {finding.severity} {state}{sentence}  [{place}]")
    if not finding.holds:
        _say(f"             → {finding.remedy_vi if is_vi else finding.remedy_en}")


async def _differences(installation: Installation, day: date) -> list[Difference]:
    """Return where official counts and the list of stations differ; nothing while there is no list."""
    async with open_registers(installation) as registers:
        viewer = system_viewer(await registers.registry.seed_base())
        real = StationFilter(synthetic=False)
        if not await registers.inventory.stations.points(viewer, real, limit=1):
            return []
        return await registers.inventory.differences(viewer, day)


def _show_difference(item: Difference, language: Language) -> None:
    official = "–" if item.official is None else str(item.official)
    on = item.as_of.strftime("%d/%m/%Y") if item.as_of else "–"
    catalog = catalog_of(language)
    sentence = catalog.gettext(_DIFFERENCE) % {
        "operator": item.operator_name,
        "technology": item.technology,
        "official": official,
        "day": on,
        "listed": item.listed,
        "by": f"{item.by:+d}",
    }
    _say(f"DS  W ✗     {sentence}  [{item.scope}]")
    _say(f"             → {catalog.gettext(_DIFFERENCE_REMEDY)}")


def _say(text: str) -> None:
    say(visible(text, "\n"))
