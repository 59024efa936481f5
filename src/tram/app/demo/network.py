"""The demo's network: 2,635 4G and 115 5G stations of three invented operators, always the same.

The sizes are those of the report of 30 July 2025; no station is a real one. Stations stand around
the centres of communes, more of them where the commune is a ward, some on shared masts.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from tram.domain.ids import OrgId
from tram.domain.province import Commune
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import Zone
from tram.rollout.inventory.inventory import Inventory
from tram.rollout.inventory.stations.views import Life, Sector, StationFilter, StationImage
from tram.rollout.inventory.views import NewOperator

__all__ = ("NETWORKS", "DemoNetwork", "demo_stations", "seed_network")

_SEED = 20_250_730
_APART_M = 60.0
_SHARED = 0.22
_KM_PER_DEGREE = 111.195
_FIRST_DAY = date(2015, 3, 1)
_LAST_DAY = date(2025, 7, 15)
_FIRST_5G = date(2024, 10, 15)
Site = tuple[float, float, str]
"""Longitude, latitude, commune."""


@dataclass(frozen=True, slots=True)
class DemoNetwork:
    """An invented operator with the size of one of the report's; MHz of its carriers."""

    code: str
    name: str
    stations_4g: int
    stations_5g: int
    carrier_4g_mhz: float
    carrier_5g_mhz: float
    band_5g: str


NETWORKS = (
    DemoNetwork("MP-MANG-A", "Nhà mạng A (mô phỏng)", 813, 4, 1_845.0, 3_850.0, "n77"),
    DemoNetwork("MP-MANG-B", "Nhà mạng B (mô phỏng)", 826, 19, 1_860.0, 3_750.0, "n78"),
    DemoNetwork("MP-MANG-C", "Nhà mạng C (mô phỏng)", 996, 92, 1_820.0, 2_550.0, "n41"),
)


async def seed_network(
    inventory: Inventory,
    viewer: Viewer,
    orgs: Mapping[str, OrgId],
    zones: Sequence[Zone],
    communes: Sequence[Commune],
) -> None:
    """Make the invented operators and their stations where they are missing."""
    listed = await inventory.operators.list(viewer, simulated=True)
    known = {operator.code: operator.id for operator in listed}
    for network in NETWORKS:
        if network.code not in known:
            new = NewOperator(code=network.code, name=network.name, org=orgs.get(network.code))
            known[network.code] = (await inventory.operators.create(viewer, new)).id
    there = StationFilter(operator=known[NETWORKS[0].code])
    if not await inventory.stations.points(viewer, there, limit=1):
        await inventory.keeping.put(viewer, demo_stations(known, zones, communes))


def demo_stations(
    operators: dict[str, int], zones: Sequence[Zone], communes: Sequence[Commune]
) -> list[StationImage]:
    """Return all stations; the same arguments give the same ones."""
    draw = np.random.default_rng(_SEED)
    weights = np.array([_weight(commune) for commune in communes])
    masts: list[Site] = []
    images: list[StationImage] = []
    for network in NETWORKS:
        sites = _sites(draw, network.stations_4g, masts, (communes, weights / weights.sum()))
        chosen = _sites_of_5g(draw, sites, zones, network.stations_5g)
        for at, site in enumerate(sites):
            code = f"{network.code[-1]}{at + 1:04}"
            mast = {"code": f"{network.code}-{code}", "operator": operators[network.code]}
            images.append(_station(draw, network, site, mast, "4G"))
            if at in chosen:
                images.append(_station(draw, network, site, mast, "5G"))
        masts += sites
    return images


def _weight(commune: Commune) -> float:
    """Return how many stations a commune attracts: wards most, wide communes little more."""
    return 14.0 if commune.kind == "phường" else 4.0 + math.sqrt(commune.area_km2) / 4


def _sites(
    draw: np.random.Generator,
    count: int,
    masts: Sequence[Site],
    towns: tuple[Sequence[Commune], npt.NDArray[np.float64]],
) -> list[Site]:
    """Return places for one operator: some on masts of the others, none beside another of its own."""
    communes, weights = towns
    taken: set[tuple[int, int]] = set()
    sites: list[Site] = []
    while len(sites) < count:
        if masts and draw.random() < _SHARED:
            lon, lat, code = masts[int(draw.integers(len(masts)))]
        else:
            commune = communes[int(draw.choice(len(communes), p=weights))]
            code = commune.code
            radius_km = 0.45 * math.sqrt(commune.area_km2)
            away, angle = radius_km * math.sqrt(draw.random()), 2 * math.pi * draw.random()
            lat = commune.lat + away * math.sin(angle) / _KM_PER_DEGREE
            across = _KM_PER_DEGREE * math.cos(math.radians(lat))
            lon = commune.lon + away * math.cos(angle) / across
        lon, lat = round(lon, 6), round(lat, 6)
        cells = _cells(lon, lat)
        if taken.isdisjoint(cells):
            taken.add(cells[0])
            sites.append((lon, lat, code))
    return sites


def _cells(lon: float, lat: float) -> list[tuple[int, int]]:
    """Return a point's cell of the grid, then its neighbours."""
    scale = _KM_PER_DEGREE * 1_000 / _APART_M
    column, line = math.floor(lon * scale), math.floor(lat * scale)
    return [(column, line)] + [(column + i, line + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]


def _sites_of_5g(
    draw: np.random.Generator,
    sites: Sequence[Site],
    zones: Sequence[Zone],
    count: int,
) -> set[int]:
    """Return which sites have 5G: a third of them nearest to parks, the others by chance."""
    centres = [(z.lon, z.lat) for z in zones if z.kind == "KCN" and z.lon is not None]
    chosen: set[int] = set()
    for lon, lat in centres[: count // 3]:
        nearest = min(
            range(len(sites)),
            key=lambda at: (sites[at][0] - lon) ** 2 + (sites[at][1] - (lat or 0)) ** 2,
        )
        chosen.add(nearest)
    while len(chosen) < count:
        chosen.add(int(draw.integers(len(sites))))
    return chosen


def _station(
    draw: np.random.Generator,
    network: DemoNetwork,
    site: Site,
    mast: dict[str, object],
    technology: str,
) -> StationImage:
    is_5g = technology == "5G"
    first = _FIRST_5G if is_5g else _FIRST_DAY
    since = first + timedelta(days=int(draw.integers((_LAST_DAY - first).days)))
    height_m = float(draw.integers(24, 55))
    turn = int(draw.integers(0, 120))
    sectors = tuple(
        Sector(
            code=str(number + 1),
            azimuth_deg=float((turn + 120 * number) % 360),
            tilt_deg=float(draw.integers(2, 8)),
            height_m=height_m - 2,
            eirp_dbm=72.0 if is_5g else 60.0,
            antenna="64T64R" if is_5g else "2T4R",
            carrier_mhz=network.carrier_5g_mhz if is_5g else network.carrier_4g_mhz,
            bandwidth_mhz=100.0 if is_5g else 20.0,
        )
        for number in range(3)
    )
    return StationImage(
        operator=int(str(mast["operator"])),
        technology=technology,
        code=str(mast["code"]),
        name=f"Trạm mô phỏng {mast['code']}".replace("MP-MANG-", ""),
        lon=site[0],
        lat=site[1],
        commune=site[2],
        life=(Life(since, "on-air"),),
        band=network.band_5g if is_5g else "B3",
        antennas="64T64R" if is_5g else "2T4R",
        accepted_on=since if is_5g else None,
        mast_height_m=height_m,
        synthetic=True,
        sectors=sectors,
    )
