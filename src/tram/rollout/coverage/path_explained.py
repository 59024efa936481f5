"""One path explained: the ground under it, Fresnel clearance, and the loss by part."""

import math

import msgspec
import numpy as np

from tram.rollout.coverage.antennas import Patterns, pattern_of, tilt_of, uplink_loss_db
from tram.rollout.coverage.network import RadioSector, Thresholds, environment_at
from tram.rollout.coverage.served import chances, sure_margin_db
from tram.rollout.coverage.used import assumed_in
from tram.rollout.radio import tr38901
from tram.rollout.radio.antenna import ATTENUATION_DB_MAX, Pattern
from tram.rollout.radio.area.model import FAR_M, MODEL, NEAR_M
from tram.rollout.radio.p1812.inputs import (
    COASTAL,
    INLAND,
    SEA,
    TIME_PERCENT,
    VERSION,
    PathParameters,
    PathProfile,
)
from tram.rollout.radio.p1812.prediction import PathPrediction, predict
from tram.rollout.radio.p1812.variability import location_sigma_db
from tram.rollout.terrain.mosaic import GeoPoint, Mosaic
from tram.rollout.terrain.profiles import Line, line_between

__all__ = ("Ends", "PathPoint", "PathView", "Server", "explain_path", "servers_at")

LAPSE_RATE = 157 - 157 * 6371 / 8495
"""Refractivity gradient of the map model's effective earth radius of 8,495 km."""
_COAST_KM = 50.0
_SERVERS = 6


class Ends(msgspec.Struct, frozen=True, kw_only=True):
    """The two terminals: places, heights above ground [m], carrier [GHz] and time [%]."""

    a: tuple[float, float]
    b: tuple[float, float]
    a_height_m: float = 35.0
    b_height_m: float = 1.5
    frequency_ghz: float = 3.75
    time_percent: float = TIME_PERCENT


class PathPoint(msgspec.Struct, frozen=True):
    """A point of the profile: way [km], ground, clutter, line of sight and first Fresnel zone [m].

    The line of sight is bent by the effective earth radius, so that it is drawn over flat ground.
    """

    km: float
    ground_m: float
    clutter_m: float
    sight_m: float
    fresnel_m: float


class PathView(msgspec.Struct, frozen=True, kw_only=True):
    """What a path loses and why; ``_db`` in dB. ``map_loss_db`` is what the maps say here.

    ``sure_margin_db`` above a threshold, 95 % of the places around B are served.
    """

    model: str
    map_model: str
    length_km: float
    azimuth_deg: float
    is_clear: bool
    fresnel_free: float
    loss_db: float
    map_loss_db: float
    difference_db: float
    parts: dict[str, float]
    location_sigma_db: float
    sure_margin_db: float
    synthetic: bool
    points: list[PathPoint]


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """A sector that could serve a place: SS-RSRP [dBm], loss [dB], way [km].

    ``chances`` that a place there is served, at the thresholds from the strictest on. ``margin_db``
    is what the weaker link has to spare: the downlink over the weakest threshold, or the uplink of
    a phone; ``assumed`` is what the list does not say of the sector.
    """

    operator: str
    station: str
    band: str
    rsrp_dbm: float
    chances: list[float]
    downlink_margin_db: float
    uplink_margin_db: float
    margin_db: float
    weaker: str
    assumed: list[str]
    loss_db: float
    length_km: float
    is_clear: bool


def explain_path(mosaic: Mosaic, ends: Ends) -> PathView:
    """Return the profile and the losses from A to B.

    Raises:
        Refused: if an end lies outside the terrain, or the model does not hold.
    """
    a, b = GeoPoint(*ends.a), GeoPoint(*ends.b)
    line = line_between(mosaic, a, b)
    link = PathParameters(
        frequency_ghz=ends.frequency_ghz,
        tx_height_m=ends.a_height_m,
        rx_height_m=ends.b_height_m,
        time_percent=ends.time_percent,
        centre_latitude_deg=(a.lat + b.lat) / 2,
        lapse_rate_n_per_km=LAPSE_RATE,
    )
    found = predict(_profile(line), link)
    points = _points(line, found, link)
    surroundings = environment_at(mosaic, a, ends.a_height_m)
    map_loss = _map_loss_db(found, link, float(line.distance_km[-1]), surroundings)
    margin = min(
        ((p.sight_m - p.ground_m - p.clutter_m) / p.fresnel_m for p in points[1:-1]), default=1.0
    )
    sigma_db = location_sigma_db(
        ends.frequency_ghz, mosaic.about.cell_m, ends.b_height_m, float(line.clutter_m[-1])
    )
    (ax, ay), (bx, by) = mosaic.grid_of(a), mosaic.grid_of(b)
    return PathView(
        model=VERSION,
        map_model=MODEL,
        length_km=round(float(line.distance_km[-1]), 4),
        azimuth_deg=round(math.degrees(math.atan2(bx - ax, ay - by)) % 360, 2),
        is_clear=margin > 0,
        fresnel_free=round(margin, 3),
        loss_db=round(found.loss_db, 3),
        map_loss_db=round(map_loss, 3),
        difference_db=round(map_loss - found.loss_db, 3),
        parts=_parts(found),
        location_sigma_db=round(sigma_db, 3),
        sure_margin_db=round(sure_margin_db(sigma_db), 3),
        synthetic=mosaic.about.synthetic,
        points=points,
    )


def servers_at(
    mosaic: Mosaic, place: GeoPoint, sectors: list[RadioSector], patterns: Patterns
) -> list[Server]:
    """Return the sectors that are heard best at a place, by the map model, strongest first."""
    heard = []
    for sector in sectors:
        ends = Ends(
            a=(sector.lon, sector.lat),
            b=(place.lon, place.lat),
            a_height_m=sector.height_m,
            frequency_ghz=sector.frequency_ghz,
        )
        line = line_between(mosaic, GeoPoint(*ends.a), place)
        if line.distance_km[-1] < NEAR_M / 1000:
            continue
        view = explain_path(mosaic, ends)
        heard.append(_server(sector, view, patterns))
    heard.sort(key=lambda server: -server.rsrp_dbm)
    best: dict[tuple[str, str, str], Server] = {}
    for server in heard:  # of the sectors of a station only the strongest counts
        best.setdefault((server.operator, server.station, server.band), server)
    return list(best.values())[:_SERVERS]


def _server(sector: RadioSector, view: PathView, patterns: Patterns) -> Server:
    pattern = pattern_of(sector, patterns)
    lost = view.map_loss_db + _attenuation_db(sector, view, pattern)
    level = sector.eirp_re_dbm - lost
    down, up = level - Thresholds().edge_dbm, uplink_loss_db(sector, pattern) - lost
    return Server(
        operator=sector.operator,
        station=sector.station,
        band=sector.band,
        rsrp_dbm=round(level, 1),
        chances=[
            round(float(chance), 4)
            for chance in chances(level, Thresholds().all, view.location_sigma_db)
        ],
        downlink_margin_db=round(down, 1),
        uplink_margin_db=round(up, 1),
        margin_db=round(min(down, up), 1),
        weaker="uplink" if up < down else "downlink",
        assumed=assumed_in(sector, patterns),
        loss_db=view.map_loss_db,
        length_km=view.length_km,
        is_clear=view.is_clear,
    )


def _attenuation_db(sector: RadioSector, view: PathView, pattern: Pattern) -> float:
    turn = view.azimuth_deg - (sector.azimuth_deg or 0.0)
    start, end = view.points[0], view.points[-1]
    rise = math.atan2(end.sight_m - start.sight_m, 1000 * view.length_km)
    up = math.degrees(rise) + tilt_of(sector, pattern)
    across = pattern.azimuth_db[round(turn) % 360]
    return min(float(across + pattern.elevation_db[round(up) % 360]), ATTENUATION_DB_MAX)


def _profile(line: Line) -> PathProfile:
    zone = np.full(len(line.distance_km), INLAND, np.uint8)
    zone[line.is_sea] = SEA
    if line.is_sea.any():
        at_sea = line.distance_km[line.is_sea]
        from_sea = np.abs(line.distance_km[:, None] - at_sea[None, :]).min(axis=1)
        # Table 2: coastal land is lower than 100 m and within 50 km of the sea.
        zone[(zone == INLAND) & (line.ground_m < 100) & (from_sea < _COAST_KM)] = COASTAL  # noqa: PLR2004
    return PathProfile(line.distance_km, line.ground_m, line.clutter_m, zone)


def _points(line: Line, found: PathPrediction, link: PathParameters) -> list[PathPoint]:
    d = line.distance_km
    rest = d[-1] - d
    straight = (found.geometry.tx_m * rest + found.geometry.rx_m * d) / d[-1]
    bulge = 500 / found.climate.earth_radius_km * d * rest
    fresnel = np.sqrt(link.wavelength_m * 1000 * d * rest / d[-1])
    rows = zip(d, line.ground_m, line.clutter_m, straight - bulge, fresnel, strict=True)
    return [PathPoint(*(round(float(value), 3) for value in row)) for row in rows]


def _parts(found: PathPrediction) -> dict[str, float]:
    """Return the loss by part, in the order in which it is explained."""
    median = found.diffraction.median
    named = {
        "free_space_db": found.free_space_db,
        "multipath_db": found.line_of_sight_db - found.free_space_db,
        "terrain_edges_db": median.actual_db,
        "smooth_earth_db": max(median.spherical_db - median.smooth_db, 0.0),
        "diffraction_db": found.diffraction.loss_db,
        "scatter_path_db": found.scatter_db,
        "ducting_path_db": found.ducting_db,
        "location_db": found.location_db,
    }
    return {name: round(value, 3) for name, value in named.items()}


def _map_loss_db(
    found: PathPrediction,
    link: PathParameters,
    length_km: float,
    surroundings: tr38901.Environment,
) -> float:
    """Loss as the map model has it: median diffraction over land, short paths by TR 38.901."""
    far = found.free_space_db + found.diffraction.median.loss_db
    metres = 1000 * length_km
    if metres >= FAR_M:
        return far
    place = tr38901.SiteSurroundings(link.tx_height_m, link.rx_height_m)
    near = tr38901.path_loss_db(
        surroundings,
        place,
        link.frequency_ghz,
        metres,
        sight=not found.geometry.is_beyond_horizon,
    )
    share = min(max((FAR_M - metres) / (FAR_M - NEAR_M), 0.0), 1.0)
    return share * near + (1 - share) * far
