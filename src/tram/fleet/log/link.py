"""One connection to NATS per process, which comes back by itself.

The rest of the package speaks JetStream through a ``Link``; nobody else imports the client.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from tram.runtime.errors import Unavailable
from tram.runtime.logging import get_logger

__all__ = ("DOUBTS", "Link", "NatsAccess", "open_link")

_RECONNECT_S = 0.2
_CONNECT_S = 2
_API_TIMEOUT_S = 5.0
_PENDING_BYTES = 67_108_864
_PING_S = 10
_CONNECT_TRIES_S = 30.0

DOUBTS = (NatsError, TimeoutError, OSError)
"""What a request may raise when it is unknown whether the server has acted on it."""

log = get_logger()


@dataclass(frozen=True, slots=True)
class NatsAccess:
    """Where the server is and the key that a role signs in with."""

    url: str
    seed: str


class Link:
    """An open connection: JetStream for what must last, core subjects for what may be lost."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.jetstream: JetStreamContext = client.jetstream(timeout=_API_TIMEOUT_S)

    @property
    def is_connected(self) -> bool:
        """Whether the server is reachable at this moment."""
        return self.client.is_connected

    async def publish(self, subject: str, payload: bytes) -> None:
        """Send a message that may be lost."""
        if self.client.is_connected:
            await self.client.publish(subject, payload)

    async def subscribe(self, subject: str, receive: Callable[[bytes], Awaitable[None]]) -> None:
        """Call ``receive`` with each message's bytes, now and after every reconnect."""

        async def unpack(message: Msg) -> None:
            await receive(message.data)

        await self.client.subscribe(subject, cb=unpack)

    async def close(self) -> None:
        """Close at once; whatever is unacknowledged stays in doubt."""
        await self.client.close()


async def open_link(access: NatsAccess, role: str) -> Link:
    """Connect as a role; keep trying for half a minute, then say what is missing.

    Raises:
        Unavailable: ``log.unreachable`` when no server answers or it refuses the key.
    """
    client = Client()
    last: Exception | None = None
    try:
        async with asyncio.timeout(_CONNECT_TRIES_S):
            while True:
                try:
                    await _connect(client, access, role)
                    return Link(client)
                except DOUBTS as error:
                    last = error
                    await asyncio.sleep(_RECONNECT_S)
    except TimeoutError:
        raise Unavailable(
            "log.unreachable",
            f"The log at {access.url} does not answer ({last}).",
            "Is nats-server running, and is the key of this role in its configuration?",
        ) from None


async def _connect(client: Client, access: NatsAccess, role: str) -> None:
    async def note(error: Exception) -> None:
        log.info("log connection", role=role, error=str(error) or type(error).__name__)

    await client.connect(
        access.url,
        name=role,
        nkeys_seed_str=access.seed,
        inbox_prefix=f"_INBOX.{role}",
        error_cb=note,
        allow_reconnect=True,
        max_reconnect_attempts=-1,
        reconnect_time_wait=_RECONNECT_S,  # type: ignore[arg-type]  # fractions work
        connect_timeout=_CONNECT_S,
        ping_interval=_PING_S,
        pending_size=_PENDING_BYTES,
    )
