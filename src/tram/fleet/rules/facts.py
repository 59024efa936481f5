"""What the registry knows of devices, as arrays: whose, where, of which kind."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from tram.fleet.rules.kinds import Rule
from tram.fleet.rules.table import ABSENT, KeyTable
from tram.registry.changes import Body, DeviceGone, DevicePut, OrgPut

__all__ = ("FACT", "Facts")

FACT = np.dtype(
    [
        ("device", "i8"), ("org", "i8"), ("zone", "i8"), ("sector", "i4"), ("profile", "i4"),
        ("there", "i4"),
    ],
    align=True,
)  # fmt: skip
_ROOM_FIRST = 1024

Places = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class Facts:
    """All devices; a removed one stays, marked as gone."""

    def __init__(self) -> None:
        self.version = -1
        self.lines = np.zeros(_ROOM_FIRST, FACT)
        self.count = 0
        self.sectors: dict[str, int] = {}
        self.ancestors: dict[int, list[int]] = {}
        self._places = KeyTable()

    def apply(self, bodies: Iterable[Body]) -> None:
        """Take changes of the registry in their order."""
        puts: dict[int, DevicePut | DeviceGone] = {}
        for body in bodies:
            if isinstance(body, OrgPut):
                self.ancestors[body.org] = list(body.ancestors)
            elif isinstance(body, DevicePut | DeviceGone):
                puts[body.device] = body
        if puts:
            self._write(puts)

    def place(self, devices: npt.NDArray[np.int64]) -> Places:
        """Return the line of each device, ``ABSENT`` where none is known."""
        return self._places.find(devices)

    def in_scope(self, rule: Rule, places: Places) -> Mask:
        """Tell which of the devices at these lines a rule is for."""
        lines = self.lines[places]
        scope = rule.scope
        below = [org for org, above in self.ancestors.items() if rule.org in above]
        mask: Mask = (lines["there"] == 1) & np.isin(lines["org"], below)
        if scope.profile is not None:
            mask &= lines["profile"] == scope.profile
        if scope.zone is not None:
            mask &= lines["zone"] == scope.zone
        if scope.sector is not None:
            mask &= lines["sector"] == self.sectors.get(scope.sector, ABSENT)
        if scope.devices is not None:
            mask &= np.isin(lines["device"], np.array(scope.devices, np.int64))
        return mask

    def restore(self, lines: npt.NDArray[np.void]) -> None:
        """Take the lines of a snapshot."""
        self.lines, self.count = lines.copy(), len(lines)
        self._places = KeyTable()
        self._places.put(lines["device"].copy(), np.arange(len(lines), dtype=np.int64))

    def _write(self, puts: dict[int, DevicePut | DeviceGone]) -> None:
        devices = np.fromiter(puts, np.int64, len(puts))
        places = self.place(devices)
        new = np.flatnonzero(places == ABSENT)
        places[new] = self.count + np.arange(len(new))
        self.count += len(new)
        while self.count > len(self.lines):
            self.lines = np.concatenate([self.lines, np.zeros_like(self.lines)])
        self._places.put(devices[new], places[new])
        for place, body in zip(places.tolist(), puts.values(), strict=True):
            if isinstance(body, DeviceGone):
                self.lines[place]["device"], self.lines[place]["there"] = body.device, 0
                continue
            sector = self.sectors.setdefault(body.sector, len(self.sectors))
            zone = -1 if body.zone is None else body.zone
            self.lines[place] = (body.device, body.org, zone, sector, body.profile, 1)
