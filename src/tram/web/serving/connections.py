"""Connections of the web port: how many there may be, whose give way, and how long each step may take.

Uvicorn waits for ever for a head, a body and a reader. Here every step has its time, an address has
its share, and when all places are taken the address that holds most gives one up: somebody who comes
from elsewhere is served, however many connections one address opens.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from prometheus_client import Counter

from tram.domain.addresses import neighbourhood

__all__ = ("ConnectionLimits", "ConnectionSlot", "Phase", "WebConnections", "Wire")

_ENDED = Counter("tram_web_connections_ended", "Connections ended before their time", ["reason"])


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Counts, sizes and times [s] of the connections of one process."""

    connections: int = 4_096
    """In all; the system's limit of open files may lower it (see server)."""
    per_address: int = 256
    """Of one address; proxies that are trusted with the addresses of others have no such limit."""
    head_s: float = 15.0
    """From the first byte, or the connection, to the end of the head."""
    body_s: float = 30.0
    """For any body; on top of it what ``body_bytes_per_s`` gives for what came."""
    body_bytes_per_s: float = 8_192.0
    body_s_max: float = 3_600.0
    idle_s: float = 75.0
    """Between two requests."""
    stuck_s: float = 20.0
    """How long a full buffer may wait for its reader to take 48 KiB of it."""
    stuck_s_max: float = 900.0
    """How long the reader of one answer may keep it waiting in all."""
    linger_s: float = 5.0
    """For what is left to send, or to read, when a connection is being closed."""
    handshake_s: float = 10.0
    """From the upgrade to a WebSocket to the answer who looks at what."""


class Phase(Enum):
    """What a connection waits for."""

    HEAD = "head"
    BODY = "body"
    WORK = "work"
    IDLE = "idle"
    HANDSHAKE = "handshake"
    SOCKET = "socket"
    CLOSING = "closing"


_GIVE_WAY = frozenset({Phase.HEAD, Phase.BODY, Phase.IDLE, Phase.CLOSING})
"""Phases in which nothing of ours is lost when the connection ends."""


class Wire(Protocol):
    """What this needs of a transport."""

    def is_closing(self) -> bool:
        """Tell whether it is closed or being closed."""
        ...

    def abort(self) -> None:
        """Close at once, whatever is left to send."""
        ...


@dataclass(eq=False, slots=True)
class ConnectionSlot:
    """One connection: whose, in which phase and since when (monotonic seconds)."""

    wire: Wire
    group: str
    phase: Phase
    since_s: float
    body_bytes: int = 0
    is_paused: Callable[[], bool] = field(default=lambda: False)
    """Tells whether it is we who do not read on."""
    stuck_since_s: float | None = None
    stuck_before_s: float = 0.0

    def enter(self, phase: Phase, now_s: float) -> None:
        """Begin a phase."""
        self.phase, self.since_s = phase, now_s
        if phase is Phase.HEAD:
            self.body_bytes, self.stuck_before_s = 0, 0.0

    def stick(self, now_s: float) -> None:
        """Note that the buffer is full: the reader must take something."""
        if self.stuck_since_s is None:
            self.stuck_since_s = now_s

    def flow(self, now_s: float) -> None:
        """Note that the reader took something."""
        if self.stuck_since_s is not None:
            self.stuck_before_s += now_s - self.stuck_since_s
            self.stuck_since_s = None

    def overdue(self, limits: ConnectionLimits, now_s: float) -> str | None:
        """Return why this connection has to end now, None while it need not."""
        if self.stuck_since_s is not None:
            stuck_s = now_s - self.stuck_since_s
            if stuck_s > limits.stuck_s or stuck_s + self.stuck_before_s > limits.stuck_s_max:
                return "not read"
        waited_s = now_s - self.since_s
        return self.phase.value if waited_s > self._seconds(limits) else None

    def _seconds(self, limits: ConnectionLimits) -> float:
        if self.phase is Phase.BODY:
            rate_s = limits.body_s + self.body_bytes / limits.body_bytes_per_s
            return min(rate_s, limits.body_s_max)
        return {
            Phase.HEAD: limits.head_s,
            Phase.IDLE: limits.idle_s,
            Phase.HANDSHAKE: limits.handshake_s,
            Phase.CLOSING: limits.linger_s,
        }.get(self.phase, float("inf"))


@dataclass(slots=True)
class WebConnections:
    """Everybody who is connected; ``trusted`` proxies are bound by the number in all only."""

    limits: ConnectionLimits = field(default_factory=ConnectionLimits)
    trusted: frozenset[str] = frozenset()
    _places: dict[Wire, ConnectionSlot] = field(default_factory=dict)
    _groups: dict[str, dict[ConnectionSlot, None]] = field(default_factory=dict)
    """The places of each address, the oldest first."""
    _swept_s: float = 0.0

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._places)

    def admit(self, wire: Wire, address: str, now_s: float) -> ConnectionSlot | None:
        """Give a newcomer a place, or None when there is none that another may give up."""
        group = neighbourhood(address)
        own = self._groups.get(group, {})
        if len(own) >= self.limits.per_address and address not in self.trusted:
            if not self._end_oldest(own, "address"):
                return None
        elif len(self._places) >= self.limits.connections and not self._make_room(own):
            return None
        place = ConnectionSlot(wire, group, Phase.HEAD, now_s)
        self._places[wire] = place
        self._groups.setdefault(group, {})[place] = None
        return place

    def place_of(self, wire: Wire) -> ConnectionSlot | None:
        """Return the place of a connection, None once it has none."""
        return self._places.get(wire)

    def leave(self, wire: Wire) -> None:
        """Free the place of a connection that is over."""
        place = self._places.pop(wire, None)
        if place is None:
            return
        group = self._groups[place.group]
        del group[place]
        if not group:
            del self._groups[place.group]

    def expire(self, now_s: float) -> None:
        """End what is overdue; called about once a second."""
        passed_s = now_s - self._swept_s if self._swept_s else 0.0
        self._swept_s = now_s
        for place in list(self._places.values()):
            if place.phase is Phase.BODY and place.is_paused():
                place.since_s += passed_s
            if place.wire.is_closing() and place.phase is not Phase.CLOSING:
                place.enter(Phase.CLOSING, now_s)
            reason = place.overdue(self.limits, now_s)
            if reason is not None:
                self._end(place, reason)

    def _make_room(self, own: Collection[ConnectionSlot]) -> bool:
        """End a connection of the address that holds most, else one of the newcomer's own."""
        groups = sorted(self._groups.values(), key=len, reverse=True)
        larger = [group for group in groups if len(group) > len(own)]
        if any(self._end_oldest(group, "full") for group in (*larger, own)):
            return True
        # Only connections that work or look are left. A view comes again by itself.
        most = larger[0] if larger else own
        views = [place for place in most if place.phase is Phase.SOCKET]
        if len(most) <= len(own) + 1 or not views:
            return False
        self._end(min(views, key=lambda place: place.since_s), "full")
        return True

    def _end_oldest(self, group: Iterable[ConnectionSlot], reason: str) -> bool:
        ready = [p for p in group if p.phase in _GIVE_WAY or p.stuck_since_s is not None]
        if not ready:
            return False
        self._end(min(ready, key=lambda place: place.since_s), reason)
        return True

    def _end(self, place: ConnectionSlot, reason: str) -> None:
        _ENDED.labels(reason).inc()
        self.leave(place.wire)
        place.wire.abort()
