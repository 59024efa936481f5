"""What an import is, from the file that came to the stations that it changed."""

import msgspec

from tram.domain.ids import OrgId
from tram.rollout.inventory.exchange.faults import DryRunFaults
from tram.rollout.inventory.exchange.plan import ImportPlan

__all__ = ("DryRunFaults", "ImportItem", "ImportRequest", "ImportResult", "StoredPlan")


class ImportRequest(msgspec.Struct, frozen=True):
    """What the job of a step is about: the import by its number."""

    number: int = msgspec.field(name="import")


class ImportResult(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of a dry run, then of what was done; ``later`` were changed since by others."""

    rows: int = 0
    stations: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    errors: int = 0
    warnings: int = 0
    failed_rows: int = 0
    undone: int = 0
    later: int = 0


class ImportItem(msgspec.Struct, frozen=True, kw_only=True):
    """An import; ``state`` is waiting, checking, checked, writing, done, undoing, undone, failed."""

    id: int
    org: OrgId
    by: str
    state: str
    file_name: str
    plan: ImportPlan
    headers: list[str]
    samples: list[list[str]]
    format: str
    encoding: str
    sheets: list[str]
    result: ImportResult | None
    problem_code: str
    problem: str
    job: int | None
    done: int
    total: int
    created_ms: int
    finished_ms: int | None


class StoredPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What the table keeps as JSON: the plan and how the file was read."""

    plan: ImportPlan
    headers: list[str]
    samples: list[list[str]]
    format: str
    encoding: str
    sheets: list[str]
    operators: list[int]
