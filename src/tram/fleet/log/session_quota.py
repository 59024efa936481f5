"""What one device keeps in the store of sessions: counted, and bounded, so that all find room.

A gateway learns a device's entries from the log when the device first keeps something there, counts
along, and looks again before it refuses: other gateways write and drop too.
"""

from collections import Counter, OrderedDict
from typing import Final

from tram.runtime.errors import Refused

__all__ = (
    "DEVICE_BYTES_MAX",
    "DEVICE_BYTES_MAX_CROWDED",
    "ORG_SHARE",
    "QUEUED_MAX",
    "RETAINED_MAX",
    "SESSIONS_MAX",
    "WILLS_MAX",
    "SessionQuota",
    "Shelves",
)

SESSIONS_MAX: Final = 200
"""Most kept sessions of one device."""
QUEUED_MAX: Final = 1_000
"""Most messages of QoS 1 that wait for one session."""
RETAINED_MAX: Final = 1_000
"""Most retained messages of one device."""
WILLS_MAX: Final = 200
"""Most wills of one device that outlive their gateway."""
DEVICE_BYTES_MAX: Final = 4_194_304
"""Most that one device keeps in all of this."""
DEVICE_BYTES_MAX_CROWDED: Final = 65_536
"""The same while the store of sessions is more than half full."""
ORG_SHARE: Final = 4
"""The part (1/n) of a crowded store that the devices of one organisation may fill."""
REMEMBERED_MAX: Final = 10_000
"""Devices remembered; what was not looked at for longest is learnt anew."""
OWNERS_MAX: Final = 200_000
"""Devices whose organisation is remembered."""
_GROWTH_BYTES: Final = 64
"""By so much an entry may grow at a device that is full: a session that ends notes its time."""

_MOST: Final = {"s": SESSIONS_MAX, "q": QUEUED_MAX, "r": RETAINED_MAX, "w": WILLS_MAX}
_NOUNS: Final = {
    "s": "kept sessions",
    "q": "messages that wait for one session",
    "r": "retained messages",
    "w": "stored wills",
}


class SessionQuota:
    """The entries of one device: their sizes by group (``s``, ``r``, ``w``, ``q.<client>``) and place."""

    __slots__ = ("_groups", "bytes", "learnt_s")

    def __init__(self, learnt_s: float) -> None:
        self._groups: dict[str, dict[str, int]] = {}
        self.bytes = 0
        self.learnt_s = learnt_s

    def put(self, group: str, place: str, size: int) -> None:
        """Note an entry; size 0 takes it away."""
        entries = self._groups.setdefault(group, {})
        self.bytes += size - entries.pop(place, 0)
        if size:
            entries[place] = size
        elif not entries:
            del self._groups[group]

    def clear(self, group: str) -> None:
        """Note that a whole group is gone."""
        self.bytes -= sum(self._groups.pop(group, {}).values())

    def problem(self, group: str, place: str, size: int, bytes_max: int) -> Refused | None:
        """Return why one more entry does not fit, None if it does."""
        entries = self._groups.get(group, {})
        before = entries.get(place)
        most = _MOST[group[0]]
        if before is None and len(entries) >= most:
            return _full(f"The device has {most} {_NOUNS[group[0]]}, which is all it may have.")
        if self.grows(group, place, size) and self.bytes + size - (before or 0) > bytes_max:
            return _full(
                f"The device keeps {self.bytes} bytes of sessions and messages; "
                f"it may keep {bytes_max}."
            )
        return None

    def grows(self, group: str, place: str, size: int) -> bool:
        """Tell whether an entry takes noticeably more room than what it replaces."""
        before = self._groups.get(group, {}).get(place, 0)
        return size - before > (_GROWTH_BYTES if before else 0)


class Shelves:
    """The shelves that a gateway remembers."""

    def __init__(self) -> None:
        self._entries_of: OrderedDict[int, SessionQuota] = OrderedDict()
        self._owners: OrderedDict[int, int] = OrderedDict()
        self._over: dict[int, Refused] = {}

    def belongs(self, device: int, org: int) -> None:
        """Note whose a device is."""
        self._owners[device] = org
        self._owners.move_to_end(device)
        if len(self._owners) > OWNERS_MAX:
            self._owners.popitem(last=False)

    def weigh(self, org_bytes_max: int | None) -> None:
        """Find the organisations that keep more than they may; None while there is room for all."""
        self._over = {}
        if org_bytes_max is None:
            return
        kept: Counter[int] = Counter()
        for device, quota in self._entries_of.items():
            if device in self._owners:
                kept[self._owners[device]] += quota.bytes
        self._over = {
            org: _full(
                f"The devices of the organisation keep {many} bytes of sessions and messages; "
                f"together they may keep {org_bytes_max} while the store is more than half full."
            )
            for org, many in kept.items()
            if many > org_bytes_max
        }

    def org_problem(self, device: int) -> Refused | None:
        """Return why a device's organisation may keep nothing more, None if it may."""
        org = self._owners.get(device)
        return None if org is None else self._over.get(org)

    def get(self, device: int) -> SessionQuota | None:
        """Return what a device keeps, if it is remembered."""
        quota = self._entries_of.get(device)
        if quota is not None:
            self._entries_of.move_to_end(device)
        return quota

    def keep(self, device: int, quota: SessionQuota) -> None:
        """Remember what a device keeps."""
        self._entries_of[device] = quota
        self._entries_of.move_to_end(device)
        if len(self._entries_of) > REMEMBERED_MAX:
            self._entries_of.popitem(last=False)


def _full(sentence: str) -> Refused:
    return Refused(
        "session.too_many",
        sentence,
        "Let clients use the same names again, take what waits, or clear retained messages.",
    )
