"""One's own account: sessions, second factor, API tokens, password, and one's personal data."""

import msgspec

from tram.api.http.paging import LIMIT_MAX, cut
from tram.api.http.parameters import Cursor, PageLimit
from tram.api.http.services import Services
from tram.domain.bounds import Count, Line, Lines, Number
from tram.domain.ids import PersonId
from tram.registry.kernel.viewer import Viewer
from tram.registry.people.second_factor import TotpOffer, TotpState
from tram.registry.people.views import ApiTokenRow, NewApiToken, SessionRow
from tram.registry.privacy.subject_access import PersonalData

__all__ = (
    "ApiTokenForm",
    "ApiTokenList",
    "IssuedApiToken",
    "NewPassword",
    "PasswordProof",
    "RecoveryCodes",
    "SessionList",
    "TotpProof",
    "change_password",
    "create_api_token",
    "factor_offer",
    "factor_state",
    "list_api_tokens",
    "list_sessions",
    "my_data",
    "renew_recovery_codes",
    "revoke_api_token",
    "revoke_session",
    "start_factor",
    "stop_factor",
)


class SessionList(msgspec.Struct, frozen=True):
    """The viewer's own live sessions."""

    items: list[SessionRow]
    next: str | None
    as_of_ms: int


class ApiTokenForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A token to make: what it may do, for how many days, and where (None everywhere)."""

    name: Line
    permissions: Lines
    days: Count
    org: Number | None = None
    zone: Number | None = None
    sector: Line | None = None


class ApiTokenList(msgspec.Struct, frozen=True):
    """The viewer's own tokens, newest first."""

    items: list[ApiTokenRow]
    next: str | None
    as_of_ms: int


class IssuedApiToken(msgspec.Struct, frozen=True):
    """A token just made; ``secret`` goes into ``Authorization: Bearer`` and is shown this once."""

    token: ApiTokenRow
    secret: str


class TotpProof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The offered secret with a code that the authenticator made of it."""

    secret: Line
    code: Line


class PasswordProof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The password that one logs in with."""

    password: Line


class NewPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The password now and the new one; API tokens end with it unless ``end_tokens`` is false."""

    old: Line
    new: Line
    end_tokens: bool = True


class RecoveryCodes(msgspec.Struct, frozen=True):
    """Ten codes, each for one log-in without the authenticator; shown this once."""

    codes: list[str]


async def list_sessions(services: Services, viewer: Viewer) -> SessionList:
    """Return the viewer's own live sessions."""
    rows = await services.registry.sessions.listed(viewer)
    return SessionList(rows, None, services.clock.now_ms())


async def revoke_session(services: Services, viewer: Viewer, opened: int) -> None:
    """End one of the viewer's own sessions.

    Raises:
        Refused: ``session.unknown``.
    """
    await services.registry.sessions.revoke(viewer, opened)


async def list_api_tokens(
    services: Services, viewer: Viewer, cursor: Cursor = None, limit: PageLimit = LIMIT_MAX
) -> ApiTokenList:
    """Return the viewer's own tokens."""
    rows, following = cut(await services.registry.api_tokens.listed(viewer), cursor, limit)
    return ApiTokenList(rows, following, services.clock.now_ms())


async def create_api_token(
    services: Services, viewer: Viewer, form: ApiTokenForm
) -> IssuedApiToken:
    """Make a token of one's own.

    Raises:
        Refused: with every wrong field; ``access.person_needed`` for a program.
    """
    new = msgspec.convert(form, NewApiToken, from_attributes=True)
    return IssuedApiToken(*await services.registry.api_tokens.create(viewer, new))


async def revoke_api_token(services: Services, viewer: Viewer, token: int) -> None:
    """End a token of one's own.

    Raises:
        Refused: ``api_token.unknown``.
    """
    await services.registry.api_tokens.revoke(viewer, token)


async def factor_state(services: Services, viewer: Viewer) -> TotpState:
    """Return whether the viewer's second factor is on."""
    return await services.registry.second_factor.state(viewer)


async def factor_offer(services: Services, viewer: Viewer) -> TotpOffer:
    """Return a new secret for an authenticator; nothing is kept yet."""
    return await services.registry.second_factor.offer(viewer)


async def start_factor(services: Services, viewer: Viewer, proof: TotpProof) -> RecoveryCodes:
    """Turn the second factor on.

    Raises:
        Refused: ``totp.code_wrong``.
    """
    codes = await services.registry.second_factor.start(viewer, proof.secret, proof.code)
    return RecoveryCodes(codes)


async def renew_recovery_codes(
    services: Services, viewer: Viewer, proof: PasswordProof
) -> RecoveryCodes:
    """Replace the recovery codes.

    Raises:
        Refused: ``password.wrong_now``.
    """
    return RecoveryCodes(await services.registry.second_factor.renew_codes(viewer, proof.password))


async def stop_factor(services: Services, viewer: Viewer, proof: PasswordProof) -> None:
    """Turn the second factor off.

    Raises:
        Refused: ``password.wrong_now``.
    """
    await services.registry.second_factor.stop(viewer, proof.password)


async def change_password(services: Services, viewer: Viewer, wanted: NewPassword) -> None:
    """Replace one's own password after the old one was given.

    Ends all one's sessions and known browsers, and one's API tokens unless they are to stay.

    Raises:
        Refused: ``password.wrong_now``, ``password.wrong``.
        Unavailable: ``password.too_often``.
    """
    viewer.needs_person()
    await services.registry.second_factor.prove(viewer, wanted.old)
    await services.registry.people.set_password(
        viewer, PersonId(viewer.person or 0), wanted.new, keep_tokens=not wanted.end_tokens
    )


async def my_data(services: Services, viewer: Viewer) -> PersonalData:
    """Return everything kept about the viewer."""
    return await services.registry.personal.export(viewer)
