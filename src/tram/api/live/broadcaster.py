"""One live subscription per process, shared by everybody who looks.

Viewers with the same visibility who look at the same thing form a group: a frame is filtered and encoded
once per group. A client too slow for its queue loses the oldest frames and is told to resync.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field

import msgspec

from tram.api.http.services import LiveSource
from tram.api.live.quota import LiveQuota, Seat
from tram.api.live.visibility import (
    DeviceVisibility,
    VisibilityCache,
    VisibilityKey,
    visibility_key,
)
from tram.fleet.store.views import LiveChange, LiveFrame, LiveState
from tram.registry.kernel.viewer import Viewer
from tram.registry.registry import Registry
from tram.runtime.clock import Clock
from tram.runtime.logging import get_logger

__all__ = ("Broadcaster", "LiveClient", "Wanted")

LOOK_S = 1.0
"""How often the store is told at most that somebody looks."""
QUEUE_FRAMES_MAX = 32
RESYNC = b'{"kind":"resync"}'


class _Change(msgspec.Struct, frozen=True):
    """A value as the browser gets it."""

    device: int
    metric: str
    kind: int
    value: bool | int | float | str
    t: int
    status: int


class _State(msgspec.Struct, frozen=True):
    """A state as the browser gets it."""

    device: int
    state: str
    last_seen_ms: int | None


class _Frame(msgspec.Struct, frozen=True, tag_field="kind", tag="changes"):
    """What changed up to ``at`` (UTC epoch ms)."""

    at: int
    changes: list[_Change]
    states: list[_State]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a client looks at: one device with its values, or (None) the states on the map."""

    device: int | None


@dataclass(eq=False, slots=True)
class LiveClient:
    """One socket's queue of encoded frames."""

    key: tuple[VisibilityKey, Wanted]
    seat: Seat = ()
    _frames: deque[bytes] = field(default_factory=lambda: deque(maxlen=QUEUE_FRAMES_MAX))
    _missed: bool = False
    _filled: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, frame: bytes) -> None:
        """Queue a frame; the oldest goes when the client is too slow."""
        self._missed |= len(self._frames) == QUEUE_FRAMES_MAX
        self._frames.append(frame)
        self._filled.set()

    async def next(self) -> bytes:
        """Return the next frame, or the word to resync after frames were lost."""
        while not self._frames:
            self._filled.clear()
            await self._filled.wait()
        if self._missed:
            self._missed = False
            self._frames.clear()
            return RESYNC
        return self._frames.popleft()


@dataclass(slots=True)
class _Group:
    """Clients that get the same bytes."""

    visibility: DeviceVisibility
    clients: set[LiveClient] = field(default_factory=set)


class Broadcaster:
    """Filters, encodes and hands out live frames."""

    def __init__(self, registry: Registry, clock: Clock) -> None:
        self._visibilities = VisibilityCache(registry, clock)
        self._groups: dict[tuple[VisibilityKey, Wanted], _Group] = {}
        self._decoder = msgspec.json.Decoder(LiveFrame)
        self._live: LiveSource | None = None
        self._clock = clock
        self._looked_s = float("-inf")
        self._places = LiveQuota()

    @property
    def clients(self) -> int:
        """Return how many sockets are served."""
        return sum(len(group.clients) for group in self._groups.values())

    async def start(self, live: LiveSource) -> None:
        """Listen to the bus from now on."""
        self._live = live
        await live.subscribe(self.receive)

    async def join(self, viewer: Viewer, wanted: Wanted, address: str = "") -> LiveClient:
        """Return a queue that fills from now on; leave it when done.

        Raises:
            Unavailable: ``live.full`` when as many views are open as may be (see live_places).
        """
        client = LiveClient((visibility_key(viewer), wanted), self._places.take(viewer, address))
        try:
            visibility = await self._visibilities.of(viewer)
        except BaseException:
            self._places.give_back(client.seat)
            raise
        self._groups.setdefault(client.key, _Group(visibility)).clients.add(client)
        return client

    def leave(self, client: LiveClient) -> None:
        """Stop filling the queue."""
        self._places.give_back(client.seat)
        client.seat = ()
        group = self._groups.get(client.key)
        if group is not None:
            group.clients.discard(client)
            if not group.clients:
                del self._groups[client.key]

    async def renew(self, client: LiveClient, viewer: Viewer) -> bool:
        """Look up again how far the viewer sees; False when that now is another reach."""
        if client.key[0] != visibility_key(viewer):
            return False
        group = self._groups.get(client.key)
        if group is not None:
            group.visibility = await self._visibilities.of(viewer)
        await self.look()
        return True

    async def look(self) -> None:
        """Let frames come for the clients that there are."""
        now_s = self._clock.monotonic_s()
        if self._live is not None and now_s - self._looked_s >= LOOK_S:
            self._looked_s = now_s
            await self._live.look()

    async def receive(self, payload: bytes) -> None:
        """Take one frame of the bus to every group that may see some of it."""
        if not self._groups:
            return
        try:
            frame = self._decoder.decode(payload)
        except msgspec.DecodeError:
            get_logger().warning("live frame not understood", size=len(payload))
            return
        for (_, wanted), group in self._groups.items():
            encoded = _encode(frame, wanted, group.visibility)
            if encoded is not None:
                for client in group.clients:
                    client.put(encoded)


def _encode(frame: LiveFrame, wanted: Wanted, visibility: DeviceVisibility) -> bytes | None:
    """Return the part of the frame that is wanted and visible, None if nothing is."""
    device = wanted.device
    changes = [
        _change(line) for line in frame.changes if line.device == device and visibility.sees(line)
    ]
    states = [
        _state(line)
        for line in frame.states
        if (device is None or line.device == device) and visibility.sees(line)
    ]
    if not changes and not states:
        return None
    return msgspec.json.encode(_Frame(frame.at, changes, states))


def _change(line: LiveChange) -> _Change:
    return _Change(line.device, line.metric, line.kind, line.value, line.t, line.status)


def _state(line: LiveState) -> _State:
    return _State(line.device, line.state, line.last_seen_ms)
