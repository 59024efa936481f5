"""Notices that wait: read in turns of their organisations, marked with what became of them."""

from collections.abc import Collection
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.alarms import NoticeState
from tram.fleet.alarms.limits import DELIVERIES_KEPT_MS, DELIVERIES_KEPT_PER_ORG, FLOOD_MS
from tram.fleet.alarms.tables import alarms, contacts, notices, rules, webhooks
from tram.registry.kernel.database import AnyRow, Database
from tram.registry.kernel.tables import devices, organisations, people, set_aside
from tram.runtime.clock import Clock

__all__ = ("KIND", "PART", "DeliveryLane", "NoticeQueue")

PART: Final = "alarms"
KIND: Final = "notice"


class DeliveryLane(NamedTuple):
    """One way out with slots of its own, of which one organisation has only some."""

    name: str
    slots: int
    slots_per_org: int
    is_by_mail: bool

    @property
    def notices(self) -> ColumnElement[bool]:
        """Match the notices that leave by this way."""
        if self.is_by_mail:
            return notices.c.webhook_id.is_(None)
        return notices.c.webhook_id.is_not(None)


class NoticeQueue:
    """The table ``notices`` as the pump sees it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def next_org(self, lane: DeliveryLane, after: int, full: Collection[int]) -> int | None:
        """Return the next organisation that has something due, in rotation; None if there is none."""
        chosen = select(notices.c.org_id).where(
            self._is_due(), lane.notices, notices.c.org_id.not_in(full)
        )
        async with self._database.read() as connection:
            for part in (notices.c.org_id > after, notices.c.org_id <= after):
                found = await connection.execute(
                    chosen.where(part).order_by(notices.c.org_id).limit(1)
                )
                org: int | None = found.scalar_one_or_none()
                if org is not None:
                    return org
        return None

    async def next_due(self, lane: DeliveryLane, org: int, busy: Collection[str]) -> AnyRow | None:
        """Return the notice of an organisation that waits longest, to none of the busy targets."""
        chosen = (
            select(notices.c.id)
            .where(self._is_due(), lane.notices)
            .where(notices.c.org_id == org, notices.c.target.not_in(busy))
            .order_by(notices.c.next_ms, notices.c.id)
            .limit(1)
        )
        async with self._database.read() as connection:
            number = (await connection.execute(chosen)).scalar_one_or_none()
            if number is None:
                return None
            found = await connection.execute(_with_all_about().where(notices.c.id == number))
            notice: AnyRow | None = found.one_or_none()
            return notice

    async def held_back(self, digest: AnyRow) -> int:
        """Return how many notices a summary is about: those of its ten minutes and target."""
        since_ms = digest.made_ms // FLOOD_MS * FLOOD_MS
        counting = select(func.count()).where(
            notices.c.target == digest.target,
            notices.c.org_id == digest.org_id,
            notices.c.state == NoticeState.HELD,
            notices.c.made_ms >= since_ms,
            notices.c.made_ms < since_ms + FLOOD_MS,
        )
        async with self._database.read() as connection:
            return int((await connection.execute(counting)).scalar_one())

    async def note(self, notice: AnyRow, values: dict[str, Any]) -> None:
        """Write what became of a notice; the others to its target wait as long as it does."""
        async with self._database.write() as connection:
            await connection.execute(
                update(notices).where(notices.c.id == notice.id).values(values)
            )
            if "next_ms" in values:
                await connection.execute(
                    update(notices)
                    .where(
                        notices.c.target == notice.target,
                        notices.c.org_id == notice.org_id,
                        notices.c.state == NoticeState.WAITING,
                        notices.c.next_ms < values["next_ms"],
                    )
                    .values(next_ms=values["next_ms"])
                )

    async def take_again(self) -> None:
        """Let those wait once more for which somebody asked for another try."""
        asked = select(set_aside.c.key).where(
            set_aside.c.part == PART, set_aside.c.kind == KIND, set_aside.c.state == "again"
        )
        async with self._database.read() as connection:
            keys = list((await connection.execute(asked)).scalars())
        if not keys:
            return
        async with self._database.write() as connection:
            await connection.execute(
                update(notices)
                .where(notices.c.key.in_(keys), notices.c.state == NoticeState.FAILED)
                .values(
                    state=NoticeState.WAITING,
                    attempts=0,
                    next_ms=self._clock.now_ms(),
                    sent_ms=None,
                )
            )
            await connection.execute(
                delete(set_aside).where(
                    set_aside.c.part == PART, set_aside.c.kind == KIND, set_aside.c.key.in_(keys)
                )
            )

    async def tidy(self) -> None:
        """Forget what is old, and the oldest of an organisation beyond its bound."""
        before_ms = self._clock.now_ms() - DELIVERIES_KEPT_MS
        is_over = notices.c.state != NoticeState.WAITING
        async with self._database.write() as connection:
            await connection.execute(delete(notices).where(is_over, notices.c.made_ms < before_ms))
            counted = await connection.execute(
                select(notices.c.org_id)
                .group_by(notices.c.org_id)
                .having(func.count() > DELIVERIES_KEPT_PER_ORG)
            )
            for org in counted.scalars().all():
                await _keep_newest(connection, org, is_over)

    def _is_due(self) -> ColumnElement[bool]:
        return (notices.c.state == NoticeState.WAITING) & (
            notices.c.next_ms <= self._clock.now_ms()
        )


async def _keep_newest(
    connection: AsyncConnection, org: int, is_over: ColumnElement[bool]
) -> None:
    oldest = (
        select(notices.c.id)
        .where(notices.c.org_id == org)
        .order_by(notices.c.id.desc())
        .offset(DELIVERIES_KEPT_PER_ORG)
        .limit(1)
    )
    last = (await connection.execute(oldest)).scalar_one_or_none()
    if last is not None:
        await connection.execute(
            delete(notices).where(notices.c.org_id == org, notices.c.id <= last, is_over)
        )


def _with_all_about() -> Select[Any]:
    return (
        select(
            notices,
            people.c.locale,
            people.c.disabled,
            contacts.c.email,
            webhooks.c.removed_ms.label("hook_removed_ms"),
            alarms.c.state.label("alarm_state"),
            alarms.c.started_ms,
            alarms.c.value,
            alarms.c.count,
            alarms.c.severity,
            alarms.c.drill,
            alarms.c.acked_ms,
            rules.c.name.label("rule_name"),
            devices.c.id.label("device_id"),
            devices.c.name.label("device_name"),
            devices.c.synthetic,
            organisations.c.name.label("org_name"),
        )
        .join(organisations, organisations.c.id == notices.c.org_id)
        .outerjoin(people, people.c.id == notices.c.person_id)
        .outerjoin(contacts, contacts.c.person_id == notices.c.person_id)
        .outerjoin(webhooks, webhooks.c.id == notices.c.webhook_id)
        .outerjoin(alarms, alarms.c.id == notices.c.alarm_id)
        .outerjoin(rules, rules.c.id == alarms.c.rule_id)
        .outerjoin(devices, devices.c.id == alarms.c.device_id)
    )
