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
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cache, partial

import httpx

from tram.domain.destinations import (
    AddressError,
    IpAddress,
    WebAddress,
    is_public,
    unwrapped,
    web_address,
)
from tram.fleet.alarms.limits import WEBHOOK_CALL_S, WEBHOOK_REASON_CHARACTERS_MAX
from tram.runtime.clock import Clock
from tram.runtime.errors import Unavailable
from tram.runtime.processes.thread_pools import WEBHOOKS

__all__ = ("CallRefused", "WebhookCaller", "secret_of", "sign")

_OK = range(200, 300)
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class CallRefused(Exception):
    """The call did not succeed; the text says why, ``is_final`` that it never will."""

    def __init__(self, reason: str, *, is_final: bool = False) -> None:
        super().__init__(reason[:WEBHOOK_REASON_CHARACTERS_MAX])
        self.is_final = is_final


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
class WebhookCaller:
    """Calls webhooks; ``networks`` are the private ones that the operator allows."""

    clock: Clock
    key: bytes
    networks: tuple[Network, ...] = ()
    total_s: float = WEBHOOK_CALL_S

    async def call(
        self, webhook: int, url: str, body: bytes, idempotency_key: str, owner: Hashable = None
    ) -> None:
        """Send one notice; nothing about it, from the name to the last byte, lasts longer than 10 s.

        Raises:
            CallRefused: if the address is not allowed, nobody answers, or the answer is no 2xx.
        """
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": idempotency_key,
            "X-Tram-Signature": sign(
                secret_of(self.key, webhook), self.clock.now_ms() // 1000, body
            ),
        }
        span = asyncio.timeout(self.total_s)
        try:
            async with span:
                status = await self._answered(web_address(url), body, headers, owner)
        except AddressError as error:
            raise CallRefused(str(error), is_final=True) from error
        except TimeoutError as error:
            if not span.expired():
                raise
            raise CallRefused(f"no answer in {self.total_s:g} s") from error
        except Unavailable as error:
            raise CallRefused(error.sentence) from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise CallRefused(f"{type(error).__name__}: {error}") from error
        if status not in _OK:
            raise CallRefused(f"answered {status}")

    async def _answered(
        self, to: WebAddress, body: bytes, headers: dict[str, str], owner: Hashable
    ) -> int:
        """Return the status; what follows it is not read."""
        address = await self._address(to, owner)
        literal = f"[{address}]" if address.version == 6 else str(address)  # noqa: PLR2004  # IPv6
        async with (
            httpx.AsyncClient(verify=_trust(), timeout=self.total_s, trust_env=False) as client,
            client.stream(
                "POST", f"{to.scheme}://{literal}:{to.port}{to.path}", content=body,
                headers={"Host": to.authority, **headers}, extensions={"sni_hostname": to.host},
            ) as answer,
        ):  # fmt: skip
            return answer.status_code

    async def _address(self, to: WebAddress, owner: Hashable) -> IpAddress:
        look_up = partial(socket.getaddrinfo, to.host, to.port, type=socket.SOCK_STREAM)
        try:
            found = await WEBHOOKS.run_for(owner, look_up)
        except (OSError, UnicodeError) as error:
            raise CallRefused(f"the host {to.host} is not known") from error
        addresses = [ipaddress.ip_address(item[4][0]) for item in found]
        for address in addresses:
            if not self._is_allowed(address, to.scheme):
                raise CallRefused(
                    "the address lies in a private network, or is not encrypted on the way"
                )
        return addresses[0]

    def _is_allowed(self, address: IpAddress, scheme: str) -> bool:
        plain = unwrapped(address)
        if any(plain in network for network in self.networks if network.version == plain.version):
            return True
        return is_public(address) and scheme == "https"
