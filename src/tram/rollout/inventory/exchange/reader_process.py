"""Lists of people read apart: in a process of its own, with limits of time, memory and cells.

What is asked and what comes back are small; the table itself never comes into the process that
serves people. The functions below are what the child does; ``READER`` is who has it done.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import msgspec

from tram.rollout.inventory.exchange.communes import with_elsewhere
from tram.rollout.inventory.exchange.examination import DAYS, check_plan, examine
from tram.rollout.inventory.exchange.faults import DryRunFaults, RowFault
from tram.rollout.inventory.exchange.files.reading import read_sheet
from tram.rollout.inventory.exchange.files.writing import failed_rows
from tram.rollout.inventory.exchange.plan import ImportPlan, StationDraft, Surroundings
from tram.rollout.inventory.exchange.sheet import Sheet, shown
from tram.rollout.inventory.exchange.station_columns import guess_columns
from tram.rollout.inventory.stations.views import Life
from tram.runtime.processes.child import Bounds, Children

__all__ = (
    "READER",
    "Examine",
    "Examined",
    "FaultyRows",
    "Look",
    "Seen",
    "examine_list",
    "look",
    "restored",
    "rows_kept_out",
)

READ_CPU_S = 60
"""A hundred times what a list of 10,000 rows takes."""
READ_WALL_S = 120.0
READ_MEMORY_BYTES = 1024 * 1024 * 1024
READ_ANSWER_BYTES = 128 * 1024 * 1024
READERS_AT_ONCE = 2
READS_WAITING_MAX = 16
READS_OF_ONE_WAITING_MAX = 4
_SAMPLE_ROWS = 5
_SAMPLE_CHARACTERS = 200
_KEPT_CHARACTERS = 1_000
"""More than any field takes: a cell that is shown to be mended is cut here."""

READER = Children(
    "reading files",
    (
        __name__,
        "tram.rollout.inventory.areas.reading",
        "tram.rollout.inventory.exchange.files.workbook",  # else every child loads it anew
    ),
    Bounds(READ_CPU_S, READ_WALL_S, READ_MEMORY_BYTES, READ_ANSWER_BYTES),
    at_once=READERS_AT_ONCE,
    waiting_max=READS_WAITING_MAX,
    each_waiting_max=READS_OF_ONE_WAITING_MAX,
)


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """Which file is looked at, and how it is read; with a plan, whether that fits it."""

    path: str
    sheet: str = ""
    encoding: str = ""
    plan: ImportPlan | None = None


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What a list is, with the columns that were recognised and its first rows."""

    format: str
    headers: tuple[str, ...]
    samples: list[list[str]]
    encoding: str
    sure: bool
    sheet: str
    sheets: tuple[str, ...]
    columns: dict[str, str]


class Examine(msgspec.Struct, frozen=True, kw_only=True):
    """Which list is examined, and by what; borders of communes are GeoJSON by code."""

    path: str
    plan: ImportPlan
    around: Surroundings
    borders: list[tuple[str, str]] = []


class Examined(msgspec.Struct, frozen=True, kw_only=True):
    """The stations of a list, figures of its faults, and the faults as they are kept (JSON)."""

    rows: int
    drafts: tuple[StationDraft, ...]
    errors: int
    warnings: int
    failed_rows: int
    faults: bytes


class FaultyRows(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows of a list are wanted back: those with the kept faults of a file."""

    path: str
    plan: ImportPlan
    faults: str
    form: str
    locale: str


def look(question: Look) -> Seen:
    """Read a list and tell what it is.

    Raises:
        Refused: ``import.unreadable``, ``import.too_large``, ``import.plan_wrong``.
    """
    sheet = _read(question.path, question.sheet, question.encoding)
    if question.plan is not None:
        check_plan(sheet, question.plan)
    samples = [
        [shown(cell)[:_SAMPLE_CHARACTERS] for cell in row.cells]
        for row in sheet.rows[:_SAMPLE_ROWS]
    ]
    return Seen(
        format=sheet.format,
        headers=sheet.headers,
        samples=samples,
        encoding=sheet.encoding,
        sure=sheet.sure,
        sheet=sheet.sheet,
        sheets=sheet.sheets,
        columns=guess_columns(sheet),
    )


def examine_list(question: Examine, progress: Callable[[int, int], None]) -> Examined:
    """Examine every row of a list.

    Raises:
        Refused: ``import.unreadable``, ``import.too_large``, ``import.plan_wrong``.
    """
    plan = question.plan
    sheet = _read(question.path, plan.sheet, plan.encoding)
    found = examine(sheet, plan, question.around, progress)
    if question.borders and found.drafts:
        names = question.around.communes
        found = with_elsewhere(found, question.borders, names, plan.columns["commune"])
    errors = sum(fault.grade == "error" for fault in found.faults)
    return Examined(
        rows=found.rows,
        drafts=found.drafts,
        errors=errors,
        warnings=len(found.faults) - errors,
        failed_rows=len(found.failed_rows),
        faults=_kept(sheet, found.faults),
    )


def rows_kept_out(question: FaultyRows) -> bytes:
    """Return the rows that errors keep out as a file, with reasons and remedies."""
    plan = question.plan
    sheet = _read(question.path, plan.sheet, plan.encoding)
    kept = Path(question.faults)
    faults = (
        msgspec.json.decode(kept.read_bytes(), type=DryRunFaults).faults if kept.exists() else []
    )
    return failed_rows(sheet, faults, question.form, locale=question.locale)


def restored(drafts: tuple[StationDraft, ...]) -> tuple[StationDraft, ...]:
    """Return stations as they were before they travelled: days are days again."""
    for draft in drafts:
        for key in DAYS:
            if key in draft.given:
                draft.given[key] = date.fromisoformat(draft.given[key])
        if "life" in draft.given:
            draft.given["life"] = msgspec.convert(draft.given["life"], tuple[Life, ...])
    return drafts


def _read(path: str, sheet: str, encoding: str) -> Sheet:
    return read_sheet(Path(path).read_bytes(), sheet=sheet, encoding=encoding)


def _kept(sheet: Sheet, faults: tuple[RowFault, ...]) -> bytes:
    wanted = {fault.row for fault in faults}
    rows = {
        row.number: [shown(cell)[:_KEPT_CHARACTERS] for cell in row.cells]
        for row in sheet.rows
        if row.number in wanted
    }
    return msgspec.json.encode(DryRunFaults(list(faults), rows))
