"""Who asks: a person or a program, with the scopes that every query joins.

A scope reaches a device when its organisation lies in the scope's subtree and the scope's zone and
sector are open or equal the device's. A live grant makes the device readable as if it also belonged
to the receiving organisation; the scope's zone and sector hold for it as for any other device.
"""

from dataclasses import dataclass

from tram.domain.ids import OrgId, PersonId, ZoneId
from tram.domain.permissions import Permission
from tram.runtime.errors import Refused

__all__ = ("PERMISSIONS", "Scope", "Viewer", "system_viewer")

PERMISSIONS: frozenset[str] = frozenset(Permission)


@dataclass(frozen=True, slots=True)
class Scope:
    """What one assignment allows: permissions over a subtree, in one zone or sector or in all."""

    org: OrgId
    zone: ZoneId | None
    sector: str | None
    permissions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Viewer:
    """The one on whose behalf a query runs; ``address`` is theirs, for the audit.

    ``token`` is the number of the API token that a program speaks with, None for a person.
    """

    person: PersonId | None
    org: OrgId
    name: str
    scopes: tuple[Scope, ...]
    address: str = ""
    token: int | None = None

    def may(self, permission: str) -> bool:
        """Return whether any scope holds the permission (over what, the query decides)."""
        return any(permission in scope.permissions for scope in self.scopes)

    def needs(self, permission: str) -> None:
        """Refuse with ``access.denied`` when no scope holds the permission."""
        if not self.may(permission):
            raise Refused(
                "access.denied",
                f"This needs the permission {permission}.",
                "Ask an administrator of your organisation for a role that has it.",
            )

    def needs_person(self) -> None:
        """Refuse with ``access.person_needed`` what a program may not do: it has credentials of its own."""
        if self.person is None or self.token is not None:
            raise Refused(
                "access.person_needed",
                "Only a person who is logged in may do this.",
                "Log in with the browser; an API token is not enough.",
            )


def system_viewer(org: OrgId) -> Viewer:
    """Return the product itself, with every permission over one organisation's subtree."""
    return Viewer(None, org, "system", (Scope(org, None, None, PERMISSIONS),))
