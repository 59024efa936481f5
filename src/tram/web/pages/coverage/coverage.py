"""Coverage: overlay and threshold, zones ranked by what is missing, holes, and one path (J4, J5)."""

from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery, QueryParameter

from tram.api.coverage.coverage import (
    CoverageView,
    LayerView,
    PathExplained,
    PathQuestion,
    explain,
    newest_coverage,
    newest_order,
    order_coverage,
    show_layer,
)
from tram.api.coverage.drive_test import drive_test
from tram.api.overview.jobs import cancel_job
from tram.domain.permissions import Permission
from tram.rollout.coverage.network import BANDS, Band, Thresholds
from tram.rollout.coverage.path_explained import PathView
from tram.rollout.coverage.prediction import CoverageOrder
from tram.rollout.coverage.results import LADDER_DBM, RegionShare
from tram.runtime.errors import Refused, TramError
from tram.web.forms import Form
from tram.web.page_context import TakenPage
from tram.web.submission import submission

_DEFAULT_DBM = -110
_KINDS = ("zone", "commune", "road")
_SAID_HERE = ("terrain.missing", "terrain.format")
"""Why no prediction can be asked for: the page says it beside the button."""
_WIDTH, _HEIGHT, _MARGIN = 900.0, 240.0, 12.0
_SAMPLES_MAX = 400
_LISTED_MAX = 200


@dataclass(frozen=True, slots=True)
class Ranked:
    """A region with the share of it below the chosen threshold, plain and weighted by chance."""

    region: RegionShare
    missing: float
    likely_missing: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """A profile as coordinates of an SVG, and the heights at its edges [m]."""

    ground: str
    clutter: str
    sight: str
    fresnel: str
    low_m: float
    high_m: float


@get("/coverage")
async def coverage_page(  # noqa: PLR0913, PLR0917  # one per parameter of the address
    request: Request[Any, Any, Any],
    page: TakenPage,
    layer: FromQuery[str] = "",
    threshold: Annotated[int, QueryParameter(ge=-125, le=-70)] = _DEFAULT_DBM,
    kind: FromQuery[str] = "zone",
    refused: FromQuery[str] = "",
) -> Response[str]:
    """Show a layer with the regions ranked at a threshold; only the ranking for a script."""
    found = await page.call(newest_coverage)
    chosen = _chosen(found, layer)
    detail = await page.call(show_layer, found.run, chosen.key) if chosen else None
    level = min(LADDER_DBM, key=lambda step: abs(step - threshold))
    kinds = [k for k in _KINDS if detail and any(r.kind == k for r in detail.regions)]
    kind = kind if kind in kinds else next(iter(kinds), "")
    ranked = _ranked(detail.regions, kind, level) if detail else []
    is_part = request.headers.get("hx-request") == "true"
    return page.show(
        "coverage/coverage_regions.html" if is_part else "coverage/coverage.html",
        found=found,
        chosen=chosen,
        detail=detail,
        holes=detail.holes[:_LISTED_MAX] if detail else [],
        level=level,
        kind=kind,
        kinds=kinds,
        is_part=is_part,
        ranked=ranked[:_LISTED_MAX],
        ranked_total=len(ranked),
        order=await page.call(newest_order),
        refused=refused if refused in _SAID_HERE else "",
        bands=_bands(),
    )


@submission("/coverage")
async def order_page(page: TakenPage, data: Form) -> str:
    """Ask for a new prediction; the page then shows how far it is."""
    try:
        await page.call(order_coverage, CoverageOrder(band=data.get("band", "")))
    except Refused as error:
        if error.code not in _SAID_HERE:
            raise
        return f"/coverage?refused={error.code}#order"
    return "/coverage"


@get("/coverage/order")
async def order_progress(page: TakenPage) -> Response[str]:
    """Show how far the newest prediction is, for the page that waits for it."""
    page.viewer.needs(Permission.INVENTORY_READ)
    order = await page.call(newest_order)
    return page.show("coverage/coverage_order.html", order=order, refused="", bands=_bands())


@submission("/coverage/order/{number:int}/cancel")
async def cancel_order(page: TakenPage, number: FromPath[int]) -> str:
    """Ask that a prediction ends; the losses that it has computed are kept."""
    await page.call(cancel_job, number)
    return "/coverage#order"


@get("/coverage/drive-test")
async def drive_test_page(page: TakenPage) -> Response[str]:
    """Show measured signal against predicted."""
    return page.show("coverage/coverage_drive_test.html", found=await page.call(drive_test))


@get("/coverage/path")
async def path_page(  # noqa: PLR0913, PLR0917  # one per parameter of the address
    request: Request[Any, Any, Any],
    page: TakenPage,
    a: FromQuery[str] = "",
    b: FromQuery[str] = "",
    band: FromQuery[str] = "n78",
    a_height_m: FromQuery[float] = 35.0,
    b_height_m: FromQuery[float] = 1.5,
) -> Response[str]:
    """Explain one path; only the explanation for a script."""
    page.viewer.needs(Permission.INVENTORY_READ)
    explained: PathExplained | None = None
    problem = ""
    known = BANDS.get(band, BANDS["n78"])
    if a and b:
        asked = PathQuestion(
            a=a,
            b=b,
            frequency_ghz=known.frequency_ghz,
            a_height_m=a_height_m,
            b_height_m=b_height_m,
        )
        try:
            explained = await page.call(explain, asked)
        except TramError as error:
            problem = error.code
    is_part = request.headers.get("hx-request") == "true"
    return page.show(
        "coverage/coverage_profile.html" if is_part else "coverage/coverage_path.html",
        explained=explained,
        drawing=_drawing(explained.path) if explained else None,
        thresholds=Thresholds().all,
        problem=problem,
        a=a,
        b=b,
        band=known,
        bands=_bands(),
        a_height_m=a_height_m,
        b_height_m=b_height_m,
    )


def _bands() -> list[Band]:
    return sorted(BANDS.values(), key=lambda band: band.frequency_ghz)


def _chosen(found: CoverageView, key: str) -> LayerView | None:
    named = next((item for item in found.layers if item.key == key), None)
    return named or next(iter(found.layers), None)


def _ranked(regions: list[RegionShare], kind: str, level: int) -> list[Ranked]:
    """Return the regions of a kind, those that miss most first."""
    step = LADDER_DBM.index(level)
    ranked = [
        Ranked(r, 1 - r.ladder[step], 1 - r.likely_ladder[step]) for r in regions if r.kind == kind
    ]
    return sorted(ranked, key=lambda item: (-item.missing, item.region.name))


def _drawing(view: PathView) -> Drawing:
    """Scale a profile to the picture; the Fresnel zone is a closed shape around the sight."""
    every = max(1, len(view.points) // _SAMPLES_MAX)
    points = view.points[::every]
    if points[-1] is not view.points[-1]:
        points = [*points, view.points[-1]]
    low = min(p.ground_m for p in points)
    high = max(max(p.ground_m + p.clutter_m, p.sight_m + p.fresnel_m) for p in points)
    tall = max(high - low, 20.0)

    def spot(km: float, height_m: float) -> str:
        x = _MARGIN + km / view.length_km * (_WIDTH - 2 * _MARGIN)
        y = _HEIGHT - _MARGIN - (height_m - low) / tall * (_HEIGHT - 2 * _MARGIN)
        return f"{x:.1f},{y:.1f}"

    floor = [f"{_WIDTH - _MARGIN:.1f},{_HEIGHT:.1f}", f"{_MARGIN:.1f},{_HEIGHT:.1f}"]
    upper = [spot(p.km, p.sight_m + p.fresnel_m) for p in points]
    lower = [spot(p.km, p.sight_m - p.fresnel_m) for p in reversed(points)]
    return Drawing(
        ground=" ".join([spot(p.km, p.ground_m) for p in points] + floor),
        clutter=" ".join([spot(p.km, p.ground_m + p.clutter_m) for p in points] + floor),
        sight=" ".join(spot(p.km, p.sight_m) for p in points),
        fresnel=" ".join(upper + lower),
        low_m=low,
        high_m=low + tall,
    )
