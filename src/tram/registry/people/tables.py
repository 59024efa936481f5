"""The tables of people's ways in: second factors, invitations, API tokens, other log-ins, mail."""

from sqlalchemy import JSON, Column, Integer, LargeBinary, String, Table, Text, UniqueConstraint
from sqlalchemy.schema import Index

from tram.registry.kernel.tables import BIG, id_column, metadata, ref_column

__all__ = (
    "api_tokens",
    "challenges",
    "identities",
    "invitations",
    "known_browsers",
    "mails",
    "recovery_codes",
)

# A password was right, a second factor is awaited.
challenges = Table(
    "challenges",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    ref_column("person_id", "people.id"),
    Column("expires_ms", BIG, nullable=False),
    Index(None, "expires_ms"),
    Index(None, "person_id"),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    ref_column("person_id", "people.id"),
    Column("used_ms", BIG),
    Index(None, "person_id"),
)

# Browsers that a person has logged in with: guesses from elsewhere do not slow them.
known_browsers = Table(
    "known_browsers",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    ref_column("person_id", "people.id"),
    Column("created_ms", BIG, nullable=False),
    Column("last_ms", BIG, nullable=False),
    Index(None, "person_id"),
)

invitations = Table(
    "invitations",
    metadata,
    id_column(),
    ref_column("org_id", "organisations.id"),
    Column("email", String(200), nullable=False),
    Column("name", String(200), nullable=False),
    Column("role", String(60), nullable=False),
    ref_column("zone_id", "zones.id", nullable=True),
    Column("sector", String(40)),
    Column("locale", String(8), nullable=False),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    ref_column("inviter_id", "people.id", nullable=True),
    Column("created_ms", BIG, nullable=False),
    Column("expires_ms", BIG, nullable=False),
    Column("accepted_ms", BIG),
    Column("revoked_ms", BIG),
    Index(None, "org_id", "id"),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    id_column(),
    ref_column("person_id", "people.id"),
    Column("name", String(200), nullable=False),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("hint", String(8), nullable=False),
    Column("permissions", JSON, nullable=False),
    ref_column("org_id", "organisations.id", nullable=True),
    ref_column("zone_id", "zones.id", nullable=True),
    Column("sector", String(40)),
    Column("created_ms", BIG, nullable=False),
    Column("expires_ms", BIG, nullable=False),
    Column("last_used_ms", BIG),
    Column("last_address", String(64), nullable=False),
    Column("revoked_ms", BIG),
    Index(None, "person_id", "id"),
)

# Who a person is at another log-in (OpenID Connect).
identities = Table(
    "identities",
    metadata,
    id_column(),
    ref_column("person_id", "people.id"),
    Column("issuer", String(300), nullable=False),
    Column("subject", String(300), nullable=False),
    Column("linked_ms", BIG, nullable=False),
    UniqueConstraint("issuer", "subject"),
    Index(None, "person_id"),
)

mails = Table(
    "mails",
    metadata,
    id_column(),
    Column("to", String(200), nullable=False),
    Column("subject", String(300), nullable=False),
    # Emptied when sent or given up: it may hold what opens a door.
    Column("body", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_ms", BIG, nullable=False),
    Column("created_ms", BIG, nullable=False),
    Column("note", String(300), nullable=False),
    Index(None, "state", "next_ms"),
)
