"""``tram terrain``, ``tram path`` and ``tram coverage``: the ground, one path, a whole network."""

import asyncio
import json as json_module
import sys
from pathlib import Path
from typing import Annotated

import cyclopts
import msgspec

from tram.app.commands.terminal import DEFAULT_DATA, Data, open_for_command, say
from tram.app.composition.registers import open_registers
from tram.app.composition.services import coverage_files, prediction
from tram.app.demo.land import land_polygons
from tram.app.installation.installation import Installation
from tram.domain.province import Extent, Province
from tram.rollout.coverage.path_explained import Ends, explain_path
from tram.rollout.coverage.prediction import CoverageOrder
from tram.rollout.coverage.request import Progress
from tram.rollout.coverage.results import CoverageRun
from tram.rollout.coverage.served import sure_margin_db
from tram.rollout.radio.p1812.inputs import TIME_PERCENT
from tram.rollout.terrain.demo import make_demo
from tram.rollout.terrain.fetch import DEFAULT_URL, fetch_tiles
from tram.rollout.terrain.importing import BoundingBox, import_mosaic
from tram.rollout.terrain.mosaic import About, open_mosaic
from tram.runtime.errors import Refused

__all__ = ("coverage", "path", "terrain")

Box = Annotated[str, cyclopts.Parameter(name="--area", help="West,south,east,north in degrees.")]
_CORNERS = 4
_WORLD = Extent(-180, -90, 180, 90)

terrain = cyclopts.App(name="terrain", help="The ground that predictions stand on.")


@terrain.command(name="import")
def import_files(
    files: list[Path],
    /,
    *,
    cover: list[Path] | None = None,
    area: Box = "",
    bare: bool = False,
    data: Data = DEFAULT_DATA,
) -> None:
    """Import elevation files (GeoTIFF, SRTM .hgt, Copernicus GLO-30) as the terrain.

    Args:
        files: Elevation files; where they overlap, the first with a height decides.
        cover: Land cover files with the classes of ESA WorldCover.
        area: West,south,east,north in degrees; all that the files cover without it.
        bare: The heights are those of the bare ground, without canopy.
        data: The data folder.
    """
    installation = open_for_command(data)
    report = import_mosaic(
        _terrain_of(installation),
        files,
        cover or [],
        area=_area(area) if area else None,
        is_surface=not bare,
        land=land_polygons(installation.province),
    )
    _show(report.about)


@terrain.command
def fetch(*, area: Box = "", url: str = DEFAULT_URL, data: Data = DEFAULT_DATA) -> None:
    """Download the Copernicus GLO-30 tiles of an area and import them; goes on after a break.

    Args:
        area: West,south,east,north in degrees; the province without it.
        url: Where the tiles lie.
        data: The data folder.
    """
    installation = open_for_command(data)
    folder, province = _terrain_of(installation), installation.province
    box = _area(area) if area else _whole(province)
    files = fetch_tiles(folder.parent / "tiles", box, say, url)
    _show(import_mosaic(folder, files, area=box, land=land_polygons(province)).about)


@terrain.command
def demo(*, area: Box = "", cell_m: float = 30.0, data: Data = DEFAULT_DATA) -> None:
    """Make synthetic terrain, the same on every machine, for trying the product out.

    Args:
        area: West,south,east,north in degrees; the province without it.
        cell_m: Size of a cell in metres.
        data: The data folder.
    """
    installation = open_for_command(data)
    folder, province = _terrain_of(installation), installation.province
    box = _area(area) if area else _whole(province)
    _show(make_demo(folder, province.spot_heights(), land_polygons(province), box, cell_m))


@terrain.command
def about(*, data: Data = DEFAULT_DATA) -> None:
    """Say what the terrain is made of.

    Args:
        data: The data folder.
    """
    _show(open_mosaic(_terrain_of(open_for_command(data))).about)


def path(  # noqa: PLR0913  # options of a command
    a: str,
    b: str,
    /,
    *,
    frequency: float = 3.75,
    a_height: float = 35.0,
    b_height: float = 1.5,
    time: float = TIME_PERCENT,
    json: bool = False,
    data: Data = DEFAULT_DATA,
) -> None:
    """Explain one path: loss by full P.1812 and by the map model, and by part.

    Args:
        a: Latitude,longitude of one end in degrees.
        b: Latitude,longitude of the other end.
        frequency: Carrier in GHz.
        a_height: Height of A's antenna above ground in metres.
        b_height: Height of B's antenna above ground in metres.
        time: Percentage of the time for which the loss is not exceeded.
        json: Print everything, the profile too, as JSON.
        data: The data folder.
    """
    ends = Ends(
        a=_place(a),
        b=_place(b),
        a_height_m=a_height,
        b_height_m=b_height,
        frequency_ghz=frequency,
        time_percent=time,
    )
    view = explain_path(open_mosaic(_terrain_of(open_for_command(data))), ends)
    if json:
        say(msgspec.json.format(msgspec.json.encode(view)).decode())
        return
    if view.synthetic:
        say("SYNTHETIC terrain: no measurement of any place.")
    say(f"{view.length_km:.3f} km, {frequency:g} GHz, azimuth {view.azimuth_deg:.1f}°")
    say(f"{view.loss_db:9.2f} dB  {view.model}, {time:g} % of the time")
    say(f"{view.map_loss_db:9.2f} dB  maps: {view.map_model}")
    for name, value in view.parts.items():
        say(f"{value:9.2f} dB  {name.removesuffix('_db').replace('_', ' ')}")
    say(
        f"{view.location_sigma_db:9.2f} dB  standard deviation of places: with the signal at a "
        f"threshold 50 % of them are served, {view.sure_margin_db:.1f} dB above it 95 %"
    )
    say("The first Fresnel zone is " + ("clear." if view.fresnel_free >= 1 else "touched."))


def coverage(  # noqa: PLR0913  # options of a command
    *,
    operator: str = "",
    band: str = "",
    radius_km: float = 10.0,
    scheduler: str = "",
    json: bool = False,
    data: Data = DEFAULT_DATA,
) -> None:
    """Predict the coverage of every station on air; a run that broke off goes on.

    Args:
        operator: Only this operator, by its code.
        band: Only this band (n28, n41, n78, n77, b1, b3, b28).
        radius_km: How far around each station to look.
        scheduler: Address of a Dask scheduler; every core of this machine without it.
        json: Print the result as JSON.
        data: The data folder.
    """
    installation = open_for_command(data)

    def report(progress: Progress) -> None:
        if not json:
            eta = "" if progress.eta_s is None else f", {progress.eta_s:.0f} s to go"
            sys.stderr.write(f"\r{progress.done} of {progress.total} losses{eta}    ")

    order = CoverageOrder(operator=operator, band=band, radius_km=radius_km)

    async def predict() -> CoverageRun:
        async with open_registers(installation) as registers:
            return await prediction(registers).predict(order, report, scheduler)

    run = asyncio.run(predict())
    if json:
        say(msgspec.json.format(msgspec.json.encode(run)).decode())
        return
    sys.stderr.write("\n")
    _tell(run)


def _tell(run: CoverageRun) -> None:
    marks = ", ".join(f"≥ {t:g} dBm" for t in run.thresholds)
    say(f"Run {run.id}, model {run.model}; share of land at {marks}")
    say("(in brackets: every cell weighted by the chance that a place in it is served):")
    for layer in run.layers:
        pairs = zip(layer.shares, layer.likely, strict=True)
        shares = "  ".join(
            f"{100 * plain:6.2f} % ({100 * likely:5.2f} %)" for plain, likely in pairs
        )
        mark = "  (synthetic)" if layer.synthetic else ""
        say(f"{layer.operator:12} {layer.band:4} {layer.sectors:5} sectors  {shares}{mark}")
        margin = sure_margin_db(layer.location_sigma_db)
        sure = ", ".join(f"{t + margin:.1f}" for t in run.thresholds)
        say(f"{'':17} at a threshold 50 % of the places are served, 95 % from {sure} dBm on")
        budget = layer.budget
        both = "  ".join(f"{100 * share:6.2f} %" for share in layer.both_ways)
        say(
            f"{'':17} with the uplink {both}; largest loss {budget.downlink_db:.1f} dB down, "
            f"{budget.uplink_db:.1f} dB up"
        )
        if layer.assumed:
            words = ", ".join(f"{name} {count}" for name, count in layer.assumed.items())
            say(f"{'':17} assumed where the list is silent, in sectors: {words}")


def _show(made: About) -> None:
    say(json_module.dumps(msgspec.to_builtins(made), indent=1, ensure_ascii=False))


def _area(words: str) -> BoundingBox:
    try:
        numbers = [float(word) for word in words.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == _CORNERS:
        box = Extent(*numbers)
        if (
            box.has_inside
            and _WORLD.holds(box.west, box.south)
            and _WORLD.holds(box.east, box.north)
        ):
            return BoundingBox(*numbers)
    raise Refused(
        "terrain.area", f"{words!r} is no area.", "Give west,south,east,north in degrees."
    )


def _whole(province: Province) -> BoundingBox:
    box = province.terrain
    return BoundingBox(box.west, box.south, box.east, box.north)


def _place(words: str) -> tuple[float, float]:
    """Return longitude and latitude of 'latitude,longitude'."""
    try:
        lat, lon = (float(word) for word in words.split(","))
    except ValueError:
        raise Refused(
            "path.place", f"{words!r} is no place.", "Give latitude,longitude in degrees."
        ) from None
    return lon, lat


def _terrain_of(installation: Installation) -> Path:
    return coverage_files(installation).folders.terrain
