"""The standing drive test: measured signal against the newest prediction."""

from tram.api.http.services import Services
from tram.domain.permissions import Permission
from tram.insight.drive_test import DriveTest, compare
from tram.insight.predictions import predictions_at
from tram.insight.signals import read_signals
from tram.registry.kernel.viewer import Viewer
from tram.rollout.coverage.coverage_runs import layer_key
from tram.runtime.processes.thread_pools import DOCUMENTS

__all__ = ("drive_test",)


async def drive_test(services: Services, viewer: Viewer) -> DriveTest:
    """Compare what the viewer's devices report with the layers within reach.

    Raises:
        Unavailable: while the store of readings is away.
    """
    viewer.needs(Permission.INVENTORY_READ)
    viewer.needs(Permission.DEVICE_READ)
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
    predicted = await DOCUMENTS.run_for(viewer.org, predictions_at, mosaic, rasters, measured)
    return compare(measured, predicted)
