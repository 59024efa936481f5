"""Stations as they were on a day: their state by dated entries, the rest by what changes kept.

What changes with time (band, antennas, indoor or not, owner and height of the mast, sectors) is
that of the day; names, positions and addresses are corrections, and hold for all days.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.days import start_of_day_ms
from tram.rollout.inventory.stations.tables import changes, states, stations
from tram.rollout.inventory.stations.views import Station, StationImage

__all__ = ("StationColumns", "as_it_was", "by_decree_88", "columns_on", "images_then")

_FIRST, _LAST = date(2025, 2, 19), date(2025, 12, 31)
_MANY_ANTENNAS = ("64T64R", "32T32R", "16T16R", "8T8R", "4T4R")
_CHANGING = ("band", "indoor", "antennas", "accepted_on", "mast_owner", "mast_height_m")


class StationColumns(NamedTuple):
    """Columns of a station's state and its first day, and the tables to read them from."""

    state: ColumnElement[str]
    since: ColumnElement[date]
    source: Any


async def columns_on(connection: AsyncConnection, day: date | None) -> StationColumns:
    """Return where states stand: those of the last entries, or until the end of a day."""
    now = StationColumns(stations.c.state, stations.c.state_since, stations)
    if day is None:
        return now
    later = select(states.c.since).where(states.c.since > day).limit(1)
    if (await connection.execute(later)).first() is None:
        return now  # the last entries are those until the day: no need to look for them
    newest = (
        select(states.c.station_id, func.max(states.c.since).label("since"))
        .where(states.c.since <= day)
        .group_by(states.c.station_id)
        .subquery("newest")
    )
    source = stations.join(newest, newest.c.station_id == stations.c.id).join(
        states,
        and_(states.c.station_id == newest.c.station_id, states.c.since == newest.c.since),
    )
    return StationColumns(states.c.state, states.c.since, source)


def by_decree_88(day: date | None) -> tuple[Any, list[ColumnElement[bool]]]:
    """Return what joins the past to a tally, and the conditions of Decree 88/2025/NĐ-CP.

    Outdoors, at least four transmitters, accepted from 19/2 to 31/12/2025, and by the day asked for.
    """
    last = _LAST if day is None else min(day, _LAST)
    now = and_(
        stations.c.indoor.is_(False),
        stations.c.antennas.in_(_MANY_ANTENNAS),
        stations.c.accepted_on.between(_FIRST, last),
    )
    is_5g = stations.c.technology == "5G"
    if day is None:
        return None, [is_5g, now]
    before = _before(day).subquery("before")
    image = before.c.image
    then = and_(
        func.coalesce(image["indoor"].as_boolean(), false()).is_(False),
        image["antennas"].as_string().in_(_MANY_ANTENNAS),
        image["accepted_on"].as_string().between(_FIRST.isoformat(), last.isoformat()),
    )
    known = before.c.station_id.is_not(None)
    return before, [is_5g, or_(and_(known, then), and_(~known, now))]


async def images_then(
    connection: AsyncConnection, day: date, numbers: Select[Any]
) -> Mapping[int, StationImage]:
    """Return, of those stations that changed after a day, what they were at its end.

    One that was put on the list later is what it was at first.
    """
    wanted = _before(day).where(changes.c.station_id.in_(numbers))
    return {
        row.station_id: msgspec.convert(row.image, StationImage)
        for row in await connection.execute(wanted)
    }


def as_it_was(station: Station, image: StationImage | None, day: date) -> Station:
    """Return a station without what came after the day."""
    life = [entry for entry in station.life if entry.since <= day]
    station = msgspec.structs.replace(station, life=life)
    if image is None:
        return station
    given = {field: getattr(image, field) for field in _CHANGING}
    sectors = list(image.sectors) if station.sectors or image.sectors else []
    return msgspec.structs.replace(station, **given, sectors=sectors)


def _before(day: date) -> Select[Any]:
    """Return what the first change after a day found: an image for each station that changed."""
    later = (
        select(func.min(changes.c.id))
        .where(
            changes.c.at_ms >= start_of_day_ms(day, after=1),
            changes.c.before.is_not(None),
        )
        .group_by(changes.c.station_id)
    )
    return select(changes.c.station_id, changes.c.before.label("image")).where(
        changes.c.id.in_(later)
    )
