"""Stations for pages and programs: lists, points for the map, files, presence in zones."""

from datetime import date
from typing import Any

import msgspec

from tram.api.http.paging import LIMIT_MAX
from tram.api.http.parameters import Cursor, PageLimit
from tram.api.http.services import Services
from tram.registry.kernel.viewer import Viewer
from tram.rollout.inventory.exchange.files.writing import export
from tram.rollout.inventory.exchange.positions import Reference
from tram.rollout.inventory.stations.views import Station, StationChange, StationFilter
from tram.rollout.inventory.views import SIMULATED, Operator
from tram.runtime.processes.thread_pools import DOCUMENTS

__all__ = (
    "StationDetail",
    "StationList",
    "StationsOnMap",
    "count_stations",
    "export_stations",
    "list_stations",
    "network_operators",
    "show_station",
    "stations_on_map",
)

POINTS_MAX = 60_000


class StationList(msgspec.Struct, frozen=True):
    """One page of stations and how many there are in all."""

    items: list[Station]
    total: int
    next: str | None
    as_of_ms: int


class StationDetail(msgspec.Struct, frozen=True):
    """A station, who shares its mast, and every change of it."""

    station: Station
    shared: list[Station]
    changes: list[StationChange]


class StationsOnMap(msgspec.Struct, frozen=True, kw_only=True):
    """Stations as short GeoJSON: o operator, t technology, s state, y simulated."""

    features: list[dict[str, Any]]
    operators: dict[int, str]
    truncated: bool
    synthetic: bool
    as_of_ms: int
    type: str = "FeatureCollection"


async def list_stations(
    services: Services,
    viewer: Viewer,
    wanted: StationFilter,
    cursor: Cursor = None,
    limit: PageLimit = LIMIT_MAX,
) -> StationList:
    """Return a page of the stations that the viewer may see."""
    page = await services.inventory.stations.page(viewer, wanted, after=cursor, limit=limit)
    return StationList(page.items, page.total, page.next_after, services.clock.now_ms())


async def show_station(services: Services, viewer: Viewer, station: int) -> StationDetail:
    """Return one station.

    Raises:
        Refused: ``station.unknown``.
    """
    listed = services.inventory.stations
    found = await listed.one(viewer, station)
    shared = [i for i in await listed.at_place(viewer, found.place.id) if i.id != station]
    return StationDetail(found, shared, await listed.history(viewer, station))


async def count_stations(
    services: Services, viewer: Viewer, day: date | None, rule: str
) -> dict[tuple[int, str], int]:
    """Return how many stations count by a rule, by operator and technology."""
    counted = await services.inventory.stations.count_by(viewer, day, rule)
    return {(item.operator, item.technology): item.count for item in counted}


async def network_operators(services: Services, viewer: Viewer) -> list[Operator]:
    """Return operators that have stations to show: simulated ones while no real one has any."""
    listed = await services.inventory.operators.list(viewer, simulated=True)
    tally = {item.operator for item in await services.inventory.stations.count_by(viewer, None)}
    return [item for item in listed if item.id in tally] or [
        item for item in listed if not item.code.startswith(SIMULATED)
    ]


async def export_stations(  # noqa: PLR0913  # how the file is to be
    services: Services,
    viewer: Viewer,
    wanted: StationFilter,
    form: str,
    *,
    locale: str = "vi",
    reference: Reference = Reference(),  # noqa: B008  # frozen
) -> bytes:
    """Return the stations as a file that can be imported again."""
    stations = await services.inventory.stations.with_sectors(viewer, wanted)
    return await DOCUMENTS.run_for(
        viewer.org, export, stations, form, locale=locale, reference=reference
    )


async def stations_on_map(
    services: Services, viewer: Viewer, wanted: StationFilter
) -> StationsOnMap:
    """Return points for the map."""
    listed = services.inventory.stations
    points = await listed.points(viewer, wanted, limit=POINTS_MAX + 1)
    names = await services.inventory.operators.list(viewer, simulated=True)
    seen = {point.operator for point in points}
    features = [
        {
            "type": "Feature",
            "id": point.id,
            "geometry": {"type": "Point", "coordinates": (point.lon, point.lat)},
            "properties": {
                "o": point.operator,
                "t": point.technology,
                "s": point.state,
                "y": int(point.synthetic),
            },
        }
        for point in points[:POINTS_MAX]
    ]
    return StationsOnMap(
        features=features,
        operators={item.id: item.name for item in names if item.id in seen},
        truncated=len(points) > POINTS_MAX,
        synthetic=any(point.synthetic for point in points),
        as_of_ms=services.clock.now_ms(),
    )
