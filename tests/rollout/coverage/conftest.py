"""A small synthetic terrain, made once."""

from pathlib import Path

import pytest

from tests.provinces import QUANG_NGAI
from tram.app.demo.land import land_polygons
from tram.rollout.terrain.demo import make_demo
from tram.rollout.terrain.importing import BoundingBox

SMALL = BoundingBox(108.70, 15.00, 108.95, 15.20)


@pytest.fixture(scope="session")
def terrain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Terrain of 60 m cells around the province's capital and its coast."""
    folder = tmp_path_factory.mktemp("terrain")
    make_demo(folder, QUANG_NGAI.spot_heights(), land_polygons(QUANG_NGAI), SMALL, 60.0)
    return folder
