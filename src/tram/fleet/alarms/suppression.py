"""What keeps an alarm quiet: maintenance, a silent parent, a drill."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.alarms import AlarmState, HeldBy, NoticeState
from tram.fleet.alarms.alarm_counters import AlarmCounters, counter_key
from tram.fleet.alarms.limits import MAINTENANCE_WINDOWS_MAX
from tram.fleet.alarms.tables import alarms, device_parents, drills, maintenance, notices, rules
from tram.registry.kernel.database import AnyRow
from tram.registry.kernel.tables import devices, org_closure
from tram.runtime.errors import Refused

__all__ = ("Suppression", "must_have_room", "places_of", "read_suppression")

_KEEP_MS = 86_400_000
_ROOM = 500


class Suppression:
    """The windows, drills and parents that concern some devices, at one moment."""

    def __init__(
        self,
        windows: Sequence[Any],
        above: dict[int, set[int]],
        drilled: dict[int, int],
        parents: dict[int, int],
    ) -> None:
        self.parents = parents
        self.held_now: set[int] = set()
        self._of_device: dict[int, list[Any]] = {}
        self._of_org: dict[int, list[Any]] = {}
        for window in windows:
            if window.device_id is not None:
                self._of_device.setdefault(window.device_id, []).append(window)
            else:
                self._of_org.setdefault(window.org_id, []).append(window)
        self._above = above
        self._drilled = drilled
        self._silent: dict[int, int] = {}
        self._newly_silent: dict[int, int] = {}

    def reason(self, device: AnyRow, at_ms: int, *, is_silence: bool) -> tuple[str, int | None]:
        """Return why an alarm of a device stays quiet (empty: it does not), and the parent alarm."""
        if any(window.from_ms <= at_ms < window.until_ms for window in self._windows(device)):
            return HeldBy.MAINTENANCE, None
        parent = self.parents.get(device.id)
        if is_silence and parent in self._silent:
            return HeldBy.PARENT, self._silent[parent]
        return "", None

    def _windows(self, device: AnyRow) -> Iterator[Any]:
        """Yield the windows of a device, of its zone and of the organisations above it."""
        yield from self._of_device.get(device.id, ())
        for org in self._above.get(device.org_id, ()):
            for window in self._of_org.get(org, ()):
                if window.zone_id is None or window.zone_id == device.zone_id:
                    yield window

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
                    alarms.c.state < AlarmState.CLEARED,
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
                alarms.c.state < AlarmState.CLEARED,
                alarms.c.held == "",
                rules.c.kind == "missing",
            )
        )
        counters = AlarmCounters()
        for row in found.all():
            key = counter_key(row)
            counters.change(key, (*key[:-1], 1))
            self.held_now.add(row.id)
            await connection.execute(
                update(alarms)
                .where(alarms.c.id == row.id)
                .values(held=HeldBy.PARENT, parent_id=self._newly_silent[row.behind], next_ms=None)
            )
            await connection.execute(
                update(notices)
                .where(notices.c.alarm_id == row.id, notices.c.state == NoticeState.WAITING)
                .values(state=NoticeState.SKIPPED, reason=HeldBy.PARENT, sent_ms=now_ms)
            )
        await counters.write(connection)


async def must_have_room(connection: AsyncConnection, org: int, now_ms: int) -> None:
    """Refuse one more window than an organisation may announce.

    Raises:
        Refused: ``alarm.setup_full``.
    """
    counting = select(func.count()).where(
        maintenance.c.org_id == org, maintenance.c.until_ms > now_ms
    )
    if (await connection.execute(counting)).scalar_one() >= MAINTENANCE_WINDOWS_MAX:
        raise Refused(
            "alarm.setup_full",
            f"The organisation has announced {MAINTENANCE_WINDOWS_MAX} pieces of work that are not over.",
            "End those that are done, or announce one for a zone or the whole organisation.",
        )


async def places_of(connection: AsyncConnection, chosen: Sequence[int]) -> dict[int, AnyRow]:
    """Return where devices are, by number."""
    found = await connection.execute(
        select(devices.c.id, devices.c.org_id, devices.c.zone_id, devices.c.sector).where(
            devices.c.id.in_(chosen)
        )
    )
    return {row.id: row for row in found}


async def read_suppression(
    connection: AsyncConnection, now_ms: int, places: Sequence[Any]
) -> Suppression:
    """Read what may keep alarms of these devices quiet: nothing of other organisations."""
    above = await _above(connection, sorted({place.org_id for place in places}))
    orgs = sorted(set().union(*above.values()))
    running = await connection.execute(
        select(drills.c.org_id)
        .where(drills.c.from_ms <= now_ms, drills.c.until_ms > now_ms, drills.c.org_id.in_(orgs))
        .order_by(drills.c.id)
    )
    drilling = list(running.scalars())
    drilled: dict[int, int] = {}
    for drill in drilling:
        drilled |= {org: drill for org, ancestors in above.items() if drill in ancestors}
    windows = await _windows(connection, now_ms, orgs, [place.id for place in places])
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
    suppression = Suppression(windows, above, drilled, parents)
    await suppression.load_silent(connection)
    return suppression


async def _windows(
    connection: AsyncConnection, now_ms: int, orgs: Sequence[int], ids: Sequence[int]
) -> list[Any]:
    """Return the windows of today and yesterday that are for these organisations or devices."""
    near = and_(
        maintenance.c.until_ms > now_ms - _KEEP_MS, maintenance.c.from_ms < now_ms + _KEEP_MS
    )
    found = await connection.execute(
        select(maintenance).where(
            near, maintenance.c.device_id.is_(None), maintenance.c.org_id.in_(orgs)
        )
    )
    windows = list(found)
    for start in range(0, len(ids), _ROOM):
        found = await connection.execute(
            select(maintenance).where(
                near, maintenance.c.device_id.in_(ids[start : start + _ROOM])
            )
        )
        windows += list(found)
    return windows


async def _above(connection: AsyncConnection, orgs: Sequence[int]) -> dict[int, set[int]]:
    """Return each organisation with those above it, itself included."""
    above: dict[int, set[int]] = {}
    for start in range(0, len(orgs), _ROOM):
        found = await connection.execute(
            select(org_closure.c.descendant, org_closure.c.ancestor).where(
                org_closure.c.descendant.in_(orgs[start : start + _ROOM])
            )
        )
        for row in found:
            above.setdefault(row.descendant, set()).add(row.ancestor)
    return above
