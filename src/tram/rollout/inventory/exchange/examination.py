"""A sheet and a plan to drafts and faults: every row read, every fault named, nothing lost."""

from collections.abc import Callable, Sequence
from typing import Any

from tram.domain.text import fold
from tram.rollout.inventory.exchange import cells as read
from tram.rollout.inventory.exchange.communes import CommuneNames
from tram.rollout.inventory.exchange.faults import CellError, RowFault
from tram.rollout.inventory.exchange.grouping import ReadRow, group_rows
from tram.rollout.inventory.exchange.near_duplicates import near_faults
from tram.rollout.inventory.exchange.plan import Examination, ImportPlan, Surroundings
from tram.rollout.inventory.exchange.positions import Reference, check_inside, to_wgs84
from tram.rollout.inventory.exchange.sheet import Cell, Sheet, SheetRow, shown
from tram.rollout.inventory.exchange.station_columns import (
    COLUMN_OF,
    SECTOR_COLUMNS,
    STATION_COLUMNS,
)
from tram.runtime.errors import Fault, Refused

__all__ = ("DAYS", "check_plan", "examine")

DAYS = ("on_air_on", "off_on", "accepted_on")


def examine(
    sheet: Sheet,
    plan: ImportPlan,
    around: Surroundings,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Examination:
    """Read every row of a sheet as the plan says.

    Raises:
        Refused: ``import.plan_wrong`` naming all that the plan lacks.
    """
    check_plan(sheet, plan)
    reader = _Reader(sheet, plan, around)
    rows = []
    for done, row in enumerate(sheet.rows):
        rows.append(reader.read(row))
        if done % 1_000 == 0:
            progress(done, len(sheet.rows))
    _locate(rows, plan, reader)
    drafts, faults = group_rows(rows, plan, reader.columns)
    near = [] if plan.allow_near else near_faults(drafts, around, reader.columns)
    held = {fault.row for fault in near}
    kept = tuple(draft for draft in drafts if held.isdisjoint(draft.rows))
    found = [fault for row in rows for fault in row.faults] + faults + near
    return Examination(
        rows=len(rows), drafts=kept, faults=tuple(sorted(found, key=lambda fault: fault.row))
    )


def check_plan(sheet: Sheet, plan: ImportPlan) -> None:
    """Refuse a plan with all that it lacks: columns that are not there, no meridian, no operator."""
    faults = [
        Fault(f"columns.{key}", "column.missing", {"name": header})
        for key, header in plan.columns.items()
        if header not in sheet.headers
    ]
    faults += _unchosen(plan, [column.key for column in STATION_COLUMNS if column.needed])
    if not sheet.sure:
        faults.append(Fault("encoding", "encoding.unchosen"))
    if plan.reference is None:
        faults.append(Fault("reference", "reference_system.unchosen"))
    elif plan.reference.problem() == "meridian":
        faults.append(Fault("meridian", "meridian.unchosen"))
    elif plan.reference.problem():
        faults.append(Fault("reference", "reference_system.not_of_list"))
    else:
        faults += _unchosen(plan, plan.reference.columns)
    if "operator" not in plan.columns and plan.operator is None:
        faults.append(Fault("operator", "operator.unchosen"))
    if "technology" not in plan.columns and not plan.technology:
        faults.append(Fault("technology", "technology.unchosen"))
    if faults:
        raise Refused(
            "import.plan_wrong",
            "The list cannot be read like this.",
            "Choose what is missing.",
            tuple(faults),
        )


def _unchosen(plan: ImportPlan, keys: Sequence[str]) -> list[Fault]:
    return [Fault(f"columns.{key}", "column.unchosen") for key in keys if key not in plan.columns]


class _Reader:
    """Reads rows; what is the same for all of them is found out once."""

    def __init__(self, sheet: Sheet, plan: ImportPlan, around: Surroundings) -> None:
        self._plan = plan
        self._around = around
        self.bounds = around.bounds
        self._communes = CommuneNames(around.communes)
        self._width = len(sheet.headers)
        self._words: dict[tuple[str, str], Any] = {}
        self.columns = dict(plan.columns)
        self._at = {key: sheet.headers.index(header) for key, header in plan.columns.items()}
        self._signs = {
            key: read.decimal_sign_of([row.cells[at] for row in sheet.rows])
            for key, at in self._at.items()
            if COLUMN_OF[key].bounds
        }

    def read(self, row: SheetRow) -> ReadRow:
        """Return what a row says; an empty cell says nothing."""
        found = ReadRow(row.number)
        if row.surplus:
            more = {"found": str(self._width + row.surplus), "wanted": str(self._width)}
            found.faults.append(
                RowFault(row=row.number, column="", value="", reason="cells", more=more)
            )
        fixes = self._plan.fixes.get(row.number, {})
        for key, at in self._at.items():
            cell: Cell = fixes.get(self.columns[key], row.cells[at])
            if cell is None or (isinstance(cell, str) and not cell.strip()):
                continue
            found.typed[key] = shown(cell)
            try:
                found.values[key] = self._value(key, cell)
            except CellError as error:
                self.fault(found, key, error)
        self._complete(found)
        return found

    def fault(self, row: ReadRow, key: str, error: CellError) -> None:
        """Note that a cell of a row cannot be used."""
        row.faults.append(
            RowFault(
                row=row.number,
                column=self.columns.get(key, ""),
                value=row.typed.get(key, "")[:200],
                reason=error.reason,
                more=error.more,
            )
        )

    def _value(self, key: str, cell: Cell) -> Any:  # noqa: ANN401  # a table of kinds
        column = COLUMN_OF[key]
        if column.longest:
            return read.text_of(cell, column.longest)
        if column.bounds and key in {"lon", "lat"}:
            return read.degrees_of(cell, self._signs[key], column.bounds[1])
        if column.bounds:
            return read.number_of(cell, self._signs[key], *column.bounds)
        if key in DAYS:
            return read.day_of(cell)
        word = (key, shown(cell))
        if word not in self._words:
            self._words[word] = self._word(key, cell)
        return self._words[word]

    def _word(self, key: str, cell: Cell) -> Any:  # noqa: ANN401  # a table of kinds
        """Return one of few values: those of a column are read once each."""
        if key == "operator":
            return self._operator(cell)
        if key == "commune":
            return self._communes.code_of(cell)
        return {
            "technology": read.technologies_of,
            "state": read.state_of,
            "life": read.life_of,
            "indoor": read.truth_of,
            "synthetic": read.truth_of,
        }[key](cell)

    def _operator(self, cell: Cell) -> int:
        number = self._around.operators.get(fold(shown(cell)).strip())
        if number is None:
            known = ", ".join(
                self._around.operator_names[n] for n in sorted(self._around.writable)
            )
            raise CellError("operator", known=known)
        if number not in self._around.writable:
            raise CellError("not-yours")
        return number

    def _complete(self, row: ReadRow) -> None:
        """Add what the plan says where the row does not, and miss what must be there."""
        values, bad = row.values, {fault.column for fault in row.faults}
        if self._plan.operator is not None:
            values.setdefault("operator", self._plan.operator)
        if self._plan.technology:
            values.setdefault("technology", (self._plan.technology,))
        reference = self._plan.reference or Reference()
        for key in ("code", "operator", "technology", *reference.columns):
            if key not in values and self.columns.get(key, "") not in bad - {""}:
                self.fault(row, key, CellError("missing"))
        for key in (k for k in SECTOR_COLUMNS if k != "sector" and k in values):
            if "sector" not in values and self.columns.get("sector", "") not in bad - {""}:
                self.fault(row, key, CellError("sector-without-code"))
                break
        self._check_days(row)

    def _check_days(self, row: ReadRow) -> None:
        values, as_of = row.values, self._plan.as_of
        on_air, off = values.get("on_air_on"), values.get("off_on")
        state = values.get("state", self._plan.state)
        if on_air and on_air > as_of and state == "on-air":
            error = CellError("future", as_of=as_of.strftime("%d/%m/%Y"))
            self.fault(row, "on_air_on", error)
        is_on_again = "life" in values or values.get("state") == "on-air"
        if on_air and off and off < on_air and not is_on_again:
            self.fault(row, "off_on", CellError("off-before-on"))


def _locate(rows: Sequence[ReadRow], plan: ImportPlan, reader: _Reader) -> None:
    """Turn metres into degrees, all rows at once, and check that points are of the province."""
    reference = plan.reference
    if reference is None:
        return
    keys = reference.columns
    whole = [row for row in rows if keys[0] in row.values and keys[1] in row.values]
    lons, lats = to_wgs84(
        reference,
        [row.values[keys[0]] for row in whole],
        [row.values[keys[1]] for row in whole],
    )
    for row, lon, lat in zip(whole, lons.tolist(), lats.tolist(), strict=True):
        del row.values[keys[0]], row.values[keys[1]]
        try:
            check_inside(reader.bounds, lon, lat)
        except CellError as error:
            reader.fault(row, keys[reader.bounds.spans(lon)], error)
        else:
            # Seven decimals are a centimetre: what comes after is the noise of a conversion.
            row.values |= {"lon": round(lon, 7), "lat": round(lat, 7)}
