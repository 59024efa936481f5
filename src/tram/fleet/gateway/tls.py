"""TLS of the listeners: the server's certificate, and what the other side showed."""

import contextlib
import ssl
from hashlib import sha256

from tram.fleet.gateway.settings import GatewaySettings
from tram.fleet.gateway.stream_transport import StreamTransport
from tram.runtime.errors import Refused

__all__ = ("Trust", "open_context", "peer_certificate")


def open_context(settings: GatewaySettings) -> ssl.SSLContext:
    """Return the TLS 1.2 and 1.3 context of the settings; clients may show a certificate.

    Raises:
        Refused: ``settings.wrong`` when a file is missing or is not what it should be.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(settings.tls_certificate, settings.tls_key or None)
        if settings.tls_client_ca:
            context.load_verify_locations(settings.tls_client_ca)
    except (OSError, ssl.SSLError) as error:
        raise Refused(
            "settings.wrong",
            f"The certificates of the gateway cannot be read ({error}).",
            "Look at gateway.tls_certificate, gateway.tls_key and gateway.tls_client_ca.",
        ) from error
    # A device's own certificate may be an anchor itself, without its issuer.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.verify_mode = ssl.CERT_OPTIONAL
    context.num_tickets = 1  # a device comes back once; each ticket costs a write and its cipher
    return context


class Trust:
    """The anchors of a context: every certificate once; OpenSSL forgets none before the end.

    That does no harm: a revoked one is not let in by the question who connects.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._known: set[bytes] = set()

    def add(self, certificate: bytes) -> None:
        """Let chains end in this certificate (DER) at every handshake from now on."""
        fingerprint = sha256(certificate).digest()
        if fingerprint not in self._known:
            self._known.add(fingerprint)
            with contextlib.suppress(ssl.SSLError):  # OpenSSL may know better than who kept it
                self._context.load_verify_locations(cadata=certificate)


def peer_certificate(transport: StreamTransport) -> bytes | None:
    """Return the certificate (DER) that the other side proved to own, None without one."""
    ssl_object = transport.detail("ssl_object")
    if ssl_object is None:
        return None
    certificate: bytes | None = ssl_object.getpeercert(binary_form=True)
    return certificate
