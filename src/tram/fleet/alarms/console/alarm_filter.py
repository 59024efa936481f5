"""Which alarms a list shows: the filter, and what it asks of alarms and of their counters."""

from typing import Any

import msgspec
from sqlalchemy import Table

from tram.domain.alarms import AlarmState
from tram.fleet.alarms.tables import alarm_tallies, alarms
from tram.fleet.alarms.views import ALARM_STATES
from tram.fleet.rules.kinds import SEVERITIES

__all__ = ("AlarmFilter", "conditions")


class AlarmFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which alarms: ``state`` is a word of ``ALARM_STATES``, ``open`` (not over) or ``all``."""

    state: str = "open"
    severity: str | None = None
    sector: str | None = None
    zone: int | None = None
    device: int | None = None
    rule: int | None = None
    incident: int | None = None
    held: bool = False
    search: str = ""


def conditions(wanted: AlarmFilter, table: Table = alarms) -> list[Any]:
    """Match the rows of a filter, but for its search: alarms, or the counters of their groups."""
    if table is alarm_tallies:
        chosen: list[Any] = [table.c.is_held == int(wanted.held)]
    else:
        chosen = [table.c.held != "" if wanted.held else table.c.held == ""]
    if wanted.state == "open":
        chosen.append(table.c.state < AlarmState.OVER)
    elif wanted.state in ALARM_STATES:
        chosen.append(table.c.state == ALARM_STATES.index(wanted.state))
    if wanted.severity in SEVERITIES:
        chosen.append(table.c.severity == SEVERITIES.index(wanted.severity))
    return chosen + [
        table.c[column] == value
        for column, value in (
            ("sector", wanted.sector), ("zone_id", wanted.zone), ("device_id", wanted.device),
            ("rule_id", wanted.rule), ("incident_id", wanted.incident),
        )
        if value is not None
    ]  # fmt: skip
