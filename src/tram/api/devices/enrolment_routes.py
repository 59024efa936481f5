"""Routes of what lets devices in: credentials, enrolments and claims."""

from litestar import Router, delete, get, post
from litestar.params import FromPath, JSONBody

from tram.api.devices.credentials import (
    CredentialList,
    IssuedCredential,
    NewCredentialForm,
    RotationForm,
    issue_credential,
    list_credentials,
    revoke_credential,
    rotate_credential,
)
from tram.api.devices.enrolments import (
    ClaimCode,
    ClaimCodeForm,
    ClaimedDevice,
    ClaimForm,
    CreatedEnrolment,
    EnrolmentList,
    NewEnrolmentForm,
    claim_device,
    create_enrolment,
    list_enrolments,
    offer_claim,
    revoke_enrolment,
)
from tram.api.http.list_files import with_every_format
from tram.api.http.parameters import TakenServices, TakenViewer

__all__ = ("enrolment_routes",)


@get("/devices/{device:int}/credentials", summary="List a device's credentials")
async def get_credentials(
    services: TakenServices, viewer: TakenViewer, device: FromPath[int]
) -> CredentialList:
    """Only the last four characters of a secret are known."""
    return await list_credentials(services, viewer, device)


@post("/devices/{device:int}/credentials", summary="Issue a credential")
async def post_credential(
    services: TakenServices,
    viewer: TakenViewer,
    device: FromPath[int],
    data: JSONBody[NewCredentialForm | None] = None,
) -> IssuedCredential:
    """A further token (or what ``kind`` says); its secret is shown this once only."""
    return await issue_credential(services, viewer, device, data or NewCredentialForm())


@post("/credentials/{credential:int}/rotations", summary="Rotate a credential")
async def post_rotation(
    services: TakenServices,
    viewer: TakenViewer,
    credential: FromPath[int],
    data: JSONBody[RotationForm],
) -> IssuedCredential:
    """A successor of the same kind; the old one works until the overlap is over."""
    return await rotate_credential(services, viewer, credential, data)


@delete("/credentials/{credential:int}", summary="Revoke a credential")
async def delete_credential(
    services: TakenServices, viewer: TakenViewer, credential: FromPath[int]
) -> None:
    """A device connected with it is cut off within a second."""
    await revoke_credential(services, viewer, credential)


@get("/enrolments", summary="List enrolments")
async def get_enrolments(services: TakenServices, viewer: TakenViewer) -> EnrolmentList:
    """Provisioning keys and certificate authorities, ended ones included."""
    return await list_enrolments(services, viewer)


@post("/enrolments", summary="Add an enrolment")
async def post_enrolment(
    services: TakenServices, viewer: TakenViewer, data: JSONBody[NewEnrolmentForm]
) -> CreatedEnrolment:
    """A provisioning key whose secret is shown this once only, or a certificate authority."""
    return await create_enrolment(services, viewer, data)


@delete("/enrolments/{enrolment:int}", summary="End an enrolment")
async def delete_enrolment(
    services: TakenServices, viewer: TakenViewer, enrolment: FromPath[int]
) -> None:
    """No further device registers by it; certificates that an authority let in end too."""
    await revoke_enrolment(services, viewer, enrolment)


@post("/devices/{device:int}/claim-code", summary="Offer a device")
async def post_claim_code(
    services: TakenServices,
    viewer: TakenViewer,
    device: FromPath[int],
    data: JSONBody[ClaimCodeForm],
) -> ClaimCode:
    """A code that hands the device over once, shown this once only."""
    return await offer_claim(services, viewer, device, data)


@post("/claims", summary="Claim a device")
async def post_claim(
    services: TakenServices, viewer: TakenViewer, data: JSONBody[ClaimForm]
) -> ClaimedDevice:
    """The device belongs to the given organisation from now on; its past stays where it was."""
    return await claim_device(services, viewer, data)


def enrolment_routes() -> Router:
    """Return the routes of this module."""
    return Router(
        "/",
        route_handlers=with_every_format(
            [
                get_credentials,
                post_credential,
                post_rotation,
                delete_credential,
                get_enrolments,
                post_enrolment,
                delete_enrolment,
                post_claim_code,
                post_claim,
            ]
        ),
        tags=["devices"],
    )
