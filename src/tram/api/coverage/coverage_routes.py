"""Routes of coverage: layers, their files, and one path."""

from typing import Literal

from litestar.response import File

from tram.api.coverage import coverage, drive_test
from tram.api.http.list_files import TableFile
from tram.api.http.route_table import get, post, tagged
from tram.api.http.services import Services
from tram.registry.kernel.viewer import Viewer
from tram.rollout.coverage.coverage_runs import FILES

__all__ = ("ROUTES",)

_REGION_COLUMNS = "kind key name amount unknown shares likely approximate"


async def get_file(services: Services, viewer: Viewer, run: str, layer: str, kind: str) -> File:
    """`kind` is overlay (PNG, EPSG:3857), raster (GeoTIFF: signal, margin), servers or package."""
    path = await coverage.coverage_file(services, viewer, run, layer, kind)
    shown: Literal["inline", "attachment"] = "inline" if kind == "overlay" else "attachment"
    return File(
        path=path, filename=path.name, media_type=FILES[kind], content_disposition_type=shown
    )


ROUTES = tagged(
    "coverage",
    get(
        "/coverage",
        coverage.newest_coverage,
        "The newest prediction of coverage",
        "Layers by operator and band with shares of land; without layers before the first run.",
        files=("layers",),
    ),
    post(
        "/coverage/runs",
        coverage.order_coverage,
        "Predict the coverage anew",
        "The role at work makes it; losses that are known are not computed again.",
        status=202,
    ),
    get(
        "/coverage/path",
        coverage.explain,
        "Explain one path",
        (
            "`a` and `b` are latitude,longitude; both models, every part, the profile, and who "
            "serves b."
        ),
    ),
    get(
        "/coverage/drive-test",
        drive_test.drive_test,
        "Measured signal against predicted",
        (
            "Bias and spread by operator, band and cover; devices that measure bad where good is "
            "predicted."
        ),
        files=("groups", "surprises"),
    ),
    get(
        "/coverage/{run:str}/{layer:str}",
        coverage.show_layer,
        "One layer",
        "Communes, zones and roads worst first; holes largest first.",
        files=(
            TableFile("coverage", "Download shares", _REGION_COLUMNS, part="regions"),
            TableFile("holes", "Download holes", part="holes"),
        ),
    ),
    get(
        "/coverage/{run:str}/{layer:str}/files/{kind:str}",
        get_file,
        "A file of a layer",
        noun="file",
        media_type="application/octet-stream",
    ),
)
