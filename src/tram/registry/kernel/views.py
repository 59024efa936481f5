"""What the registry is given and gives back: plain frozen structs, never rows of a driver."""

from typing import Any, Generic, TypeVar

import msgspec

from tram.domain.ids import DeviceId, OrgId, PersonId, ProfileId, ZoneId
from tram.registry.kernel.changes import RegistryChange
from tram.registry.kernel.viewer import Viewer

__all__ = (
    "AssignmentRow",
    "Audience",
    "AuditRow",
    "CredentialRow",
    "DeviceDetail",
    "DeviceEdit",
    "DevicePosition",
    "DeviceRow",
    "Enrolled",
    "Enrolment",
    "EnrolmentSecret",
    "GrantRow",
    "IssuedSecret",
    "JobRow",
    "MetricDefinition",
    "NewAssignment",
    "NewClaim",
    "NewCredential",
    "NewDevice",
    "NewEnrolment",
    "NewGrant",
    "NewOrganisation",
    "NewPerson",
    "NewSession",
    "Organisation",
    "Page",
    "PersonRow",
    "PersonSession",
    "Profile",
    "Provision",
    "Role",
    "SeededDevice",
    "SnapshotPart",
    "Zone",
)

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """One page of a list: ``total`` of the whole list, ``next_after`` to ask for the next page.

    Long lists are not counted to their end: then ``total`` is not exact, there are more.
    """

    items: list[T]
    total: int
    next_after: str | None
    is_exact: bool = True


class Organisation(msgspec.Struct, frozen=True, kw_only=True):
    """One organisation; ``depth`` counts from the top of what the viewer may see."""

    id: OrgId
    parent: OrgId | None
    kind: str
    name: str
    code: str
    depth: int


class NewOrganisation(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation to make under ``parent``; ``code`` is unique in the whole registry."""

    parent: OrgId
    kind: str
    name: str
    code: str


class Zone(msgspec.Struct, frozen=True, kw_only=True):
    """An economic zone, industrial park or cluster, with where its figures come from.

    ``approximate`` is true while the coordinates are not surveyed: show it.
    """

    id: ZoneId
    code: str
    kind: str
    name: str
    status: str
    area_ha: float | None
    area_mark: str
    area_source: str
    lon: float | None
    lat: float | None
    coord_mark: str
    coord_quality: str
    commune: str
    approximate: bool


class MetricDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """One metric of a profile; ``unit`` is UCUM ("1" = a bare number)."""

    key: str
    name_vi: str
    name_en: str
    unit: str


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """What the devices of one model have in common."""

    id: ProfileId
    key: str
    name_vi: str
    name_en: str
    sector: str
    decoder: str
    expected_interval_s: int
    metrics: list[MetricDefinition]
    topics: list[dict[str, Any]] = []
    """How messages of free topics are read, as the gateway's decoders take it."""


class DeviceRow(msgspec.Struct, frozen=True, kw_only=True):
    """A device in a list; ``lent`` when the viewer sees it by a grant only."""

    id: DeviceId
    name: str
    code: str
    org: OrgId
    org_name: str
    zone: ZoneId | None
    zone_name: str | None
    sector: str
    profile: ProfileId
    profile_name_vi: str
    profile_name_en: str
    lon: float | None
    lat: float | None
    synthetic: bool
    lent: bool
    created_ms: int


class DeviceDetail(DeviceRow, frozen=True, kw_only=True):
    """One device with its profile; ``permissions`` are those that the viewer holds over it."""

    profile_detail: Profile
    permissions: list[str]


class DevicePosition(msgspec.Struct, frozen=True, kw_only=True):
    """A device on the map (WGS 84 degrees)."""

    id: DeviceId
    name: str
    sector: str
    lon: float
    lat: float
    synthetic: bool


class NewDevice(msgspec.Struct, frozen=True, kw_only=True):
    """A device to make; an empty ``code`` is allowed, a given one is unique in its organisation."""

    name: str
    org: OrgId
    profile: ProfileId
    sector: str
    zone: ZoneId | None = None
    code: str = ""
    lon: float | None = None
    lat: float | None = None
    synthetic: bool = False


class DeviceEdit(msgspec.Struct, frozen=True, kw_only=True):
    """All that may change about a device; every field replaces what was."""

    name: str
    org: OrgId
    sector: str
    zone: ZoneId | None
    code: str
    lon: float | None
    lat: float | None


class SeededDevice(msgspec.Struct, frozen=True):
    """A device made in bulk, with its token (shown this once)."""

    id: DeviceId
    name: str
    token: str


class Audience(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation that may read a device, and why: ``owner``, ``scope`` or ``grant``.

    ``people`` counts those whose role reaches it (owner and scope); the rest belongs to a grant.
    """

    org: OrgId
    org_name: str
    via: str
    people: int = 0
    metric: str | None = None
    purpose: str = ""
    until_ms: int | None = None


class CredentialRow(msgspec.Struct, frozen=True, kw_only=True):
    """A credential of a device: of its secret only the last four characters are known.

    ``label`` is the user name of ``basic``, the subject of ``x509``, empty for ``token``;
    ``until_ms`` is set once another credential takes its place.
    """

    id: int
    device: DeviceId
    kind: str
    hint: str
    label: str
    created_ms: int
    until_ms: int | None
    revoked_ms: int | None


class NewCredential(msgspec.Struct, frozen=True, kw_only=True):
    """A credential to make: ``token``, ``basic`` (user name) or ``x509`` (PEM certificate)."""

    kind: str = "token"
    user_name: str = ""
    certificate: str = ""


class IssuedSecret(msgspec.Struct, frozen=True, kw_only=True):
    """A new credential with what the device must know, shown this once.

    ``secret`` is the token of ``token``, the password of ``basic``, empty for ``x509``.
    """

    id: int
    kind: str
    label: str
    secret: str


class Enrolment(msgspec.Struct, frozen=True, kw_only=True):
    """A standing permission for devices to register themselves, and what they become.

    ``kind`` is ``key`` (provisioning key) or ``authority`` (certificates signed by it).
    """

    id: int
    kind: str
    name: str
    org: OrgId
    org_name: str
    zone: ZoneId | None
    sector: str
    profile: ProfileId
    key: str
    devices_max: int
    devices_made: int
    until_ms: int | None
    created_ms: int
    revoked_ms: int | None


class NewEnrolment(msgspec.Struct, frozen=True, kw_only=True):
    """An enrolment to make; with a ``certificate`` (PEM) it is an authority, else a key."""

    name: str
    org: OrgId
    sector: str
    profile: ProfileId
    zone: ZoneId | None = None
    devices_max: int = 1_000
    until_ms: int | None = None
    certificate: str = ""


class EnrolmentSecret(msgspec.Struct, frozen=True, kw_only=True):
    """A new enrolment with the secret half of its key (empty for an authority), shown once."""

    id: int
    key: str
    secret: str


class Provision(msgspec.Struct, frozen=True, kw_only=True):
    """What a device asks for with a provisioning key; what it gives of secrets, it keeps."""

    key: str
    secret: str
    name: str = ""
    kind: str = "token"
    token: str = ""
    user_name: str = ""
    password: str = ""
    certificate: str = ""


class Enrolled(msgspec.Struct, frozen=True, kw_only=True):
    """A device that has registered itself, as a gateway must know it."""

    device: DeviceId
    org: OrgId
    profile: ProfileId
    digest: bytes
    kind: str
    label: str
    secret: str


class NewClaim(msgspec.Struct, frozen=True, kw_only=True):
    """Taking a device over: its code, or the device's own code with a secret that it chose."""

    secret: str
    org: OrgId
    device: str = ""
    name: str = ""
    zone: ZoneId | None = None
    lon: float | None = None
    lat: float | None = None


class GrantRow(msgspec.Struct, frozen=True, kw_only=True):
    """A loan of one device, or of one metric of it."""

    id: int
    device: DeviceId
    device_name: str
    metric: str | None
    from_org: OrgId
    from_org_name: str
    to_org: OrgId
    to_org_name: str
    purpose: str
    until_ms: int
    revoked_ms: int | None


class NewGrant(msgspec.Struct, frozen=True, kw_only=True):
    """A loan to make; ``metric`` None lends all metrics."""

    device: DeviceId
    to_org: OrgId
    purpose: str
    until_ms: int
    metric: str | None = None


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """A named set of permissions."""

    name: str
    title_vi: str
    title_en: str
    permissions: list[str]


class PersonRow(msgspec.Struct, frozen=True, kw_only=True):
    """A person who may log in."""

    id: PersonId
    org: OrgId
    org_name: str
    login: str
    name: str
    locale: str
    theme: str
    disabled: bool
    email: str | None = None
    has_totp: bool = False


class NewPerson(msgspec.Struct, frozen=True, kw_only=True):
    """A person to register, with a password that is long enough."""

    org: OrgId
    login: str
    name: str
    password: str
    locale: str = "vi"
    email: str | None = None


class AssignmentRow(msgspec.Struct, frozen=True, kw_only=True):
    """A role that a person holds over a subtree, in one zone or sector or in all."""

    id: int
    person: PersonId
    role: str
    org: OrgId
    org_name: str
    zone: ZoneId | None
    sector: str | None


class NewAssignment(msgspec.Struct, frozen=True, kw_only=True):
    """A role to give; nobody can give what they do not hold themselves."""

    person: PersonId
    role: str
    org: OrgId
    zone: ZoneId | None = None
    sector: str | None = None


class NewSession(msgspec.Struct, frozen=True, kw_only=True):
    """A log-in that succeeded; ``secret`` goes into the cookie and is kept nowhere."""

    secret: str
    csrf: str
    expires_ms: int
    person: PersonId
    browser: str = ""
    """What the browser carries from now on, to be known again."""


class PersonSession(msgspec.Struct, frozen=True, kw_only=True):
    """A live session."""

    viewer: Viewer
    csrf: str
    locale: str
    theme: str
    expires_ms: int


class AuditRow(msgspec.Struct, frozen=True, kw_only=True):
    """Who changed what, when and from where."""

    id: int
    at_ms: int
    person: PersonId | None
    person_name: str
    org: OrgId
    action: str
    noun: str
    noun_id: int
    before: Any
    after: Any
    address: str


class JobRow(msgspec.Struct, frozen=True, kw_only=True):
    """A long piece of work: ``done`` of ``total``.

    ``state`` is waiting, running, cancelling, done, failed or cancelled. A failed one has the
    error's ``code`` and its sentence as the note, one that is done its result as JSON.
    """

    id: int
    org: OrgId
    person: PersonId | None
    kind: str
    state: str
    done: int
    total: int
    code: str
    note: str
    created_ms: int
    finished_ms: int | None


class SnapshotPart(msgspec.Struct, frozen=True):
    """A piece of the whole state as it was when change ``version`` was the last."""

    version: int
    changes: list[RegistryChange]
