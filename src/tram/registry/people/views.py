"""People's ways in as the registry is given them and gives them back."""

import msgspec

from tram.domain.ids import OrgId, ZoneId

__all__ = (
    "ApiTokenRow",
    "Challenge",
    "InvitationRow",
    "Invited",
    "NewApiToken",
    "NewInvitation",
    "SessionRow",
)


class Challenge(msgspec.Struct, frozen=True, kw_only=True):
    """A password was right; ``secret`` and a one-time code together open the session."""

    secret: str
    expires_ms: int


class SessionRow(msgspec.Struct, frozen=True, kw_only=True):
    """One live session of a person: from where and with what browser it was opened."""

    number: int
    address: str
    agent: str
    created_ms: int
    last_seen_ms: int
    expires_ms: int


class InvitationRow(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation: ``state`` is waiting, accepted, revoked or over."""

    id: int
    org: OrgId
    org_name: str
    email: str
    name: str
    role: str
    zone: ZoneId | None
    sector: str | None
    created_ms: int
    expires_ms: int
    state: str


class NewInvitation(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody to invite by mail, with the role that they will have over the organisation."""

    org: OrgId
    email: str
    name: str
    role: str
    zone: ZoneId | None = None
    sector: str | None = None
    locale: str = "vi"


class Invited(msgspec.Struct, frozen=True, kw_only=True):
    """What the bearer of an invitation is shown before they choose a login."""

    org_name: str
    email: str
    name: str
    locale: str


class ApiTokenRow(msgspec.Struct, frozen=True, kw_only=True):
    """An API token: only its last four characters are known."""

    id: int
    name: str
    hint: str
    permissions: list[str]
    org: OrgId | None
    zone: ZoneId | None
    sector: str | None
    created_ms: int
    expires_ms: int
    last_used_ms: int | None
    last_address: str
    revoked_ms: int | None


class NewApiToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token to make: it may do what is named here and its person may do, and no more.

    ``org``, ``zone`` and ``sector`` narrow it further; ``days`` until it ends.
    """

    name: str
    permissions: list[str]
    days: int
    org: OrgId | None = None
    zone: ZoneId | None = None
    sector: str | None = None
