"""Survey rounds: opened by the department, answered by operators and zones, approved into counts."""

from collections import Counter, defaultdict
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, and_, func, insert, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.bounds import is_number
from tram.domain.days import local_day, start_of_day_ms
from tram.domain.permissions import Permission
from tram.registry.kernel.access import (
    must_keep_province_data,
    org_is_visible,
    owner_of_province_data,
)
from tram.registry.kernel.audit import AuditEntry, province_change, record
from tram.registry.kernel.checks import Checked
from tram.registry.kernel.database import AnyRow, Database
from tram.registry.kernel.set_aside import SetAside, SetAsideEntry, is_aside
from tram.registry.kernel.tables import zones
from tram.registry.kernel.viewer import Viewer
from tram.rollout.inventory.counts import PROVINCE, Counts
from tram.rollout.inventory.geography.tables import zone_facts
from tram.rollout.inventory.stations.stations import Stations
from tram.rollout.inventory.surveys.letters import (
    ASK,
    REMIND,
    RETURN,
    write_to,
)
from tram.rollout.inventory.surveys.reminders import ReminderStep, step_of
from tram.rollout.inventory.surveys.rows import (
    events_of,
    reply_of,
    reply_row,
    reply_rows,
    round_row,
    summary_of,
)
from tram.rollout.inventory.surveys.tables import events, replies, rounds
from tram.rollout.inventory.surveys.views import (
    ASKED_MAX,
    Answers,
    NewRound,
    Reply,
    Round,
    RoundSummary,
)
from tram.rollout.inventory.tables import operators
from tram.rollout.inventory.views import SIMULATED, NewCount, Source
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused

__all__ = ("SURVEYED", "Surveys")

READ, WRITE = Permission.INVENTORY_READ, Permission.INVENTORY_WRITE
SURVEYED = "Đợt rà soát số "
"""How the source of a count from a round begins; the letter cites such sources."""
_COUNT_MAX = 1_000_000
_TEXT_CHARACTERS_MAX = 500


class _Step(NamedTuple):
    """One step of a reply, with its note."""

    action: str
    note: str = ""


class Surveys:
    """Rounds and their replies; everybody sees the rounds, and the replies that are theirs."""

    def __init__(
        self, database: Database, clock: Clock, counts: Counts, listed: Stations, site: str = ""
    ) -> None:
        self._database = database
        self._clock = clock
        self._counts = counts
        self._stations = listed
        self._site = site
        self._set_aside = SetAside(database, clock)

    async def list(self, viewer: Viewer) -> list[RoundSummary]:
        """Return all rounds, newest first, with how many replies the viewer sees in which state."""
        viewer.needs(READ)
        async with self._database.read() as connection:
            reached = await _reached(connection, viewer, READ)
            counts: dict[int, Counter[str]] = defaultdict(Counter)
            tally = reply_rows().with_only_columns(
                replies.c.round_id, replies.c.state, func.count(replies.c.id).label("n")
            )
            grouped = tally.where(reached).group_by(replies.c.round_id, replies.c.state)
            for row in await connection.execute(grouped):
                counts[row.round_id][row.state] = row.n
            found = await connection.execute(select(rounds).order_by(rounds.c.id.desc()))
            return [summary_of(row, counts[row.id]) for row in found]

    async def one(self, viewer: Viewer, number: int) -> Round:
        """Return a round with the replies that the viewer may see."""
        viewer.needs(READ)
        async with self._database.read() as connection:
            row = await round_row(connection, number)
            reached = await _reached(connection, viewer, READ)
            of_round = reply_rows().where(replies.c.round_id == number)
            mine = of_round.where(await _answerable(connection, viewer))
            answerable = await connection.execute(mine.with_only_columns(replies.c.id))
            own = set(answerable.scalars())
            chosen = of_round.where(reached)
            found = (await connection.execute(chosen.order_by(replies.c.id))).all()
            told = await events_of(connection, [item.id for item in found])
            owner = literal(await owner_of_province_data(connection))
            keeps = await connection.execute(select(org_is_visible(viewer, WRITE, owner)))
            keeper = bool(keeps.scalar_one())
        tally = {
            (item.operator, item.technology): item.count
            for item in await self._stations.count_by(viewer, row.as_of, row.counting_rule)
        }
        listed = [
            msgspec.structs.replace(
                reply_of(item, told[item.id]),
                listed_4g=tally.get((item.operator_id, "4G"), 0) if item.operator_id else None,
                listed_5g=tally.get((item.operator_id, "5G"), 0) if item.operator_id else None,
                can_answer=item.id in own and row.state == "open" and item.state != "approved",
            )
            for item in found
        ]
        states = Counter(item.state for item in listed)
        return Round(summary=summary_of(row, states), replies=listed, keeper=keeper)

    async def open(self, viewer: Viewer, new: NewRound) -> Round:
        """Open a round and ask everybody in its scope."""
        checked = Checked()
        checked.bounded(new)
        name = checked.text("name", new.name, 200)
        purpose = checked.lines("purpose", new.purpose, 1_000, shortest=0)
        checked.unless(new.operators or new.zones, "operators", "round.nobody")
        checked.unless(new.due_on >= new.as_of, "due_on", "day.before_round")
        async with self._database.read() as connection:
            for field, numbers, there in (
                ("operators", new.operators[:ASKED_MAX], operators.c.id),
                ("zones", new.zones[:ASKED_MAX], zones.c.id),
            ):
                if not all(map(is_number, numbers)):
                    continue  # named already
                found = await connection.execute(select(there).where(there.in_(numbers)))
                checked.unless(set(numbers) == set(found.scalars()), field, "items.missing")
        checked.done(Refused("survey.wrong", "The round cannot be opened like this."))
        async with province_change(self._database, self._clock, viewer, WRITE) as change:
            connection, now_ms = change.connection, change.at_ms
            made = await connection.execute(
                insert(rounds)
                .values(
                    name=name,
                    purpose=purpose,
                    as_of=new.as_of,
                    due_on=new.due_on,
                    counting_rule="plain",
                    state="open",
                    opened_ms=now_ms,
                    person_id=viewer.person,
                    person_name=viewer.name,
                )
                .returning(rounds.c.id)
            )
            number = made.scalar_one()
            blank = {
                "round_id": number, "state": "asked", "answers": {}, "note": "",
                "submitted_by": "", "decided_by": "",
            }  # fmt: skip
            asked = [{**blank, "operator_id": item, "zone_id": None} for item in new.operators]
            asked += [{**blank, "operator_id": None, "zone_id": item} for item in new.zones]
            await connection.execute(insert(replies), asked)
            for row in await connection.execute(reply_rows().where(replies.c.round_id == number)):
                count = await write_to(connection, now_ms, row, ASK, site=self._site)
                await self._change(connection, viewer, row, {}, _Step(ASK, str(count)))
            await change.note("survey.open", number, after=new)
        return await self.one(viewer, number)

    async def submit(self, viewer: Viewer, reply: int, answers: Answers) -> Reply:
        """Send answers in, or send corrected ones; an approved reply is closed."""
        async with self._database.write() as connection:
            row = await reply_row(connection, reply, await _answerable(connection, viewer))
            _must(row.round_state == "open" and row.state != "approved", "closed")
            _check(answers, is_operator=row.operator_id is not None)
            values = {
                "state": "submitted",
                "answers": msgspec.to_builtins(answers),
                "submitted_ms": self._clock.now_ms(),
                "submitted_by": viewer.name,
            }
            return await self._change(connection, viewer, row, values, _Step("submit"))

    async def send_back(self, viewer: Viewer, reply: int, note: str) -> Reply:
        """Ask for corrected answers and say why."""
        checked = Checked()
        note = checked.lines("note", note, 1_000)
        checked.done(Refused("survey.wrong", "Say what is to be corrected."))
        async with self._database.write() as connection:
            await must_keep_province_data(connection, viewer, WRITE)
            row = await reply_row(connection, reply, literal(value=True))
            _must(row.state == "submitted", "not submitted")
            values = {"state": "returned", "note": note, **self._decided(viewer)}
            now_ms = self._clock.now_ms()
            await write_to(connection, now_ms, row, RETURN, site=self._site, note=note)
            return await self._change(connection, viewer, row, values, _Step(RETURN, note))

    async def remind(self, viewer: Viewer, number: int) -> int:
        """Write to everybody who has not answered and was not reminded today; return how many."""
        step = ReminderStep(REMIND, start_of_day_ms(local_day(self._clock.now_ms())))
        async with self._database.write() as connection:
            await must_keep_province_data(connection, viewer, WRITE)
            row = await round_row(connection, number)
            _must(row.state == "open", "closed")
            return await self._remind(connection, viewer, number, step)

    async def remind_due(self, viewer: Viewer) -> int:
        """Remind by itself, three days before a round is due and the day after; return how many.

        Whoever was asked or reminded since a step's time came is not written to again for it.
        """
        reminded = 0
        async with self._database.read() as connection:
            owner = await owner_of_province_data(connection)
            tended = ~is_aside("work", "survey round", rounds.c.id)
            question = select(rounds).where(rounds.c.state == "open", tended)
            opened = (await connection.execute(question)).all()
        for row in opened:
            entry = SetAsideEntry("work", "survey round", str(row.id), owner)
            async with self._set_aside.guarded(entry):
                reminded += await self._remind_if_due(viewer, row)
        return reminded

    async def _remind_if_due(self, viewer: Viewer, row: AnyRow) -> int:
        step = step_of(row, self._clock.now_ms())
        if step is None or row.opened_ms >= step.since_ms:
            return 0
        async with self._database.write() as connection:
            return await self._remind(connection, viewer, row.id, step)

    async def _remind(
        self, connection: AsyncConnection, viewer: Viewer, number: int, step: ReminderStep
    ) -> int:
        """Write once for a step, whoever asks for it: the mark decides, in the database."""
        now_ms = self._clock.now_ms()
        claimed = await connection.execute(
            update(replies)
            .where(
                replies.c.round_id == number,
                replies.c.state.in_(("asked", "returned")),
                or_(replies.c.reminded_ms.is_(None), replies.c.reminded_ms < step.since_ms),
            )
            .values(reminded_ms=now_ms)
            .returning(replies.c.id)
        )
        numbers = sorted(claimed.scalars())
        for row in (await connection.execute(reply_rows().where(replies.c.id.in_(numbers)))).all():
            count = await write_to(connection, now_ms, row, step.action, site=self._site)
            await self._change(connection, viewer, row, {}, _Step(step.action, str(count)))
        return len(numbers)

    async def approve(self, viewer: Viewer, reply: int) -> Reply:
        """Take answers as true: an operator's become the official counts of the round's day.

        Counts of simulated operators never become official.
        """
        async with self._database.read() as connection:
            await must_keep_province_data(connection, viewer, WRITE)
            row = await reply_row(connection, reply, literal(value=True))
        _must(row.state == "submitted", "not submitted")
        if row.operator_id is not None and not row.operator_code.startswith(SIMULATED):
            await self._make_official(viewer, row)
        async with self._database.write() as connection:
            values = {"state": "approved", **self._decided(viewer)}
            return await self._change(connection, viewer, row, values, _Step("approve"))

    async def close(self, viewer: Viewer, number: int) -> Round:
        """End a round: nothing can be answered any more."""
        async with province_change(self._database, self._clock, viewer, WRITE) as change:
            await round_row(change.connection, number)
            closed = {"state": "closed", "closed_ms": change.at_ms}
            await change.connection.execute(
                update(rounds).where(rounds.c.id == number).values(closed)
            )
            await change.note("survey.close", number)
        return await self.one(viewer, number)

    async def _make_official(self, viewer: Viewer, row: AnyRow) -> None:
        answers = msgspec.convert(row.answers, Answers)
        source = Source(
            f"{SURVEYED}{row.round_id} “{row.round_name}”, số liệu đến ngày "
            f"{row.round_as_of:%d/%m/%Y}, {row.operator_name} báo cáo, Sở đã duyệt"
        )
        there = {
            (entry.technology, entry.as_of): entry.id
            for entry in await self._counts.entries(viewer, operator=row.operator_id)
            if entry.corrected_by is None and entry.count is not None and entry.scope == PROVINCE
        }
        for technology, count in (("4G", answers.stations_4g), ("5G", answers.stations_5g)):
            if count is None:
                continue
            new = NewCount(
                operator=row.operator_id,
                technology=technology,
                count=count,
                as_of=row.round_as_of,
                as_of_mark="stated",
                source=source,
            )
            old = there.get((technology, row.round_as_of))
            if old is None:
                await self._counts.enter(viewer, new)
            else:
                await self._counts.correct(viewer, old, new)

    def _decided(self, viewer: Viewer) -> dict[str, Any]:
        return {"decided_ms": self._clock.now_ms(), "decided_by": viewer.name}

    async def _change(
        self,
        connection: AsyncConnection,
        viewer: Viewer,
        row: AnyRow,
        values: dict[str, Any],
        step: _Step,
    ) -> Reply:
        (action, note), now_ms = step, self._clock.now_ms()
        if values:
            await connection.execute(update(replies).where(replies.c.id == row.id).values(values))
        await connection.execute(
            insert(events).values(
                reply_id=row.id,
                action=action,
                at_ms=now_ms,
                person_id=viewer.person,
                person_name=viewer.name,
                note=note,
                answers=values.get("answers"),
            )
        )
        owner = await owner_of_province_data(connection)
        await record(
            connection, viewer, now_ms, AuditEntry(f"survey.{action}", row.id, owner, after=note)
        )
        found = (await connection.execute(reply_rows().where(replies.c.id == row.id))).one()
        return reply_of(found, (await events_of(connection, [row.id]))[row.id])


async def _reached(
    connection: AsyncConnection, viewer: Viewer, permission: str
) -> ColumnElement[bool]:
    """Match replies of operators and zones that the viewer speaks for; the keeper sees all."""
    owner = literal(await owner_of_province_data(connection))
    one_zone = [
        replies.c.zone_id == scope.zone
        for scope in viewer.scopes
        if permission in scope.permissions and scope.zone is not None and scope.sector is None
    ]
    return or_(
        org_is_visible(viewer, permission, owner),
        org_is_visible(viewer, permission, operators.c.org_id),
        org_is_visible(viewer, permission, zone_facts.c.authority_id),
        *one_zone,
    )


async def _answerable(connection: AsyncConnection, viewer: Viewer) -> ColumnElement[bool]:
    """Match replies that the viewer may answer: a zone's authority needs no right to write lists."""
    return or_(
        await _reached(connection, viewer, WRITE),
        and_(replies.c.zone_id.is_not(None), await _reached(connection, viewer, READ)),
    )


def _must(condition: object, what: str) -> None:
    if not condition:
        raise Refused(
            "survey.step_wrong",
            f"The reply is {what}.",
            "Look at the round: it shows what can be done.",
        )


def _check(answers: Answers, *, is_operator: bool) -> None:
    checked = Checked()
    checked.bounded(answers)
    for field in ("stations_4g", "stations_5g", "devices"):
        value = getattr(answers, field)
        is_fine = value is None or 0 <= value <= _COUNT_MAX
        checked.unless(is_fine, field, "number.range", least=0, most=_COUNT_MAX)
    if is_operator:
        for field in ("stations_4g", "stations_5g"):
            checked.unless(getattr(answers, field) is not None, field, "field.missing")
    for field in ("sectors", "fibre", "power", "needs"):
        checked.lines(field, getattr(answers, field), _TEXT_CHARACTERS_MAX, shortest=0)
    checked.done(Refused("survey.wrong", "The answers cannot be kept like this."))
