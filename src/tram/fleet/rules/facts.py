"""What the registry knows of devices, as arrays: whose, where, of which kind; and who lends what."""

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from tram.domain.bounds import is_number
from tram.fleet.rules.kinds import Rule
from tram.fleet.rules.memory import bigger
from tram.fleet.rules.table import ABSENT, KeyTable
from tram.registry.kernel.changes import Body, DeviceGone, DevicePut, GrantGone, GrantPut, OrgPut
from tram.runtime.errors import is_of_the_entry

__all__ = ("FACT", "FOREVER_MS", "Facts", "WrongFact")

FACT = np.dtype(
    [
        ("device", "i8"), ("org", "i8"), ("zone", "i8"), ("sector", "i4"), ("profile", "i4"),
        ("there", "i4"),
    ],
    align=True,
)  # fmt: skip
FOREVER_MS: Final = 2**62
_ROOM_FIRST = 1024

Places = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class WrongFact(NamedTuple):
    """One device whose facts cannot be taken, its organisation if that is known, and why."""

    device: int
    org: int | None
    error: Exception


class Facts:
    """All devices; a removed one stays, marked as gone."""

    def __init__(self) -> None:
        self.version = -1
        self.lines = np.zeros(_ROOM_FIRST, FACT)
        self.count = 0
        self.sectors: dict[str, int] = {}
        self.ancestors: dict[int, list[int]] = {}
        self.grants: dict[int, GrantPut] = {}
        self.wrong: list[WrongFact] = []
        """What could not be taken, for the caller to take away."""
        self.moved: set[int] = set()
        """Devices that came to another organisation, for the binding to take away."""
        self._places = KeyTable()

    def apply(self, bodies: Iterable[Body]) -> None:
        """Take changes of the registry in their order."""
        puts: dict[int, DevicePut | DeviceGone] = {}
        for body in bodies:
            if isinstance(body, OrgPut):
                self.ancestors[body.org] = list(body.ancestors)
            elif isinstance(body, GrantPut):
                self.grants[body.grant] = body
            elif isinstance(body, GrantGone):
                self.grants.pop(body.grant, None)
            elif isinstance(body, DevicePut | DeviceGone):
                puts[body.device] = body
        for device in [number for number in puts if not is_number(number)]:
            self._refuse(puts.pop(device), ValueError(f"{device} is no number of a device"))
        if puts:
            self._write(puts)

    def forget(self) -> None:
        """Know no device and no loan any more: everything is told anew."""
        self.lines["there"] = 0
        self.grants.clear()

    def place(self, devices: npt.NDArray[np.int64]) -> Places:
        """Return the line of each device, ``ABSENT`` where none is known."""
        return self._places.find(devices)

    def below(self, org: int) -> list[int]:
        """Return an organisation and those below it."""
        return [number for number, above in self.ancestors.items() if org in above]

    def in_scope(self, rule: Rule, places: Places) -> Mask:
        """Tell which of the devices at these lines a rule is for."""
        lines = self.lines[places]
        scope = rule.scope
        mask: Mask = (lines["there"] == 1) & np.isin(lines["org"], self.below(rule.org))
        if scope.profile is not None:
            mask &= lines["profile"] == scope.profile
        if scope.zone is not None:
            mask &= lines["zone"] == scope.zone
        if scope.sector is not None:
            mask &= lines["sector"] == self.sectors.get(scope.sector, ABSENT)
        if scope.devices is not None:
            mask &= np.isin(lines["device"], np.array(scope.devices, np.int64))
        return mask

    def read_until_ms(self, org: int, device: int, metric: str, now_ms: int) -> int:
        """Return until when an organisation may read a metric of a device; 0 when it may not.

        Its own devices and those below it for ever, others as long as they lend the metric to it.
        """
        place = int(self.place(np.array([device], np.int64))[0])
        if place == ABSENT or not self.lines[place]["there"]:
            return 0
        owner = int(self.lines[place]["org"])
        above = self.ancestors.get(owner, ())
        if org in above:
            return FOREVER_MS
        ends = (
            grant.until_ms
            for grant in self.grants.values()
            if grant.device in {None, device}
            and grant.metric in {None, metric}
            and grant.from_org in above
            and org in self.ancestors.get(grant.to_org, ())
        )
        until_ms = max(ends, default=0)
        return until_ms if until_ms > now_ms else 0

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
        if self.count > len(self.lines):
            self.lines = bigger(self.lines, self.count)
        self._places.put(devices[new], places[new])
        for place, body in zip(places.tolist(), puts.values(), strict=True):
            try:
                self._put(place, body)
            except Exception as error:
                if not is_of_the_entry(error):
                    raise
                self.lines[place]["device"], self.lines[place]["there"] = body.device, 0
                self._refuse(body, error)

    def _put(self, place: int, body: DevicePut | DeviceGone) -> None:
        if isinstance(body, DeviceGone):
            self.lines[place]["device"], self.lines[place]["there"] = body.device, 0
            return
        before = int(self.lines[place]["org"])
        sector = self.sectors.setdefault(body.sector, len(self.sectors))
        zone = -1 if body.zone is None else body.zone
        self.lines[place] = (body.device, body.org, zone, sector, body.profile, 1)
        if before not in {0, body.org}:
            self.moved.add(body.device)

    def _refuse(self, body: DevicePut | DeviceGone, error: Exception) -> None:
        org = body.org if isinstance(body, DevicePut) and body.org in self.ancestors else None
        self.wrong.append(WrongFact(body.device, org, error))
