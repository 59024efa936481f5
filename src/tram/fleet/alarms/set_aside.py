"""What the alarms set aside: the names under which rules, devices and blocks are kept."""

from typing import Final

from sqlalchemy import ColumnElement, String, and_, cast, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.ids import OrgId
from tram.fleet.alarms.tables import rules
from tram.registry.kernel.set_aside import SetAsideEntry
from tram.registry.kernel.tables import set_aside

__all__ = ("BLOCK", "DEVICE", "PART", "RULE", "reason_column", "rule_entry", "try_again")

PART: Final = "alarms"
RULE: Final = "rule"
DEVICE: Final = "device"
BLOCK: Final = "block"
_ASIDE: Final = "aside"
_AGAIN: Final = "again"


def rule_entry(rule: int, version: int, org: int) -> SetAsideEntry:
    """Return what names a version of a rule: once it is mended, it is judged again at once."""
    return SetAsideEntry(PART, RULE, f"{rule}.{version}", OrgId(org))


def reason_column() -> ColumnElement[str | None]:
    """Return why the rule of a row is set aside, as a column; null when it is judged."""
    key = cast(rules.c.id, String) + "." + cast(rules.c.version, String)
    return (
        select(set_aside.c.reason)
        .where(
            and_(
                set_aside.c.part == PART,
                set_aside.c.kind == RULE,
                set_aside.c.key == key,
                set_aside.c.state == _ASIDE,
            )
        )
        .scalar_subquery()
    )


async def try_again(connection: AsyncConnection, rule: int, version: int) -> None:
    """Let a version of a rule be judged again that was set aside, if it was."""
    entry = rule_entry(rule, version, 0)
    await connection.execute(
        update(set_aside)
        .where(
            set_aside.c.part == PART, set_aside.c.kind == RULE, set_aside.c.key == entry.key,
        )
        .values(state=_AGAIN)
    )  # fmt: skip
