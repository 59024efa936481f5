"""Routes of coverage: layers, their files, and one path."""

from typing import Literal

from litestar import Router, get, post
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import File

from tram.api.coverage.coverage import (
    CoverageView,
    LayerDetail,
    PathExplained,
    PathQuestion,
    coverage_file,
    explain,
    newest_coverage,
    order_coverage,
    show_layer,
)
from tram.api.coverage.drive_test import drive_test
from tram.api.http.list_files import TableFile, table_of, with_every_format
from tram.api.http.parameters import TakenServices, TakenViewer
from tram.insight.drive_test import DriveTest
from tram.registry.kernel.views import JobRow
from tram.rollout.coverage.coverage_runs import FILES
from tram.rollout.coverage.prediction import CoverageOrder

__all__ = ("coverage_routes",)

_REGION_COLUMNS = ("kind", "key", "name", "amount", "unknown", "shares", "likely", "approximate")
_HOLE_COLUMNS = ("number", "area_km2", "lon", "lat", "commune")


@get("/coverage", summary="The newest prediction of coverage")
async def get_coverage(services: TakenServices, viewer: TakenViewer) -> CoverageView:
    """Layers by operator and band with shares of land; without layers before the first run."""
    return await newest_coverage(services, viewer)


@post("/coverage/runs", summary="Predict the coverage anew", status_code=202)
async def post_run(
    services: TakenServices, viewer: TakenViewer, data: JSONBody[CoverageOrder]
) -> JobRow:
    """The role at work makes it; losses that are known are not computed again."""
    return await order_coverage(services, viewer, data)


@get("/coverage/path", summary="Explain one path")
async def get_path(  # noqa: PLR0913, PLR0917  # one per parameter of the address
    services: TakenServices,
    viewer: TakenViewer,
    a: FromQuery[str],
    b: FromQuery[str],
    frequency_ghz: FromQuery[float] = 3.75,
    a_height_m: FromQuery[float] = 35.0,
    b_height_m: FromQuery[float] = 1.5,
    time_percent: FromQuery[float] = 50.0,
) -> PathExplained:
    """`a` and `b` are latitude,longitude; both models, every part, the profile, and who serves b."""
    question = PathQuestion(
        a=a,
        b=b,
        frequency_ghz=frequency_ghz,
        a_height_m=a_height_m,
        b_height_m=b_height_m,
        time_percent=time_percent,
    )
    return await explain(services, viewer, question)


@get("/coverage/drive-test", summary="Measured signal against predicted")
async def get_drive_test(services: TakenServices, viewer: TakenViewer) -> DriveTest:
    """Bias and spread by operator, band and cover; devices that measure bad where good is predicted."""
    return await drive_test(services, viewer)


@get("/coverage/{run:str}/{layer:str}", summary="One layer")
async def get_layer(
    services: TakenServices, viewer: TakenViewer, run: FromPath[str], layer: FromPath[str]
) -> LayerDetail:
    """Communes, zones and roads worst first; holes largest first."""
    return await show_layer(services, viewer, run, layer)


@get(
    "/coverage/{run:str}/{layer:str}/files/{kind:str}",
    summary="A file of a layer",
    media_type="application/octet-stream",
)
async def get_file(
    services: TakenServices,
    viewer: TakenViewer,
    run: FromPath[str],
    layer: FromPath[str],
    kind: FromPath[str],
) -> File:
    """`kind` is overlay (PNG, EPSG:3857), raster (GeoTIFF: signal, margin), servers or package."""
    path = await coverage_file(services, viewer, run, layer, kind)
    shown: Literal["inline", "attachment"] = "inline" if kind == "overlay" else "attachment"
    return File(
        path=path, filename=path.name, media_type=FILES[kind], content_disposition_type=shown
    )


def coverage_routes() -> Router:
    """Return these routes."""
    return Router(
        "/",
        route_handlers=with_every_format(
            [
                get_coverage,
                post_run,
                get_path,
                get_drive_test,
                get_layer,
                table_of(
                    get_layer, "regions", TableFile("coverage", _REGION_COLUMNS, "Download shares")
                ),
                table_of(get_layer, "holes", TableFile("holes", _HOLE_COLUMNS, "Download holes")),
                get_file,
                table_of(get_coverage, "layers"),
                table_of(get_drive_test, "groups"),
                table_of(get_drive_test, "surprises"),
            ]
        ),
        tags=["coverage"],
    )
