"""What a chain refers to: people, webhooks and calendars must be there, for the one who writes it."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.permissions import Permission
from tram.fleet.alarms.escalation_chains import EscalationStep
from tram.fleet.alarms.tables import calendars, webhooks
from tram.registry.kernel.access import org_is_visible
from tram.registry.kernel.checks import Checked
from tram.registry.kernel.tables import people
from tram.registry.kernel.viewer import Viewer

__all__ = ("check_steps",)


class _Kind(NamedTuple):
    field: str
    number: ColumnElement[Any]
    reached: ColumnElement[bool]
    unknown: str


async def check_steps(
    connection: AsyncConnection, viewer: Viewer, checked: Checked, steps: Sequence[EscalationStep]
) -> None:
    """Note every step that names somebody or something that is not there or out of reach."""
    for kind in _kinds(viewer):
        named = [(index, _named(step, kind.field)) for index, step in enumerate(steps)]
        wanted = sorted({number for _, numbers in named for number in numbers})
        found = await connection.execute(
            select(kind.number).where(kind.number.in_(wanted), kind.reached)
        )
        there = set(found.scalars())
        for index, numbers in named:
            checked.unless(there.issuperset(numbers), f"steps[{index}].{kind.field}", kind.unknown)


def _kinds(viewer: Viewer) -> tuple[_Kind, ...]:
    seen = (
        org_is_visible(viewer, permission, people.c.org_id)
        for permission in (Permission.PERSON_READ, Permission.RULE_WRITE)
    )
    own = people.c.id == viewer.person
    return (
        _Kind(
            "people", people.c.id, people.c.disabled.is_(False) & or_(own, *seen),
            "person.not_found",
        ),
        _Kind(
            "webhooks", webhooks.c.id,
            webhooks.c.removed_ms.is_(None)
            & org_is_visible(viewer, Permission.RULE_WRITE, webhooks.c.org_id),
            "webhook.not_found",
        ),
        _Kind(
            "calendar", calendars.c.id,
            calendars.c.removed_ms.is_(None)
            & org_is_visible(viewer, Permission.RULE_READ, calendars.c.org_id),
            "calendar.not_found",
        ),
    )  # fmt: skip


def _named(step: EscalationStep, field: str) -> Iterable[int]:
    if field == "calendar":
        return () if step.calendar is None else (step.calendar,)
    return step.people if field == "people" else step.webhooks
