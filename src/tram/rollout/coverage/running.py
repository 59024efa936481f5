"""One run of coverage, from sectors to files: losses, signal, shares, holes."""

import contextlib
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

import msgspec
import numpy as np
from rasterio.transform import from_origin

from tram.rollout.coverage.antennas import pattern_of
from tram.rollout.coverage.best_server import (
    Frame,
    NumberedSector,
    Signal,
    add_sector,
    frame_around,
    silence,
)
from tram.rollout.coverage.computing import compute_losses
from tram.rollout.coverage.files import (
    SYNTHETIC,
    write_holes,
    write_overlay,
    write_raster,
    write_servers,
)
from tram.rollout.coverage.losses import LossStore
from tram.rollout.coverage.network import RadioSector, Transmitter, transmitters_of
from tram.rollout.coverage.regions import CoverageRaster, holes_of, shares_of
from tram.rollout.coverage.request import CoverageRequest, Folders, Progress
from tram.rollout.coverage.results import RUN_FILE, CoverageLayer, CoverageRun
from tram.rollout.coverage.served import likely_shares
from tram.rollout.coverage.used import assumed_of, budget_of, serving_of
from tram.rollout.radio.area.model import MODEL
from tram.rollout.radio.p1812.variability import location_sigma_db
from tram.rollout.terrain.clutter import Cover
from tram.rollout.terrain.mosaic import GeoPoint, Mosaic, open_mosaic
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused

__all__ = ("run_coverage",)

_RX_M = 1.5
_CLUTTER_M = 10.0
"""Houses and trees that a phone stands below: the standard deviation of places is whole."""


def run_coverage(
    order: CoverageRequest,
    folders: Folders,
    out: Path,
    report: Callable[[Progress], None],
    clock: Clock,
) -> CoverageRun:
    """Compute a network and write its files; ``run.json`` comes last.

    What ``report`` raises ends the run: losses stay, half a run does not.

    Raises:
        Refused: if there is no sector on the terrain.
    """
    mosaic = open_mosaic(folders.terrain)
    sectors = [s for s in order.sectors if mosaic.holds(GeoPoint(s.lon, s.lat))]
    if not sectors:
        raise Refused(
            "coverage.no_sectors",
            "No sector of a known band stands on the terrain.",
            "Import stations with positions and bands, and the terrain around them.",
        )
    groups = transmitters_of(sectors, order.radius_km, mosaic)
    compute_losses(folders, list(groups), report, clock, order.scheduler)
    with _whole_or_nothing(out):
        store = LossStore(folders.losses, mosaic)
        layers = []
        for part in _parts(groups):
            report(Progress(len(groups), len(groups), 0.0))
            layers.append(_layer(order, mosaic, store, out, part))
        run = CoverageRun(
            id=order.id,
            made_ms=clock.now_ms(),
            model=MODEL,
            terrain=", ".join(mosaic.about.sources),
            terrain_synthetic=mosaic.about.synthetic,
            thresholds=list(order.thresholds.all),
            radius_km=order.radius_km,
            cell_m=mosaic.about.cell_m,
            layers=layers,
        )
        passing = out / f"{RUN_FILE}.part"
        passing.write_bytes(msgspec.json.encode(run))
        passing.replace(out / RUN_FILE)
    return run


@contextlib.contextmanager
def _whole_or_nothing(out: Path) -> Iterator[None]:
    """Make the folder of a run; whatever is raised meanwhile takes it away again."""
    out.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        shutil.rmtree(out, ignore_errors=True)
        raise


class _Part(NamedTuple):
    """The sectors of a layer, each with its transmitter."""

    operator: str
    band: str
    pairs: list[tuple[Transmitter, RadioSector]]


def _parts(groups: dict[Transmitter, list[RadioSector]]) -> list[_Part]:
    """Return the parts of a network by operator and band, in a stable order."""
    parts: dict[tuple[str, str], list[tuple[Transmitter, RadioSector]]] = defaultdict(list)
    for transmitter, sectors in groups.items():
        for sector in sectors:
            parts[sector.operator, sector.band].append((transmitter, sector))
    return [_Part(operator, band, parts[operator, band]) for operator, band in sorted(parts)]


def _layer(
    order: CoverageRequest, mosaic: Mosaic, store: LossStore, out: Path, part: _Part
) -> CoverageLayer:
    operator, band, pairs = part
    sectors = [sector for _, sector in pairs]
    frame = frame_around(mosaic, sectors, order.radius_km)
    signal = silence(frame)
    for number, (transmitter, sector) in enumerate(pairs):
        grid = store.read(transmitter)
        pattern = pattern_of(sector, order.patterns)
        add_sector(
            signal, frame, mosaic, NumberedSector(number, sector, transmitter, pattern), grid
        )
    sheet = _sheet(mosaic, frame, signal)
    serving = serving_of(sectors, order.patterns)
    thresholds = order.thresholds
    communes = [r for r in order.regions if r.kind == "commune"]
    holes = holes_of(sheet, thresholds.edge_dbm, communes)
    stem = f"{_safe(operator)}-{_safe(band)}"
    synthetic = mosaic.about.synthetic or any(sector.synthetic for sector in sectors)
    margin = np.minimum(signal.rsrp - thresholds.edge_dbm, signal.uplink)
    words = {
        "operator": operator,
        "band": band,
        "model": MODEL,
        "threshold_dbm": f"{thresholds.edge_dbm:g}",
        "synthetic": "yes" if synthetic else "no",
    }
    tags = words | SYNTHETIC if synthetic else words
    write_raster(out / f"{stem}.tif", sheet, margin, tags)
    write_servers(out / f"{stem}-servers.tif", sheet, signal.server, tags)
    corners = write_overlay(out / f"{stem}.png", sheet, tags)
    write_holes(out / f"{stem}-holes.gpkg", holes, words)
    land = sheet.known & sheet.land
    frequency_ghz = median(sector.frequency_ghz for sector in sectors)
    sigma_db = location_sigma_db(frequency_ghz, mosaic.about.cell_m, _RX_M, _CLUTTER_M)
    heard = signal.uplink >= 0  # NaN is not
    return CoverageLayer(
        operator=operator,
        band=band,
        frequency_ghz=frequency_ghz,
        sectors=len(pairs),
        synthetic=synthetic,
        raster=f"{stem}.tif",
        overlay=f"{stem}.png",
        servers=f"{stem}-servers.tif",
        package=f"{stem}-holes.gpkg",
        corners=corners,
        location_sigma_db=round(sigma_db, 3),
        shares=[round(_share(sheet.rsrp >= t, land), 6) for t in thresholds.all],
        likely=likely_shares(sheet.rsrp[land], thresholds.all, sigma_db),
        uplink_share=round(_share(heard, land), 6),
        both_ways=[round(_share(heard & (sheet.rsrp >= t), land), 6) for t in thresholds.all],
        budget=budget_of(sectors, order.patterns, thresholds.edge_dbm),
        assumed=assumed_of(serving),
        serving=serving,
        regions=shares_of(sheet, list(order.regions), thresholds.all, sigma_db),
        holes=[hole for hole, _ in holes],
    )


def _sheet(mosaic: Mosaic, frame: Frame, signal: Signal) -> CoverageRaster:
    rows = slice(frame.row, frame.row + frame.rows)
    columns = slice(frame.column, frame.column + frame.columns)
    about = mosaic.about
    return CoverageRaster(
        signal.rsrp,
        signal.uplink,
        np.isfinite(mosaic.ground[rows, columns]),
        np.asarray(mosaic.cover[rows, columns]) != Cover.WATER,
        from_origin(
            about.west_m + frame.column * about.cell_m,
            about.north_m - frame.row * about.cell_m,
            about.cell_m,
            about.cell_m,
        ),
        about.crs,
    )


def _share(what: np.ndarray, where: np.ndarray) -> float:
    count = int(where.sum())
    return float((what & where).sum() / count) if count else 0.0


def _safe(name: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in name.lower()) or "x"
