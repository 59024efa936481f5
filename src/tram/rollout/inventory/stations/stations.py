"""Stations read back: by box, operator, zone, commune and day, with or without their sectors."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.registry.kernel.checks import search_words
from tram.registry.kernel.database import AnyRow, Database, as_view, fields_of
from tram.registry.kernel.paging import bounded, is_after, next_key
from tram.registry.kernel.viewer import Viewer
from tram.rollout.inventory.stations.past import (
    StationColumns,
    as_it_was,
    by_decree_88,
    columns_on,
    images_then,
)
from tram.rollout.inventory.stations.tables import (
    changes,
    operators,
    places,
    sectors,
    states,
    station_zones,
    stations,
)
from tram.rollout.inventory.stations.views import (
    Life,
    Sector,
    SharedSite,
    Station,
    StationChange,
    StationCount,
    StationFilter,
    StationImage,
    StationPage,
    StationPoint,
)
from tram.rollout.inventory.stations.visibility import READ, station_is_visible
from tram.runtime.errors import Refused

__all__ = ("DECREE_88", "EVERY", "PLAIN", "Stations")

EVERY = StationFilter()
PLAIN = "plain"
DECREE_88 = "decree-88-2025"
_POINTS = (
    *(stations.c.id, stations.c.operator_id, stations.c.technology, stations.c.lon),
    *(stations.c.lat, stations.c.place_id, stations.c.commune, stations.c.synthetic),
)


class Stations:
    """The list of stations, each viewer's part of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def points(
        self, viewer: Viewer, wanted: StationFilter = EVERY, *, limit: int | None = None
    ) -> list[StationPoint]:
        """Return stations as dots in the order of their numbers; without limit, all of them."""
        viewer.needs(READ)
        async with self._database.read() as connection:
            state, _, source = await columns_on(connection, wanted.as_of)
            statement = (
                select(*_POINTS, state.label("state"))
                .select_from(source)
                .where(*await _chosen(connection, viewer, wanted, state))
                .order_by(stations.c.id)
                .limit(limit)
            )
            return [
                as_view(StationPoint, row, operator=row.operator_id, place=row.place_id)
                for row in await connection.execute(statement)
            ]

    async def with_sectors(
        self, viewer: Viewer, wanted: StationFilter = EVERY, *, limit: int | None = None
    ) -> list[Station]:
        """Return whole stations with their sectors, by number: what coverage and exports need."""
        viewer.needs(READ)
        async with self._database.read() as connection:
            columns = await columns_on(connection, wanted.as_of)
            chosen = and_(*await _chosen(connection, viewer, wanted, columns.state))
            statement = _whole(columns).where(chosen).order_by(stations.c.id).limit(limit)
            found = (await connection.execute(statement)).all()
            numbers = select(stations.c.id).select_from(columns.source).where(chosen)
            whole = await _with_parts(connection, found, numbers)
            return await _then(connection, whole, wanted.as_of, numbers)

    async def page(
        self,
        viewer: Viewer,
        wanted: StationFilter = EVERY,
        *,
        after: str | None = None,
        limit: int = 50,
    ) -> StationPage:
        """Return one page in the order of names and how many there are in all."""
        viewer.needs(READ)
        limit = bounded(limit)
        async with self._database.read() as connection:
            columns = await columns_on(connection, wanted.as_of)
            chosen = await _chosen(connection, viewer, wanted, columns.state)
            counting = select(func.count()).select_from(columns.source).where(*chosen)
            total = (await connection.execute(counting)).scalar_one()
            statement = _whole(columns).where(*chosen)
            if after is not None:
                statement = statement.where(is_after(stations, after))
            statement = statement.order_by(stations.c.folded, stations.c.id).limit(limit)
            found = (await connection.execute(statement)).all()
            numbers = select(stations.c.id).where(stations.c.id.in_([row.id for row in found]))
            items = [_station(row) for row in found]
            items = await _then(connection, items, wanted.as_of, numbers)
        mark = next_key(found, limit)
        return StationPage(items, total, mark)

    async def one(self, viewer: Viewer, station: int) -> Station:
        """Return one station with life and sectors; ``station.unknown`` when not visible."""
        viewer.needs(READ)
        async with self._database.read() as connection:
            reached = await station_is_visible(connection, viewer)
            chosen = and_(stations.c.id == station, stations.c.removed_ms.is_(None), reached)
            now = await columns_on(connection, None)
            found = (await connection.execute(_whole(now).where(chosen))).all()
            parts = await _with_parts(connection, found, select(stations.c.id).where(chosen))
        if not parts:
            raise Refused(
                "station.unknown", "There is no such station.", "Look at the list of stations."
            )
        return parts[0]

    async def count_by(
        self, viewer: Viewer, day: date | None, rule: str = PLAIN, *, by: str = ""
    ) -> list[StationCount]:
        """Count stations by operator and technology, and by ``zone`` or ``commune`` if asked.

        ``plain`` counts the places where an operator is on air with a technology; Decree 88/2025
        the outdoor 5G stations with enough antennas that were accepted in its time.
        """
        viewer.needs(READ)
        async with self._database.read() as connection:
            state, _, source = await columns_on(connection, day)
            conditions: list[ColumnElement[bool]] = []
            if rule == DECREE_88:
                past, conditions = by_decree_88(day)
                if past is not None:
                    source = source.outerjoin(past, past.c.station_id == stations.c.id)
            key: ColumnElement[Any] = stations.c.commune if by == "commune" else literal("")
            if by == "zone":
                source = source.join(station_zones, station_zones.c.station_id == stations.c.id)
                key = station_zones.c.zone_id
            columns = (stations.c.operator_id, stations.c.technology, key.label("key"))
            statement = (
                select(*columns, func.count(stations.c.place_id.distinct()).label("n"))
                .select_from(source)
                .where(
                    stations.c.removed_ms.is_(None),
                    state == "on-air",
                    await station_is_visible(connection, viewer),
                    *conditions,
                )
                .group_by(stations.c.operator_id, stations.c.technology, key)
            )
            rows = (await connection.execute(statement)).all()
        return [
            StationCount(
                operator=row.operator_id, technology=row.technology, key=str(row.key), count=row.n
            )
            for row in rows
        ]

    async def at_place(self, viewer: Viewer, place: int) -> list[Station]:
        """Return the stations that share a place, as far as the viewer may see them."""
        return await self.with_sectors(viewer, StationFilter(place=place))

    async def history(self, viewer: Viewer, station: int) -> list[StationChange]:
        """Return every change of a station, newest first."""
        await self.one(viewer, station)
        statement = (
            select(changes).where(changes.c.station_id == station).order_by(changes.c.id.desc())
        )
        async with self._database.read() as connection:
            return [_change(row) for row in await connection.execute(statement)]


async def _chosen(
    connection: AsyncConnection,
    viewer: Viewer,
    wanted: StationFilter,
    state: ColumnElement[str],
) -> list[ColumnElement[bool]]:
    """Return the viewer's reach and what the filter asks for."""
    reached = await station_is_visible(connection, viewer)
    conditions = [reached, *_conditions(wanted, state)]
    if wanted.shared:
        together = (
            select(stations.c.place_id)
            .where(stations.c.removed_ms.is_(None), reached)
            .group_by(stations.c.place_id)
            .having(func.count() > 1)
            .correlate(None)
        )
        conditions.append(stations.c.place_id.in_(together))
    return conditions


def _conditions(wanted: StationFilter, state: ColumnElement[str]) -> list[ColumnElement[bool]]:
    """Return what the filter asks for; removed stations are never there."""
    conditions: list[ColumnElement[bool]] = [stations.c.removed_ms.is_(None)]
    equal = (
        (stations.c.operator_id, wanted.operator),
        (stations.c.technology, wanted.technology),
        (state, wanted.state),
        (stations.c.commune, wanted.commune),
        (stations.c.place_id, wanted.place),
        (stations.c.synthetic, wanted.synthetic),
    )
    conditions += [column == value for column, value in equal if value is not None]
    if wanted.zone is not None:
        inside = station_zones.c.station_id == stations.c.id
        conditions.append(exists().where(inside, station_zones.c.zone_id == wanted.zone))
    if wanted.box is not None:
        box = wanted.box
        conditions += [
            stations.c.lon.between(box.west, box.east),
            stations.c.lat.between(box.south, box.north),
        ]
    conditions += [
        stations.c.folded.contains(word, autoescape=True) for word in search_words(wanted.search)
    ]
    return conditions


async def _then(
    connection: AsyncConnection, found: list[Station], day: date | None, numbers: Select[Any]
) -> list[Station]:
    """Return stations as they were on the day that was asked for."""
    if day is None or not found:
        return found
    images = await images_then(connection, day, numbers)
    return [as_it_was(station, images.get(station.id), day) for station in found]


def _whole(stands: StationColumns) -> Select[Any]:
    own = [column for column in stations.c if column.name not in {"state", "state_since"}]
    return (
        select(
            *own,
            stands.state.label("state_then"),
            stands.since.label("since_then"),
            operators.c.code.label("operator_code"),
            operators.c.name.label("operator_name"),
            *(column.label(f"place_{column.name}") for column in places.c if column.name != "id"),
        )
        .select_from(stands.source)
        .join(operators, operators.c.id == stations.c.operator_id)
        .join(places, places.c.id == stations.c.place_id)
    )


async def _with_parts(
    connection: AsyncConnection, found: Sequence[AnyRow], numbers: Select[Any]
) -> list[Station]:
    """Return stations with life and sectors, read in three queries whatever their number."""
    lives: dict[int, list[Life]] = defaultdict(list)
    by_day = select(states).where(states.c.station_id.in_(numbers)).order_by(states.c.since)
    for row in await connection.execute(by_day):
        lives[row.station_id].append(Life(row.since, row.state))
    parts: dict[int, list[Sector]] = defaultdict(list)
    by_code = select(sectors).where(sectors.c.station_id.in_(numbers)).order_by(sectors.c.code)
    for row in await connection.execute(by_code):
        parts[row.station_id].append(as_view(Sector, row))
    within: dict[int, list[int]] = defaultdict(list)
    in_zones = select(station_zones).where(station_zones.c.station_id.in_(numbers))
    for row in await connection.execute(in_zones.order_by(station_zones.c.zone_id)):
        within[row.station_id].append(row.zone_id)
    return [
        msgspec.structs.replace(
            _station(row), life=lives[row.id], sectors=parts[row.id], zones=within[row.id]
        )
        for row in found
    ]


def _station(row: AnyRow) -> Station:
    fields = fields_of(row)
    place = SharedSite(**{name: fields[f"place_{name}"] for name in SharedSite.__struct_fields__})
    return as_view(
        Station,
        row,
        operator=row.operator_id,
        state=row.state_then,
        state_since=row.since_then,
        place=place,
    )


def _change(row: AnyRow) -> StationChange:
    before, after = (
        None if image is None else msgspec.convert(image, StationImage)
        for image in (row.before, row.after)
    )
    return as_view(StationChange, row, by=row.person_name, before=before, after=after)
