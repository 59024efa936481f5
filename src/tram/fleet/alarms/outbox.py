"""The pump of the outbox: what waits is sent, what fails is tried again, and the log says so.

A notice leaves at least once, each time under the same key. One dead receiver delays nobody else:
at most one call to a target is under way, and never more than ``_UNDER_WAY_MAX`` in all.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import func, select, update

from tram.fleet.alarms.chains import FLOOD_MS
from tram.fleet.alarms.mail import Mail, Mailer, MailRefused
from tram.fleet.alarms.tables import alarms, notices, rules
from tram.fleet.alarms.texts import subject_and_text
from tram.fleet.alarms.webhook_calls import Caller, CallRefused
from tram.fleet.rules.kinds import SEVERITIES
from tram.registry.database import Database
from tram.registry.tables import devices, organisations, people
from tram.runtime.clock import Clock
from tram.runtime.errors import Unavailable
from tram.runtime.logging import get_logger
from tram.runtime.pools import MAIL
from tram.runtime.progress import LOOPS

__all__ = ("ATTEMPTS_MAX", "Outbox", "OutboxPorts")

ATTEMPTS_MAX = 10
BACKOFF_S_FIRST = 5
BACKOFF_S_MAX = 3_600
_UNDER_WAY_MAX = 16
_PAUSE_S = 1.0
QUIET_S = 120.0
"""A loop that says nothing for longer hangs."""
_CLEARED = 2

log = get_logger()


@dataclass(frozen=True, slots=True)
class OutboxPorts:
    """How notices leave, and the address of the pages for their links."""

    mailer: Mailer
    caller: Caller
    public_url: str


class Outbox:
    """Sends until cancelled; ``wake`` makes it look at once."""

    def __init__(self, database: Database, clock: Clock, ports: OutboxPorts) -> None:
        self._database = database
        self._clock = clock
        self._ports = ports
        self._awake = asyncio.Event()
        self._targets: set[str] = set()

    def wake(self) -> None:
        """Say that there is something new."""
        self._awake.set()

    async def run(self) -> None:
        """Pump for ever."""
        beat = LOOPS.begin("notices", QUIET_S)
        async with asyncio.TaskGroup() as group:
            while True:
                self._awake.clear()
                beat.beat()
                try:
                    found = await self._due()
                except Unavailable as error:
                    log.exception("outbox not read, trying again")
                    beat.wait(error.sentence)
                    found = []
                for notice in found:
                    if len(self._targets) < _UNDER_WAY_MAX and notice.target not in self._targets:
                        self._targets.add(notice.target)
                        group.create_task(self._send(notice))
                try:
                    async with asyncio.timeout(_PAUSE_S):
                        await self._awake.wait()
                except TimeoutError:
                    continue

    async def _due(self) -> list[Any]:
        statement = (
            select(
                notices,
                people.c.locale,
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
            .outerjoin(alarms, alarms.c.id == notices.c.alarm_id)
            .outerjoin(rules, rules.c.id == alarms.c.rule_id)
            .outerjoin(devices, devices.c.id == alarms.c.device_id)
            .where(notices.c.state == "waiting", notices.c.next_ms <= self._clock.now_ms())
            .order_by(notices.c.next_ms, notices.c.id)
            .limit(4 * _UNDER_WAY_MAX)
        )
        if self._targets:
            statement = statement.where(notices.c.target.not_in(self._targets))
        async with self._database.read() as connection:
            return list((await connection.execute(statement)).all())

    async def _send(self, notice: Any) -> None:  # noqa: ANN401  # a row of the question above
        try:
            failure = "over"
            is_stale = (
                notice.kind == "alarm"
                and notice.reason == "quiet hours"
                and (notice.alarm_state >= _CLEARED or notice.acked_ms is not None)
            )
            if not is_stale:
                failure = await self._attempt(notice)
            await self._note(notice, failure, is_stale=is_stale)
        except Unavailable:
            log.exception("delivery not noted; it is tried again under the same key")
        finally:
            self._targets.discard(notice.target)
            self._awake.set()

    async def _attempt(self, notice: Any) -> str:  # noqa: ANN401  # a row
        """Return why it did not succeed, empty when it did."""
        about = await self._about(notice)
        try:
            if notice.webhook_id is not None:
                body = msgspec.json.encode({"key": notice.key, "kind": notice.kind, **about})
                await self._ports.caller.call(notice.webhook_id, notice.target, body, notice.key)
            else:
                subject, text = subject_and_text(notice.kind, about, notice.locale or "vi")
                mail = Mail(notice.key, notice.target, subject, text)
                await MAIL.run(self._ports.mailer.send, mail)
        except (MailRefused, CallRefused) as error:
            return str(error)[:300] or "failed"
        return ""

    async def _about(self, notice: Any) -> dict[str, object]:  # noqa: ANN401  # a row
        if notice.kind == "digest":
            async with self._database.read() as connection:
                counting = select(func.count()).where(
                    notices.c.target == notice.target,
                    notices.c.state == "held",
                    notices.c.made_ms > notice.next_ms - FLOOD_MS,
                )
                held = (await connection.execute(counting)).scalar_one()
            return {"held": held, "link": f"{self._ports.public_url}/alarms"}
        if notice.alarm_id is None:
            return {"link": f"{self._ports.public_url}/alarms"}
        return {
            "alarm": notice.alarm_id,
            "rule": notice.rule_name,
            "severity": notice.severity,
            "severity_name": SEVERITIES[notice.severity],
            "device": notice.device_name,
            "device_id": notice.device_id,
            "org": notice.org_name,
            "started_ms": notice.started_ms,
            "value": notice.value,
            "count": notice.count,
            "drill": bool(notice.drill),
            "synthetic": bool(notice.synthetic),
            "link": f"{self._ports.public_url}/alarms/{notice.alarm_id}",
        }

    async def _note(self, notice: Any, failure: str, *, is_stale: bool) -> None:  # noqa: ANN401  # a row
        now_ms = self._clock.now_ms()
        attempts = notice.attempts + int(not is_stale)
        values: dict[str, Any] = {"attempts": attempts, "reason": failure}
        if is_stale:
            values |= {"state": "skipped", "sent_ms": now_ms}
        elif not failure:
            values |= {"state": "sent", "sent_ms": now_ms}
        elif attempts >= ATTEMPTS_MAX:
            values |= {"state": "failed", "sent_ms": now_ms}
        else:
            wait_s = min(BACKOFF_S_FIRST * 2 ** (attempts - 1), BACKOFF_S_MAX)
            values |= {"next_ms": now_ms + wait_s * 1000}
        async with self._database.write() as connection:
            await connection.execute(
                update(notices).where(notices.c.id == notice.id).values(values)
            )
