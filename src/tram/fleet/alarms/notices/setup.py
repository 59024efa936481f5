"""What surrounds the alarms: chains, calendars, webhooks, maintenance, parents, drills."""

from datetime import date
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Table, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.bounds import is_day
from tram.domain.ids import OrgId
from tram.domain.permissions import Permission
from tram.fleet.alarms.escalation_chains import kept_steps
from tram.fleet.alarms.limits import (
    CALENDARS_MAX,
    CHAINS_MAX,
    DRILL_MS_MAX,
    DRILLS_MAX,
    MAINTENANCE_MS_MAX,
    STEPS_MAX,
    WEBHOOKS_MAX,
)
from tram.fleet.alarms.notices.chain_references import check_steps
from tram.fleet.alarms.notices.webhook_client import secret_of
from tram.fleet.alarms.notices.withdrawal import NO_WEBHOOK, withdraw
from tram.fleet.alarms.suppression import must_have_room
from tram.fleet.alarms.tables import (
    calendars,
    chains,
    device_parents,
    drills,
    maintenance,
    notices,
    webhooks,
)
from tram.fleet.alarms.views import (
    Calendar,
    Chain,
    Drill,
    MaintenanceWindow,
    NewMaintenance,
    Webhook,
)
from tram.fleet.rules.kinds import MINUTES_OF_DAY, Hours
from tram.registry.kernel.access import is_own, must_be_visible, org_is_visible
from tram.registry.kernel.audit import AuditEntry, record
from tram.registry.kernel.checks import Checked
from tram.registry.kernel.database import Database
from tram.registry.kernel.tables import devices
from tram.registry.kernel.viewer import Viewer
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused

__all__ = ("AlarmSetup",)

NAME_CHARACTERS_MAX = 200
LISTED_MAX = 200
_MOST = {"chain": CHAINS_MAX, "calendar": CALENDARS_MAX, "webhook": WEBHOOKS_MAX}


class AlarmSetup:
    """Lists and changes; every change of an organisation's things needs ``rule.write`` over it."""

    def __init__(self, database: Database, clock: Clock, hmac_key: bytes) -> None:
        self._database = database
        self._clock = clock
        self._key = hmac_key

    async def chains(self, viewer: Viewer) -> list[Chain]:
        """Return the chains in reach."""
        rows = await self._listed(viewer, chains)
        return [Chain(id=r.id, org=r.org_id, name=r.name, steps=kept_steps(r.steps)) for r in rows]

    async def calendars(self, viewer: Viewer) -> list[Calendar]:
        """Return the calendars in reach."""
        rows = await self._listed(viewer, calendars)
        return [
            Calendar(
                id=r.id, org=r.org_id, name=r.name, holidays=r.holidays,
                hours=msgspec.convert(r.hours, list[Hours]),
            )
            for r in rows
        ]  # fmt: skip

    async def webhooks(self, viewer: Viewer) -> list[Webhook]:
        """Return the webhooks in reach; who may write rules of their owner also sees the secret."""
        mine = org_is_visible(viewer, Permission.RULE_WRITE, webhooks.c.org_id).label("is_mine")
        rows = await self._listed(viewer, webhooks, mine)
        return [
            Webhook(
                id=r.id, org=r.org_id, name=r.name, url=r.url,
                secret=secret_of(self._key, r.id) if r.is_mine else "",
            )
            for r in rows
        ]  # fmt: skip

    async def add_chain(self, viewer: Viewer, new: Chain) -> int:
        """Keep a chain of at most ten steps."""
        checked = Checked()
        checked.bounded(new)
        name = checked.text("name", new.name, NAME_CHARACTERS_MAX)
        checked.unless(0 < len(new.steps) <= STEPS_MAX, "steps", "chain.steps", most=STEPS_MAX)
        afters = [step.after_s for step in new.steps]
        checked.unless(afters == sorted(afters), "steps", "chain.order")
        if checked.is_bounded("steps"):
            async with self._database.read() as connection:
                await check_steps(connection, viewer, checked, new.steps)
        checked.done(_wrong())
        values = {"name": name, "steps": msgspec.to_builtins(new.steps)}
        return await self._add(viewer, chains, "chain", values, new.org)

    async def add_calendar(self, viewer: Viewer, new: Calendar) -> int:
        """Keep a calendar."""
        checked = Checked()
        checked.bounded(new)
        name = checked.text("name", new.name, NAME_CHARACTERS_MAX)
        checked.unless(new.hours, "hours", "hours.missing")
        for span in new.hours:
            checked.unless(
                span.days and 0 <= span.start < MINUTES_OF_DAY >= span.end, "hours",
                "calendar.days",
            )  # fmt: skip
        checked.unless(all(map(_is_day, new.holidays)), "holidays", "calendar.holidays")
        checked.done(_wrong())
        values = {
            "name": name, "hours": msgspec.to_builtins(new.hours), "holidays": new.holidays,
        }  # fmt: skip
        return await self._add(viewer, calendars, "calendar", values, new.org)

    async def add_webhook(self, viewer: Viewer, new: Webhook) -> int:
        """Keep a webhook; where it leads is checked with every call."""
        checked = Checked()
        checked.bounded(new)
        name = checked.text("name", new.name, NAME_CHARACTERS_MAX)
        url = checked.web("url", new.url)
        checked.done(_wrong())
        return await self._add(viewer, webhooks, "webhook", {"name": name, "url": url}, new.org)

    async def remove(self, viewer: Viewer, noun: str, number: int) -> None:
        """Take away a chain, calendar or webhook."""
        table = {"chain": chains, "calendar": calendars, "webhook": webhooks}[noun]
        now_ms = self._clock.now_ms()
        viewer.needs(Permission.RULE_WRITE)
        async with self._database.write() as connection:
            mine = org_is_visible(viewer, Permission.RULE_READ, table.c.org_id)
            there = (table.c.id == number) & table.c.removed_ms.is_(None) & mine
            org = await _owner(connection, table, there, "to take away")
            await must_be_visible(connection, viewer, Permission.RULE_WRITE, org)
            await connection.execute(
                update(table).where(table.c.id == number).values(removed_ms=now_ms)
            )
            if table is webhooks:
                await withdraw(connection, now_ms, notices.c.webhook_id == number, NO_WEBHOOK)
            await record(connection, viewer, now_ms, AuditEntry(f"{noun}.remove", number, org))

    async def windows(self, viewer: Viewer) -> list[MaintenanceWindow]:
        """Return maintenance windows that are not over."""
        viewer.needs(Permission.ALARM_READ)
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(maintenance, devices.c.name.label("device_name"))
                .outerjoin(devices, devices.c.id == maintenance.c.device_id)
                .where(
                    maintenance.c.until_ms > self._clock.now_ms(),
                    org_is_visible(viewer, Permission.ALARM_READ, maintenance.c.org_id),
                )
                .order_by(maintenance.c.from_ms)
                .limit(LISTED_MAX)
            )
            return [
                MaintenanceWindow(
                    id=r.id, org=r.org_id, device=r.device_id, zone=r.zone_id, from_ms=r.from_ms,
                    until_ms=r.until_ms, reason=r.reason, person_name=r.person_name,
                    device_name=r.device_name,
                )
                for r in rows
            ]  # fmt: skip

    async def add_window(self, viewer: Viewer, new: NewMaintenance) -> int:
        """Announce work: alarms of that place stay quiet meanwhile, and speak if they outlive it."""
        now_ms = self._clock.now_ms()
        viewer.needs(Permission.ALARM_WRITE)
        checked = Checked()
        checked.bounded(new)
        reason = checked.lines("reason", new.reason, 500)
        checked.unless(
            new.from_ms < new.until_ms <= new.from_ms + MAINTENANCE_MS_MAX and new.until_ms > now_ms,
            "until_ms", "window.end",
        )  # fmt: skip
        checked.done(_wrong())
        async with self._database.write() as connection:
            org = viewer.org
            if new.device is not None:
                org = await _own_device(connection, viewer, new.device)
            else:
                await must_be_visible(connection, viewer, Permission.ALARM_WRITE, org)
            await must_have_room(connection, org, now_ms)
            inserted = await connection.execute(
                insert(maintenance)
                .values(
                    org_id=org, device_id=new.device, zone_id=new.zone, from_ms=new.from_ms,
                    until_ms=new.until_ms, reason=reason, person_name=viewer.name,
                )
                .returning(maintenance.c.id)
            )  # fmt: skip
            number: int = inserted.scalar_one()
            audit_entry = AuditEntry("maintenance.create", number, org, after=new)
            await record(connection, viewer, now_ms, audit_entry)
            return number

    async def end_window(self, viewer: Viewer, window: int) -> None:
        """End a maintenance window now."""
        await self._end(viewer, maintenance, "maintenance", window)

    async def drills(self, viewer: Viewer) -> list[Drill]:
        """Return the drills that run."""
        viewer.needs(Permission.ALARM_READ)
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(drills).where(
                    drills.c.until_ms > self._clock.now_ms(),
                    org_is_visible(viewer, Permission.ALARM_READ, drills.c.org_id),
                )
            )
            return [
                Drill(
                    id=r.id, org=r.org_id, until_ms=r.until_ms, reason=r.reason,
                    person_name=r.person_name,
                )
                for r in rows
            ]  # fmt: skip

    async def start_drill(self, viewer: Viewer, *, until_ms: int, reason: str) -> int:
        """Begin a drill of one's organisation, of at most a day: its alarms stay in the house."""
        now_ms = self._clock.now_ms()
        viewer.needs(Permission.RULE_WRITE)
        checked = Checked()
        reason = checked.lines("reason", reason, 500)
        checked.unless(now_ms < until_ms <= now_ms + DRILL_MS_MAX, "until_ms", "drill.end")
        checked.done(_wrong())
        async with self._database.write() as connection:
            await must_be_visible(connection, viewer, Permission.RULE_WRITE, viewer.org)
            running = (drills.c.org_id == viewer.org) & (drills.c.until_ms > now_ms)
            await _must_have_room(connection, drills, running, DRILLS_MAX)
            inserted = await connection.execute(
                insert(drills)
                .values(
                    org_id=viewer.org, from_ms=now_ms, until_ms=until_ms, reason=reason,
                    person_name=viewer.name,
                )
                .returning(drills.c.id)
            )  # fmt: skip
            number: int = inserted.scalar_one()
            await record(
                connection, viewer, now_ms, AuditEntry("drill.create", number, viewer.org)
            )
            return number

    async def end_drill(self, viewer: Viewer, drill: int) -> None:
        """End a drill now."""
        await self._end(viewer, drills, "drill", drill)

    async def set_parent(self, viewer: Viewer, device: int, parent: int | None) -> None:
        """Say through which device another one speaks (a gateway): its silence explains theirs."""
        now_ms = self._clock.now_ms()
        viewer.needs(Permission.RULE_WRITE)
        async with self._database.write() as connection:
            org = await _own_device(connection, viewer, device, Permission.RULE_WRITE)
            if parent is not None:
                await _own_device(connection, viewer, parent, Permission.RULE_WRITE)
                await _refuse_circle(connection, device, parent)
            await connection.execute(
                delete(device_parents).where(device_parents.c.device_id == device)
            )
            if parent is not None:
                await connection.execute(
                    insert(device_parents).values(device_id=device, parent_id=parent)
                )
            audit_entry = AuditEntry("device.parent", device, org, after={"parent": parent})
            await record(connection, viewer, now_ms, audit_entry)

    async def _listed(self, viewer: Viewer, table: Table, *more: ColumnElement[Any]) -> list[Any]:
        viewer.needs(Permission.RULE_READ)
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(table, *more)
                .where(
                    table.c.removed_ms.is_(None),
                    org_is_visible(viewer, Permission.RULE_READ, table.c.org_id),
                )
                .order_by(table.c.name, table.c.id)
                .limit(LISTED_MAX)
            )
            return list(rows.all())

    async def _add(
        self, viewer: Viewer, table: Table, noun: str, values: dict[str, Any], wanted_org: int
    ) -> int:
        now_ms = self._clock.now_ms()
        viewer.needs(Permission.RULE_WRITE)
        org = wanted_org or viewer.org
        async with self._database.write() as connection:
            await must_be_visible(connection, viewer, Permission.RULE_WRITE, org)  # type: ignore[arg-type]  # a plain number
            kept = (table.c.org_id == org) & table.c.removed_ms.is_(None)
            await _must_have_room(connection, table, kept, _MOST[noun])
            inserted = await connection.execute(
                insert(table).values(org_id=org, **values).returning(table.c.id)
            )
            number: int = inserted.scalar_one()
            await record(
                connection,
                viewer,
                now_ms,
                AuditEntry(f"{noun}.create", number, org, after=values),  # type: ignore[arg-type]  # a plain number
            )
            return number

    async def _end(self, viewer: Viewer, table: Table, noun: str, number: int) -> None:
        now_ms = self._clock.now_ms()
        viewer.needs(Permission.ALARM_WRITE)
        async with self._database.write() as connection:
            mine = org_is_visible(viewer, Permission.ALARM_WRITE, table.c.org_id)
            org = await _owner(connection, table, (table.c.id == number) & mine, "to end")
            await connection.execute(
                update(table)
                .where(table.c.id == number, table.c.until_ms > now_ms)
                .values(until_ms=now_ms)
            )
            await record(connection, viewer, now_ms, AuditEntry(f"{noun}.end", number, org))


def _is_day(text: str) -> bool:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return False
    return day.isoformat() == text and is_day(day)


async def _owner(
    connection: AsyncConnection, table: Table, there: ColumnElement[bool], purpose: str
) -> OrgId:
    """Return whose the chosen row is."""
    found: OrgId | None = (
        await connection.execute(select(table.c.org_id).where(there))
    ).scalar_one_or_none()
    if found is None:
        raise Refused("alarm.setup_unknown", f"There is nothing like this {purpose}.")
    return found


async def _must_have_room(
    connection: AsyncConnection, table: Table, kept: ColumnElement[bool], most: int
) -> None:
    """Refuse one more than ``most``.

    Raises:
        Refused: ``alarm.setup_full``.
    """
    counting = select(func.count()).select_from(table).where(kept)
    if (await connection.execute(counting)).scalar_one() >= most:
        raise Refused(
            "alarm.setup_full",
            f"An organisation may have {most} of these at the same time.",
            "Take away what is not needed any more.",
        )


def _wrong() -> Refused:
    return Refused("alarm.setup_wrong", "This cannot be kept like this.")


async def _own_device(
    connection: AsyncConnection,
    viewer: Viewer,
    device: int,
    permission: str = Permission.ALARM_WRITE,
) -> Any:  # noqa: ANN401  # the number of its organisation
    found = await connection.execute(
        select(devices.c.org_id).where(
            devices.c.id == device, devices.c.removed_ms.is_(None), is_own(viewer, permission)
        )
    )
    org = found.scalar_one_or_none()
    if org is None:
        raise Refused("device.unknown", "There is no such device, or you may not see it.")
    return org


async def _refuse_circle(connection: AsyncConnection, device: int, parent: int) -> None:
    above: int | None = parent
    for _ in range(10):
        if above == device:
            break
        found = await connection.execute(
            select(device_parents.c.parent_id).where(device_parents.c.device_id == above)
        )
        above = found.scalar_one_or_none()
        if above is None:
            return
    raise Refused("alarm.setup_wrong", "A device cannot speak through itself.")
