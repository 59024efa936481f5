"""Routes of zones, organisations, profiles and the map."""

from tram.api.devices import profiles
from tram.api.http.list_files import TableFile
from tram.api.http.route_table import get, post, put, tagged
from tram.api.places import organisations, zone_facts, zones
from tram.api.places.map import devices_on_map, zones_on_map

__all__ = ("ROUTES",)

_GEOJSON = "application/geo+json"

_ZONES = tagged(
    "zones",
    get(
        "/zones",
        zones.list_zones,
        "List zones",
        "Economic zones, parks and clusters, each with its source and its mark.",
        files=(TableFile("zones", "Download zones"),),
    ),
    get(
        "/zones/{zone:int}",
        zones.show_zone,
        "One zone",
        "The zone with the number of devices that the viewer sees in it.",
    ),
    get(
        "/zones/{zone:int}/facts",
        zone_facts.show_zone_facts,
        "What is kept of a zone",
        "Area with its source, investors' needs, state, authority.",
        noun="zone_facts",
    ),
    put(
        "/zones/{zone:int}/facts",
        zone_facts.change_zone_facts,
        "Change what is kept of a zone",
        "For who keeps the province's data; without `area_ha` the area stays.",
        noun="zone_facts",
    ),
)
_ORGANISATIONS = tagged(
    "organisations",
    get(
        "/organisations",
        organisations.list_organisations,
        "List organisations",
        "The viewer's part of the tree, parents before children.",
        files=(TableFile("organisations", "Download organisations"),),
    ),
    post(
        "/organisations",
        organisations.create_organisation,
        "Add an organisation",
        "Add an organisation below another.",
    ),
)
_PROFILES = tagged(
    "profiles",
    get(
        "/profiles",
        profiles.list_profiles,
        "List profiles",
        "What the devices of each model have in common.",
    ),
    get(
        "/profiles/{profile:int}",
        profiles.show_profile,
        "One profile",
        "The profile with its metrics.",
    ),
)
_MAP = tagged(
    "map",
    get(
        "/map/devices",
        devices_on_map,
        "Devices on the map",
        "GeoJSON points with their states.",
        noun="map_devices",
        media_type=_GEOJSON,
    ),
    get(
        "/map/zones",
        zones_on_map,
        "Zones on the map",
        "GeoJSON points; `approximate` ones are not surveyed.",
        noun="map_zones",
        media_type=_GEOJSON,
    ),
)
ROUTES = _ZONES + _ORGANISATIONS + _PROFILES + _MAP
