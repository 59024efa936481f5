"""``tram import stations``: a list of stations from a file, with a dry run and every fault."""

import asyncio
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Literal

import cyclopts
from msgspec.structs import asdict, replace

from tram.app.commands.terminal import DEFAULT_DATA, Data, open_for_command, say
from tram.app.composition.registers import open_registers
from tram.app.composition.services import (
    coverage_files,
    import_handlers,
    job_runner,
    station_imports,
)
from tram.jobs.runner import JobRunner
from tram.registry.kernel.viewer import Viewer, system_viewer
from tram.rollout.coverage.antennas import keep_pattern
from tram.rollout.inventory.exchange.faults import DryRunFaults, fault_text
from tram.rollout.inventory.exchange.plan import ImportPlan
from tram.rollout.inventory.exchange.positions import Reference
from tram.rollout.inventory.imports.imports import StationImports
from tram.rollout.inventory.imports.views import ImportItem
from tram.rollout.inventory.inventory import Inventory
from tram.runtime.errors import Refused
from tram.runtime.i18n import N_, catalog_of
from tram.runtime.processes.thread_pools import FILES

__all__ = ("import_",)

_EXIT_FAULTS = 1
_AT_WORK = ("checking", "writing")
_LOOK_S = 0.3
System = Literal["wgs84", "vn2000-utm", "vn2000-tm3"]

import_ = cyclopts.App(name="import", help="Bring lists from files into the registers.")


@import_.command
def stations(  # noqa: PLR0913  # options of a command
    file: Path,
    *,
    dry_run: bool = False,
    as_of: date | None = None,
    operator: str = "",
    technology: str = "",
    system: System | None = None,
    meridian: float | None = None,
    column: list[str] | None = None,
    sheet: str = "",
    encoding: str = "",
    allow_near: bool = False,
    synthetic: bool = False,
    failed: Path | None = None,
    language: Literal["vi", "en"] = "vi",
    data: Data = DEFAULT_DATA,
) -> None:
    """Import a list of stations (CSV, XLSX, GeoJSON, GeoPackage); exit code 1 if rows were kept out.

    Args:
        file: The list.
        dry_run: Only say what would happen, with every fault.
        as_of: The day of the list (YYYY-MM-DD); today without it.
        operator: Code or name of the operator, where no column says it.
        technology: 2G, 3G, 4G or 5G, where no column says it.
        system: In what the coordinates are given; degrees of WGS 84 are found without it.
        meridian: The central meridian of VN-2000 in degrees, for example 108 or 107.5.
        column: FIELD=HEADER for a column that was not recognised; may be repeated.
        sheet: Sheet of a workbook, or layer of a GeoPackage.
        encoding: Encoding of a CSV file (utf-8, utf-16, cp1258, tcvn3, vni); found without it where that is certain.
        allow_near: Import stations that stand beside another of their kind, too.
        synthetic: Mark the whole list as simulated.
        failed: Write the rows that were kept out to this file (.csv or .xlsx), with reasons.
        language: Language of the faults.
        data: The data folder.
    """
    given = dict(text.split("=", 1) for text in column or [] if "=" in text)

    def choose(guessed: ImportPlan, number: int | None) -> ImportPlan:
        return replace(
            _plan(guessed, given, system, meridian),
            as_of=as_of or guessed.as_of,
            operator=number if number is not None else guessed.operator,
            technology=technology,
            sheet=sheet or guessed.sheet,
            allow_near=allow_near,
            synthetic=synthetic,
        )

    form = (failed.suffix.removeprefix("."), language) if failed is not None else None
    item, found, kept_out = asyncio.run(
        _run(file, operator, choose, data, dry_run=dry_run, encoding=encoding, failed=form)
    )
    if failed is not None and found.faults:
        failed.write_bytes(kept_out)
    _tell(item, found, language)
    if item.state == "failed" or found.faults:
        sys.exit(_EXIT_FAULTS)


@import_.command
def antennas(
    files: list[Path],
    /,
    *,
    data: Data = DEFAULT_DATA,
) -> None:
    """Import measured antenna patterns (MSI Planet); sectors that name one use it in coverage.

    Args:
        files: MSI files; each is kept under the NAME that it states.
        data: The data folder.
    """
    installation = open_for_command(data)
    for file in files:
        say(keep_pattern(coverage_files(installation).antennas, file).name)


async def _run(  # noqa: PLR0913  # one way of a list
    file: Path,
    operator: str,
    choose: Callable[[ImportPlan, int | None], ImportPlan],
    data: Path,
    *,
    dry_run: bool,
    encoding: str,
    failed: tuple[str, str] | None,
) -> tuple[ImportItem, DryRunFaults, bytes]:
    """Try the list and, unless it is only tried, import it; return how it went.

    The last of the answer is the file of rows kept out, in the form and language of ``failed``.
    """
    content = await FILES.run(file.read_bytes)
    async with open_registers(open_for_command(data)) as registers:
        inventory, kept = registers.inventory, station_imports(registers)
        viewer = system_viewer(await registers.registry.seed_base())
        await inventory.seed(viewer)
        item = await kept.upload(viewer, file.name, content, encoding=encoding)
        plan = choose(item.plan, await _operator(inventory, viewer, operator))
        await kept.change_plan(viewer, item.id, plan)
        runner = job_runner(registers, import_handlers(registers))
        item = await _wait(kept, viewer, item.id, runner)
        found = await kept.faults(viewer, item.id)
        if not dry_run and item.state == "checked":
            await kept.write(viewer, item.id)
            item = await _wait(kept, viewer, item.id, runner)
        kept_out = b""
        if failed is not None and found.faults:
            kept_out = await kept.failed_rows(viewer, item.id, *failed)
    return item, found, kept_out


async def _operator(inventory: Inventory, viewer: Viewer, wanted: str) -> int | None:
    if not wanted:
        return None
    listed = await inventory.operators.list(viewer, simulated=True)
    for item in listed:
        if wanted.casefold() in {item.code.casefold(), item.name.casefold()}:
            return item.id
    raise Refused(
        "operator.unknown",
        f"There is no operator {wanted!r}.",
        f"Take one of {', '.join(item.code for item in listed)}.",
    )


def _plan(
    guessed: ImportPlan, given: dict[str, str], system: str | None, meridian: float | None
) -> ImportPlan:
    columns = {**guessed.columns, **given}
    if system is None:
        return replace(guessed, columns=columns)
    return replace(guessed, columns=columns, reference=Reference(system, meridian))


async def _wait(
    kept: StationImports, viewer: Viewer, number: int, runner: JobRunner
) -> ImportItem:
    """Do the step here, or wait for the running product, whoever takes it first."""

    async def work() -> None:
        while (await kept.one(viewer, number)).state in _AT_WORK:
            if not await runner.drain():
                await asyncio.sleep(_LOOK_S)

    async def watch() -> None:
        while (item := await kept.one(viewer, number)).state in _AT_WORK:
            sys.stderr.write(f"\r{item.done:,} / {item.total:,}")
            await asyncio.sleep(_LOOK_S)
        sys.stderr.write("\r\033[K")

    # How far it is only for eyes: a file of errors holds errors.
    await asyncio.gather(work(), *([watch()] if sys.stderr.isatty() else []))
    return await kept.one(viewer, number)


def _tell(item: ImportItem, found: DryRunFaults, language: str) -> None:
    gettext = catalog_of(language).gettext
    for fault in found.faults:
        sentence, remedy = fault_text(fault, language)
        place = f"{fault.column} = {fault.value!r}: " if fault.column else ""
        say(f"{gettext(_ROW)} {fault.row}: {place}{sentence} → {remedy}")
    result = item.result
    if result is None:
        say(gettext(_FAILED) % {"problem": item.problem})
        return
    said = _DONE if item.state == "done" else _CHECKED
    say(gettext(said) % asdict(result))


_ROW = N_("Row")
_FAILED = N_("Could not be imported: %(problem)s")
_DONE = N_(
    "Imported: %(rows)s rows, %(stations)s good stations: %(new)s new, %(changed)s changed,"
    " %(same)s unchanged; %(failed_rows)s rows kept out."
)
_CHECKED = N_(
    "Dry run: %(rows)s rows, %(stations)s good stations: %(new)s new, %(changed)s changed,"
    " %(same)s unchanged; %(failed_rows)s rows kept out."
)
