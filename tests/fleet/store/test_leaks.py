"""Every scoped call, asked by every kind of viewer: no row leaks."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.fleet.store.calls import everything, fill, nothing, seen
from tests.fleet.store.conftest import NORTH, PROVINCE, SOUTH, World, opened, viewer
from tram.registry.kernel.viewer import Scope, Viewer

NOBODY = Viewer(1, NORTH, "no permission", (Scope(NORTH, None, None, frozenset({"org.read"})),))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def filled(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with opened(tmp_path_factory.mktemp("filled")) as world:
        await fill(world)
        yield world


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("who", "device", "expected"),
    [
        (viewer(NORTH), 10, everything(10, 2)),
        (viewer(NORTH), 20, nothing(2)),
        (viewer(SOUTH), 20, everything(20, 1)),
        (viewer(SOUTH), 10, nothing(1)),
        (viewer(PROVINCE), 20, everything(20, 3)),
        (viewer(PROVINCE, zone=7), 10, everything(10, 1)),
        (viewer(PROVINCE, zone=7), 11, nothing(1)),
        (viewer(PROVINCE, sector="energy"), 20, everything(20, 2)),
        (viewer(PROVINCE, sector="energy"), 11, nothing(2)),
        (viewer(PROVINCE, sector="it's"), 10, nothing(0)),
        (viewer(99), 10, nothing(0)),
        (NOBODY, 10, nothing(0)),
        (viewer(PROVINCE), 999, nothing(3)),
    ],
)
async def test_scope_decides_every_call(filled: World, who, device, expected) -> None:
    assert await seen(filled, who, device) == expected
