"""Corrections of readings: who changed what, why and when; each can be undone by another."""

from typing import Annotated

import msgspec

from tram.api.http.services import Services
from tram.domain.bounds import Line
from tram.domain.ids import DeviceId
from tram.domain.permissions import Permission
from tram.fleet.store.queries.questions import Correction, CorrectionJournal, TimeSpan
from tram.fleet.store.views import Revision
from tram.registry.kernel.access import denied
from tram.registry.kernel.personal_data import NOBODY
from tram.registry.kernel.viewer import Viewer
from tram.runtime.errors import Refused

__all__ = (
    "CorrectionForm",
    "CorrectionList",
    "CorrectionView",
    "Reason",
    "correct",
    "corrections_of",
    "undo_correction",
)

_FOREVER_MS = 1 << 53


class CorrectionForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A correction of a span: ``scale`` gives value · factor + offset, ``invalidate`` marks it.

    A single value is set by the factor 0 and the value as offset.
    """

    metric: Annotated[str, msgspec.Meta(min_length=1)]
    operation: str
    start_ms: int
    end_ms: int
    reason: str
    factor: float = 1.0
    offset: float = 0.0


class CorrectionView(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the journal; ``undone_by`` names the later entry that took it back."""

    id: int
    metric: str
    operation: str
    start_ms: int
    end_ms: int
    factor: float
    offset: float
    rows: int
    person: int
    person_name: str
    reason: str
    at_ms: int
    reverts: int | None
    undone_by: int | None


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why something is undone."""

    reason: Line


class CorrectionList(msgspec.Struct, frozen=True):
    """Entries, newest first."""

    items: list[CorrectionView]
    as_of_ms: int


async def correct(
    services: Services, viewer: Viewer, device: int, form: CorrectionForm
) -> CorrectionView:
    """Correct readings of a device, as a revision.

    Raises:
        Refused: ``access.denied`` without ``device.write``; ``revision.invalid``.
    """
    if form.operation == "revert":
        raise Refused("revision.invalid", "operation: Undo a correction by its own address.")
    await _may_write(services, viewer, device)
    change = Correction(
        device=device,
        metric=form.metric,
        operation=form.operation,
        reason=form.reason,
        factor=form.factor,
        offset=form.offset,
        span=TimeSpan(form.start_ms, form.end_ms),
    )
    return _view(await services.store.ask(viewer, change), None)


async def undo_correction(
    services: Services, viewer: Viewer, device: int, correction: int, form: Reason
) -> CorrectionView:
    """Bring back what the readings were before a correction, as a further revision."""
    await _may_write(services, viewer, device)
    known = await _journal(services, viewer, device)
    metric = next((r.metric for r in known if r.revision_id == correction), None)
    if metric is None:
        raise Refused("revision.unknown", "There is no such correction of this device.")
    change = Correction(
        device=device, metric=metric, operation="revert", reason=form.reason, reverts=correction
    )
    return _view(await services.store.ask(viewer, change), None)


async def corrections_of(services: Services, viewer: Viewer, device: int) -> CorrectionList:
    """Return what was corrected of a device."""
    await services.registry.devices.one(viewer, DeviceId(device))
    known = await _journal(services, viewer, device)
    undone = {r.reverts: r.revision_id for r in known if r.reverts}
    persons = {r.person for r in known if r.person}
    erased = await services.registry.personal.erased(persons) if persons else set()
    items = [
        _view(
            msgspec.structs.replace(r, person_name=NOBODY) if r.person in erased else r,
            undone.get(r.revision_id),
        )
        for r in known
    ]
    return CorrectionList(items, services.clock.now_ms())


async def _journal(services: Services, viewer: Viewer, device: int) -> list[Revision]:
    question = CorrectionJournal(device, TimeSpan(0, _FOREVER_MS))
    return await services.store.ask(viewer, question)


async def _may_write(services: Services, viewer: Viewer, device: int) -> None:
    detail = await services.registry.devices.one(viewer, DeviceId(device))
    if Permission.DEVICE_WRITE not in detail.permissions:
        raise denied()


def _view(revision: Revision, undone_by: int | None) -> CorrectionView:
    return CorrectionView(
        id=revision.revision_id,
        metric=revision.metric,
        operation=revision.operation,
        start_ms=revision.start_ms,
        end_ms=revision.end_ms,
        factor=revision.factor,
        offset=revision.offset,
        rows=revision.rows,
        person=revision.person,
        person_name=revision.person_name,
        reason=revision.reason,
        at_ms=revision.at_ms,
        reverts=revision.reverts or None,
        undone_by=undone_by,
    )
