"""Log in, log out, and who is at the keyboard."""

import msgspec

from tram.api.services import Services
from tram.registry.viewer import Viewer
from tram.registry.views import Session

__all__ = (
    "LogIn",
    "Me",
    "NewLogIn",
    "Preferences",
    "ScopeView",
    "current_person",
    "log_in",
    "log_out",
    "set_preferences",
)


class LogIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person types to log in."""

    login: str
    password: str


class NewLogIn(msgspec.Struct, frozen=True):
    """A session just opened; ``secret`` goes into the cookie and nowhere else."""

    secret: str
    csrf: str
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

    locale: str | None = None
    theme: str | None = None


async def log_in(services: Services, wanted: LogIn, address: str) -> NewLogIn:
    """Check name and password and open a session.

    Raises:
        Refused: ``login.wrong``, ``login.locked``, ``login.too_often``.
    """
    services.throttle.attempt(address, services.clock.monotonic_s())
    opened = await services.registry.sessions.log_in(
        wanted.login, wanted.password, address, hours=services.settings.session_hours
    )
    return NewLogIn(opened.secret, opened.csrf, opened.expires_ms)


async def log_out(services: Services, secret: str) -> None:
    """Close the session; its live connections end within seconds."""
    await services.registry.sessions.log_out(secret)


def current_person(services: Services, session: Session) -> Me:
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
