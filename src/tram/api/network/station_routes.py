"""Routes of stations: lists, files, the map, imports."""

from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get, post, put
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from tram.api.http.list_files import table_of, with_every_format
from tram.api.http.paging import LIMIT_DEFAULT
from tram.api.http.parameters import Cursor, PageLimit, TakenServices, TakenViewer
from tram.api.network.stations import (
    StationDetail,
    StationList,
    StationsOnMap,
    export_stations,
    list_stations,
    show_station,
    stations_on_map,
)
from tram.api.places.layers import LayerList, layer_shapes, list_layers
from tram.rollout.inventory.exchange.faults import DryRunFaults
from tram.rollout.inventory.exchange.files.writing import FORMATS, MEDIA_TYPES
from tram.rollout.inventory.exchange.limits import FILE_BYTES_MAX
from tram.rollout.inventory.exchange.plan import ImportPlan
from tram.rollout.inventory.exchange.positions import SYSTEMS, WGS84, Reference
from tram.rollout.inventory.imports.views import ImportItem
from tram.rollout.inventory.stations.views import Box, StationFilter
from tram.runtime.errors import Fault, Refused

__all__ = ("TakenFilter", "provide_station_filter", "station_routes")

_GEOJSON = "application/geo+json"


_REFERENCE_FAULTS = {
    "system": Fault("system", "reference_system.not_found", {"choices": ", ".join(SYSTEMS)}),
    "meridian": Fault("meridian", "meridian.wrong"),
}


def _wrong(fault: Fault) -> Refused:
    sentence, hint = "A field is missing or wrong.", "Mend the fields named under faults."
    return Refused("request.invalid", sentence, hint, (fault,))


async def provide_station_filter(  # noqa: PLR0913  # one query parameter each
    *,
    operator: FromQuery[int | None] = None,
    technology: FromQuery[str | None] = None,
    wanted_state: Annotated[str | None, QueryParameter(name="state")] = None,
    zone: FromQuery[int | None] = None,
    commune: FromQuery[str | None] = None,
    search: FromQuery[str] = "",
    as_of: FromQuery[date | None] = None,
    shared: FromQuery[bool] = False,
    bbox: Annotated[
        str | None, QueryParameter(description="west,south,east,north in degrees.")
    ] = None,
) -> StationFilter:
    """Read which stations are wanted."""
    box = None
    if bbox:
        try:
            west, south, east, north = (float(part) for part in bbox.split(","))
        except ValueError:
            fault = Fault("bbox", "bbox.unreadable")
            raise _wrong(fault) from None
        box = Box(west, south, east, north)
    return StationFilter(
        box=box,
        operator=operator,
        technology=technology or None,
        state=wanted_state or None,
        zone=zone,
        commune=commune or None,
        search=search,
        as_of=as_of,
        shared=shared,
    )


TakenFilter = NamedDependency[StationFilter]


@get("/stations", summary="Stations", tags=["stations"])
async def get_stations(
    services: TakenServices,
    viewer: TakenViewer,
    wanted: TakenFilter,
    cursor: Cursor = None,
    limit: PageLimit = LIMIT_DEFAULT,
) -> StationList:
    """Stations by name; ``as_of`` takes their states on that day."""
    return await list_stations(services, viewer, wanted, cursor, limit)


@get("/stations/export/{form:str}", summary="Download stations", tags=["stations"])
async def get_export(  # noqa: PLR0913  # one query parameter each
    services: TakenServices,
    viewer: TakenViewer,
    wanted: TakenFilter,
    form: FromPath[str],
    *,
    locale: FromQuery[str] = "vi",
    system: FromQuery[str] = WGS84,
    meridian: FromQuery[float | None] = None,
) -> Response[bytes]:
    """CSV, XLSX, GeoJSON or GeoPackage, one row for each sector; it can be imported again.

    Tables also in VN-2000: ``system`` vn2000-tm3 or vn2000-utm with its central ``meridian``.
    """
    if form not in FORMATS:
        raise Refused("page.unknown", "There is no such format.", f"Take {', '.join(FORMATS)}.")
    reference = Reference(system, meridian)
    if problem := reference.problem():
        raise _wrong(_REFERENCE_FAULTS[problem])
    content = await export_stations(
        services, viewer, wanted, form, locale=locale, reference=reference
    )
    name = f"stations-{wanted.as_of}" if wanted.as_of else "stations"
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return Response(content, media_type=MEDIA_TYPES[form], headers=headers)


@get("/stations/{station:int}", summary="One station", tags=["stations"])
async def get_station(
    services: TakenServices, viewer: TakenViewer, station: FromPath[int]
) -> StationDetail:
    """Sectors, history, and the stations on the same mast."""
    return await show_station(services, viewer, station)


@get("/map/stations", summary="Stations on the map", tags=["map"], media_type=_GEOJSON)
async def get_map_stations(
    services: TakenServices, viewer: TakenViewer, wanted: TakenFilter
) -> StationsOnMap:
    """GeoJSON points with short properties."""
    return await stations_on_map(services, viewer, wanted)


@get("/map/layers", summary="What was imported for the map", tags=["map"])
async def get_map_layers(services: TakenServices, viewer: TakenViewer) -> LayerList:
    """Borders, roads, fibre and people by kind, with figures and source.

    Fibre is there for whoever sees the stations of all operators.
    """
    return await list_layers(services, viewer)


@get("/map/shapes/{layer:str}", summary="Borders and lines", tags=["map"], media_type=_GEOJSON)
async def get_map_shapes(
    services: TakenServices, viewer: TakenViewer, layer: FromPath[str]
) -> dict[str, Any]:
    """Simplified for the map."""
    return await layer_shapes(services, viewer, layer)


class ImportList(msgspec.Struct, frozen=True):
    """The newest imports."""

    items: list[ImportItem]
    as_of_ms: int


@get("/imports", summary="Imports of stations", tags=["stations"])
async def get_imports(services: TakenServices, viewer: TakenViewer) -> ImportList:
    """Newest first."""
    return ImportList(await services.imports.list(viewer), services.clock.now_ms())


@post(
    "/imports",
    summary="Send a list of stations",
    tags=["stations"],
    request_max_body_size=FILE_BYTES_MAX,
)
async def post_import(
    request: Request[Any, Any, Any],
    services: TakenServices,
    viewer: TakenViewer,
    name: FromQuery[str] = "list",
    encoding: FromQuery[str] = "",
) -> ImportItem:
    """The body is the file; nothing is imported yet, the answer says how it would be read.

    ``encoding`` of a CSV file is found without it: utf-8, utf-16, cp1258, tcvn3, vni.
    """
    return await services.imports.upload(viewer, name, await request.body(), encoding=encoding)


@get("/imports/{number:int}", summary="One import", tags=["stations"])
async def get_import(
    services: TakenServices, viewer: TakenViewer, number: FromPath[int]
) -> ImportItem:
    """Its state, plan, progress and result."""
    return await services.imports.one(viewer, number)


@put("/imports/{number:int}/plan", summary="Say how a list is read", tags=["stations"])
async def put_plan(
    services: TakenServices,
    viewer: TakenViewer,
    number: FromPath[int],
    data: JSONBody[ImportPlan],
) -> ImportItem:
    """Begins a dry run."""
    return await services.imports.change_plan(viewer, number, data)


@get("/imports/{number:int}/faults", summary="Faults of a dry run", tags=["stations"])
async def get_faults(
    services: TakenServices, viewer: TakenViewer, number: FromPath[int]
) -> DryRunFaults:
    """All of them, with the cells of their rows."""
    return await services.imports.faults(viewer, number)


@post("/imports/{number:int}/write", summary="Import the rows that are right", tags=["stations"])
async def post_write(
    services: TakenServices, viewer: TakenViewer, number: FromPath[int]
) -> ImportItem:
    """After a dry run."""
    return await services.imports.write(viewer, number)


@post("/imports/{number:int}/undo", summary="Undo an import", tags=["stations"])
async def post_undo(
    services: TakenServices, viewer: TakenViewer, number: FromPath[int]
) -> ImportItem:
    """What was changed since stays as it is."""
    return await services.imports.undo(viewer, number)


def station_routes() -> Router:
    """Return the routes of this module."""
    return Router(
        "/",
        route_handlers=with_every_format(
            [
                get_stations,
                get_export,
                get_station,
                get_map_stations,
                get_map_layers,
                get_map_shapes,
                get_imports,
                post_import,
                get_import,
                put_plan,
                get_faults,
                post_write,
                post_undo,
                table_of(get_faults, "faults"),
                table_of(get_station, "changes"),
            ]
        ),
        dependencies={"wanted": Provide(provide_station_filter)},
    )
