"""Who may see what: devices, organisations and grants as the registry numbers their changes.

They live twice: as tables for the SQL of history, as arrays for states and newest values. The
tables are written first, so whoever sees ``version`` in memory finds it in SQL too.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from tram.fleet.store.columns import Ints, Mask
from tram.fleet.store.engine.engine import Engine
from tram.fleet.store.engine.tables import DIM_DEVICE, DIM_GRANT, DIM_ORG
from tram.fleet.store.views import ScopeAsked
from tram.fleet.sync.registry_follower import ChangeBatch
from tram.registry.kernel.changes import Body, DeviceGone, DevicePut, GrantGone, GrantPut, OrgPut
from tram.runtime.errors import Unavailable

__all__ = ("ANY_ZONE", "DeviceLine", "DimensionRows", "Dimensions", "rows_of")

ANY_ZONE = -1
ANY_DEVICE = 0
WAIT_S_MAX = 2.0
"""Longest wait for a registry change that a question needs."""
_VERSION_FILE = "dims.json"
_FIRST_ROOM = 1024
_ALL = slice(None)


class DeviceLine(NamedTuple):
    """One device: its organisation, zone (None if it has none), sector and interval now."""

    org: int
    zone: int | None
    sector: str
    interval_ms: int = 0
    """How often its profile says that it speaks; 0 if nobody says."""


class DimensionRows(NamedTuple):
    """A batch of changes as rows of the three tables."""

    orgs: dict[int, tuple[int, ...]]
    devices: dict[int, DeviceLine | None]
    grants: dict[int, GrantPut | None]


class Dimensions:
    """The dimensions as of ``version``; changed by one follower only, read by everybody."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / _VERSION_FILE
        self.version = -1
        self._orgs: dict[int, tuple[int, ...]] = {}
        self._grants: dict[int, GrantPut] = {}
        self._sectors: list[str] = [""]
        self._org: Ints = np.zeros(_FIRST_ROOM, np.int64)
        self._zone: Ints = np.full(_FIRST_ROOM, ANY_ZONE, np.int64)
        self._sector: Ints = np.zeros(_FIRST_ROOM, np.int64)
        self._interval: Ints = np.zeros(_FIRST_ROOM, np.int64)
        self._known: Mask = np.zeros(_FIRST_ROOM, np.bool_)
        self._changed = asyncio.Event()

    def load(self, engine: Engine) -> None:
        """Rebuild from the tables what was known when the store last ran."""
        if not self._file.exists():
            return
        found = engine.query("SELECT org, ancestors FROM tram.dim_org FINAL").to_pylist()
        orgs = {line["org"]: tuple(line["ancestors"]) for line in found}
        found = engine.query(
            "SELECT device, org, zone, sector, interval_ms FROM tram.dim_device FINAL WHERE gone = 0"
        ).to_pylist()
        devices: dict[int, DeviceLine | None] = {
            line["device"]: DeviceLine(
                line["org"], _zone(line["zone"]), line["sector"], line["interval_ms"]
            )
            for line in found
        }
        found = engine.query(
            "SELECT grant_id, device, metric, from_org, to_org, until_ms"
            " FROM tram.dim_grant FINAL WHERE gone = 0"
        ).to_pylist()
        grants: dict[int, GrantPut | None] = {
            line["grant_id"]: GrantPut(
                line["grant_id"],
                line["device"] or None,
                line["metric"] or None,
                line["from_org"],
                line["to_org"],
                line["until_ms"],
            )
            for line in found
        }
        self.apply(msgspec.json.decode(self._file.read_bytes(), type=int), (orgs, devices, grants))

    def save(self, engine: Engine, batch: ChangeBatch) -> DimensionRows:
        """Write a batch to the tables and return it for ``apply``; blocks."""
        rows = rows_of(batch.changes)
        if batch.is_reset:
            rows.devices.update((d, None) for d in self.devices() if d not in rows.devices)
            rows.grants.update((g, None) for g in self._grants if g not in rows.grants)
            rows.orgs.update((o, ()) for o in self._orgs if o not in rows.orgs)
        for table, lines in (
            (DIM_ORG, _org_lines(rows, batch.version)),
            (DIM_DEVICE, _device_lines(rows, batch.version)),
            (DIM_GRANT, _grant_lines(rows, self._grants, batch.version)),
        ):
            engine.insert(table.full_name, table.of_lines(lines))
        part = self._file.with_suffix(".part")
        part.write_bytes(msgspec.json.encode(batch.version))
        part.replace(self._file)  # an older version after a crash only repeats harmless rows
        return rows

    def apply(self, version: int, rows: DimensionRows | tuple[dict, dict, dict]) -> None:  # type: ignore[type-arg]
        """Take saved changes into memory and wake who waits for the version."""
        orgs, devices, grants = rows
        # Questions in other threads go through these: they are replaced, not changed.
        if orgs:
            self._orgs = self._orgs | orgs
        if grants:
            merged = self._grants | grants
            self._grants = {number: grant for number, grant in merged.items() if grant}
        for number, line in devices.items():
            self._put_device(number, line)
        self.version = version
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def wait_for(self, version: int) -> None:
        """Return once the version is known.

        Raises:
            Unavailable: ``store.behind`` after 2 seconds.
        """
        try:
            async with asyncio.timeout(WAIT_S_MAX):
                while self.version < version:
                    await self._changed.wait()
        except TimeoutError:
            raise Unavailable(
                "store.behind", "The telemetry store has not heard of this change yet."
            ) from None

    def devices(self) -> list[int]:
        """Return every device that is there."""
        return [int(number) for number in np.flatnonzero(self._known)]

    def device(self, number: int) -> DeviceLine | None:
        """Return a device, None if it is unknown or gone."""
        if not 0 <= number < len(self._known) or not self._known[number]:
            return None
        return DeviceLine(
            int(self._org[number]),
            _zone(int(self._zone[number])),
            self._sectors[self._sector[number]],
            int(self._interval[number]),
        )

    def visible(self, scopes: Iterable[ScopeAsked], now_ms: int) -> Mask:
        """Return by device number which devices the scopes reach, lent ones included."""
        mask = np.zeros(len(self._known), np.bool_)
        for scope in scopes:
            reached = np.isin(self._org, self.subtree(scope.org))
            for grant in self._live_grants(scope.org, now_ms):
                lent = np.isin(self._org, self.subtree(grant.from_org))
                if grant.device is not None:
                    lent &= np.arange(len(lent)) == grant.device
                reached |= lent
            mask |= reached & self._in_place(scope)
        return mask

    def readable_orgs(
        self, scopes: Iterable[ScopeAsked], device: int, metric: str, now_ms: int
    ) -> frozenset[int]:
        """Return the organisations whose readings of this metric the scopes may read."""
        line = self.device(device)
        orgs: set[int] = set()
        for scope in scopes if line else ():
            if line is None or not _fits(scope, line):
                continue
            orgs.update(self.subtree(scope.org))
            for grant in self._live_grants(scope.org, now_ms):
                if grant.device in {None, device} and grant.metric in {None, metric}:
                    orgs.update(self.subtree(grant.from_org))
        return frozenset(orgs)

    def readable(
        self,
        scopes: Iterable[ScopeAsked],
        rows: Mapping[str, npt.NDArray[Any]],
        words: Sequence[str],
        now_ms: int,
    ) -> Mask:
        """Return which rows (``device``, ``org_id``, ``word``) the scopes may read."""
        device, org, word = rows["device"], rows["org_id"], rows["word"]
        mask = np.zeros(len(device), np.bool_)
        known = np.minimum(device, len(self._known) - 1)
        for scope in scopes:
            fits = self._in_place(scope, known) & (device < len(self._known))
            reached = np.isin(org, self.subtree(scope.org))
            for grant in self._live_grants(scope.org, now_ms):
                lent = np.isin(org, self.subtree(grant.from_org))
                if grant.device is not None:
                    lent &= device == grant.device
                if grant.metric is not None:
                    lent &= word == (words.index(grant.metric) if grant.metric in words else -1)
                reached |= lent
            mask |= fits & reached
        return mask

    def is_lent(self, org: int, now_ms: int) -> bool:
        """Return whether anything is lent to the organisation's subtree now."""
        return bool(self._live_grants(org, now_ms))

    def subtree(self, org: int) -> list[int]:
        """Return an organisation and those below it."""
        return [number for number, ancestors in self._orgs.items() if org in ancestors]

    def fitting(self, scope: ScopeAsked, devices: Sequence[int]) -> list[int]:
        """Return those of the devices that are in the scope's zone and sector now."""
        numbers = np.array(devices, np.int64)
        numbers = numbers[(numbers >= 0) & (numbers < len(self._known))]
        return list(numbers[self._in_place(scope, numbers)].tolist())

    def intervals(self, devices: Ints) -> Ints:
        """Return how often each device should speak (ms), 0 where nobody says."""
        known = np.minimum(devices, len(self._interval) - 1)
        intervals: Ints = np.where(devices < len(self._interval), self._interval[known], 0)
        return intervals

    def sectors(self) -> list[str]:
        """Return the sectors that devices name."""
        return self._sectors[1:]

    def in_sector(self, sector: str) -> Mask:
        """Return by device number which devices are in the sector."""
        mask: Mask = self._sector == self._sector_number(sector)
        return mask

    def _in_place(self, scope: ScopeAsked, numbers: Ints | slice = _ALL) -> Mask:
        """Return which of the devices are there, in the scope's zone and sector now."""
        fits: Mask = np.array(self._known[numbers])
        if scope.zone is not None:
            fits &= self._zone[numbers] == scope.zone
        if scope.sector is not None:
            fits &= self._sector[numbers] == self._sector_number(scope.sector)
        return fits

    def _live_grants(self, org: int, now_ms: int) -> list[GrantPut]:
        return [
            grant
            for grant in self._grants.values()
            if grant.until_ms > now_ms and org in self._orgs.get(grant.to_org, ())
        ]

    def _sector_number(self, sector: str) -> int:
        return self._sectors.index(sector) if sector in self._sectors else -1

    def _put_device(self, number: int, line: DeviceLine | None) -> None:
        while number >= len(self._known):
            room = len(self._known)
            self._org = np.concatenate([self._org, np.zeros(room, np.int64)])
            self._zone = np.concatenate([self._zone, np.full(room, ANY_ZONE, np.int64)])
            self._sector = np.concatenate([self._sector, np.zeros(room, np.int64)])
            self._interval = np.concatenate([self._interval, np.zeros(room, np.int64)])
            self._known = np.concatenate([self._known, np.zeros(room, np.bool_)])
        self._known[number] = line is not None
        if line is None:
            return
        if line.sector not in self._sectors:
            self._sectors.append(line.sector)
        self._org[number] = line.org
        self._zone[number] = ANY_ZONE if line.zone is None else line.zone
        self._sector[number] = self._sectors.index(line.sector)
        self._interval[number] = line.interval_ms


def rows_of(changes: Iterable[Body]) -> DimensionRows:
    """Return the last state of everything that the changes name."""
    rows = DimensionRows({}, {}, {})
    for change in changes:
        if isinstance(change, DevicePut):
            rows.devices[change.device] = DeviceLine(
                change.org, change.zone, change.sector, 1000 * change.interval_s
            )
        elif isinstance(change, DeviceGone):
            rows.devices[change.device] = None
        elif isinstance(change, OrgPut):
            rows.orgs[change.org] = tuple(change.ancestors)
        elif isinstance(change, GrantPut):
            rows.grants[change.grant] = change
        elif isinstance(change, GrantGone):
            rows.grants[change.grant] = None
    return rows


def _fits(scope: ScopeAsked, line: DeviceLine) -> bool:
    return scope.zone in {None, line.zone} and scope.sector in {None, line.sector}


def _zone(number: int) -> int | None:
    return None if number == ANY_ZONE else number


def _org_lines(rows: DimensionRows, version: int) -> list[tuple[object, ...]]:
    return [(org, list(ancestors), version) for org, ancestors in rows.orgs.items()]


def _device_lines(rows: DimensionRows, version: int) -> list[tuple[object, ...]]:
    return [
        (number, 0, ANY_ZONE, "", 0, 1, version)
        if line is None
        else (
            number,
            line.org,
            ANY_ZONE if line.zone is None else line.zone,
            line.sector,
            line.interval_ms,
            0,
            version,
        )
        for number, line in rows.devices.items()
    ]


def _grant_lines(
    rows: DimensionRows, known: dict[int, GrantPut], version: int
) -> list[tuple[object, ...]]:
    lines: list[tuple[object, ...]] = []
    for number, new in rows.grants.items():
        grant = new or known.get(number) or GrantPut(number, None, None, 0, 0, 0)
        lines.append(
            (
                number,
                grant.device or ANY_DEVICE,
                grant.metric or "",
                grant.from_org,
                grant.to_org,
                grant.until_ms,
                int(new is None),
                version,
            )
        )
    return lines
