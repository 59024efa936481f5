"""API tokens: what a program may do on a person's behalf, never more than the person may."""

import secrets
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.days import DAY_MS
from tram.domain.ids import OrgId, PersonId
from tram.domain.sectors import SECTORS
from tram.registry.kernel.audit import ADDRESS_CHARACTERS_MAX, AuditEntry, record
from tram.registry.kernel.checks import Checked
from tram.registry.kernel.database import AnyRow, as_view, columns_of
from tram.registry.kernel.repository import (
    Repository,
    change_row,
    count_rows,
    found_row,
    read_view,
)
from tram.registry.kernel.sealed import secret_digest
from tram.registry.kernel.tables import org_closure, people, zones
from tram.registry.kernel.viewer import PERMISSIONS, Scope, Viewer
from tram.registry.kernel.views import PersonSession
from tram.registry.people.people import token_is_live
from tram.registry.people.sessions import scopes_of
from tram.registry.people.tables import api_tokens
from tram.registry.people.views import ApiTokenRow, NewApiToken
from tram.runtime.errors import Refused

__all__ = ("PREFIX", "ApiTokens")

PREFIX = "tra_"
NAME_CHARACTERS_MAX = 200
DAYS_MAX = 366
LIVE_PER_PERSON_MAX = 50
LISTED_MAX = 200
_SECRET_BYTES = 32
_HINT_CHARACTERS = 4
_USED_EVERY_MS = 60_000
_SHOWN = columns_of(ApiTokenRow, api_tokens)


class ApiTokens(Repository):
    """The viewer's own tokens; the secret is kept as its SHA-256 digest only."""

    async def listed(self, viewer: Viewer) -> list[ApiTokenRow]:
        """Return the viewer's own newest 200 tokens, past ones included."""
        viewer.needs_person()
        mine = select(*_SHOWN).where(api_tokens.c.person_id == viewer.person)
        newest = mine.order_by(api_tokens.c.id.desc()).limit(LISTED_MAX)
        return await self._views(ApiTokenRow, newest)

    async def create(self, viewer: Viewer, new: NewApiToken) -> tuple[ApiTokenRow, str]:
        """Make a token of one's own; its secret is shown this once and kept nowhere."""
        viewer.needs_person()
        now_ms = self._clock.now_ms()
        secret = PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
        async with self._database.write() as connection:
            values = await _checked(connection, viewer, new, now_ms)
            values |= {
                "digest": secret_digest(secret),
                "hint": secret[-_HINT_CHARACTERS:],
                "person_id": viewer.person,
                "created_ms": now_ms,
                "expires_ms": now_ms + new.days * DAY_MS,
                "last_address": "",
            }
            made = insert(api_tokens).values(values).returning(*_SHOWN)
            row = await read_view(connection, ApiTokenRow, made)
            after = {"name": row.name, "permissions": row.permissions, "days": new.days}
            entry = AuditEntry("api_token.create", row.id, viewer.org, None, after)
            await record(connection, viewer, now_ms, entry)
        return row, secret

    async def revoke(self, viewer: Viewer, token: int) -> None:
        """End one of the viewer's own tokens; ending it twice is no fault."""
        viewer.needs_person()
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            mine = select(api_tokens).where(
                api_tokens.c.id == token, api_tokens.c.person_id == viewer.person
            )
            unknown = Refused("api_token.unknown", "There is no such token.")
            row = await found_row(connection, mine, unknown)
            if row.revoked_ms is not None:
                return
            await change_row(connection, api_tokens, token, revoked_ms=now_ms)
            entry = AuditEntry("api_token.revoke", token, viewer.org, before={"name": row.name})
            await record(connection, viewer, now_ms, entry)

    async def viewer(self, secret: str, *, address: str = "") -> PersonSession | None:
        """Return what a live token may do now, as a session without proof; None for any other."""
        now_ms = self._clock.now_ms()
        async with self._database.read() as connection:
            found = await connection.execute(
                select(
                    api_tokens, people.c.org_id.label("home"), people.c.name.label("person_name"),
                    people.c.locale, people.c.theme,
                )
                .join(people, people.c.id == api_tokens.c.person_id)
                .where(
                    api_tokens.c.digest == secret_digest(secret),
                    token_is_live(now_ms),
                    people.c.disabled.is_(False),
                )
            )  # fmt: skip
            row = found.one_or_none()
            if row is None:
                return None
            scopes = await _narrowed(connection, row)
        if (row.last_used_ms or 0) < now_ms - _USED_EVERY_MS:
            await self._touch(row.id, now_ms, address)
        name = f"{row.person_name} ({row.name})"
        viewer = Viewer(
            PersonId(row.person_id), OrgId(row.home), name, scopes, address, token=row.id
        )
        return as_view(PersonSession, row, viewer=viewer, csrf="")

    async def _touch(self, token: int, now_ms: int, address: str) -> None:
        async with self._database.write() as connection:
            used = {"last_used_ms": now_ms, "last_address": address[:ADDRESS_CHARACTERS_MAX]}
            await change_row(connection, api_tokens, token, **used)


async def _checked(
    connection: AsyncConnection, viewer: Viewer, new: NewApiToken, now_ms: int
) -> dict[str, Any]:
    checked = Checked()
    name = checked.text("name", new.name, NAME_CHARACTERS_MAX)
    wanted = sorted(set(new.permissions))
    checked.unless(wanted, "permissions", "choice.none")
    unknown = [name for name in wanted if name not in PERMISSIONS]
    checked.unless(not unknown, "permissions", "permission.not_found")
    beyond = [name for name in wanted if not viewer.may(name)]
    checked.unless(unknown or not beyond, "permissions", "permission.not_held")
    checked.unless(1 <= new.days <= DAYS_MAX, "days", "token.days", most=DAYS_MAX)
    if new.sector is not None:
        checked.choice("sector", new.sector, SECTORS)
    reached = select(org_closure.c.descendant.label("id")).where(
        org_closure.c.ancestor.in_({scope.org for scope in viewer.scopes})
    )
    for field, table, number in (
        ("org", reached.subquery(), new.org), ("zone", zones, new.zone),
    ):  # fmt: skip
        if number is not None:
            there = select(table.c.id).where(table.c.id == number)
            known = (await connection.execute(there)).first()
            checked.unless(known, field, "scope.not_found")
    mine = api_tokens.c.person_id == viewer.person
    many = await count_rows(connection, mine, token_is_live(now_ms))
    checked.unless(many < LIVE_PER_PERSON_MAX, "name", "tokens.too_many")
    checked.done(Refused("api_token.wrong", "The token cannot be made like this."))
    return {
        "name": name,
        "permissions": wanted,
        "org_id": new.org,
        "zone_id": new.zone,
        "sector": new.sector,
    }


async def _narrowed(connection: AsyncConnection, token: AnyRow) -> tuple[Scope, ...]:
    """Return the person's scopes of now, cut down to what the token may."""
    allowed = frozenset(token.permissions)
    scopes = []
    for scope in await scopes_of(connection, token.person_id):
        org = await _org_within(connection, scope.org, token.org_id)
        zones_fit = None in {scope.zone, token.zone_id} or scope.zone == token.zone_id
        sectors_fit = None in {scope.sector, token.sector} or scope.sector == token.sector
        permissions = scope.permissions & allowed
        if org is None or not zones_fit or not sectors_fit or not permissions:
            continue
        zone = token.zone_id if scope.zone is None else scope.zone
        scopes.append(Scope(org, zone, scope.sector or token.sector, permissions))
    return tuple(scopes)


async def _org_within(
    connection: AsyncConnection, scope: OrgId, wanted: int | None
) -> OrgId | None:
    """Return the smaller of two subtrees when one lies in the other."""
    if wanted is None:
        return scope
    pairs = await connection.execute(
        select(org_closure.c.ancestor).where(
            org_closure.c.descendant.in_([scope, wanted]),
            org_closure.c.ancestor.in_([scope, wanted]),
            org_closure.c.depth > 0,
        )
    )
    above = pairs.scalars().first()
    if scope in {wanted, above}:
        return OrgId(wanted)
    return scope if above == wanted else None
