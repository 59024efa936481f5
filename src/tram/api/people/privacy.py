"""Personal data from the person's side and from the side of who looks after people."""

from typing import Literal

import msgspec

from tram.api.http.services import Services
from tram.domain.bounds import Line, Paragraphs
from tram.domain.ids import PersonId
from tram.registry.kernel.viewer import Viewer
from tram.registry.privacy.privacy import (
    ALARM_MAIL,
    WORDINGS,
    ConsentRow,
    DataRequest,
    NewDataRequest,
)
from tram.registry.privacy.subject_access import DataKept

__all__ = (
    "Answer",
    "ConsentForm",
    "ConsentList",
    "DataRequestForm",
    "DataRequestList",
    "MyDataView",
    "answer_request",
    "ask_about_my_data",
    "enter_request",
    "give_consent",
    "list_consents",
    "list_requests",
    "my_consents",
    "my_data_view",
    "my_requests",
    "withdraw_consent",
)

Kind = Literal["access", "correction", "erasure", "restriction", "withdrawal"]


class ConsentForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one agrees to: ``alarm-mail``."""

    purpose: Line


class ConsentList(msgspec.Struct, frozen=True):
    """Consents, the newest first."""

    items: list[ConsentRow]
    next: str | None
    as_of_ms: int


class DataRequestForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request about personal data, with a note in one's own words."""

    kind: Kind
    note: Paragraphs = ""


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was answered to a request."""

    answer: Paragraphs


class DataRequestList(msgspec.Struct, frozen=True):
    """Requests about personal data; ``due_unverified``: the periods are settings, not the law's word."""

    items: list[DataRequest]
    next: str | None
    due_unverified: bool
    as_of_ms: int


class MyDataView(msgspec.Struct, frozen=True):
    """What the page about one's data shows; ``open_consents`` are those that one may give."""

    places: list[DataKept]
    consents: list[ConsentRow]
    open_consents: list[str]
    requests: list[DataRequest]
    as_of_ms: int


async def my_data_view(services: Services, viewer: Viewer) -> MyDataView:
    """Return where something of the viewer is kept, their consents and their requests."""
    privacy = services.registry.privacy
    consents = await privacy.my_consents(viewer)
    live = {row.purpose for row in consents if row.withdrawn_ms is None}
    return MyDataView(
        places=await services.registry.personal.kept(viewer),
        consents=consents,
        open_consents=[purpose for purpose in WORDINGS if purpose not in live],
        requests=await privacy.my_requests(viewer),
        as_of_ms=services.clock.now_ms(),
    )


async def my_consents(services: Services, viewer: Viewer) -> ConsentList:
    """Return what the viewer agreed to."""
    rows = await services.registry.privacy.my_consents(viewer)
    return ConsentList(rows, None, services.clock.now_ms())


async def list_consents(services: Services, viewer: Viewer) -> ConsentList:
    """Return the consents of people in reach."""
    rows = await services.registry.privacy.consents(viewer)
    return ConsentList(rows, None, services.clock.now_ms())


async def give_consent(services: Services, viewer: Viewer, form: ConsentForm) -> None:
    """Agree to something.

    Raises:
        Refused: ``consent.wrong``.
    """
    await services.registry.privacy.give(viewer, form.purpose)


async def withdraw_consent(services: Services, viewer: Viewer, purpose: str) -> None:
    """Take a consent back, and stop what rests on it: alarms are no longer sent by mail."""
    await services.registry.privacy.withdraw(viewer, purpose)
    if purpose == ALARM_MAIL:
        personal = services.alarms.personal
        kept = await personal.contact(viewer)
        await personal.set_contact(viewer, msgspec.structs.replace(kept, email=""))


async def my_requests(services: Services, viewer: Viewer) -> DataRequestList:
    """Return the viewer's own requests."""
    return _listed(services, await services.registry.privacy.my_requests(viewer))


async def list_requests(services: Services, viewer: Viewer) -> DataRequestList:
    """Return the requests of people in reach, the open ones first."""
    return _listed(services, await services.registry.privacy.requests(viewer))


async def ask_about_my_data(
    services: Services, viewer: Viewer, form: DataRequestForm
) -> DataRequest:
    """Ask for something about one's own data.

    Raises:
        Refused: ``data_request.wrong``.
    """
    return await services.registry.privacy.ask(viewer, _new(services, form))


async def enter_request(
    services: Services, viewer: Viewer, person: int, form: DataRequestForm
) -> DataRequest:
    """Enter a request that came on paper.

    Raises:
        Refused: ``data_request.wrong``, ``person.unknown``, ``access.denied``.
    """
    new = _new(services, form)
    return await services.registry.privacy.enter(viewer, PersonId(person), new)


async def answer_request(
    services: Services, viewer: Viewer, request_id: int, form: Answer
) -> None:
    """Note what was answered.

    Raises:
        Refused: ``data_request.unknown``, ``data_request.wrong``, ``access.denied``.
    """
    await services.registry.privacy.answer(viewer, request_id, form.answer)


def _new(services: Services, form: DataRequestForm) -> NewDataRequest:
    days: int = getattr(services.privacy, f"{form.kind}_days")
    return NewDataRequest(kind=form.kind, note=form.note, days=days)


def _listed(services: Services, rows: list[DataRequest]) -> DataRequestList:
    return DataRequestList(rows, None, True, services.clock.now_ms())  # noqa: FBT003  # see the struct
