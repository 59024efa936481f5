"""Certificates as the registry needs them: read, named, and checked against their authority."""

from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tram.domain.text import one_line
from tram.runtime.errors import Fault, Refused

__all__ = ("Certificate", "read_certificate")

CERTIFICATE_BYTES_MAX = 16_384
NAME_CHARACTERS_MAX = 200


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate: ``der`` is the whole of it, ``name`` its subject's common name."""

    x509: x509.Certificate
    der: bytes
    fingerprint: bytes
    name: str

    @property
    def is_authority(self) -> bool:
        """Whether it says that it may sign others (RFC 5280, 4.2.1.9)."""
        try:
            return self.x509.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        except x509.ExtensionNotFound:
            return False

    def is_valid_at(self, now_ms: int) -> bool:
        """Whether a time (UTC epoch milliseconds) lies within its validity."""
        now = datetime.fromtimestamp(now_ms / 1000, UTC)
        return self.x509.not_valid_before_utc <= now <= self.x509.not_valid_after_utc

    def is_issued_by(self, authority: "Certificate") -> bool:
        """Whether the authority's key has signed it."""
        try:
            self.x509.verify_directly_issued_by(authority.x509)
        except (ValueError, TypeError, InvalidSignature):
            return False
        return True


def read_certificate(given: str | bytes) -> Certificate:
    """Read one certificate: PEM text, or DER bytes.

    Raises:
        Refused: ``certificate.wrong``.
    """
    try:
        if len(given) > CERTIFICATE_BYTES_MAX:
            raise ValueError("too large")  # noqa: TRY301  # one refusal for whatever is wrong
        if isinstance(given, str):
            read = x509.load_pem_x509_certificate(given.strip().encode())
        else:
            read = x509.load_der_x509_certificate(given)
        names = read.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        name = one_line(str(names[0].value)) if names else ""
    except ValueError:
        fault = Fault("certificate", "certificate.unreadable", {"most": CERTIFICATE_BYTES_MAX})
        raise Refused(
            "certificate.wrong",
            fault.sentence,
            "Give it as PEM text, from -----BEGIN CERTIFICATE----- to the end.",
            (fault,),
        ) from None
    return Certificate(
        read,
        read.public_bytes(Encoding.DER),
        read.fingerprint(SHA256()),
        name[:NAME_CHARACTERS_MAX],
    )
