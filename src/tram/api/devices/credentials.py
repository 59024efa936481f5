"""Credentials of a device: shown once when made, later only by their last four characters."""

import msgspec

from tram.api.http.services import Services
from tram.domain.bounds import Line, Paragraphs, Seconds
from tram.domain.ids import DeviceId
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import IssuedSecret, NewCredential

__all__ = (
    "CredentialList",
    "CredentialView",
    "IssuedCredential",
    "NewCredentialForm",
    "RotationForm",
    "issue_credential",
    "list_credentials",
    "revoke_credential",
    "rotate_credential",
)


class CredentialView(msgspec.Struct, frozen=True, kw_only=True):
    """A credential; ``hint`` is the last four characters of its secret, which is not kept.

    ``label`` is the user name of ``basic``, the subject of ``x509``; ``until_ms`` is set when another
    one takes its place.
    """

    id: int
    kind: str
    hint: str
    label: str
    created_ms: int
    until_ms: int | None
    revoked_ms: int | None


class CredentialList(msgspec.Struct, frozen=True):
    """The credentials of one device."""

    items: list[CredentialView]
    as_of_ms: int


class NewCredentialForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A credential to make: ``token``, ``basic`` (with ``user_name``) or ``x509`` (PEM)."""

    kind: Line = "token"
    user_name: Line = ""
    certificate: Paragraphs = ""


_TOKEN = NewCredentialForm()


class RotationForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rotation: the old one works for ``overlap_s`` seconds more; x509 needs a new certificate."""

    overlap_s: Seconds = 86_400
    certificate: Paragraphs = ""


class IssuedCredential(msgspec.Struct, frozen=True, kw_only=True):
    """A new credential; its secret is shown this once only.

    ``token`` is set for ``token``, ``user_name`` with ``password`` for ``basic``, neither for ``x509``.
    """

    id: int
    kind: str
    token: str = ""
    user_name: str = ""
    password: str = ""


async def list_credentials(services: Services, viewer: Viewer, device: int) -> CredentialList:
    """Return the device's credentials, living and revoked."""
    rows = await services.registry.credentials.list(viewer, DeviceId(device))
    items = msgspec.convert(rows, list[CredentialView], from_attributes=True)
    return CredentialList(items, services.clock.now_ms())


async def issue_credential(
    services: Services, viewer: Viewer, device: int, form: NewCredentialForm = _TOKEN
) -> IssuedCredential:
    """Make a further credential for the device."""
    wanted = msgspec.convert(form, NewCredential, from_attributes=True)
    return _issued(await services.registry.credentials.add(viewer, DeviceId(device), wanted))


async def rotate_credential(
    services: Services, viewer: Viewer, credential: int, form: RotationForm
) -> IssuedCredential:
    """Make a successor of the same kind; both work until the overlap is over."""
    issued = await services.registry.credentials.rotate(
        viewer, credential, overlap_s=form.overlap_s, certificate=form.certificate
    )
    return _issued(issued)


async def revoke_credential(services: Services, viewer: Viewer, credential: int) -> None:
    """End a credential; a device connected with it is cut off within a second."""
    await services.registry.credentials.revoke(viewer, credential)


def _issued(made: IssuedSecret) -> IssuedCredential:
    return IssuedCredential(
        id=made.id,
        kind=made.kind,
        token=made.secret if made.kind == "token" else "",
        user_name=made.label if made.kind == "basic" else "",
        password=made.secret if made.kind == "basic" else "",
    )
