"""The standing drive test: measured signal against the newest prediction."""

import asyncio
from pathlib import Path

from tram.api.services import Services
from tram.insight.drive_test import DriveTest, Measurement, Prediction, compare
from tram.insight.signals import read_signals
from tram.registry.viewer import Viewer
from tram.rollout.coverage.sampling import cover_at, signal_at
from tram.rollout.coverage.shelf import layer_key
from tram.rollout.terrain.mosaic import Mosaic, Place

__all__ = ("drive_test",)


async def drive_test(services: Services, viewer: Viewer) -> DriveTest:
    """Compare what the viewer's devices report with the layers within reach.

    Raises:
        Unavailable: while the store of readings is away.
    """
    viewer.needs("inventory.read")
    viewer.needs("device.read")
    devices = await services.registry.devices.positions(viewer)
    measured = await read_signals(services.store, viewer, devices)
    run = await services.coverage.newest(viewer)
    if run is None or not measured:
        return compare(measured, [None] * len(measured))
    rasters = {
        (layer.operator, layer.band): await services.coverage.file(
            viewer, run.id, layer_key(layer), "raster"
        )
        for layer in run.layers
    }
    mosaic = services.coverage.mosaic()
    predicted = await asyncio.to_thread(_predict, mosaic, rasters, measured)
    return compare(measured, predicted)


def _predict(
    mosaic: Mosaic, rasters: dict[tuple[str, str], Path], measured: list[Measurement]
) -> list[Prediction | None]:
    found: list[Prediction | None] = [None] * len(measured)
    for key, raster in rasters.items():
        mine = [i for i, m in enumerate(measured) if (m.operator, m.band) == key]
        places = [Place(measured[i].lon, measured[i].lat) for i in mine]
        levels = signal_at(raster, places) if places else []
        for i, place, level in zip(mine, places, levels, strict=True):
            if level is not None:
                found[i] = Prediction(rsrp_dbm=level, cover=cover_at(mosaic, place))
    return found
