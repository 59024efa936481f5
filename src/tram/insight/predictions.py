"""What the newest run predicts where devices measure."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from tram.insight.drive_test import Measurement, PredictedSignal
from tram.rollout.coverage.sampling import cover_at, signal_at
from tram.rollout.terrain.mosaic import GeoPoint, Mosaic

__all__ = ("predictions_at",)


def predictions_at(
    mosaic: Mosaic, rasters: Mapping[tuple[str, str], Path], measured: Sequence[Measurement]
) -> list[PredictedSignal | None]:
    """Return the prediction at each measurement from the raster of its operator and band."""
    found: list[PredictedSignal | None] = [None] * len(measured)
    for key, raster in rasters.items():
        mine = [i for i, m in enumerate(measured) if (m.operator, m.band) == key]
        places = [GeoPoint(measured[i].lon, measured[i].lat) for i in mine]
        levels = signal_at(raster, places) if places else []
        for i, place, level in zip(mine, places, levels, strict=True):
            if level is not None:
                found[i] = PredictedSignal(rsrp_dbm=level, cover=cover_at(mosaic, place))
    return found
