"""Imports of station lists: a file, how it is read, a dry run with every fault, import, undo."""

import msgspec

from tram.api.http.services import Services
from tram.registry.kernel.viewer import Viewer
from tram.rollout.inventory.exchange.faults import DryRunFaults
from tram.rollout.inventory.exchange.plan import ImportPlan
from tram.rollout.inventory.imports.views import ImportItem
from tram.rollout.inventory.views import Operator

__all__ = (
    "ImportList",
    "cancel_import",
    "failed_rows",
    "import_faults",
    "list_imports",
    "operators_to_write",
    "plan_import",
    "read_anew",
    "show_import",
    "undo_import",
    "upload_list",
    "write_import",
)


class ImportList(msgspec.Struct, frozen=True):
    """The newest imports."""

    items: list[ImportItem]
    as_of_ms: int


async def list_imports(services: Services, viewer: Viewer) -> ImportList:
    """Return the newest imports of the organisations that the viewer may write for."""
    return ImportList(await services.imports.list(viewer), services.clock.now_ms())


async def upload_list(
    services: Services, viewer: Viewer, name: str, content: bytes, *, encoding: str = ""
) -> ImportItem:
    """Keep a file and guess how it is to be read; nothing is imported yet.

    Raises:
        Refused: ``import.unreadable``, ``import.too_large``, ``import.too_many``,
            ``file.too_large``, ``file.unreadable``.
        Unavailable: when too many files wait to be read.
    """
    return await services.imports.upload(viewer, name, content, encoding=encoding)


async def show_import(services: Services, viewer: Viewer, number: int) -> ImportItem:
    """Return the state, plan, progress and result of an import.

    Raises:
        Refused: ``import.unknown``.
    """
    return await services.imports.one(viewer, number)


async def plan_import(
    services: Services, viewer: Viewer, number: int, plan: ImportPlan
) -> ImportItem:
    """Set how a list is read; begins a dry run.

    Raises:
        Refused: ``import.plan_wrong`` with all that the plan lacks.
    """
    return await services.imports.change_plan(viewer, number, plan)


async def read_anew(services: Services, viewer: Viewer, number: int, encoding: str) -> ImportItem:
    """Read the kept file in another encoding.

    Raises:
        Refused: ``import.unreadable`` if the text is not in that encoding.
    """
    return await services.imports.read_anew(viewer, number, encoding)


async def import_faults(services: Services, viewer: Viewer, number: int) -> DryRunFaults:
    """Return all faults of the last dry run, with the cells of their rows."""
    return await services.imports.faults(viewer, number)


async def failed_rows(
    services: Services, viewer: Viewer, number: int, form: str, locale: str
) -> bytes:
    """Return the rows that were kept out as a file, with reasons and remedies."""
    return await services.imports.failed_rows(viewer, number, form, locale)


async def write_import(services: Services, viewer: Viewer, number: int) -> ImportItem:
    """Import the rows that are right, after a dry run."""
    return await services.imports.write(viewer, number)


async def undo_import(services: Services, viewer: Viewer, number: int) -> ImportItem:
    """Put back what was there before; what was changed since stays as it is."""
    return await services.imports.undo(viewer, number)


async def cancel_import(services: Services, viewer: Viewer, number: int) -> ImportItem:
    """End the step that is under way; its kind says what is kept of it."""
    await services.imports.cancel(viewer, number)
    return await services.imports.one(viewer, number)


async def operators_to_write(services: Services, viewer: Viewer) -> list[Operator]:
    """Return the operators, simulated ones too, whose stations the viewer may write."""
    return list(await services.inventory.operators.list(viewer, writable=True, simulated=True))
