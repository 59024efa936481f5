"""Positions in WGS 84 from longitude and latitude, or from VN-2000 metres.

VN-2000 is on the ellipsoid of WGS 84, moved by the seven parameters that Decision
05/2007/QĐ-BTNMT of 27/02/2007 states; EPSG has them as operation 6960, with the rotations of the
coordinate frame (method 9607). Its projections are transverse Mercator: UTM with scale 0.9996 in
zones of six degrees, TM-3 with scale 0.9999 in zones of three. Which meridian a list uses is never
assumed: two places of one province may use different ones.
"""

from collections.abc import Sequence
from functools import lru_cache

import msgspec
import numpy as np
import numpy.typing as npt
from pyproj import Transformer

from tram.domain.bounds import Line, Real
from tram.domain.province import Extent
from tram.rollout.inventory.exchange.faults import CellError

__all__ = (
    "MERIDIANS_TM3",
    "MERIDIANS_UTM",
    "SYSTEMS",
    "VN2000",
    "VN2000_TM3",
    "VN2000_UTM",
    "WGS84",
    "Reference",
    "Shift",
    "check_inside",
    "from_wgs84",
    "to_wgs84",
)

WGS84 = "wgs84"
VN2000_UTM = "vn2000-utm"
VN2000_TM3 = "vn2000-tm3"
SYSTEMS = (WGS84, VN2000_UTM, VN2000_TM3)
SCALES = {VN2000_UTM: 0.9996, VN2000_TM3: 0.9999}
MERIDIANS_UTM = (105.0, 111.0)
MERIDIANS_TM3 = tuple(102 + quarter / 4 for quarter in range(31))
FALSE_EASTING_M = 500_000


class Shift(msgspec.Struct, frozen=True):
    """From the datum of VN-2000 to that of WGS 84: metres, seconds of arc, parts per million.

    The rotations are those of the coordinate frame (EPSG method 9607).
    """

    x_m: float = -191.90441429
    y_m: float = -39.30318279
    z_m: float = -111.45032835
    x_s: float = -0.00928836
    y_s: float = 0.01975479
    z_s: float = -0.00427372
    scale_ppm: float = 0.252906278


VN2000 = Shift()


class Reference(msgspec.Struct, frozen=True):
    """In what the coordinates of a list are given; a projected one needs its meridian."""

    system: Line = WGS84
    meridian: Real | None = None

    @property
    def is_projected(self) -> bool:
        """Whether coordinates are metres."""
        return self.system != WGS84

    @property
    def columns(self) -> tuple[str, str]:
        """The two columns of a list that hold a point."""
        return ("easting", "northing") if self.is_projected else ("lon", "lat")

    def problem(self) -> str:
        """Return what is missing, empty when the reference is complete."""
        if self.system not in SYSTEMS:
            return "system"
        if self.is_projected and self.meridian is None:
            return "meridian"
        allowed = {VN2000_UTM: MERIDIANS_UTM, VN2000_TM3: MERIDIANS_TM3}.get(self.system)
        return "meridian" if allowed and self.meridian not in allowed else ""


def to_wgs84(
    reference: Reference, eastings: Sequence[float], northings: Sequence[float]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return longitudes and latitudes in degrees of many points at once."""
    x, y = np.asarray(eastings, float), np.asarray(northings, float)
    if not reference.is_projected or not len(x):
        return x, y
    lons, lats, _ = _transformer(reference).transform(x, y, np.zeros_like(x))
    return lons, lats


def from_wgs84(
    reference: Reference, lons: Sequence[float], lats: Sequence[float]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return eastings and northings in metres of many points at once."""
    x, y = np.asarray(lons, float), np.asarray(lats, float)
    if not reference.is_projected or not len(x):
        return x, y
    eastings, northings, _ = _transformer(reference).transform(
        x, y, np.zeros_like(x), direction="INVERSE"
    )
    return eastings, northings


def check_inside(bounds: Extent, lon: float, lat: float) -> None:
    """Raise CellError when a point cannot be one of the province's."""
    if not bounds.holds(lon, lat):
        raise CellError("outside", lon=f"{lon:.4f}", lat=f"{lat:.4f}")


@lru_cache(maxsize=64)
def _transformer(reference: Reference) -> Transformer:
    """Return projection, shift and geographic coordinates as one pipeline, written out."""
    return Transformer.from_pipeline(
        f"+proj=pipeline"
        f" +step +inv +proj=tmerc +lat_0=0 +lon_0={reference.meridian}"
        f" +k={SCALES[reference.system]} +x_0={FALSE_EASTING_M} +y_0=0 +ellps=WGS84"
        f" +step +proj=cart +ellps=WGS84"
        f" +step +proj=helmert +x={VN2000.x_m} +y={VN2000.y_m} +z={VN2000.z_m}"
        f" +rx={VN2000.x_s} +ry={VN2000.y_s} +rz={VN2000.z_s} +s={VN2000.scale_ppm}"
        f" +convention=coordinate_frame"
        f" +step +inv +proj=cart +ellps=WGS84"
        f" +step +proj=unitconvert +xy_in=rad +xy_out=deg"
    )
