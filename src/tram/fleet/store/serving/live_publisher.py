"""Frames for open views: what changed since the last, at most ten a second, each of bounded size."""

import asyncio
from collections.abc import Iterator

import msgspec
import numpy as np
import numpy.typing as npt

from tram.fleet.store.columns import Ints
from tram.fleet.store.state.devices import STATES, DeviceBoard
from tram.fleet.store.state.dimensions import Dimensions
from tram.fleet.store.state.latest import LatestBoard
from tram.fleet.store.views import LiveChange, LiveFrame, LiveState
from tram.fleet.sync.live_frames import LiveBus
from tram.runtime.clock import Clock

__all__ = ("FRAMES_INTERVAL_S", "LiveFrames", "publish_frames")

FRAMES_INTERVAL_S = 0.1
LINES_PER_FRAME = 1_000
CHANGES_MAX = 20_000
"""Most changed series in one interval; beyond it the rest waits for its next change."""
STATES_INTERVAL_S = 2.0
"""How often states are compared that change by time alone."""
CATCHING_UP_MS = 60_000
"""Batches received longer ago than this are a backlog: nothing live about them."""

_encoder = msgspec.json.Encoder()


class LiveFrames:
    """Collects what changed and encodes it on demand."""

    def __init__(self, latest: LatestBoard, devices: DeviceBoard, dimensions: Dimensions) -> None:
        self._latest = latest
        self._devices = devices
        self._dimensions = dimensions
        self._changed: list[Ints] = []
        self._heard: list[Ints] = []
        self._states: npt.NDArray[np.uint8] = np.empty(0, np.uint8)
        self._states_at_s = float("-inf")

    def note(self, changed: Ints, heard: Ints) -> None:
        """Remember the series that changed and the devices that were heard."""
        self._changed.append(changed)
        self._heard.append(heard)

    def take(self, clock: Clock) -> Iterator[bytes]:
        """Yield the frames of what changed since the last call."""
        heard = _joined(self._heard)
        self._heard = []
        now_s = clock.monotonic_s()
        if not len(heard) and now_s - self._states_at_s < STATES_INTERVAL_S:
            return
        self._states_at_s = now_s
        changes = list(self._changes())
        states = list(self._changed_states(clock))
        for start in range(0, max(len(changes), len(states)), LINES_PER_FRAME):
            part = slice(start, start + LINES_PER_FRAME)
            yield _encoder.encode(LiveFrame(clock.now_ms(), changes[part], states[part]))

    def _changes(self) -> Iterator[LiveChange]:
        changed = _joined(self._changed)[:CHANGES_MAX]
        self._changed = []
        numbers = self._latest.numbers
        for series in changed.tolist():
            device = int(numbers["device"][series])
            line = self._dimensions.device(device)
            if line is not None:
                yield LiveChange(
                    device=device,
                    org=int(numbers["org_id"][series]),
                    zone=line.zone,
                    sector=line.sector,
                    metric=self._latest.metric[series],
                    kind=int(numbers["kind"][series]),
                    value=self._latest.value(series),
                    t=int(numbers["observed_at_ms"][series]),
                    status=int(numbers["status"][series]),
                )

    def _changed_states(self, clock: Clock) -> Iterator[LiveState]:
        states = self._devices.states(clock.now_ms(), clock.monotonic_s())
        before = np.zeros(len(states), np.uint8)
        before[: len(self._states)] = self._states
        if not len(self._states):
            before = states.copy()  # the first look: nothing changed yet
        changed = np.flatnonzero(states != before)[:CHANGES_MAX]
        before[changed] = states[changed]
        self._states = before
        for device in changed.tolist():
            line = self._dimensions.device(device)
            if line is not None:
                seen_ms, _, _ = self._devices.counts(device)
                state = STATES[states[device]]
                yield LiveState(device, line.org, line.zone, line.sector, state, seen_ms or None)


async def publish_frames(frames: LiveFrames, live: LiveBus, clock: Clock) -> None:
    """Send frames for ever, while anybody looks."""
    while True:
        for payload in frames.take(clock) if live.is_watched() else ():
            await live.publish(payload)
        await asyncio.sleep(FRAMES_INTERVAL_S)


def _joined(parts: list[Ints]) -> Ints:
    return np.unique(np.concatenate(parts)) if parts else np.empty(0, np.int64)
