"""The rollout's registers on both databases, with what the product ships, and who works on them."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.provinces import QUANG_NGAI
from tests.registry.conftest import (  # noqa: F401  # the registry's own databases
    Filling,
    clock,
    postgres_port,
    postgresql_template,
    registry,
    sqlite_template,
    template,
    url,
    world,
)
from tests.registry.world import World, viewer_of
from tram.app.demo.land import land_polygons
from tram.domain.ids import OrgId
from tram.registry.kernel.viewer import Viewer
from tram.rollout.directives.directives import Directives
from tram.rollout.directives.documents import Documents
from tram.rollout.inventory.inventory import Inventory
from tram.rollout.inventory.targets import Targets
from tram.rollout.inventory.views import NewCount, Source
from tram.rollout.terrain.demo import make_demo
from tram.rollout.terrain.importing import BoundingBox

LETTER_DAY = date(2025, 7, 30)
SMALL = BoundingBox(108.70, 15.00, 108.95, 15.20)


@pytest.fixture(scope="session")
def terrain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Synthetic terrain of 60 m cells around the province's capital and its coast."""
    folder = tmp_path_factory.mktemp("terrain")
    make_demo(folder, QUANG_NGAI.spot_heights(), land_polygons(QUANG_NGAI), SMALL, 60.0)
    return folder


@dataclass(frozen=True)
class Cast:
    """Who comes to the registers: the keeper, an operator's planner, and one who only reads."""

    department: OrgId
    officer: Viewer
    planner: Viewer
    reader: Viewer
    outsider: Viewer


async def by_key(register: Documents | Targets, viewer: Viewer, key: str) -> Any:
    return {item.key: item for item in await register.list(viewer)}[key]


@pytest.fixture
async def cast(world: World) -> Cast:  # noqa: F811
    tree = await world.registry.organisations.tree(world.system)
    department = next(org.id for org in tree if org.code == "SKHCN")
    return Cast(
        department=department,
        officer=viewer_of(department),
        planner=viewer_of(world.red.org, permissions={"inventory.read", "inventory.write"}),
        reader=viewer_of(world.blue.org, permissions={"inventory.read", "directive.read"}),
        outsider=viewer_of(world.blue.org, permissions={"device.read"}),
    )


@pytest.fixture(scope="session")
def filling() -> Filling:
    """Every database of these tests begins with what the product ships."""

    async def seed(fresh: World) -> None:
        await Inventory(fresh.registry.database, fresh.clock, QUANG_NGAI).seed(fresh.system)
        await Directives(fresh.registry.database, fresh.clock).seed(fresh.system, QUANG_NGAI)

    return seed


@pytest.fixture
def inventory(world: World) -> Inventory:  # noqa: F811
    return Inventory(world.registry.database, world.clock, QUANG_NGAI)


@pytest.fixture
def directives(world: World) -> Directives:  # noqa: F811
    return Directives(world.registry.database, world.clock)


def a_count(operator: int, technology: str, count: int, day: date, **given: object) -> NewCount:
    """A count as an operator reports it."""
    return NewCount(
        operator=operator,
        technology=technology,
        count=count,
        as_of=day,
        as_of_mark="stated",
        source=Source("Báo cáo của doanh nghiệp"),
        **given,
    )


@pytest.fixture
async def operators(inventory: Inventory, cast: Cast, world: World) -> dict[str, int]:  # noqa: F811
    """The shipped operators; the red house speaks for Viettel."""
    found = {item.code: item.id for item in await inventory.operators.list(cast.officer)}
    await inventory.operators.link(cast.officer, found["VIETTEL"], world.red.org)
    return found
