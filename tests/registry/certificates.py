"""Authorities and certificates for the registry's tests, valid around the tests' clock."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.registry.conftest import START_MS

START = datetime.fromtimestamp(START_MS / 1000, UTC)


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)] if name else [])


class Authority:
    def __init__(self, name: str = "Root") -> None:
        self._name = named(name)
        self._key = ec.generate_private_key(ec.SECP256R1())
        constraints = x509.BasicConstraints(ca=True, path_length=0)
        builder = self._builder(self._name, self._key).add_extension(constraints, critical=True)
        self.pem = builder.sign(self._key, SHA256()).public_bytes(Encoding.PEM).decode()

    def issue(self, name: str, *, days: int = 365) -> x509.Certificate:
        key = ec.generate_private_key(ec.SECP256R1())
        return self._builder(named(name), key, days).sign(self._key, SHA256())

    def issue_der(self, name: str, *, days: int = 365) -> bytes:
        return self.issue(name, days=days).public_bytes(Encoding.DER)

    def issue_pem(self, name: str) -> str:
        return self.issue(name).public_bytes(Encoding.PEM).decode()

    def _builder(
        self, name: x509.Name, key: ec.EllipticCurvePrivateKey, days: int = 365
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(START - timedelta(days=400))
            .not_valid_after(START + timedelta(days=days))
        )
