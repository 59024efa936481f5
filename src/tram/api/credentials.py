"""Credentials of a device: shown once when made, later only by their last four characters."""

import msgspec

from tram.api.services import Services
from tram.domain.ids import DeviceId
from tram.registry.viewer import Viewer

__all__ = (
    "CredentialList",
    "CredentialView",
    "IssuedCredential",
    "issue_credential",
    "list_credentials",
    "revoke_credential",
)


class CredentialView(msgspec.Struct, frozen=True, kw_only=True):
    """A credential; ``hint`` is its last four characters. The token itself is not kept."""

    id: int
    kind: str
    hint: str
    created_ms: int
    revoked_ms: int | None


class CredentialList(msgspec.Struct, frozen=True):
    """The credentials of one device."""

    items: list[CredentialView]
    as_of_ms: int


class IssuedCredential(msgspec.Struct, frozen=True):
    """A new token, shown this once only."""

    token: str


async def list_credentials(services: Services, viewer: Viewer, device: int) -> CredentialList:
    """Return the device's credentials, living and revoked."""
    rows = await services.registry.credentials.list(viewer, DeviceId(device))
    return CredentialList(
        [
            CredentialView(
                id=row.id,
                kind=row.kind,
                hint=row.hint,
                created_ms=row.created_ms,
                revoked_ms=row.revoked_ms,
            )
            for row in rows
        ],
        services.clock.now_ms(),
    )


async def issue_credential(services: Services, viewer: Viewer, device: int) -> IssuedCredential:
    """Make a further token for the device."""
    token = await services.registry.credentials.issue(viewer, DeviceId(device))
    return IssuedCredential(token)


async def revoke_credential(services: Services, viewer: Viewer, credential: int) -> None:
    """End a token; a device connected with it is cut off within a second."""
    await services.registry.credentials.revoke(viewer, credential)
