"""One connection to NATS per process, which comes back by itself.

The rest of the package speaks JetStream through a ``NatsConnection``; nobody else imports the client.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Self

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from tram.runtime.errors import Unavailable
from tram.runtime.logging import get_logger

__all__ = ("DOUBTS", "NatsAccess", "NatsConnection", "open_link")

_RECONNECT_S = 0.2
_CONNECT_S = 2
_API_TIMEOUT_S = 5.0
_FLUSH_S = 2
_PENDING_BYTES = 67_108_864
_PING_S = 10
_CONNECT_TRIES_S = 30.0

DOUBTS = (NatsError, TimeoutError, OSError)
"""What a request may raise when it is unknown whether the server has acted on it."""

log = get_logger()


@dataclass(frozen=True, slots=True)
class NatsAccess:
    """Where the server is (several: with commas between) and the key that a role signs in with."""

    url: str
    seed: str


class NatsConnection:
    """An open connection: JetStream for what must last, core subjects for what may be lost."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.jetstream: JetStreamContext = client.jetstream(timeout=_API_TIMEOUT_S)
        self.is_closing = False
        self._limits: set[asyncio.Timeout] = set()

    @property
    def is_connected(self) -> bool:
        """Whether the server is reachable at this moment."""
        return self.client.is_connected

    @contextlib.asynccontextmanager
    async def answer_within(self, seconds: float) -> AsyncIterator[None]:
        """Bound a request in time; a lost connection ends it at once.

        Raises:
            TimeoutError: no answer came in time, or the connection was lost meanwhile.
            ConnectionError: there is no connection; nothing was sent.
        """
        if not self.client.is_connected:
            raise ConnectionError("not connected")
        async with asyncio.timeout(seconds) as limit:
            self._limits.add(limit)
            try:
                yield
            finally:
                self._limits.discard(limit)

    def end_requests(self) -> None:
        """Let every request under way end in doubt: its answer cannot come any more."""
        for limit in self._limits:
            limit.reschedule(asyncio.get_running_loop().time())

    async def publish(self, subject: str, payload: bytes) -> None:
        """Send a message that may be lost."""
        if self.client.is_connected:
            await self.client.publish(subject, payload)

    async def subscribe(self, subject: str, receive: Callable[[bytes], Awaitable[None]]) -> None:
        """Call ``receive`` with each message's bytes, also after every reconnect.

        What is sent after this returns is received: the server knows of it.
        """

        async def unpack(message: Msg) -> None:
            try:
                await receive(message.data)
            except Exception:
                log.exception("a message could not be taken", subject=message.subject)

        await self.client.subscribe(subject, cb=unpack)
        await self._known()

    async def answer(
        self, subject: str, queue: str, reply: Callable[[str, bytes], Awaitable[bytes]]
    ) -> None:
        """Answer each request with what ``reply`` returns for its subject and bytes.

        Of all processes in the queue group one gets it; requests are answered side by side. What
        is asked after this returns is answered.
        """
        under_way: set[asyncio.Task[None]] = set()

        async def respond(message: Msg) -> None:
            with contextlib.suppress(*DOUBTS):  # who asked will ask again
                await message.respond(await reply(message.subject, message.data))

        async def receive(message: Msg) -> None:
            task = asyncio.get_running_loop().create_task(respond(message))
            under_way.add(task)
            task.add_done_callback(under_way.discard)

        await self.client.subscribe(subject, queue=queue, cb=receive)
        await self._known()

    async def _known(self) -> None:
        """Return once the server has taken what was written.

        The client's ping overtakes what waits to be written, so only the second one follows it. A
        connection that is lost subscribes anew by itself when it is back.
        """
        if self.is_connected:
            with contextlib.suppress(*DOUBTS):
                await self.client.flush(_FLUSH_S)
                await self.client.flush(_FLUSH_S)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_how: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close at once; whatever is unacknowledged stays in doubt."""
        self.is_closing = True
        with contextlib.suppress(*DOUBTS):  # the server may be gone already
            await self.client.close()


async def open_link(access: NatsAccess, role: str) -> NatsConnection:
    """Connect as a role; keep trying for half a minute, then say what is missing.

    Raises:
        Unavailable: ``log.unreachable`` when no server answers or it refuses the key.
    """
    client = Client()
    link = NatsConnection(client)
    last: Exception | None = None
    try:
        async with asyncio.timeout(_CONNECT_TRIES_S):
            while True:
                try:
                    await _connect(link, access, role)
                except DOUBTS as error:
                    last = error
                    await asyncio.sleep(_RECONNECT_S)
                else:
                    return link
    except TimeoutError:
        raise Unavailable(
            "log.unreachable",
            f"The log at {access.url} does not answer ({last}).",
            "Is nats-server running, and is the key of this role in its configuration?",
        ) from None


async def _connect(link: NatsConnection, access: NatsAccess, role: str) -> None:
    async def ignore(_error: Exception) -> None:
        """Say nothing per attempt; loss and return are logged once each."""

    async def lost() -> None:
        link.end_requests()
        if not link.is_closing:
            log.warning("log connection lost", role=role)

    async def back() -> None:
        log.info("log connection is back", role=role)

    await link.client.connect(
        access.url.split(","),
        name=role,
        nkeys_seed_str=access.seed,
        inbox_prefix=f"_INBOX.{role}",
        error_cb=ignore,
        disconnected_cb=lost,
        reconnected_cb=back,
        allow_reconnect=True,
        max_reconnect_attempts=-1,
        reconnect_time_wait=_RECONNECT_S,  # type: ignore[arg-type]  # fractions work
        connect_timeout=_CONNECT_S,
        ping_interval=_PING_S,
        pending_size=_PENDING_BYTES,
    )
