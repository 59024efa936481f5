"""The registry of the registry's own tests: jobs are kept in it."""

from tests.registry.conftest import (  # noqa: F401  # the registry's own databases
    clock,
    filling,
    postgres_port,
    postgresql_template,
    registry,
    sqlite_template,
    template,
    url,
    world,
)
