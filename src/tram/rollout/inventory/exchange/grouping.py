"""Rows to stations: rows of one key are the sectors of one station, or a fault."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tram.rollout.inventory.exchange.faults import RowFault
from tram.rollout.inventory.exchange.plan import ImportPlan, StationDraft
from tram.rollout.inventory.exchange.station_columns import SECTOR_COLUMNS

__all__ = ("ReadRow", "group_rows")

Key = tuple[int, str, str]
_KEYS = ("operator", "technology", "code")


@dataclass(slots=True)
class ReadRow:
    """One row with what could be read of it; ``typed`` is what stood there, ``faults`` are errors."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    faults: list[RowFault] = field(default_factory=list)


def group_rows(
    rows: Sequence[ReadRow], plan: ImportPlan, columns: Mapping[str, str]
) -> tuple[list[StationDraft], list[RowFault]]:
    """Return the stations whose rows are all right, and the faults between rows.

    A row that is wrong keeps its whole station out: half a station would look like a whole one.
    """
    groups: dict[Key, list[ReadRow]] = defaultdict(list)
    for row in rows:
        if all(key in row.values for key in _KEYS):
            for technology in row.values["technology"]:
                groups[row.values["operator"], technology, row.values["code"]].append(row)
    drafts: list[StationDraft] = []
    faults: list[RowFault] = []
    for key, group in groups.items():
        found = _between(group, columns)
        faults += found
        bad = {row.number for row in group if row.faults} | {fault.row for fault in found}
        if not bad:
            drafts.append(_draft(key, group, plan))
            continue
        whole = [row for row in group if row.number not in bad]
        faults += [_fault(row, columns, "", "other-row", min(bad)) for row in whole]
    # Several technologies of one row say the same twice.
    once = {(fault.row, fault.column, fault.reason): fault for fault in faults}
    return drafts, list(once.values())


def _between(group: Sequence[ReadRow], columns: Mapping[str, str]) -> list[RowFault]:
    """Return what is wrong between the rows of one station."""
    first, *others = group
    faults = []
    seen: dict[str, int] = {}
    for row in group:
        sector = row.values.get("sector")
        if sector is not None:
            if sector in seen:
                faults.append(_fault(row, columns, "sector", "sector-repeated", seen[sector]))
            seen.setdefault(sector, row.number)
    for row in others:
        if "sector" not in row.values or "sector" not in first.values:
            faults.append(_fault(row, columns, "code", "repeated", first.number))
            continue
        differing = _differing(first, row)
        if differing:
            faults.append(_fault(row, columns, differing, "differs", first.number))
    return faults


def _differing(first: ReadRow, row: ReadRow) -> str:
    keys = (set(first.values) | set(row.values)) - set(SECTOR_COLUMNS)
    if first.faults or row.faults:
        return ""
    unequal = (key for key in sorted(keys) if first.values.get(key) != row.values.get(key))
    return next(unequal, "")


def _fault(
    row: ReadRow, columns: Mapping[str, str], key: str, reason: str, other: int
) -> RowFault:
    return RowFault(
        row=row.number,
        column=columns.get(key, ""),
        value=str(row.values.get(key, "")),
        reason=reason,
        more={"other": str(other)},
    )


def _draft(key: Key, group: Sequence[ReadRow], plan: ImportPlan) -> StationDraft:
    first = group[0].values
    given: dict[str, Any] = {
        name: value
        for name, value in first.items()
        if name not in SECTOR_COLUMNS and name not in _KEYS
    }
    old = [given.pop(name, "") for name in ("old_commune", "old_district")]
    if any(old) and "address_before" not in given:
        given["address_before"] = ", ".join(filter(None, old))
    if plan.synthetic:
        given["synthetic"] = True
    sectors = None
    if "sector" in plan.columns:
        sectors = tuple(
            {name: row.values[name] for name in SECTOR_COLUMNS if name in row.values}
            for row in group
            if "sector" in row.values
        )
    operator, technology, code = key
    return StationDraft(
        operator=operator,
        technology=technology,
        code=code,
        rows=tuple(row.number for row in group),
        given=given,
        sectors=sectors,
    )
