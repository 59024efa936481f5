"""Routes of zones, organisations, profiles and the map."""

from litestar import Router, get, post, put
from litestar.params import FromPath, JSONBody

from tram.api.devices.profiles import ProfileItem, ProfileList, list_profiles, show_profile
from tram.api.http.list_files import TableFile, table_of, with_every_format
from tram.api.http.paging import LIMIT_DEFAULT
from tram.api.http.parameters import Cursor, PageLimit, TakenServices, TakenViewer
from tram.api.places.map import DevicesOnMap, ZonesOnMap, devices_on_map, zones_on_map
from tram.api.places.organisations import (
    NewOrganisationForm,
    OrganisationItem,
    OrganisationList,
    create_organisation,
    list_organisations,
)
from tram.api.places.zone_facts import (
    ZoneFactsForm,
    ZoneFactsView,
    change_zone_facts,
    show_zone_facts,
)
from tram.api.places.zones import ZoneItem, ZoneList, list_zones, show_zone

__all__ = ("place_routes",)

_GEOJSON = "application/geo+json"
_ZONE_COLUMNS = (
    "id",
    "code",
    "kind",
    "name",
    "status",
    "area_ha",
    "area_mark",
    "area_source",
    "lon",
    "lat",
    "coord_mark",
    "coord_quality",
    "commune",
    "approximate",
    "devices",
)
_ORGANISATION_COLUMNS = ("id", "parent", "kind", "name", "code", "depth")


@get("/zones", summary="List zones", tags=["zones"])
async def get_zones(
    services: TakenServices,
    viewer: TakenViewer,
    cursor: Cursor = None,
    limit: PageLimit = LIMIT_DEFAULT,
) -> ZoneList:
    """Economic zones, parks and clusters, each with its source and its mark."""
    return await list_zones(services, viewer, cursor, limit)


@get("/zones/{zone:int}", summary="One zone", tags=["zones"])
async def get_zone(services: TakenServices, viewer: TakenViewer, zone: FromPath[int]) -> ZoneItem:
    """The zone with the number of devices that the viewer sees in it."""
    return await show_zone(services, viewer, zone)


@get("/zones/{zone:int}/facts", summary="What is kept of a zone", tags=["zones"])
async def get_zone_facts(
    services: TakenServices, viewer: TakenViewer, zone: FromPath[int]
) -> ZoneFactsView:
    """Area with its source, investors' needs, state, authority."""
    return await show_zone_facts(services, viewer, zone)


@put("/zones/{zone:int}/facts", summary="Change what is kept of a zone", tags=["zones"])
async def put_zone_facts(
    services: TakenServices,
    viewer: TakenViewer,
    zone: FromPath[int],
    data: JSONBody[ZoneFactsForm],
) -> ZoneFactsView:
    """For who keeps the province's data; without `area_ha` the area stays."""
    return await change_zone_facts(services, viewer, zone, data)


@get("/organisations", summary="List organisations", tags=["organisations"])
async def get_organisations(
    services: TakenServices,
    viewer: TakenViewer,
    cursor: Cursor = None,
    limit: PageLimit = LIMIT_DEFAULT,
) -> OrganisationList:
    """The viewer's part of the tree, parents before children."""
    return await list_organisations(services, viewer, cursor, limit)


@post("/organisations", summary="Add an organisation", tags=["organisations"])
async def post_organisation(
    services: TakenServices, viewer: TakenViewer, data: JSONBody[NewOrganisationForm]
) -> OrganisationItem:
    """Add an organisation below another."""
    return await create_organisation(services, viewer, data)


@get("/profiles", summary="List profiles", tags=["profiles"])
async def get_profiles(
    services: TakenServices,
    viewer: TakenViewer,
    cursor: Cursor = None,
    limit: PageLimit = LIMIT_DEFAULT,
) -> ProfileList:
    """What the devices of each model have in common."""
    return await list_profiles(services, viewer, cursor, limit)


@get("/profiles/{profile:int}", summary="One profile", tags=["profiles"])
async def get_profile(
    services: TakenServices, viewer: TakenViewer, profile: FromPath[int]
) -> ProfileItem:
    """The profile with its metrics."""
    return await show_profile(services, viewer, profile)


@get("/map/devices", summary="Devices on the map", tags=["map"], media_type=_GEOJSON)
async def get_map_devices(services: TakenServices, viewer: TakenViewer) -> DevicesOnMap:
    """GeoJSON points with their states."""
    return await devices_on_map(services, viewer)


@get("/map/zones", summary="Zones on the map", tags=["map"], media_type=_GEOJSON)
async def get_map_zones(services: TakenServices, viewer: TakenViewer) -> ZonesOnMap:
    """GeoJSON points; `approximate` ones are not surveyed."""
    return await zones_on_map(services, viewer)


def place_routes() -> Router:
    """Return the routes of this module."""
    return Router(
        "/",
        route_handlers=with_every_format(
            [
                get_zones,
                table_of(get_zones, table=TableFile("zones", _ZONE_COLUMNS, "Download zones")),
                get_zone,
                get_zone_facts,
                put_zone_facts,
                get_organisations,
                table_of(
                    get_organisations,
                    table=TableFile(
                        "organisations", _ORGANISATION_COLUMNS, "Download organisations"
                    ),
                ),
                post_organisation,
                get_profiles,
                get_profile,
                get_map_devices,
                get_map_zones,
            ]
        ),
    )
