"""Where requests begin: those of strangers at a pace for each address, the others at once.

A thousand requests that arrive together would all take their steps before anybody's next one, and a
page needs a hundred of them. Who has not shown yet who they are waits for the turn of their address,
or is told to come later; nobody else waits with them.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from litestar.types import ASGIApp, Receive, Send

from tram.api.http.session import SESSION_KEY
from tram.domain.addresses import neighbourhood

__all__ = ("PROOFS", "AdmissionRate", "Entrance")

Scope: TypeAlias = MutableMapping[str, Any]
"""Of the server, before the application has seen it."""

CLOSE_LATER: Final = 1013
HEALTH: Final = "/health"
KEPT_MAX: Final = 10_000
"""Groups with a pace, and proofs that opened something: the ones met last."""
_TOO_OFTEN: Final = (
    "Quá nhiều yêu cầu từ địa chỉ này; hãy thử lại sau ít giây.\n"
    "Too many requests came from this address; try again shortly.\n"
).encode()
PROOFS: Final = frozenset({b"cookie", b"authorization"})
"""Headers that may show who asks."""


@dataclass(frozen=True, slots=True)
class AdmissionRate:
    """How many strangers' requests of one address begin at once, and in each second after that.

    A browser asks for a dozen files with the page on which one logs in, and keeps most of them.
    """

    at_once: int = 20
    per_s: float = 200.0
    wait_s_max: float = 3.0


class Entrance:
    """The application behind its entrance; who waits is bounded by the connections there may be."""

    def __init__(self, app: ASGIApp, pace: AdmissionRate | None = None) -> None:
        self._app: Any = app  # the framework's types of a scope know no server
        self._pace = pace or AdmissionRate()
        self._due_s: OrderedDict[str, float] = OrderedDict()
        """By group, when the next request would begin if each came at the pace."""
        self._proven: OrderedDict[bytes, None] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in when its turn comes."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        proof = _proof(scope)
        if proof not in self._proven:
            wait_s = self._turn_s(_group(scope))
            if wait_s > self._pace.wait_s_max:
                await _refuse(scope, send)
                return
            await asyncio.sleep(wait_s)
        await self._app(scope, receive, send)
        if proof and scope.get("state", {}).get(SESSION_KEY) is not None:
            _keep(self._proven, proof, None)

    def _turn_s(self, group: str) -> float:
        """Return in how many seconds a group has its next turn, and take it if that is soon."""
        now_s = asyncio.get_running_loop().time()
        earliest_s = now_s - self._pace.at_once / self._pace.per_s
        due_s = max(self._due_s.get(group, earliest_s), earliest_s) + 1 / self._pace.per_s
        wait_s = max(0.0, due_s - now_s)
        if wait_s <= self._pace.wait_s_max:
            _keep(self._due_s, group, due_s)
        return wait_s


async def _refuse(scope: Scope, send: Send) -> None:
    """Answer in the server's own words, which cost little."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": CLOSE_LATER, "reason": ""})
        return
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(_TOO_OFTEN)).encode()),
        (b"retry-after", b"5"),
    ]
    await send({"type": "http.response.start", "status": 429, "headers": headers})
    await send({"type": "http.response.body", "body": _TOO_OFTEN, "more_body": False})


def _keep(kept: OrderedDict[Any, Any], key: object, value: object) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > KEPT_MAX:
        kept.popitem(last=False)


def _proof(scope: Scope) -> bytes:
    """Return a digest of what may show who asks; empty without any."""
    shown = [value for name, value in scope["headers"] if name in PROOFS]
    return hashlib.blake2b(b"\n".join(shown), digest_size=16).digest() if shown else b""


def _group(scope: Scope) -> str:
    """Return whose pace it is; who watches from an address of strangers is answered all the same."""
    client = scope.get("client")
    address = neighbourhood(client[0]) if client else ""
    return f"{address} {HEALTH}" if scope.get("path") == HEALTH else address
