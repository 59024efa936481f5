"""Routes of stations: lists, files, the map, imports."""

from datetime import date
from typing import Annotated, Any

from litestar import Request, Response
from litestar.params import FromQuery, QueryParameter

from tram.api.http.route_table import get, post, put, tagged
from tram.api.http.services import Services
from tram.api.network import imports, stations
from tram.api.places import layers
from tram.registry.kernel.viewer import Viewer
from tram.rollout.inventory.exchange.files.writing import FORMATS, MEDIA_TYPES
from tram.rollout.inventory.exchange.limits import FILE_BYTES_MAX
from tram.rollout.inventory.exchange.positions import SYSTEMS, WGS84, Reference
from tram.rollout.inventory.imports.views import ImportItem
from tram.rollout.inventory.stations.views import Box, StationFilter
from tram.runtime.errors import Fault, Refused

__all__ = ("ROUTES",)

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


async def get_export(  # noqa: PLR0913  # one query parameter each
    services: Services,
    viewer: Viewer,
    wanted: StationFilter,
    form: str,
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
    content = await stations.export_stations(
        services, viewer, wanted, form, locale=locale, reference=reference
    )
    name = f"stations-{wanted.as_of}" if wanted.as_of else "stations"
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return Response(content, media_type=MEDIA_TYPES[form], headers=headers)


async def post_import(
    request: Request[Any, Any, Any],
    services: Services,
    viewer: Viewer,
    name: FromQuery[str] = "list",
    encoding: FromQuery[str] = "",
) -> ImportItem:
    """The body is the file; nothing is imported yet, the answer says how it would be read.

    ``encoding`` of a CSV file is found without it: utf-8, utf-16, cp1258, tcvn3, vni.
    """
    body = await request.body()
    return await imports.upload_list(services, viewer, name, body, encoding=encoding)


_STATIONS = tagged(
    "stations",
    get(
        "/stations",
        stations.list_stations,
        "Stations",
        "Stations by name; ``as_of`` takes their states on that day.",
        query=provide_station_filter,
    ),
    get(
        "/stations/export/{form:str}",
        get_export,
        "Download stations",
        noun="export",
        query=provide_station_filter,
    ),
    get(
        "/stations/{station:int}",
        stations.show_station,
        "One station",
        "Sectors, history, and the stations on the same mast.",
        files=("changes",),
    ),
    get("/imports", imports.list_imports, "Imports of stations", "Newest first."),
    post("/imports", post_import, "Send a list of stations", body_bytes_max=FILE_BYTES_MAX),
    get(
        "/imports/{number:int}",
        imports.show_import,
        "One import",
        "Its state, plan, progress and result.",
        noun="import",
    ),
    put(
        "/imports/{number:int}/plan",
        imports.plan_import,
        "Say how a list is read",
        "Begins a dry run.",
    ),
    get(
        "/imports/{number:int}/faults",
        imports.import_faults,
        "Faults of a dry run",
        "All of them, with the cells of their rows.",
        files=("faults",),
    ),
    post(
        "/imports/{number:int}/write",
        imports.write_import,
        "Import the rows that are right",
        "After a dry run.",
    ),
    post(
        "/imports/{number:int}/undo",
        imports.undo_import,
        "Undo an import",
        "What was changed since stays as it is.",
    ),
    post(
        "/imports/{number:int}/cancel",
        imports.cancel_import,
        "End a step of an import",
        "A dry run leaves nothing; what was written or put back until then stays so.",
    ),
)
_MAP = tagged(
    "map",
    get(
        "/map/stations",
        stations.stations_on_map,
        "Stations on the map",
        "GeoJSON points with short properties.",
        noun="map_stations",
        query=provide_station_filter,
        media_type=_GEOJSON,
    ),
    get(
        "/map/layers",
        layers.list_layers,
        "What was imported for the map",
        (
            "Borders, roads, fibre and people by kind, with figures and source.\n\nFibre is "
            "there for whoever sees the stations of all operators."
        ),
        noun="map_layers",
    ),
    get(
        "/map/shapes/{layer:str}",
        layers.layer_shapes,
        "Borders and lines",
        "Simplified for the map.",
        noun="map_shapes",
        media_type=_GEOJSON,
    ),
)
ROUTES = _STATIONS + _MAP
