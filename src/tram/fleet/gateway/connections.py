"""All open connections of one gateway: their limit, their pausing, and who they belong to."""

import asyncio
from abc import abstractmethod
from typing import Any, Final

from tram.fleet.device_api.interfaces import Device
from tram.fleet.device_api.isolation import Failing, alone
from tram.fleet.gateway.backpressure import (
    HELD_BACKLOG,
    HELD_PACE,
    HELD_TURN,
    Backpressure,
    Seat,
)
from tram.fleet.gateway.deadlines import Deadlines
from tram.fleet.gateway.faults import FAILED, Faults
from tram.fleet.gateway.metrics import GatewayMetrics
from tram.fleet.gateway.settings import GatewaySettings
from tram.fleet.gateway.stream_transport import StreamTransport
from tram.runtime.errors import Refused

__all__ = (
    "CROWDED",
    "HELD_BACKPRESSURE",
    "HELD_BUSY",
    "HELD_FULL",
    "HELD_SLOW_PEER",
    "Connection",
    "Connections",
)

CROWDED: Final = "connections.too_many"
HELD_FULL: Final = 1
"""Not read because the intake is full."""
HELD_BUSY: Final = 2
"""Not read because an answer must come first."""
HELD_SLOW_PEER: Final = 4
"""Not read because the other side does not take our answers."""
HELD_BACKPRESSURE: Final = HELD_FULL | HELD_TURN | HELD_PACE | HELD_BACKLOG
"""Not read for our reasons: such a peer cannot be late."""
LINGER_S: Final = 2.0
"""Longest wait for a peer to take its last answers."""
LOOK_AGAIN_S: Final = 0.005
ORG_SHARE: Final = 0.5
"""One organisation may have this share of all connections once few are free."""
FEW_FREE: Final = 0.25
WRITE_BYTES_MAX: Final = 16_384
"""Answers kept for a peer that does not read; beyond it, we do not read either."""


class Connections:
    """The open connections; full intake and revocation reach every one of them from here."""

    def __init__(
        self,
        settings: GatewaySettings,
        metrics: GatewayMetrics,
        backpressure: Backpressure,
        faults: Faults,
    ) -> None:
        self.deadlines = Deadlines(self.failed)
        self.faults = faults
        self.backpressure = backpressure
        self._max = settings.connections_max
        self._device_max = settings.device_connections_max
        self._metrics = metrics
        self._open: set[Connection] = set()
        self._by_credential: dict[bytes, set[Connection]] = {}
        self._is_held = False
        self._leaving: dict[Connection, Any] = {}
        self._newcomers: dict[Connection, None] = {}
        """Who was not admitted yet, oldest first."""

    def enter(self, connection: "Connection") -> bool:
        """Take a connection in; False when there are too many.

        Who has said nothing for longest makes room: a device says at once who it is.
        """
        if len(self._open) >= self._max and self._newcomers:
            oldest = next(iter(self._newcomers))
            alone(oldest, oldest.end, CROWDED)
        if len(self._open) >= self._max:
            self._metrics.refused[CROWDED] += 1
            return False
        self._open.add(connection)
        self._newcomers[connection] = None
        self._metrics.connections = len(self._open)
        if self._is_held:
            connection.hold(HELD_FULL)
        return True

    def leave(self, connection: "Connection") -> None:
        """Forget a connection."""
        self._open.discard(connection)
        self._newcomers.pop(connection, None)
        self._metrics.connections = len(self._open)
        self.deadlines.forget(connection)

    def bind(self, connection: "Connection", device: Device) -> None:
        """Note by which credential a connection was let in, and measure it from now on."""
        self._newcomers.pop(connection, None)
        self._by_credential.setdefault(device.credential, set()).add(connection)
        connection.seat = self.backpressure.seat(device)

    def must_have_room(self, device: Device) -> None:
        """Check that a device and its organisation may have one more connection.

        Raises:
            Refused: ``connections.too_many``; an event says so on the device's page.
        """
        of_device, of_org = self.backpressure.seats_of(device)
        most = int(self._max * ORG_SHARE)
        few_free = len(self._open) > self._max * (1 - FEW_FREE)
        if of_device < self._device_max and not (few_free and of_org > most):
            return
        by_device = of_device >= self._device_max
        who, limit = ("device", self._device_max) if by_device else ("organisation", most)
        error = Refused(
            "connections.too_many",
            f"The {who} has {limit} connections to this gateway, which is all it may have.",
            "Use one connection for all values of a device.",
        )
        self._metrics.refused[CROWDED] += 1
        self.faults.tell(device, CROWDED, str(error))
        raise error

    def unbind(self, connection: "Connection", device: Device) -> None:
        """Forget that."""
        if connection in self._open:
            self._newcomers[connection] = None
        bound = self._by_credential.get(device.credential)
        if bound is not None:
            bound.discard(connection)
            if not bound:
                del self._by_credential[device.credential]
        if connection.seat is not None:
            self.backpressure.leave(connection.seat)
            connection.seat = None

    def credentials(self) -> list[bytes]:
        """Return the credentials that let anybody in who is still here."""
        return list(self._by_credential)

    def revoke(self, credential: bytes) -> None:
        """End every connection that this credential let in."""
        for connection in tuple(self._by_credential.get(credential, ())):
            alone(connection, connection.end, "credential.revoked")

    def hold_all(self) -> None:
        """Stop reading from everybody."""
        self._is_held = True
        for connection in tuple(self._open):
            alone(connection, connection.hold, HELD_FULL)

    def release_all(self) -> None:
        """Read again."""
        self._is_held = False
        for connection in tuple(self._open):
            alone(connection, connection.release, HELD_FULL)

    def end_all(self) -> None:
        """End every connection because the gateway stops."""
        for connection in tuple(self._open):
            alone(connection, connection.end, "gateway.stopped")

    def failed(self, one: object, error: Exception) -> None:
        """Note that something raised: the end of the connection that it was done for."""
        if isinstance(one, Failing):
            one.fail(error)
        else:
            self.faults.note(None, error)

    async def gone(self) -> None:
        """Wait until the last answers have left; after LINGER_S they are given up."""
        try:
            async with asyncio.timeout(LINGER_S):
                while self._leaving:  # noqa: ASYNC110  # the end of a transport wakes nobody
                    await asyncio.sleep(LOOK_AGAIN_S)
        except TimeoutError:
            for connection in tuple(self._leaving):
                self.give_up(connection)
            await asyncio.sleep(LOOK_AGAIN_S)

    def linger(self, connection: "Connection", transport: Any) -> None:  # noqa: ANN401  # asyncio's transport
        """Close a transport once its answers have left, or LINGER_S have passed."""
        self._leaving[connection] = transport
        transport.close()
        if transport.get_write_buffer_size():
            asyncio.get_running_loop().call_later(LINGER_S, self.give_up, connection)

    def give_up(self, connection: "Connection") -> None:
        """Drop what has not left yet."""
        transport = self._leaving.pop(connection, None)
        if transport is not None:
            transport.abort()

    def lost(self, connection: "Connection") -> None:
        """Note that a transport has ended."""
        self._leaving.pop(connection, None)


class Connection(asyncio.Protocol):
    """One open connection: pausing for several reasons at once, and the end.

    ``held`` is the set of reasons (HELD_…), ``seen`` the tick of the wheel when it last spoke.
    """

    __slots__ = ("_all", "due", "held", "seat", "seen", "transport")

    def __init__(self, connections: Connections) -> None:
        self.due = 0
        self._all = connections
        self.held = 0
        self.seen = 0
        self.seat: Seat | None = None
        self.transport = StreamTransport()

    @property
    def owner(self) -> Device | None:
        """Return whose connection it is, as far as that is known."""
        return None

    @abstractmethod
    def end(self, reason: str) -> None:
        """Close the connection for a reason of ours (an error code)."""

    def fail(self, error: Exception) -> None:
        """End this connection alone: what was done for it raised what nothing should raise."""
        self._all.faults.note(self.owner, error)
        try:
            self.end(FAILED)
        except Exception as again:  # noqa: BLE001  # then without a word
            self._all.faults.note(None, again)
        finally:
            stream = self._gone()
            if stream is not None:
                stream.abort()

    @abstractmethod
    def overdue(self) -> None:
        """Act on a deadline."""

    @abstractmethod
    def opened(self) -> None:
        """Begin; the transport is there."""

    @abstractmethod
    def received(self, data: bytes) -> None:
        """Take what one read brought."""

    @abstractmethod
    def closed(self) -> None:
        """Clean up; called exactly once, at the end of what ``opened`` began."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport (asyncio)."""
        self.transport.begin(transport, WRITE_BYTES_MAX)
        if not self._all.enter(self):
            self.transport.end().abort()
            return
        try:
            self.opened()
        except Exception as error:  # noqa: BLE001  # see ``faults``
            self.fail(error)

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        """Note that the transport is gone (asyncio)."""
        if self.seat is not None and self.transport.is_open:
            alone(self, self._all.backpressure.drain, self, self.seat)
        self._all.lost(self)
        self._gone()

    def data_received(self, data: bytes) -> None:
        """Take what one read brought, in its turn (asyncio)."""
        seat = self.seat
        try:
            if seat is None:
                self.received(data)
            else:
                self._all.backpressure.read(self, seat, data)
        except Exception as error:  # noqa: BLE001  # see ``faults``
            self.fail(error)

    def pause_writing(self) -> None:
        """Stop reading while the peer does not read (asyncio)."""
        self.hold(HELD_SLOW_PEER)

    def resume_writing(self) -> None:
        """Read again (asyncio)."""
        alone(self, self.release, HELD_SLOW_PEER)

    def hold(self, why: int) -> None:
        """Stop reading for one more reason."""
        if not self.held and self.transport.is_open:
            self.transport.listen(wanted=False)
        self.held |= why

    def release(self, why: int) -> None:
        """Drop a reason; read again when none is left."""
        if self.held & why:
            self.held &= ~why
            self.seen = self._all.deadlines.tick  # who was not listened to was not silent
            if not self.held and self.transport.is_open:
                self.transport.listen(wanted=True)

    def _gone(self) -> Any:  # noqa: ANN401  # asyncio's transport
        """Clean up once, whoever ended first; return what is still to be closed, None the second time."""
        if not self.transport.is_open:
            return None
        owner = self.owner
        stream = self.transport.end()
        self._all.leave(self)
        try:
            self.closed()
        except Exception as error:  # noqa: BLE001  # who asked for the end has others to care for
            self._all.faults.note(owner, error)
        return stream

    def _shut(self) -> None:
        """Close after what was written has left, and clean up now."""
        stream = self._gone()
        if stream is not None:
            self._all.linger(self, stream)
