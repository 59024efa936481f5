"""Bring the database to the schema of this version of the product."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from tram.runtime.errors import Refused

__all__ = ("is_at_head", "lock_schema", "upgrade")

_MIGRATIONS = Path(__file__).parent / "migrations"
_REVISIONS = sorted(path.name[1:5] for path in _MIGRATIONS.glob("versions/v*.py"))
"""``v0001_first.py`` makes 0001: every start asks, and few need to load what migrates."""
# Any number, the same in every process of the product.
_ADVISORY_LOCK = 0x7472616D


def is_at_head(connection: Connection) -> bool:
    """Return whether there is nothing to migrate.

    Raises:
        Refused: ``registry.newer`` when a newer product has migrated this database.
    """
    current = _current(connection)
    if current is not None and current not in _REVISIONS:
        raise Refused(
            "registry.newer",
            f"The registry's database has schema {current}, which this version does not know.",
            "Install the newer version of the product, or restore an older backup.",
        )
    return current == _REVISIONS[-1]


def _current(connection: Connection) -> str | None:
    """Return the revision of the database, None of one that has no schema yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def lock_schema(connection: Connection) -> None:
    """Let one process at a time migrate; SQLite's write transaction does so by itself."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})


def upgrade(connection: Connection) -> None:
    """Migrate to the head inside the connection's transaction."""
    # Loaded here: a start that has nothing to migrate does without.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
