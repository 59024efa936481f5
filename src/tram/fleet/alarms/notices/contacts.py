"""What belongs to a person: how to be told, saved filters, test notices, the delivery log."""

import secrets
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, update

from tram.domain.alarms import NoticeState
from tram.domain.permissions import Permission
from tram.fleet.alarms.limits import FILTERS_MAX, TESTS_WAITING_MAX
from tram.fleet.alarms.notices.withdrawal import NO_CONTACT, withdraw
from tram.fleet.alarms.tables import alarm_filters, contacts, notices, webhooks
from tram.fleet.alarms.views import Contact, NoticeRow, SavedFilter
from tram.fleet.rules.kinds import SEVERITIES
from tram.registry.kernel.access import denied, org_is_visible
from tram.registry.kernel.checks import Checked
from tram.registry.kernel.database import AnyRow, Database
from tram.registry.kernel.viewer import Viewer
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused

__all__ = ("AlarmContacts",)

LISTED_MAX = 200


class AlarmContacts:
    """The viewer's own things; nobody else's can be read or changed here."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def contact(self, viewer: Viewer) -> Contact:
        """Return how the viewer wants to be told."""
        async with self._database.read() as connection:
            found = await connection.execute(
                select(contacts).where(contacts.c.person_id == viewer.person)
            )
            row = found.one_or_none()
        if row is None:
            return Contact()
        return Contact(
            email=row.email,
            least_severity=SEVERITIES[row.least_severity],
            quiet_start=row.quiet_start,
            quiet_end=row.quiet_end,
            quiet_severity=SEVERITIES[row.quiet_severity],
        )

    async def set_contact(self, viewer: Viewer, new: Contact) -> None:
        """Keep how the viewer wants to be told."""
        checked = Checked()
        checked.bounded(new)
        email = checked.mail("email", new.email) if new.email.strip() else ""
        checked.choice("least_severity", new.least_severity, SEVERITIES)
        checked.choice("quiet_severity", new.quiet_severity, SEVERITIES)
        checked.done(_wrong())
        if viewer.person is None:
            raise denied()
        values = {
            "email": email,
            "least_severity": SEVERITIES.index(new.least_severity),
            "quiet_start": new.quiet_start,
            "quiet_end": new.quiet_end,
            "quiet_severity": SEVERITIES.index(new.quiet_severity),
        }
        async with self._database.write() as connection:
            changed = await connection.execute(
                update(contacts).where(contacts.c.person_id == viewer.person).values(values)
            )
            if not changed.rowcount:
                await connection.execute(
                    insert(contacts).values(person_id=viewer.person, **values)
                )
            if not email:
                own = notices.c.person_id == viewer.person
                await withdraw(connection, self._clock.now_ms(), own, NO_CONTACT)

    async def test(self, viewer: Viewer, webhook: int | None = None) -> str:
        """Send a test notice to the viewer, or to a webhook in reach; return its key."""
        now_ms = self._clock.now_ms()
        key = f"tram-test-{secrets.token_hex(8)}"
        line: dict[str, Any] = {
            "key": key, "org_id": viewer.org, "alarm_id": None, "kind": "test",
            "person_id": viewer.person, "webhook_id": None, "state": NoticeState.WAITING, "attempts": 0,
            "made_ms": now_ms, "next_ms": now_ms, "reason": "", "body": "",
        }  # fmt: skip
        if webhook is None:
            line["target"] = (await self.contact(viewer)).email
            if not line["target"]:
                raise Refused("alarm.no_contact", "You have not given an e-mail address yet.")
        else:
            found = await self._webhook(viewer, webhook)
            line |= {"person_id": None, "webhook_id": webhook, "target": found.url}
            line["org_id"] = found.org_id
        async with self._database.write() as connection:
            waiting = select(func.count()).where(
                notices.c.org_id == line["org_id"],
                notices.c.kind == "test",
                notices.c.state == NoticeState.WAITING,
            )
            if (await connection.execute(waiting)).scalar_one() >= TESTS_WAITING_MAX:
                raise Refused(
                    "alarm.setup_full",
                    f"{TESTS_WAITING_MAX} test notices of the organisation wait already.",
                    "Look at the delivery log: it says what became of them.",
                )
            await connection.execute(insert(notices).values(line))
        return key

    async def notices(self, viewer: Viewer, *, alarm: int | None = None) -> list[NoticeRow]:
        """Return the newest 200 lines of the delivery log in reach."""
        viewer.needs(Permission.ALARM_READ)
        chosen = [
            or_(
                org_is_visible(viewer, Permission.RULE_READ, notices.c.org_id),
                notices.c.person_id == viewer.person,
            )
        ]
        if alarm is not None:
            chosen.append(notices.c.alarm_id == alarm)
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(notices).where(*chosen).order_by(notices.c.id.desc()).limit(LISTED_MAX)
            )
            return [
                NoticeRow(
                    id=r.id, key=r.key, kind=r.kind, alarm=r.alarm_id, target=r.target,
                    state=r.state, attempts=r.attempts, made_ms=r.made_ms, next_ms=r.next_ms,
                    sent_ms=r.sent_ms, reason=r.reason,
                )
                for r in rows
            ]  # fmt: skip

    async def filters(self, viewer: Viewer) -> list[SavedFilter]:
        """Return the viewer's own filters."""
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(alarm_filters)
                .where(alarm_filters.c.person_id == viewer.person)
                .order_by(alarm_filters.c.name)
            )
            return [SavedFilter(id=r.id, name=r.name, query=r.query) for r in rows]

    async def save_filter(self, viewer: Viewer, name: str, query: str) -> int:
        """Keep a query of the console under a name; the same name again replaces it."""
        checked = Checked()
        name = checked.text("name", name, 80)
        query = checked.text("query", query, 500, shortest=0)
        checked.done(_wrong())
        if viewer.person is None:
            raise denied()
        async with self._database.write() as connection:
            own = alarm_filters.c.person_id == viewer.person
            await connection.execute(
                delete(alarm_filters).where(own, alarm_filters.c.name == name)
            )
            known = (await connection.execute(select(alarm_filters.c.id).where(own))).all()
            if len(known) >= FILTERS_MAX:
                raise Refused("alarm.setup_wrong", f"At most {FILTERS_MAX} filters can be kept.")
            inserted = await connection.execute(
                insert(alarm_filters)
                .values(person_id=viewer.person, name=name, query=query)
                .returning(alarm_filters.c.id)
            )
            return int(inserted.scalar_one())

    async def remove_filter(self, viewer: Viewer, number: int) -> None:
        """Forget one of the viewer's own filters."""
        async with self._database.write() as connection:
            await connection.execute(
                delete(alarm_filters).where(
                    alarm_filters.c.id == number, alarm_filters.c.person_id == viewer.person
                )
            )

    async def _webhook(self, viewer: Viewer, webhook: int) -> AnyRow:
        viewer.needs(Permission.RULE_WRITE)
        async with self._database.read() as connection:
            found = await connection.execute(
                select(webhooks).where(
                    webhooks.c.id == webhook,
                    webhooks.c.removed_ms.is_(None),
                    org_is_visible(viewer, Permission.RULE_WRITE, webhooks.c.org_id),
                )
            )
            row = found.one_or_none()
        if row is None:
            raise Refused("alarm.setup_unknown", "There is no such webhook.")
        return row


def _wrong() -> Refused:
    return Refused("alarm.setup_wrong", "This cannot be kept like this.")
