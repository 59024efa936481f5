"""Whether devices are alive, in arrays by device number.

A device is *online* while it is connected, or was heard within three times its longest recent
silence, at least 5 minutes and at most a day; otherwise *silent*; *never* before its first sign of
life. When its gateway boot sent no block for 30 seconds a connected device is *unknown*.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tram.fleet.block.block import EventKind
from tram.fleet.store.columns import Events, Ints, Mask, Messages
from tram.fleet.store.engine.checkpoint import Boot, Checkpoint
from tram.fleet.store.engine.engine import Engine

__all__ = ("NEVER", "ONLINE", "SILENT", "STATES", "UNKNOWN", "DeviceBoard")

STATES = ("never", "silent", "unknown", "online")
NEVER, SILENT, UNKNOWN, ONLINE = range(4)

HEARD_MS_MIN = 300_000
HEARD_MS_MAX = 86_400_000
HEARD_SILENCES = 3
BOOT_SILENT_S_MAX = 30.0
BOOTS_MAX = 1_000
"""Gateway boots remembered; beyond it the longest silent are forgotten."""
_FIRST_ROOM = 1024

_COUNTS_SQL = """
SELECT device, max(received_at_ms) AS last_seen_ms, count() AS messages FROM tram.messages
WHERE log_epoch != {epoch:Int64} OR log_seq <= {seq:Int64} GROUP BY device
"""
_EVENTS_SQL = """
SELECT device, max(received_at_ms) AS last_seen_ms, countIf(kind = 3) AS refused FROM tram.events
WHERE log_epoch != {epoch:Int64} OR log_seq <= {seq:Int64} GROUP BY device
"""
_PRESENCE_SQL = """
SELECT device, tupleElement(last, 1) AS kind, tupleElement(last, 2) AS boot
FROM (
    SELECT device, argMax((kind, boot), (log_epoch, log_seq, event_no)) AS last FROM tram.events
    WHERE kind IN (1, 2) AND (log_epoch != {epoch:Int64} OR log_seq <= {seq:Int64})
    GROUP BY device
)
WHERE kind = 1
"""


class DeviceBoard:
    """One line per device, by its number (device numbers are dense)."""

    def __init__(self) -> None:
        self._at: dict[str, Ints] = {
            name: np.zeros(_FIRST_ROOM, np.int64)
            for name in ("last_seen_ms", "messages", "refused", "silence_ms", "boot")
        }
        self._connected: Mask = np.zeros(_FIRST_ROOM, np.bool_)
        self._boots: dict[str, int] = {}
        self._boot_heard_s: list[float] = []

    @property
    def room(self) -> int:
        """Return how many lines there are, used or not."""
        return len(self._connected)

    def load(self, engine: Engine, checkpoint: Checkpoint, now_s: float) -> None:
        """Rebuild from the tables what was known at the checkpoint.

        Message counts reach back as far as messages are kept (``tables.MESSAGE_DAYS``).
        """
        place = {"epoch": str(checkpoint.epoch), "seq": str(checkpoint.seq)}
        for sql, count in ((_COUNTS_SQL, "messages"), (_EVENTS_SQL, "refused")):
            for part in engine.scan(sql, place):
                device = part["device"].to_numpy()
                self.reserve(device)
                self._at[count][device] = part[count].to_numpy()
                seen = part["last_seen_ms"].to_numpy()
                np.maximum.at(self._at["last_seen_ms"], device, seen)
        self.hear(checkpoint.boots, now_s)
        for part in engine.scan(_PRESENCE_SQL, place):
            for line in part.to_pylist():
                if line["boot"] in checkpoint.boots:
                    self._connected[line["device"]] = True
                    self._at["boot"][line["device"]] = self._boots[line["boot"]]

    def reserve(self, device: Ints) -> None:
        """Make room for these devices."""
        greatest = int(device.max(initial=0))
        while greatest >= self.room:
            room = self.room
            for name, column in self._at.items():
                self._at[name] = np.concatenate([column, np.zeros(room, np.int64)])
            self._connected = np.concatenate([self._connected, np.zeros(room, np.bool_)])

    def hear(self, boots: Iterable[str] | Mapping[str, Boot], now_s: float) -> None:
        """Note that these gateway boots sent a block just now."""
        for boot in boots:
            number = self._boots.setdefault(boot, len(self._boots))
            if number == len(self._boot_heard_s):
                self._boot_heard_s.append(now_s)
            self._boot_heard_s[number] = now_s

    def apply(self, messages: Messages, events: Events) -> Ints:
        """Take a batch's messages and events; return the devices that were heard."""
        self.reserve(messages.device)
        self.reserve(events.device)
        np.add.at(self._at["messages"], messages.device, 1)
        refused = events.kind == EventKind.REFUSED
        np.add.at(self._at["refused"], events.device[refused], 1)
        device = np.concatenate([messages.device, events.device])
        time = np.concatenate([messages.received_at_ms, events.received_at_ms])
        heard = np.unique(device)
        before = self._at["last_seen_ms"][heard]
        np.maximum.at(self._at["last_seen_ms"], device, time)
        gap = np.where(before > 0, self._at["last_seen_ms"][heard] - before, 0)
        self._at["silence_ms"][heard] = np.maximum(gap, self._at["silence_ms"][heard] * 3 // 4)
        self._take_presence(events)
        return heard

    def states(self, now_ms: int, now_s: float) -> npt.NDArray[np.uint8]:
        """Return every device's state as an index into ``STATES``."""
        seen = self._at["last_seen_ms"]
        window = np.clip(self._at["silence_ms"] * HEARD_SILENCES, HEARD_MS_MIN, HEARD_MS_MAX)
        state = np.where(now_ms - seen <= window, ONLINE, SILENT)
        state = np.where(seen == 0, NEVER, state)
        silent_boot = np.array(
            [now_s - heard_s > BOOT_SILENT_S_MAX for heard_s in self._boot_heard_s] or [True]
        )
        connected = np.where(silent_boot[self._at["boot"]], UNKNOWN, ONLINE)
        result: npt.NDArray[np.uint8] = np.where(self._connected, connected, state).astype(
            np.uint8
        )
        return result

    def counts(self, device: int) -> tuple[int, int, int]:
        """Return when a device was last seen (0: never), its messages and its refusals."""
        if device >= self.room:
            return 0, 0, 0
        at = self._at
        return (
            int(at["last_seen_ms"][device]),
            int(at["messages"][device]),
            int(at["refused"][device]),
        )

    def refusing(self, devices: Ints, many: int) -> Ints:
        """Return those of the devices that had messages refused, the ones heard last first."""
        among = devices[devices < self.room]
        among = among[self._at["refused"][among] > 0]
        order = np.argsort(-self._at["last_seen_ms"][among], kind="stable")
        found: Ints = among[order][:many]
        return found

    def _take_presence(self, events: Events) -> None:
        """The last connection of a device names its boot; only that boot can end it."""
        presence = np.flatnonzero(
            (events.kind == EventKind.CONNECTED) | (events.kind == EventKind.DISCONNECTED)
        )
        if not len(presence):
            return
        # Only these: what the store itself notes of a device (a limit reached) is of no boot.
        names = events.boot.take(pa.array(presence)).dictionary_encode()
        numbers = np.array([self._boots[name] for name in names.dictionary.to_pylist()], np.int64)
        boot = np.zeros(len(events.kind), np.int64)
        boot[presence] = numbers[names.indices.to_numpy()]
        connects = presence[events.kind[presence] == EventKind.CONNECTED]
        self._at["boot"][events.device[connects]] = boot[connects]  # the last one stays
        self._connected[events.device[connects]] = True
        own = presence[boot[presence] == self._at["boot"][events.device[presence]]]
        self._connected[events.device[own]] = events.kind[own] == EventKind.CONNECTED
