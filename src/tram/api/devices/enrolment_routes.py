"""Routes of what lets devices in: credentials, enrolments and claims."""

from tram.api.devices import credentials, enrolments
from tram.api.http.route_table import delete, get, post, tagged

__all__ = ("ROUTES",)

ROUTES = tagged(
    "devices",
    get(
        "/devices/{device:int}/credentials",
        credentials.list_credentials,
        "List a device's credentials",
        "Only the last four characters of a secret are known.",
    ),
    post(
        "/devices/{device:int}/credentials",
        credentials.issue_credential,
        "Issue a credential",
        "A further token (or what ``kind`` says); its secret is shown this once only.",
    ),
    post(
        "/credentials/{credential:int}/rotations",
        credentials.rotate_credential,
        "Rotate a credential",
        "A successor of the same kind; the old one works until the overlap is over.",
    ),
    delete(
        "/credentials/{credential:int}",
        credentials.revoke_credential,
        "Revoke a credential",
        "A device connected with it is cut off within a second.",
    ),
    get(
        "/enrolments",
        enrolments.list_enrolments,
        "List enrolments",
        "Provisioning keys and certificate authorities, ended ones included.",
    ),
    post(
        "/enrolments",
        enrolments.create_enrolment,
        "Add an enrolment",
        "A provisioning key whose secret is shown this once only, or a certificate authority.",
    ),
    delete(
        "/enrolments/{enrolment:int}",
        enrolments.revoke_enrolment,
        "End an enrolment",
        "No further device registers by it; certificates that an authority let in end too.",
    ),
    post(
        "/devices/{device:int}/claim-code",
        enrolments.offer_claim,
        "Offer a device",
        "A code that hands the device over once, shown this once only.",
    ),
    post(
        "/claims",
        enrolments.claim_device,
        "Claim a device",
        "The device belongs to the given organisation from now on; its past stays where it was.",
    ),
)
