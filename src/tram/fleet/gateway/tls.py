"""TLS of the doors: the server's certificate, and what the other side showed."""

import ssl
from typing import Any

from tram.runtime.errors import Refused
from tram.runtime.settings import GatewaySettings

__all__ = ("open_context", "peer_certificate")


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
            # A device's own certificate may stand in the file itself, without its issuer.
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
            context.verify_mode = ssl.CERT_OPTIONAL
    except (OSError, ssl.SSLError) as error:
        raise Refused(
            "settings.wrong",
            f"The certificates of the gateway cannot be read ({error}).",
            "Look at gateway.tls_certificate, gateway.tls_key and gateway.tls_client_ca.",
        ) from error
    return context


def peer_certificate(transport: Any) -> bytes | None:  # noqa: ANN401  # asyncio's transport
    """Return the certificate (DER) that the other side proved to own, None without one."""
    ssl_object = transport.get_extra_info("ssl_object")
    if ssl_object is None:
        return None
    certificate: bytes | None = ssl_object.getpeercert(binary_form=True)
    return certificate
