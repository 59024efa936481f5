"""What stands on the ground: classes of ESA WorldCover and their representative heights.

Representative heights follow ITU-R P.1812-8 Table 2 (open 0 m, suburban 10 m, urban and trees
15 m). Copernicus and SRTM heights are those of a *surface* model: canopy is in them already, so
forest adds nothing there; on a model of the bare ground it adds its height.
"""

from enum import IntEnum

import numpy as np
import numpy.typing as npt

__all__ = ("CLASSES", "Cover", "clutter_heights_m")


class Cover(IntEnum):
    """Classes of ESA WorldCover 2021 v200 (Product User Manual V2.0, Table 3)."""

    UNKNOWN = 0
    TREES = 10
    SHRUBS = 20
    GRASS = 30
    CROPS = 40
    BUILT = 50
    BARE = 60
    SNOW = 70
    WATER = 80
    WETLAND = 90
    MANGROVES = 95
    MOSS = 100


CLASSES = 256
_TREES_M = 15.0
_BUILT_M = 10.0


def clutter_heights_m(*, is_surface: bool) -> npt.NDArray[np.float32]:
    """Return the height to add by class code; ``is_surface`` says that heights hold canopy."""
    heights = np.zeros(CLASSES, np.float32)
    heights[Cover.BUILT] = _BUILT_M
    if not is_surface:
        heights[Cover.TREES] = heights[Cover.MANGROVES] = _TREES_M
    return heights
