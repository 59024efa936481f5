"""Bring the database to the schema of this version of the product."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from tram.runtime.errors import Refused

__all__ = ("is_at_head", "lock_schema", "upgrade")

_MIGRATIONS = Path(__file__).parent / "migrations"
# Any number, the same in every process of the product.
_ADVISORY_LOCK = 0x7472616D


def is_at_head(connection: Connection) -> bool:
    """Return whether there is nothing to migrate.

    Raises:
        Refused: ``registry.newer`` when a newer product has migrated this database.
    """
    scripts = ScriptDirectory.from_config(_config())
    current = MigrationContext.configure(connection).get_current_revision()
    if current is None:
        return False
    if current not in {script.revision for script in scripts.walk_revisions()}:
        raise Refused(
            "registry.newer",
            f"The registry's database has schema {current}, which this version does not know.",
            "Install the newer version of the product, or restore an older backup.",
        )
    return current == scripts.get_current_head()


def lock_schema(connection: Connection) -> None:
    """Let one process at a time migrate; SQLite's write transaction does so by itself."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})


def upgrade(connection: Connection) -> None:
    """Migrate to the head inside the connection's transaction."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config
