"""The delivery of notices by mail and webhook: what waits is sent, what fails is tried again, and the log says so.

A notice leaves at least once, each time under the same key. Mail and webhooks have slots of their
own, organisations take turns at them, and at most one call of an organisation to a target is under
way: who answers slowly or never delays nobody else. A notice that cannot be made or sent at all ends
as failed, with its reason, and the delivery goes on.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Any

import msgspec

from tram.domain.alarms import AlarmState, NoticeState
from tram.fleet.alarms.limits import DELIVERY_ATTEMPTS_MAX, DELIVERY_BACKOFF_S, DELIVERY_MS_MAX
from tram.fleet.alarms.notices.notice_queue import KIND, PART, DeliveryLane, NoticeQueue
from tram.fleet.alarms.notices.texts import subject_and_text
from tram.fleet.alarms.notices.webhook_client import CallRefused, WebhookCaller
from tram.fleet.alarms.notices.withdrawal import NO_CONTACT, NO_PERSON, NO_WEBHOOK
from tram.fleet.rules.kinds import SEVERITIES
from tram.registry.kernel.database import AnyRow, Database
from tram.registry.kernel.set_aside import SetAside, SetAsideEntry
from tram.registry.people.mail_server import MailMessage, MailRefused, MailServer
from tram.runtime.clock import Clock
from tram.runtime.errors import Unavailable, is_of_the_entry, line_of, reason_of
from tram.runtime.logging import get_logger
from tram.runtime.watch.loops import LOOPS

__all__ = ("LANES", "NoticeChannels", "NoticeDispatcher")

LANES = (
    DeliveryLane("mail", 8, 2, is_by_mail=True),
    DeliveryLane("webhooks", 16, 4, is_by_mail=False),
)
"""So many notices are under way at the same time, and so many of one organisation."""
_PAUSE_S = 1.0
QUIET_S = 120.0
"""A loop that says nothing for longer hangs."""
_TIDY_EVERY_MS = 3_600_000

log = get_logger()


@dataclass(frozen=True, slots=True)
class NoticeChannels:
    """How notices leave, and the address of the pages for their links."""

    mailer: MailServer
    caller: WebhookCaller
    public_url: str


class _Traffic:
    """What of one lane is under way."""

    def __init__(self, lane: DeliveryLane) -> None:
        self.lane = lane
        self.targets: set[tuple[int, str]] = set()
        self.last_org = 0

    def full_orgs(self) -> list[int]:
        """Return the organisations that have all the slots that one may have."""
        counts = Counter(org for org, _ in self.targets)
        return [org for org, count in counts.items() if count >= self.lane.slots_per_org]

    def busy(self, org: int) -> list[str]:
        """Return the targets of an organisation that a call is under way to."""
        return [target for owner, target in self.targets if owner == org]


class NoticeDispatcher:
    """Sends until cancelled; ``wake`` makes it look at once."""

    def __init__(self, database: Database, clock: Clock, ports: NoticeChannels) -> None:
        self._queue = NoticeQueue(database, clock)
        self._aside = SetAside(database, clock)
        self._clock = clock
        self._ports = ports
        self._awake = asyncio.Event()
        self._traffic = [_Traffic(lane) for lane in LANES]
        self._tidied_ms = 0

    def wake(self) -> None:
        """Say that there is something new."""
        self._awake.set()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way."""
        return not any(traffic.targets for traffic in self._traffic)

    async def is_due(self) -> bool:
        """Whether something waits whose time has come."""
        orgs = [await self._queue.next_org(lane, 0, ()) for lane in LANES]
        return any(org is not None for org in orgs)

    async def run(self) -> None:
        """Pump for ever."""
        heartbeat = LOOPS.begin("notices", QUIET_S)
        async with asyncio.TaskGroup() as group:
            while True:
                self._awake.clear()
                heartbeat.heartbeat()
                try:
                    await self._keep_order()
                    for traffic in self._traffic:
                        await self._fill(traffic, group)
                except Unavailable as error:
                    log.exception("outbox not read, trying again")
                    heartbeat.wait(error.sentence)
                try:
                    async with asyncio.timeout(_PAUSE_S):
                        await self._awake.wait()
                except TimeoutError:
                    continue

    async def _keep_order(self) -> None:
        await self._queue.take_again()
        now_ms = self._clock.now_ms()
        if now_ms >= self._tidied_ms + _TIDY_EVERY_MS:
            self._tidied_ms = now_ms
            await self._queue.tidy()

    async def _fill(self, traffic: _Traffic, group: asyncio.TaskGroup) -> None:
        """Give the free slots of a lane to organisations in rotation, one notice at a time."""
        passed: set[int] = set()  # what they have due goes to targets that are busy already
        while len(traffic.targets) < traffic.lane.slots:
            full = {*traffic.full_orgs(), *passed}
            org = await self._queue.next_org(traffic.lane, traffic.last_org, full)
            if org is None:
                return
            traffic.last_org = org
            notice = await self._queue.next_due(traffic.lane, org, traffic.busy(org))
            if notice is None:
                passed.add(org)
                continue
            traffic.targets.add((org, notice.target))
            group.create_task(self._send(traffic, notice))

    async def _send(self, traffic: _Traffic, notice: AnyRow) -> None:
        try:
            await self._queue.note(notice, await self._done(notice))
            self._awake.set()
        except Unavailable:
            log.exception("delivery not noted; it is tried again under the same key")
        finally:
            traffic.targets.discard((notice.org_id, notice.target))

    async def _done(self, notice: AnyRow) -> dict[str, Any]:
        """Do what is to be done about a notice; return what changes about it."""
        now_ms = self._clock.now_ms()
        ended = _over(notice)
        if ended is not None:
            return {**ended, "sent_ms": now_ms}
        try:
            failure, is_final = await self._attempt(notice)
        except Exception as error:
            if not is_of_the_entry(error):
                raise
            await self._aside.note(SetAsideEntry(PART, KIND, notice.key, notice.org_id), error)
            failure, is_final = reason_of(error), True
        now_ms = self._clock.now_ms()
        attempts = notice.attempts + 1
        values: dict[str, Any] = {"attempts": attempts, "reason": failure}
        is_old = now_ms - notice.made_ms > DELIVERY_MS_MAX
        if not failure:
            return values | {"state": NoticeState.SENT, "sent_ms": now_ms}
        if is_final or is_old or attempts >= DELIVERY_ATTEMPTS_MAX:
            return values | {"state": NoticeState.FAILED, "sent_ms": now_ms}
        wait_s = DELIVERY_BACKOFF_S * 2 ** (attempts - 1)
        return values | {"next_ms": now_ms + wait_s * 1000}

    async def _attempt(self, notice: AnyRow) -> tuple[str, bool]:
        """Return why it did not succeed, empty when it did, and whether it never will."""
        about = await self._about(notice)
        owner = notice.org_id
        try:
            if notice.webhook_id is not None:
                body = msgspec.json.encode({"key": notice.key, "kind": notice.kind, **about})
                call = self._ports.caller.call
                await call(notice.webhook_id, notice.target, body, notice.key, owner)
            else:
                subject, text = subject_and_text(notice.kind, about, notice.locale or "vi")
                to = notice.email or notice.target
                letter = MailMessage(key=notice.key, to=to, subject=subject, text=text)
                await self._ports.mailer.send(letter, owner)
        except (MailRefused, CallRefused) as error:
            return line_of(str(error)) or "failed", error.is_final
        return "", False

    async def _about(self, notice: AnyRow) -> dict[str, object]:
        if notice.kind == "digest":
            held = await self._queue.held_back(notice)
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


def _over(notice: AnyRow) -> dict[str, Any] | None:
    """Return how a notice ends that nobody is there for, or that is not true any more."""
    if notice.webhook_id is not None:
        gone = NO_WEBHOOK if notice.hook_removed_ms is not None else ""
    elif notice.person_id is None or notice.disabled is not False:
        gone = NO_PERSON
    else:
        gone = "" if notice.email else NO_CONTACT
    if gone:
        return {"state": NoticeState.WITHDRAWN, "reason": gone}
    is_stale = (
        notice.kind == "alarm"
        and notice.reason == "quiet hours"
        and (notice.alarm_state >= AlarmState.CLEARED or notice.acked_ms is not None)
    )
    return {"state": "skipped", "reason": "over"} if is_stale else None
