"""The letter of July, and the registers on both databases."""

from pathlib import Path

import pytest

from tests.registry.conftest import (  # noqa: F401  # the registry's own databases
    clock,
    postgres_port,
    postgresql_template,
    registry,
    sqlite_template,
    template,
    url,
    world,
)
from tests.registry.world import World
from tests.report.july import July, make_july, reports_of
from tests.rollout.conftest import (  # noqa: F401  # with what the product ships
    Cast,
    cast,
    directives,
    filling,
    inventory,
)
from tram.report.reports import LetterService


@pytest.fixture(scope="session")
def july(tmp_path_factory: pytest.TempPathFactory) -> July:
    return make_july(tmp_path_factory.mktemp("july"))


@pytest.fixture
def reports(world: World, tmp_path: Path) -> LetterService:  # noqa: F811
    return reports_of(world.registry, world.clock, tmp_path / "kept")
