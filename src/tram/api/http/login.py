"""Log in, log out, and who is at the keyboard."""

import msgspec

from tram.api.http.oidc import Identity
from tram.api.http.services import Services
from tram.domain.bounds import Line
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import NewSession, PersonSession
from tram.registry.people.views import Challenge

__all__ = (
    "Caller",
    "CodeWanted",
    "LogIn",
    "LogInCode",
    "Me",
    "NewLogIn",
    "Preferences",
    "ScopeView",
    "answer_code",
    "attempt",
    "current_person",
    "log_in",
    "log_in_elsewhere",
    "log_out",
    "set_preferences",
)


class Caller(msgspec.Struct, frozen=True):
    """From where somebody logs in, by what program, and what the browser carries to be known."""

    address: str
    agent: str = ""
    browsers: tuple[str, ...] = ()


class LogIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person types to log in."""

    login: Line
    password: Line


class LogInCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The second step: the challenge of the first, and a one-time or recovery code."""

    challenge: Line
    code: Line


class NewLogIn(msgspec.Struct, frozen=True):
    """A session just opened; ``secret`` goes into the cookie and nowhere else.

    ``browser`` goes into the browser's own cookie, by which it is known at the next log-in.
    """

    secret: str
    csrf: str
    expires_ms: int
    browser: str


class CodeWanted(msgspec.Struct, frozen=True):
    """The password was right; send the ``challenge`` back with a one-time code."""

    challenge: str
    expires_ms: int


class ScopeView(msgspec.Struct, frozen=True):
    """One part of what a person may do: where (a subtree of organisations) and what."""

    org: int
    zone: int | None
    sector: str | None
    permissions: list[str]


class Me(msgspec.Struct, frozen=True):
    """The person logged in; ``csrf`` must accompany every change made by cookie."""

    name: str
    org: int
    locale: str
    theme: str
    csrf: str
    scopes: list[ScopeView]
    as_of_ms: int


class Preferences(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person wants of every page; None leaves it as it is."""

    locale: Line | None = None
    theme: Line | None = None


async def attempt(services: Services, caller: Caller) -> None:
    """Count an attempt of the caller's address, unless somebody has logged in with this browser.

    Raises:
        Unavailable: ``login.too_often``.
    """
    if not await services.registry.browsers.knows(caller.browsers):
        services.login_rate.attempt(caller.address, services.clock.monotonic_s())


async def log_in(services: Services, wanted: LogIn, caller: Caller) -> NewLogIn | CodeWanted:
    """Check name and password; open a session, or ask for the second factor.

    Raises:
        Refused: ``login.wrong``.
        Unavailable: ``login.locked``, ``login.too_often``, ``queue.full``.
    """
    await attempt(services, caller)
    opened = await services.registry.sessions.log_in(
        wanted.login,
        wanted.password,
        caller.address,
        hours=services.settings.session_hours,
        agent=caller.agent,
        browsers=caller.browsers,
    )
    return _admitted(opened)


async def log_in_elsewhere(
    services: Services, identity: Identity, caller: Caller
) -> NewLogIn | CodeWanted:
    """Open the session of who has logged in at the other log-in.

    Raises:
        Refused: if nobody here is known by this identity.
    """
    person = await services.registry.identities.person(
        identity.issuer, identity.subject, identity.email, address=caller.address
    )
    opened = await services.registry.sessions.log_in_as(
        person,
        caller.address,
        hours=services.settings.session_hours,
        agent=caller.agent,
        browsers=caller.browsers,
    )
    return _admitted(opened)


async def answer_code(services: Services, wanted: LogInCode, caller: Caller) -> NewLogIn:
    """Open the session that waits for its code.

    Raises:
        Refused: ``login.challenge_over``, ``login.code_wrong``.
        Unavailable: ``login.locked``, ``login.too_often``.
    """
    await attempt(services, caller)
    opened = await services.registry.sessions.answer(
        wanted.challenge,
        wanted.code,
        caller.address,
        hours=services.settings.session_hours,
        agent=caller.agent,
        browsers=caller.browsers,
    )
    return _as_told(opened)


def _admitted(opened: NewSession | Challenge) -> NewLogIn | CodeWanted:
    """Return what the registry decided as the interface says it."""
    if isinstance(opened, Challenge):
        return CodeWanted(opened.secret, opened.expires_ms)
    return _as_told(opened)


def _as_told(opened: NewSession) -> NewLogIn:
    return NewLogIn(opened.secret, opened.csrf, opened.expires_ms, opened.browser)


async def log_out(services: Services, secret: str) -> None:
    """Close the session; its live connections end within seconds."""
    await services.registry.sessions.log_out(secret)


def current_person(services: Services, session: PersonSession) -> Me:
    """Describe the person of this session and what that person may do."""
    viewer = session.viewer
    scopes = [
        ScopeView(scope.org, scope.zone, scope.sector, sorted(scope.permissions))
        for scope in viewer.scopes
    ]
    return Me(
        viewer.name,
        viewer.org,
        session.locale,
        session.theme,
        session.csrf,
        scopes,
        services.clock.now_ms(),
    )


async def set_preferences(services: Services, viewer: Viewer, wanted: Preferences) -> None:
    """Keep the language (vi, en) and the theme that this person wants; None leaves one as it is."""
    await services.registry.people.set_preferences(
        viewer, locale=wanted.locale, theme=wanted.theme
    )
