"""Devices that introduce themselves: by their certificate, by a provisioning key, by a claim.

The questions go over the registry's RPC. ``provision`` and ``claim`` take and give the JSON of the widespread
device API, so that every protocol passes them on as they are:

- ``provision``: ``deviceName``, ``provisionDeviceKey``, ``provisionDeviceSecret`` and, where the
  device brings its own secret, ``credentialsType`` with ``token``, ``username`` and ``password``, or
  ``hash`` (a PEM certificate). The answer has ``status`` SUCCESS or FAILURE (``errorMsg``).
- ``claim``: ``secretKey`` and ``durationMs``; the answer is an empty object.
- ``admit``: a certificate (DER); the answer is the device as a gateway must know it.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from tram.domain.ids import DeviceId, OrgId, ProfileId
from tram.fleet.device_api.interfaces import Device, RegistryRpc
from tram.fleet.sync.registry_rpc import Answer
from tram.registry.kernel.views import Enrolled, Provision
from tram.runtime.errors import Refused

if TYPE_CHECKING:  # a gateway asks, and carries no database
    from tram.registry.credentials.enrolments import Enrolments
    from tram.registry.devices.claims import Claims

__all__ = ("admission_answers", "admitted")

CLAIM_MS = 86_400_000
"""How long a claim stays open when the device does not say."""
_KINDS = {"ACCESS_TOKEN": "token", "MQTT_BASIC": "basic", "X509_CERTIFICATE": "x509"}

T = TypeVar("T")


class _Provision(msgspec.Struct, rename="camel"):
    provision_device_key: str
    provision_device_secret: str
    device_name: str = ""
    credentials_type: str = "ACCESS_TOKEN"
    token: str | None = None
    username: str | None = None
    password: str | None = None
    hash: str | None = None


class _Claim(msgspec.Struct, rename="camel"):
    secret_key: str
    duration_ms: int = CLAIM_MS


class _Admitted(msgspec.Struct):
    device: int
    org: int
    profile: int
    digest: bytes


async def admitted(rpc: RegistryRpc, certificate: bytes) -> Device:
    """Return the device of a certificate that a known authority signed; made where it is new.

    Raises:
        Refused: ``certificate.untrusted`` and what else speaks against it.
        Unavailable: when the registry does not answer in time.
    """
    answer = await rpc.ask("admit", None, certificate)
    known = msgspec.json.decode(answer, type=_Admitted)
    return Device(DeviceId(known.device), OrgId(known.org), ProfileId(known.profile), known.digest)


def admission_answers(enrolments: "Enrolments", claims: "Claims") -> Mapping[str, Answer]:
    """Return the answers of the registry's role to these questions."""

    async def admit(_device: Device | None, body: bytes) -> bytes:
        made = await enrolments.admit(body)
        return msgspec.json.encode(_Admitted(made.device, made.org, made.profile, made.digest))

    async def provision(_device: Device | None, body: bytes) -> bytes:
        try:
            made = await enrolments.provision(_wanted(body))
        except Refused as error:
            faults = " ".join(f"{fault.field}: {fault.sentence}" for fault in error.faults)
            answer = {"status": "FAILURE", "errorMsg": f"{error.sentence} {faults}".strip()}
            return msgspec.json.encode(answer | {"code": error.code})
        return msgspec.json.encode(_success(made))

    async def claim(device: Device | None, body: bytes) -> bytes:
        if device is None:
            raise Refused("claim.wrong", "Only a device can offer itself.")
        wanted = _read(body, _Claim)
        await claims.offer_by_device(device.device, wanted.secret_key, wanted.duration_ms)
        return b"{}"

    return {"admit": admit, "provision": provision, "claim": claim}


def _wanted(body: bytes) -> Provision:
    asked = _read(body, _Provision)
    kind = _KINDS.get(asked.credentials_type)
    if kind is None:
        raise Refused("enrolment.wrong", f"credentialsType is one of {', '.join(_KINDS)}.")
    return Provision(
        key=asked.provision_device_key,
        secret=asked.provision_device_secret,
        name=asked.device_name,
        kind=kind,
        token=asked.token or "",
        user_name=asked.username or "",
        password=asked.password or "",
        certificate=asked.hash or "",
    )


def _success(made: Enrolled) -> dict[str, Any]:
    values: dict[str, Any] = {
        "token": made.secret,
        "basic": {"userName": made.label, "password": made.secret},
        "x509": "",
    }
    kinds = {ours: theirs for theirs, ours in _KINDS.items()}
    answer = {"status": "SUCCESS", "credentialsType": kinds[made.kind]}
    return answer | {"credentialsValue": values[made.kind]}


def _read(body: bytes, wanted: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=wanted)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused("payload.wrong", f"The request cannot be read: {error}.") from None
