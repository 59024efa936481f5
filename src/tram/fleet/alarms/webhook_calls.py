"""Signed calls to other people's programs, which can never be led into our own network.

The host is resolved once and the connection goes to that very address; addresses that are not public
are refused unless the operator names their network. Redirects are not followed.

Header ``X-Tram-Signature``: ``t=<seconds>,v1=<hex>`` = HMAC-SHA-256 of ``<seconds>.<body>`` with the
webhook's secret; ``Idempotency-Key`` is the same whenever the same notice is sent again.
"""

import asyncio
import hashlib
import hmac
import ipaddress
import socket
import ssl
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

import httpx

from tram.runtime.clock import Clock

__all__ = ("CallRefused", "Caller", "secret_of", "sign")

_SECONDS = 10.0
_OK = range(200, 300)
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class CallRefused(Exception):
    """The call did not succeed; the text says why."""


@cache
def _trust() -> ssl.SSLContext:
    """Return whom we trust: read once, it takes longer than a call."""
    return httpx.create_ssl_context(trust_env=False)


def secret_of(key: bytes, webhook: int) -> str:
    """Return the secret of a webhook: derived, so that no database holds it."""
    return hmac.new(key, f"webhook:{webhook}".encode(), hashlib.sha256).hexdigest()


def sign(secret: str, at_s: int, body: bytes) -> str:
    """Return the signature header of a body."""
    digest = hmac.new(secret.encode(), b"%d.%s" % (at_s, body), hashlib.sha256).hexdigest()
    return f"t={at_s},v1={digest}"


@dataclass(frozen=True, slots=True)
class Caller:
    """Calls webhooks; ``networks`` are the private ones that the operator allows."""

    clock: Clock
    key: bytes
    networks: tuple[Network, ...] = ()

    async def call(self, webhook: int, url: str, body: bytes, idempotency_key: str) -> None:
        """Send one notice.

        Raises:
            CallRefused: if the address is not allowed, nobody answers, or the answer is no 2xx.
        """
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        address = await self._address(parts.scheme, host, port)
        literal = f"[{address}]" if address.version == 6 else str(address)  # noqa: PLR2004  # IPv6
        target = parts._replace(netloc=f"{literal}:{port}").geturl()
        headers = {
            "Host": parts.netloc.rpartition("@")[2],
            "Content-Type": "application/json",
            "Idempotency-Key": idempotency_key,
            "X-Tram-Signature": sign(
                secret_of(self.key, webhook), self.clock.now_ms() // 1000, body
            ),
        }
        try:
            async with (
                httpx.AsyncClient(
                    verify=_trust(), timeout=_SECONDS, trust_env=False
                ) as client,
                client.stream(
                    "POST", target, content=body, headers=headers,
                    extensions={"sni_hostname": host},
                ) as answer,
            ):  # fmt: skip
                status = answer.status_code
        except httpx.HTTPError as error:
            raise CallRefused(f"{type(error).__name__}: {error}"[:300]) from error
        if status not in _OK:
            raise CallRefused(f"answered {status}")

    async def _address(self, scheme: str, host: str, port: int) -> Address:
        if scheme not in ("https", "http") or not host:
            raise CallRefused("the address is no web address")
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                host, port, type=socket.SOCK_STREAM
            )
        except OSError as error:
            raise CallRefused(f"the host {host} is not known") from error
        addresses = [ipaddress.ip_address(item[4][0]) for item in found]
        for address in addresses:
            if not self._is_allowed(address, scheme):
                raise CallRefused(
                    "the address lies in a private network, or is not encrypted on the way"
                )
        return addresses[0]

    def _is_allowed(self, address: Address, scheme: str) -> bool:
        plain = address
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            plain = address.ipv4_mapped
        if any(plain in network for network in self.networks if network.version == plain.version):
            return True
        return plain.is_global and not plain.is_multicast and scheme == "https"
