"""Recommendations: what the province asked for, of whom, and what came back."""

from datetime import date
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.days import local_day
from tram.domain.permissions import Permission
from tram.registry.kernel.audit import province_change
from tram.registry.kernel.checks import Checked
from tram.registry.kernel.database import AnyRow, Database, as_view
from tram.registry.kernel.repository import found_row
from tram.registry.kernel.viewer import Viewer
from tram.rollout.directives.documents import MARKS
from tram.rollout.directives.tables import recommendations
from tram.rollout.directives.views import (
    NewRecommendation,
    Recommendation,
    RecommendationEdit,
)
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused

__all__ = ("KINDS", "Recommendations")

WRITE = Permission.DIRECTIVE_WRITE
KINDS = ("rule", "money", "referral", "training")
EXISTING_MAX = 50
CODE_CHARACTERS_MAX = 40
ANSWER_CHARACTERS_MAX = 2_000
RULE_CHARACTERS_MAX = 200
_TEXTS = (("text", 2_000, 1), ("to_whom", 300, 1), ("letter", 40, 0))


class Recommendations:
    """The requests K1, K2 … with their answers, as of a day (today if none is named)."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def list(self, viewer: Viewer, *, day: date | None = None) -> list[Recommendation]:
        """Return what had been asked for until a day, by code, with what had been answered."""
        viewer.needs(Permission.DIRECTIVE_READ)
        day = day or self._today()
        statement = (
            select(recommendations)
            .where(recommendations.c.made_on <= day)
            .order_by(recommendations.c.code)
        )
        async with self._database.read() as connection:
            return [_view(row, day) for row in await connection.execute(statement)]

    async def one(
        self, viewer: Viewer, recommendation: int, *, day: date | None = None
    ) -> Recommendation:
        """Return one recommendation; ``recommendation.unknown`` when there is none."""
        viewer.needs(Permission.DIRECTIVE_READ)
        async with self._database.read() as connection:
            return _view(await _found(connection, recommendation), day or self._today())

    async def create(self, viewer: Viewer, new: NewRecommendation) -> Recommendation:
        """Register a recommendation; its code is unique."""
        checked = Checked()
        code = checked.text("code", new.code, CODE_CHARACTERS_MAX)
        values = self._checked(checked, new)
        unanswered = {"code": code, "answer": "", "answered_on": None, "declined": False}
        async with province_change(self._database, self._clock, viewer, WRITE) as change:
            try:
                inserted = await change.connection.execute(
                    insert(recommendations)
                    .values({**values, **unanswered})
                    .returning(*recommendations.c)
                )
            except IntegrityError:
                raise Refused(
                    "recommendation.taken",
                    "A recommendation has this code already.",
                    "Choose another code.",
                ) from None
            made = _view(inserted.one(), self._today())
            await change.note("recommendation.create", made.id, after=made)
            return made

    async def change(
        self, viewer: Viewer, recommendation: int, edit: RecommendationEdit
    ) -> Recommendation:
        """Replace all that may change about a recommendation but its answer."""
        values = self._checked(Checked(), edit)
        return await self._update(viewer, recommendation, values, "recommendation.change")

    async def answer(
        self,
        viewer: Viewer,
        recommendation: int,
        *,
        text: str,
        on: date,
        declined: bool = False,
    ) -> Recommendation:
        """Enter what was answered and on which day; a second answer replaces the first."""
        checked = Checked()
        checked.day("on", on)
        text = checked.prose("text", text, ANSWER_CHARACTERS_MAX)
        checked.unless(on <= self._today(), "on", "day.future")
        checked.done(_wrong())
        values = {"answer": text, "answered_on": on, "declined": declined}
        return await self._update(viewer, recommendation, values, "recommendation.answer")

    async def _update(
        self, viewer: Viewer, recommendation: int, values: dict[str, Any], action: str
    ) -> Recommendation:
        today = self._today()
        async with province_change(self._database, self._clock, viewer, WRITE) as change:
            old = _view(await _found(change.connection, recommendation), today)
            _refuse_answer_before_question(old, values)
            changed = await change.connection.execute(
                update(recommendations)
                .where(recommendations.c.id == recommendation)
                .values(values)
                .returning(*recommendations.c)
            )
            made = _view(changed.one(), today)
            await change.note(action, recommendation, old, made)
            return made

    def _today(self) -> date:
        return local_day(self._clock.now_ms())

    def _checked(self, checked: Checked, edit: RecommendationEdit) -> dict[str, Any]:
        """Return the columns of a recommendation but its code, or refuse it with every fault."""
        checked.bounded(edit)
        values: dict[str, Any] = {
            name: checked.prose(name, getattr(edit, name), longest, shortest)
            for name, longest, shortest in _TEXTS
        }
        checked.unless(edit.kinds, "kinds", "kinds.none")
        for kind in edit.kinds:
            checked.choice("kinds", kind, KINDS)
        checked.unless(len(set(edit.kinds)) == len(edit.kinds), "kinds", "kinds.twice")
        checked.choice("existing_mark", edit.existing_mark, MARKS)
        checked.unless(edit.made_on <= self._today(), "made_on", "day.future")
        few = len(edit.existing) <= EXISTING_MAX
        checked.unless(few, "existing", "rules.existing", most=EXISTING_MAX)
        existing = [checked.prose("existing", rule, RULE_CHARACTERS_MAX) for rule in edit.existing]
        checked.done(_wrong())
        return {
            **values,
            "kinds": edit.kinds,
            "made_on": edit.made_on,
            "existing": existing,
            "existing_mark": edit.existing_mark,
        }


def _refuse_answer_before_question(old: Recommendation, values: dict[str, Any]) -> None:
    made_on = values.get("made_on", old.made_on)
    answered_on = values.get("answered_on", old.answered_on)
    checked = Checked()
    field = "on" if "answered_on" in values else "made_on"
    checked.unless(answered_on is None or answered_on >= made_on, field, "answer.too_early")
    checked.done(_wrong())


async def _found(connection: AsyncConnection, recommendation: int) -> AnyRow:
    question = select(recommendations).where(recommendations.c.id == recommendation)
    missing = Refused(
        "recommendation.unknown",
        "There is no such recommendation.",
        "Look at the list of recommendations.",
    )
    return await found_row(connection, question, missing)


def _wrong() -> Refused:
    return Refused("recommendation.wrong", "The recommendation cannot be kept like this.")


def _view(row: AnyRow, day: date) -> Recommendation:
    is_answered = row.answered_on is not None and row.answered_on <= day
    state = "sent"
    if is_answered:
        state = "declined" if row.declined else "answered"
    answer, on = (row.answer, row.answered_on) if is_answered else ("", None)
    return as_view(Recommendation, row, state=state, answer=answer, answered_on=on)
