"""The tables of people's ways in: second factors, invitations, API tokens, other log-ins, mail."""

from sqlalchemy import JSON, Column, Integer, LargeBinary, String, Text, UniqueConstraint

from tram.registry.kernel.tables import BIG, indexes, numbered_table, optional, required, table

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
challenges = table(
    "challenges",
    Column("digest", LargeBinary(32), primary_key=True),
    *required(person_id="people.id", expires_ms=BIG),
    *indexes("expires_ms", "person_id"),
)

recovery_codes = table(
    "recovery_codes",
    Column("digest", LargeBinary(32), primary_key=True),
    *required(person_id="people.id"),
    *optional(used_ms=BIG),
    *indexes("person_id"),
)

# Browsers that a person has logged in with: guesses from elsewhere do not slow them.
known_browsers = table(
    "known_browsers",
    Column("digest", LargeBinary(32), primary_key=True),
    *required(person_id="people.id", created_ms=BIG, last_ms=BIG),
    *indexes("person_id"),
)

invitations = numbered_table(
    "invitations",
    *required(org_id="organisations.id", email=String(200), name=String(200), role=String(60)),
    *optional(zone_id="zones.id", sector=String(40)),
    *required(locale=String(8)),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    *optional(inviter_id="people.id"),
    *required(created_ms=BIG, expires_ms=BIG),
    *optional(accepted_ms=BIG, revoked_ms=BIG),
    *indexes("org_id, id"),
)

api_tokens = numbered_table(
    "api_tokens",
    *required(person_id="people.id", name=String(200)),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    *required(hint=String(8), permissions=JSON),
    *optional(org_id="organisations.id", zone_id="zones.id", sector=String(40)),
    *required(created_ms=BIG, expires_ms=BIG),
    *optional(last_used_ms=BIG),
    *required(last_address=String(64)),
    *optional(revoked_ms=BIG),
    *indexes("person_id, id"),
)

# Who a person is at another log-in (OpenID Connect).
identities = numbered_table(
    "identities",
    *required(person_id="people.id", issuer=String(300), subject=String(300), linked_ms=BIG),
    UniqueConstraint("issuer", "subject"),
    *indexes("person_id"),
)

mails = numbered_table(
    "mails",
    *required(to=String(200), subject=String(300)),
    # Emptied when sent or given up: it may hold a secret.
    *required(body=Text),
    *required(state=String(20), tries=Integer, next_ms=BIG, created_ms=BIG, note=String(300)),
    *indexes("state, next_ms"),
)
