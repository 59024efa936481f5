"""Schema 0008: frozen. Indexes for the list of devices: parts of words, and names in a zone.

SQLite gets a full-text index of three-letter parts that triggers keep; PostgreSQL an index of the
same kind where its extension pg_trgm may be used, and searches without one where it may not.
"""

from alembic import op
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

revision = "0008"
down_revision = "0007"

# With all that a count looks at, so that it reads no rows.
_LISTS = {
    "ix_devices_folded": ["folded", "id", "org_id", "zone_id", "sector", "removed_ms"],
    "ix_devices_zone": ["zone_id", "folded", "id", "org_id", "sector", "removed_ms"],
}
_SQLITE = (
    (
        "CREATE VIRTUAL TABLE device_search USING fts5("
        "folded, content='devices', content_rowid='id', tokenize='trigram case_sensitive 1')"
    ),
    "INSERT INTO device_search (device_search) VALUES ('rebuild')",
    (
        "CREATE TRIGGER device_search_insert AFTER INSERT ON devices BEGIN "
        "INSERT INTO device_search (rowid, folded) VALUES (new.id, new.folded); END"
    ),
    (
        "CREATE TRIGGER device_search_delete AFTER DELETE ON devices BEGIN "
        "INSERT INTO device_search (device_search, rowid, folded) "
        "VALUES ('delete', old.id, old.folded); END"
    ),
    (
        "CREATE TRIGGER device_search_update AFTER UPDATE OF folded ON devices "
        "WHEN old.folded <> new.folded BEGIN "
        "INSERT INTO device_search (device_search, rowid, folded) "
        "VALUES ('delete', old.id, old.folded); "
        "INSERT INTO device_search (rowid, folded) VALUES (new.id, new.folded); END"
    ),
)
_POSTGRESQL = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX ix_devices_search ON devices USING gin (folded gin_trgm_ops)",
)


def upgrade() -> None:
    """Make the indexes that this kind of database has."""
    connection = op.get_bind()
    there = text("removed_ms IS NULL")
    op.drop_index("ix_devices_folded", "devices")
    for name, columns in _LISTS.items():
        op.create_index(name, "devices", columns, sqlite_where=there, postgresql_where=there)
    if connection.dialect.name == "sqlite":
        for statement in _SQLITE:
            connection.execute(text(statement))
        return
    try:
        with connection.begin_nested():
            for statement in _POSTGRESQL:
                connection.execute(text(statement))
    except DBAPIError:
        return  # not installed, or not ours to install: see the operator's handbook
