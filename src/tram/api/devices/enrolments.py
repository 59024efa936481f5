"""Devices that register themselves, and devices that change hands by a code."""

import msgspec

from tram.api.http.services import Services
from tram.api.sharing.store_sync import until_store_heard
from tram.domain.bounds import Count, Line, MomentMs, Number, Paragraphs, Real, Seconds
from tram.domain.ids import DeviceId, OrgId, ZoneId
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import Enrolment, NewClaim, NewEnrolment

__all__ = (
    "ClaimCode",
    "ClaimCodeForm",
    "ClaimForm",
    "ClaimedDevice",
    "CreatedEnrolment",
    "EnrolmentList",
    "EnrolmentView",
    "NewEnrolmentForm",
    "claim_device",
    "create_enrolment",
    "list_enrolments",
    "offer_claim",
    "revoke_enrolment",
)


class EnrolmentView(Enrolment, frozen=True, kw_only=True):
    """A standing permission for devices to register themselves.

    ``kind`` is ``key`` or ``authority``; ``key`` is the public half of the key, or the authority's
    SHA-256 fingerprint.
    """


class EnrolmentList(msgspec.Struct, frozen=True):
    """The newest 200 enrolments that the viewer reaches."""

    items: list[EnrolmentView]
    as_of_ms: int


class NewEnrolmentForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An enrolment to make; with a ``certificate`` (PEM of an authority) no key is made."""

    name: Line
    org: Number
    sector: Line
    profile: Number
    zone: Number | None = None
    devices_max: Count = 1_000
    until_ms: MomentMs | None = None
    certificate: Paragraphs = ""


class CreatedEnrolment(msgspec.Struct, frozen=True):
    """The new enrolment; ``secret`` is shown this once only, and empty for an authority."""

    id: int
    key: str
    secret: str


class ClaimCodeForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long the code works."""

    valid_s: Seconds = 30 * 86_400


class ClaimCode(msgspec.Struct, frozen=True):
    """A code that hands the device over once; shown this once only."""

    code: str


class ClaimForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Taking a device over: ``code``, with ``device`` (its own code) when it chose the code itself."""

    code: Line
    org: Number
    device: Line = ""
    name: Line = ""
    zone: Number | None = None
    lon: Real | None = None
    lat: Real | None = None


class ClaimedDevice(msgspec.Struct, frozen=True):
    """The device that is the viewer's from now on."""

    device: int


async def list_enrolments(services: Services, viewer: Viewer) -> EnrolmentList:
    """Return the enrolments that the viewer reaches, ended ones included."""
    rows = await services.registry.enrolments.list(viewer)
    items = msgspec.convert(rows, list[EnrolmentView], from_attributes=True)
    return EnrolmentList(items, services.clock.now_ms())


async def create_enrolment(
    services: Services, viewer: Viewer, form: NewEnrolmentForm
) -> CreatedEnrolment:
    """Make an enrolment."""
    new = msgspec.convert(form, NewEnrolment, from_attributes=True)
    made = await services.registry.enrolments.create(viewer, new)
    return CreatedEnrolment(made.id, made.key, made.secret)


async def revoke_enrolment(services: Services, viewer: Viewer, enrolment: int) -> None:
    """End an enrolment; with an authority, the certificates that it let in end too."""
    await services.registry.enrolments.revoke(viewer, enrolment)


async def offer_claim(
    services: Services, viewer: Viewer, device: int, form: ClaimCodeForm
) -> ClaimCode:
    """Make a code that hands the device over; an older one ends."""
    code = await services.registry.claims.offer(viewer, DeviceId(device), valid_s=form.valid_s)
    return ClaimCode(code)


async def claim_device(services: Services, viewer: Viewer, form: ClaimForm) -> ClaimedDevice:
    """Take a device over into an organisation of the viewer's."""
    device = await services.registry.claims.claim(
        viewer,
        NewClaim(
            secret=form.code,
            org=OrgId(form.org),
            device=form.device,
            name=form.name,
            zone=None if form.zone is None else ZoneId(form.zone),
            lon=form.lon,
            lat=form.lat,
        ),
    )
    await until_store_heard(services)
    return ClaimedDevice(device)
