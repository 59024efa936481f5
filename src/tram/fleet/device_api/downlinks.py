"""What devices have yet to receive: every undelivered downlink of the province, in memory.

A downlink is a row of the registry first; here it waits until the device's connection, wherever it
is, takes it. Each gateway keeps the same list (the log feeds it), so nobody asks at a reconnect.
"""

from collections.abc import Iterable
from typing import Final, Protocol

import msgspec

from tram.domain.bounds import NUMBER_MAX, is_number
from tram.domain.ids import DeviceId
from tram.fleet.device_api.isolation import alone
from tram.runtime.errors import Refused

__all__ = ("ATTRIBUTES", "RPC", "Downlink", "DownlinkReport", "Pending", "Watcher", "call_number")

RPC = "rpc"
ATTRIBUTES = "attributes"
_DIGITS_MAX: Final = len(str(NUMBER_MAX))


class Downlink(msgspec.Struct, frozen=True):
    """One message to a device.

    ``target`` is the device whose connection takes it: the device itself, or the one that it lies
    behind, which knows it by ``name``. ``body`` is JSON: of an RPC ``{"method", "params"}``, of
    attributes what changed. ``gone`` takes the downlink back.
    """

    number: int
    device: int
    target: int
    kind: str
    body: bytes
    name: str = ""
    oneway: bool = False
    expires_ms: int = 0
    gone: bool = False

    def numbered(self) -> bytes:
        """Return the body with the number that an answer names, where it is an RPC."""
        if self.kind != RPC:
            return self.body
        return msgspec.json.encode({"id": self.number, **msgspec.json.decode(self.body)})

    def named(self) -> bytes:
        """Return ``{"device", "data"}``, as a device takes it for one that lies behind it."""
        data = msgspec.Raw(self.numbered())
        return msgspec.json.encode({"device": self.name, "data": data})


class DownlinkReport(msgspec.Struct, frozen=True):
    """What became of a downlink: ``delivered``, ``answered`` (with the answer) or ``failed``."""

    number: int
    device: int
    state: str
    at_ms: int
    body: bytes = b""


class Watcher(Protocol):
    """Who wants to hear of a device's new downlinks."""

    def downlink(self, downlink: Downlink) -> None:
        """Take note of a new downlink."""
        ...

    def fail(self, error: Exception) -> None:
        """End for this fault alone."""
        ...


class Pending:
    """Undelivered downlinks by the device whose connection takes them, in order."""

    def __init__(self) -> None:
        self._waiting: dict[int, dict[int, Downlink]] = {}
        self._watchers: dict[DeviceId, list[Watcher]] = {}

    def put(self, downlink: Downlink) -> None:
        """Add a downlink, or take one back."""
        target = downlink.target
        if downlink.gone:
            self.forget(target, downlink.number)
            return
        self._waiting.setdefault(target, {})[downlink.number] = downlink
        for watcher in tuple(self._watchers.get(DeviceId(target), ())):
            alone(watcher, watcher.downlink, downlink)

    def forget(self, target: int, number: int) -> None:
        """Drop what was delivered."""
        waiting = self._waiting.get(target)
        if waiting is not None:
            waiting.pop(number, None)
            if not waiting:
                del self._waiting[target]

    def of(self, target: DeviceId, now_ms: int) -> Iterable[Downlink]:
        """Return what waits for a device and has not expired, oldest first."""
        waiting = self._waiting.get(target)
        if waiting is None:
            return ()
        return [waiting[n] for n in sorted(waiting) if not is_over(waiting[n], now_ms)]

    def watch(self, target: DeviceId, watcher: Watcher) -> None:
        """Tell ``watcher`` of every new downlink of a device from now on."""
        self._watchers.setdefault(target, []).append(watcher)

    def unwatch(self, target: DeviceId, watcher: Watcher) -> None:
        """Stop telling."""
        watchers = self._watchers.get(target)
        if watchers is not None and watcher in watchers:
            watchers.remove(watcher)
            if not watchers:
                del self._watchers[target]


def is_over(downlink: Downlink, now_ms: int) -> bool:
    """Tell whether a downlink has expired."""
    return 0 < downlink.expires_ms <= now_ms


def call_number(digits: str) -> int:
    """Return the number of a call that a device answers.

    Raises:
        Refused: ``call.unknown`` where no call can have that number.
    """
    number = int(digits) if len(digits) <= _DIGITS_MAX else 0
    if not is_number(number):
        raise Refused(
            "call.unknown",
            f"There is no call with this number: they go from 1 to {NUMBER_MAX}.",
            "Answer with the number that came with the call.",
        )
    return number
