"""What keeps an alarm quiet: maintenance, a silent parent, a drill."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.fleet.alarms.tables import alarms, device_parents, drills, maintenance, notices, rules
from tram.fleet.alarms.tallies import Tallies, tally_key
from tram.registry.tables import devices, org_closure

__all__ = ("Holding", "read_holding")

_CLEARED = 2
_KEEP_MS = 86_400_000
_ROOM = 500


class Holding:
    """The windows, drills and parents that concern some devices, at one moment."""

    def __init__(
        self, windows: Sequence[Any], drilled: dict[int, int], parents: dict[int, int]
    ) -> None:
        self.parents = parents
        self.held_now: set[int] = set()
        self._windows = windows
        self._drilled = drilled
        self._silent: dict[int, int] = {}
        self._newly_silent: dict[int, int] = {}

    def reason(self, device: Any, at_ms: int, *, is_silence: bool) -> tuple[str, int | None]:  # noqa: ANN401  # a row
        """Return why an alarm of a device stays quiet (empty: it does not), and the parent alarm."""
        for window in self._windows:
            is_here = device.id == window.device_id or (
                window.device_id is None
                and (window.zone_id == device.zone_id or window.zone_id is None)
                and device.org_id in window.orgs
            )
            if is_here and window.from_ms <= at_ms < window.until_ms:
                return "maintenance", None
        parent = self.parents.get(device.id)
        if is_silence and parent in self._silent:
            return "parent", self._silent[parent]
        return "", None

    def drill_of(self, org: int) -> int | None:
        """Return the organisation whose drill an alarm of this organisation belongs to."""
        return self._drilled.get(org)

    def silent_now(self, device: int, alarm: int) -> None:
        """Note that a device fell silent: what is behind it stays quiet from now on."""
        self._silent[device] = alarm
        self._newly_silent[device] = alarm

    async def load_silent(self, connection: AsyncConnection) -> None:
        """Read which parents are silent."""
        above = sorted(set(self.parents.values()))
        for start in range(0, len(above), _ROOM):
            found = await connection.execute(
                select(alarms.c.device_id, alarms.c.id)
                .join(rules, rules.c.id == alarms.c.rule_id)
                .where(
                    alarms.c.device_id.in_(above[start : start + _ROOM]),
                    alarms.c.state < _CLEARED,
                    rules.c.kind == "missing",
                )
            )
            self._silent |= {row.device_id: row.id for row in found}

    async def hold_children(self, connection: AsyncConnection, now_ms: int) -> None:
        """Quieten the silence of devices behind a parent that fell silent just now."""
        if not self._newly_silent:
            return
        behind = func.coalesce(device_parents.c.parent_id, devices.c.via_id)
        found = await connection.execute(
            select(alarms, behind.label("behind"))
            .join(devices, devices.c.id == alarms.c.device_id)
            .outerjoin(device_parents, device_parents.c.device_id == alarms.c.device_id)
            .join(rules, rules.c.id == alarms.c.rule_id)
            .where(
                behind.in_(list(self._newly_silent)),
                alarms.c.state < _CLEARED,
                alarms.c.held == "",
                rules.c.kind == "missing",
            )
        )
        tallies = Tallies()
        for row in found.all():
            key = tally_key(row)
            tallies.change(key, (*key[:-1], 1))
            self.held_now.add(row.id)
            await connection.execute(
                update(alarms)
                .where(alarms.c.id == row.id)
                .values(held="parent", parent_id=self._newly_silent[row.behind], next_ms=None)
            )
            await connection.execute(
                update(notices)
                .where(notices.c.alarm_id == row.id, notices.c.state == "waiting")
                .values(state="skipped", reason="parent", sent_ms=now_ms)
            )
        await tallies.write(connection)


class _Window:
    """A maintenance window with the organisations below its own."""

    def __init__(self, row: Any, orgs: set[int]) -> None:  # noqa: ANN401  # a row
        self.device_id, self.zone_id = row.device_id, row.zone_id
        self.from_ms, self.until_ms = row.from_ms, row.until_ms
        self.orgs = orgs


async def read_holding(connection: AsyncConnection, now_ms: int, places: Sequence[Any]) -> Holding:
    """Read what may keep alarms of these devices quiet."""
    windows = (
        await connection.execute(
            select(maintenance).where(maintenance.c.until_ms > now_ms - _KEEP_MS)
        )
    ).all()
    running = (
        await connection.execute(
            select(drills).where(drills.c.from_ms <= now_ms, drills.c.until_ms > now_ms)
        )
    ).all()
    drilled: dict[int, int] = {}
    for drill in running:
        drilled |= dict.fromkeys(await _below(connection, drill.org_id), drill.org_id)
    made = [_Window(row, await _below(connection, row.org_id)) for row in windows]
    parents: dict[int, int] = {}
    ids = [place.id for place in places]
    for start in range(0, len(ids), _ROOM):
        some = ids[start : start + _ROOM]
        found = await connection.execute(
            select(devices.c.id, devices.c.via_id).where(
                devices.c.id.in_(some), devices.c.via_id.is_not(None)
            )
        )
        parents |= {row.id: row.via_id for row in found}  # it lies behind a gateway device
        found = await connection.execute(
            select(device_parents).where(device_parents.c.device_id.in_(some))
        )
        parents |= {row.device_id: row.parent_id for row in found}
    holding = Holding(made, drilled, parents)
    await holding.load_silent(connection)
    return holding


async def _below(connection: AsyncConnection, org: int) -> set[int]:
    found = await connection.execute(
        select(org_closure.c.descendant).where(org_closure.c.ancestor == org)
    )
    return set(found.scalars())
