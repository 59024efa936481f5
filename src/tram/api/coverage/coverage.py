"""Coverage: the newest prediction by layer, its holes, and one path explained."""

from pathlib import Path

import msgspec

from tram.api.http.services import Services
from tram.domain.permissions import Permission
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import JobRow
from tram.rollout.coverage.coverage_runs import layer_key
from tram.rollout.coverage.from_inventory import sectors_of
from tram.rollout.coverage.path_explained import Ends, PathView, Server, explain_path, servers_at
from tram.rollout.coverage.prediction import COVERAGE, CoverageOrder
from tram.rollout.coverage.request import check_radius
from tram.rollout.coverage.results import Budget, CoverageLayer, Hole, RegionShare, Serving
from tram.rollout.coverage.served import sure_margin_db
from tram.rollout.inventory.stations.views import Box, StationFilter
from tram.rollout.radio.p1812.inputs import TIME_PERCENT
from tram.rollout.terrain.mosaic import GeoPoint
from tram.runtime.errors import Refused
from tram.runtime.processes.thread_pools import DOCUMENTS, FILES

__all__ = (
    "CoverageView",
    "LayerDetail",
    "LayerView",
    "PathExplained",
    "PathQuestion",
    "coverage_file",
    "explain",
    "newest_coverage",
    "newest_order",
    "order_coverage",
    "show_layer",
)

_AROUND_DEG = 0.12
"""Stations within about 13 km of a place are asked whether they serve it."""
_SECTORS_MAX = 60


class LayerView(msgspec.Struct, frozen=True, kw_only=True):
    """One operator on one band: shares of land by threshold, and where its overlay lies.

    ``likely`` weights every cell by the chance that a place in it is served; ``sure_margin_db``
    above a threshold that chance is 95 %. ``both_ways`` has the land where the uplink holds as well.
    """

    key: str
    operator: str
    band: str
    sectors: int
    synthetic: bool
    corners: tuple[float, float, float, float]
    location_sigma_db: float
    sure_margin_db: float
    shares: list[float]
    likely: list[float]
    uplink_share: float
    both_ways: list[float]
    budget: Budget
    assumed: dict[str, int]
    holes: int


class CoverageView(msgspec.Struct, frozen=True, kw_only=True):
    """The newest run; ``run`` is empty before the first. Thresholds in dBm."""

    run: str
    made_ms: int
    model: str
    thresholds: list[float]
    terrain: str
    terrain_synthetic: bool
    layers: list[LayerView]


class LayerDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A layer with its regions, worst first, its holes, largest first, and who serves in it."""

    layer: LayerView
    thresholds: list[float]
    regions: list[RegionShare]
    holes: list[Hole]
    serving: list[Serving]
    made_ms: int
    model: str


class PathQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """Two places as 'latitude,longitude' and what stands there."""

    a: str
    b: str
    frequency_ghz: float = 3.75
    a_height_m: float = 35.0
    b_height_m: float = 1.5
    time_percent: float = TIME_PERCENT


class PathExplained(msgspec.Struct, frozen=True, kw_only=True):
    """The path, and the stations within reach that serve B best."""

    path: PathView
    servers: list[Server]


async def newest_coverage(services: Services, viewer: Viewer) -> CoverageView:
    """Return the newest run with the layers within reach."""
    run = await services.coverage.newest(viewer)
    if run is None:
        return CoverageView(
            run="",
            made_ms=0,
            model="",
            thresholds=[],
            terrain="",
            terrain_synthetic=False,
            layers=[],
        )
    return CoverageView(
        run=run.id,
        made_ms=run.made_ms,
        model=run.model,
        thresholds=run.thresholds,
        terrain=run.terrain,
        terrain_synthetic=run.terrain_synthetic,
        layers=[_view(layer) for layer in run.layers],
    )


async def show_layer(services: Services, viewer: Viewer, run: str, layer: str) -> LayerDetail:
    """Return one layer.

    Raises:
        Refused: ``coverage.unknown``.
    """
    found, item = await services.coverage.layer(viewer, run, layer)
    return LayerDetail(
        layer=_view(item),
        thresholds=found.thresholds,
        regions=item.regions,
        holes=item.holes,
        serving=item.serving,
        made_ms=found.made_ms,
        model=found.model,
    )


async def coverage_file(
    services: Services, viewer: Viewer, run: str, layer: str, kind: str
) -> Path:
    """Return a file of a layer: overlay, raster or package.

    Raises:
        Refused: ``coverage.unknown``.
    """
    return await services.coverage.file(viewer, run, layer, kind)


async def explain(services: Services, viewer: Viewer, question: PathQuestion) -> PathExplained:
    """Return the profile and losses from A to B, and who serves B.

    Raises:
        Refused: if a place is none, lies outside the terrain, or the model does not hold.
    """
    viewer.needs(Permission.INVENTORY_READ)
    ends = Ends(
        a=_lon_lat(question.a),
        b=_lon_lat(question.b),
        a_height_m=question.a_height_m,
        b_height_m=question.b_height_m,
        frequency_ghz=question.frequency_ghz,
        time_percent=question.time_percent,
    )
    lon, lat = ends.b
    near = Box(lon - _AROUND_DEG, lat - _AROUND_DEG, lon + _AROUND_DEG, lat + _AROUND_DEG)
    stations = await services.inventory.stations.with_sectors(
        viewer, StationFilter(box=near, state="on-air"), limit=_SECTORS_MAX
    )
    mosaic = services.coverage.mosaic()
    patterns = services.coverage.patterns()
    sectors = [s for s in sectors_of(stations) if mosaic.holds(GeoPoint(s.lon, s.lat))]

    def work() -> PathExplained:
        servers = servers_at(mosaic, GeoPoint(lon, lat), sectors[:_SECTORS_MAX], patterns)
        return PathExplained(path=explain_path(mosaic, ends), servers=servers)

    return await DOCUMENTS.run_for(viewer.org, work)


async def order_coverage(services: Services, viewer: Viewer, order: CoverageOrder) -> JobRow:
    """Ask for a new prediction; the role ``work`` makes it.

    Raises:
        Refused: if the radius is out of bounds, there is no terrain, or the viewer may not ask for
            jobs.
    """
    check_radius(order.radius_km)
    viewer.needs(Permission.JOB_WRITE)
    await FILES.run(services.coverage.mosaic)
    return await COVERAGE.ask(services.registry.jobs, viewer, order)


async def newest_order(services: Services, viewer: Viewer) -> JobRow | None:
    """Return the newest prediction that was asked for, as far as the viewer sees jobs."""
    if not viewer.may(Permission.JOB_READ):
        return None
    jobs = await services.registry.jobs.list(viewer)
    return next((job for job in jobs if job.kind == COVERAGE.name), None)


def _view(layer: CoverageLayer) -> LayerView:
    return LayerView(
        key=layer_key(layer),
        operator=layer.operator,
        band=layer.band,
        sectors=layer.sectors,
        synthetic=layer.synthetic,
        corners=layer.corners,
        location_sigma_db=layer.location_sigma_db,
        sure_margin_db=sure_margin_db(layer.location_sigma_db),
        shares=layer.shares,
        likely=layer.likely,
        uplink_share=layer.uplink_share,
        both_ways=layer.both_ways,
        budget=layer.budget,
        assumed=layer.assumed,
        holes=len(layer.holes),
    )


def _lon_lat(words: str) -> tuple[float, float]:
    try:
        lat, lon = (float(word) for word in words.split(","))
    except ValueError:
        raise Refused(
            "path.place", f"{words!r} is no place.", "Give latitude,longitude in degrees."
        ) from None
    return lon, lat
