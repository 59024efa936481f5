"""The changes that the outbox carries to gateways and store: numbered, without gaps, as JSON."""

import msgspec

__all__ = (
    "Body",
    "CredentialGone",
    "CredentialPut",
    "DeviceGone",
    "DevicePut",
    "GrantGone",
    "GrantPut",
    "OrgPut",
    "RegistryChange",
    "TrustGone",
    "TrustPut",
    "decode_body",
    "decode_changes",
    "encode_body",
    "encode_changes",
)


class CredentialPut(msgspec.Struct, frozen=True, tag="credential.put", tag_field="kind"):
    """A device may connect with the credential of this digest (HMAC-SHA-256, 32 bytes)."""

    digest: bytes
    device: int
    org: int
    profile: int


class CredentialGone(msgspec.Struct, frozen=True, tag="credential.gone", tag_field="kind"):
    """The credential of this digest opens nothing any more."""

    digest: bytes


class TrustPut(msgspec.Struct, frozen=True, tag="trust.put", tag_field="kind"):
    """A certificate chain may end in this certificate (DER): an authority's, or a device's own."""

    fingerprint: bytes
    certificate: bytes


class TrustGone(msgspec.Struct, frozen=True, tag="trust.gone", tag_field="kind"):
    """No chain may end in the certificate of this SHA-256 fingerprint any more."""

    fingerprint: bytes


class DevicePut(msgspec.Struct, frozen=True, tag="device.put", tag_field="kind"):
    """A device is there, or something about it changed."""

    device: int
    org: int
    zone: int | None
    sector: str
    profile: int
    interval_s: int = 0
    """How often its profile says that it speaks; 0 in changes written before this was told."""


class DeviceGone(msgspec.Struct, frozen=True, tag="device.gone", tag_field="kind"):
    """A device was removed; its readings stay."""

    device: int


class OrgPut(msgspec.Struct, frozen=True, tag="org.put", tag_field="kind"):
    """An organisation with all its ancestors, itself included, nearest first."""

    org: int
    ancestors: list[int]


class GrantPut(msgspec.Struct, frozen=True, tag="grant.put", tag_field="kind"):
    """One device, or one metric of it, is lent until ``until_ms`` (UTC epoch)."""

    grant: int
    device: int | None
    metric: str | None
    from_org: int
    to_org: int
    until_ms: int


class GrantGone(msgspec.Struct, frozen=True, tag="grant.gone", tag_field="kind"):
    """A grant was revoked before its time."""

    grant: int


Body = (
    CredentialPut
    | CredentialGone
    | TrustPut
    | TrustGone
    | DevicePut
    | DeviceGone
    | OrgPut
    | GrantPut
    | GrantGone
)


class RegistryChange(msgspec.Struct, frozen=True):
    """One change; in a snapshot ``number`` is the snapshot's version."""

    number: int
    body: Body


_body_decoder = msgspec.json.Decoder(Body)
_changes_decoder = msgspec.json.Decoder(list[RegistryChange])
_encoder = msgspec.json.Encoder()


def encode_body(body: Body) -> str:
    """Return the body as JSON text."""
    return _encoder.encode(body).decode()


def decode_body(payload: str) -> Body:
    """Return the body of its JSON text; raises ``msgspec.ValidationError``."""
    body: Body = _body_decoder.decode(payload)
    return body


def encode_changes(changes: list[RegistryChange]) -> bytes:
    """Return a batch as one JSON message."""
    return _encoder.encode(changes)


def decode_changes(payload: bytes) -> list[RegistryChange]:
    """Return the batch of one JSON message; raises ``msgspec.ValidationError``."""
    return _changes_decoder.decode(payload)
