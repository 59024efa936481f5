"""People who may log in, and the roles that they hold."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.ids import OrgId, PersonId
from tram.domain.permissions import Permission
from tram.domain.sectors import SECTORS
from tram.domain.text import fold, normal
from tram.registry.kernel.access import denied, must_be_visible, org_is_visible, permissions_over
from tram.registry.kernel.audit import AuditEntry, record
from tram.registry.kernel.checks import Checked, search_words
from tram.registry.kernel.database import AnyRow, Database, as_view, columns_of, fields_of
from tram.registry.kernel.paging import bounded, is_after, next_key
from tram.registry.kernel.repository import Repository, add_row, change_row, count_rows, found_row
from tram.registry.kernel.tables import assignments, organisations, people, roles, sessions, zones
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import (
    AssignmentRow,
    NewAssignment,
    NewPerson,
    Page,
    PersonRow,
    Role,
)
from tram.registry.people.known_browsers import forget_browsers
from tram.registry.people.passwords import Passwords
from tram.registry.people.second_factor import forget_factor
from tram.registry.people.tables import api_tokens, challenges
from tram.registry.people.wrong_guesses import Guess, clear_failures
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused

__all__ = (
    "LOCALES",
    "NAME_CHARACTERS_MAX",
    "THEMES",
    "People",
    "add_person",
    "changeable_person",
    "check_role",
    "checked_person",
    "login_key",
    "must_hold",
    "token_is_live",
    "visible_person",
)

NAME_CHARACTERS_MAX = 200
LOGIN_CHARACTERS_MAX = 80
ASSIGNMENTS_MAX = 50
LOCALES = ("vi", "en")
THEMES = ("auto", "light", "dark")


class People(Repository):
    """People of the organisations that the viewer's open scopes reach."""

    def __init__(self, database: Database, clock: Clock, passwords: Passwords) -> None:
        super().__init__(database, clock)
        self._passwords = passwords

    async def page(
        self, viewer: Viewer, *, search: str = "", after: str | None = None, limit: int = 50
    ) -> Page[PersonRow]:
        """Return people by name; ``search`` ignores accents."""
        viewer.needs(Permission.PERSON_READ)
        limit = bounded(limit)
        chosen = [org_is_visible(viewer, Permission.PERSON_READ, people.c.org_id)]
        chosen += [
            people.c.folded.contains(word, autoescape=True) for word in search_words(search)
        ]
        statement = _rows().where(*chosen).order_by(people.c.folded, people.c.id).limit(limit)
        if after is not None:
            statement = statement.where(is_after(people, after))
        async with self._database.read() as connection:
            total = await count_rows(connection, *chosen)
            rows = (await connection.execute(statement)).all()
        items = [_view(row) for row in rows]
        return Page(items=items, total=total, next_after=next_key(rows, limit))

    async def one(self, viewer: Viewer, person: PersonId) -> PersonRow:
        """Return one person; oneself always. ``person.unknown`` when not visible."""
        async with self._database.read() as connection:
            return _view(await visible_person(connection, viewer, person))

    async def roles(self, viewer: Viewer) -> list[Role]:
        """Return the roles that can be given."""
        viewer.needs(Permission.PERSON_READ)
        return await self._views(Role, select(roles).order_by(roles.c.name))

    async def assignments(self, viewer: Viewer, person: PersonId) -> list[AssignmentRow]:
        """Return the roles that a visible person holds."""
        async with self._database.read() as connection:
            await visible_person(connection, viewer, person)
            return await _assignments(connection, person)

    async def create(self, viewer: Viewer, new: NewPerson) -> PersonRow:
        """Register a person of an organisation that a scope with ``person.write`` reaches."""
        now_ms = self._clock.now_ms()
        viewer.needs(Permission.PERSON_WRITE)
        values = checked_person(new)
        values["password_hash"] = await self._passwords.hash(new.password, Guess.by(viewer))
        async with self._database.write() as connection:
            await must_be_visible(connection, viewer, Permission.PERSON_WRITE, new.org)
            person = await add_person(connection, values)
            after = {"login": values["login"], "name": values["name"], "org_id": new.org}
            entry = AuditEntry("person.create", person, new.org, after=after)
            await record(connection, viewer, now_ms, entry)
            return _view((await connection.execute(_rows().where(people.c.id == person))).one())

    async def assign(self, viewer: Viewer, new: NewAssignment) -> AssignmentRow:
        """Give a role over a subtree; every permission of it must be the viewer's own there."""
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            row = await changeable_person(connection, viewer, new.person)
            await _check_assignment(connection, new)
            await must_hold(connection, viewer, new)
            values = {
                "person_id": new.person,
                "role": new.role,
                "org_id": new.org,
                "zone_id": new.zone,
                "sector": new.sector,
            }
            number = await add_row(connection, assignments, values)
            entry = AuditEntry("assignment.create", number, row.org, after=values)
            await record(connection, viewer, now_ms, entry)
            held = await _assignments(connection, new.person)
            return next(item for item in held if item.id == number)

    async def unassign(self, viewer: Viewer, assignment: int) -> None:
        """Take a role away; an unknown assignment is refused."""
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            chosen = select(assignments).where(assignments.c.id == assignment)
            row = (await connection.execute(chosen)).one_or_none()
            if row is None or not await _is_seen(connection, viewer, row.person_id):
                raise Refused("assignment.unknown", "There is no such assignment.")
            person = await changeable_person(connection, viewer, row.person_id)
            await connection.execute(delete(assignments).where(assignments.c.id == assignment))
            entry = AuditEntry("assignment.remove", assignment, person.org, before=fields_of(row))
            await record(connection, viewer, now_ms, entry)

    async def set_password(
        self, viewer: Viewer, person: PersonId, password: str, *, keep_tokens: bool = False
    ) -> None:
        """Replace a password, one's own or a person's within reach.

        Ends all their sessions, known browsers and API tokens; one's own tokens stay with
        ``keep_tokens``, for programs that one trusts still.
        """
        now_ms = self._clock.now_ms()
        hashed = await self._passwords.hash(password, Guess.by(viewer))
        async with self._database.write() as connection:
            row = await changeable_person(connection, viewer, person, own=True)
            await change_row(connection, people, person, password_hash=hashed)
            ended = 0
            if not (keep_tokens and person == viewer.person):
                ended = await _end_tokens(connection, person, now_ms)
            await _end_log_ins(connection, person)
            await clear_failures(connection, Guess(f"login:{row.login}", viewer.address))
            entry = AuditEntry("person.password", person, row.org, after={"tokens_ended": ended})
            await record(connection, viewer, now_ms, entry)

    async def reset_factor(self, viewer: Viewer, person: PersonId) -> None:
        """Take a lost second factor from a person within reach; ends all their sessions."""
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            row = await changeable_person(connection, viewer, person)
            await forget_factor(connection, person)
            await _end_log_ins(connection, person)
            entry = AuditEntry("person.totp_reset", person, row.org)
            await record(connection, viewer, now_ms, entry)

    async def disable(self, viewer: Viewer, person: PersonId) -> None:
        """Shut a person out at once, their tokens too; what they did stays in the audit."""
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            row = await changeable_person(connection, viewer, person)
            await change_row(connection, people, person, disabled=True)
            await _end_log_ins(connection, person)
            await record(connection, viewer, now_ms, AuditEntry("person.disable", person, row.org))

    async def set_preferences(
        self, viewer: Viewer, *, locale: str | None = None, theme: str | None = None
    ) -> None:
        """Keep the viewer's own language and theme."""
        checked = Checked()
        if locale is not None:
            checked.choice("locale", locale, LOCALES)
        if theme is not None:
            checked.choice("theme", theme, THEMES)
        checked.done(Refused("person.wrong", "This preference cannot be kept."))
        wanted = {"locale": locale, "theme": theme}
        values = {name: value for name, value in wanted.items() if value is not None}
        if values and viewer.person is not None:
            async with self._database.write() as connection:
                await change_row(connection, people, viewer.person, **values)


async def add_person(connection: AsyncConnection, values: Mapping[str, Any]) -> PersonId:
    """Write a person of checked columns; refuse with ``login.taken`` a login that somebody has."""
    try:
        return PersonId(await add_row(connection, people, values))
    except IntegrityError:
        raise Refused(
            "login.taken", "Somebody has this login already.", "Choose another."
        ) from None


async def _end_log_ins(connection: AsyncConnection, person: PersonId) -> None:
    """End sessions and log-ins under way; browsers are strangers again."""
    for table in (sessions, challenges):
        await connection.execute(delete(table).where(table.c.person_id == person))
    await forget_browsers(connection, person)


def token_is_live(now_ms: int) -> ColumnElement[bool]:
    """Match API tokens that are neither over nor revoked."""
    return api_tokens.c.revoked_ms.is_(None) & (api_tokens.c.expires_ms > now_ms)


async def _end_tokens(connection: AsyncConnection, person: PersonId, now_ms: int) -> int:
    """End the live API tokens of a person and return how many there were."""
    ended = await connection.execute(
        update(api_tokens)
        .where(api_tokens.c.person_id == person, token_is_live(now_ms))
        .values(revoked_ms=now_ms)
        .returning(api_tokens.c.id)
    )
    return len(ended.all())


def login_key(login: str) -> str:
    """Return the login as it is kept and compared: normal form, case folded."""
    return normal(login).casefold()


def checked_person(new: NewPerson) -> dict[str, Any]:
    """Return the columns of a person, after every check; the password hash is still missing."""
    checked = Checked()
    login = checked.text("login", login_key(new.login), LOGIN_CHARACTERS_MAX)
    checked.unless(" " not in login, "login", "text.words")
    name = checked.text("name", new.name, NAME_CHARACTERS_MAX)
    checked.choice("locale", new.locale, LOCALES)
    email = checked.mail("email", new.email) if new.email else None
    checked.done(Refused("person.wrong", "The person cannot be kept like this."))
    return {
        "org_id": new.org,
        "login": login,
        "name": name,
        "folded": fold(f"{name} {login}"),
        "locale": new.locale,
        "theme": "auto",
        "email": email,
    }


async def _check_assignment(connection: AsyncConnection, new: NewAssignment) -> None:
    checked = Checked()
    await check_role(connection, checked, new)
    held = len(await _assignments(connection, new.person))
    checked.unless(held < ASSIGNMENTS_MAX, "person", "roles.too_many", most=ASSIGNMENTS_MAX)
    checked.done(Refused("assignment.wrong", "The role cannot be given like this."))


async def check_role(connection: AsyncConnection, checked: Checked, new: NewAssignment) -> None:
    """Note a role, sector or zone that there is not."""
    known = select(roles.c.name).where(roles.c.name == new.role)
    checked.unless((await connection.execute(known)).first(), "role", "role.not_found")
    if new.sector is not None:
        checked.choice("sector", new.sector, SECTORS)
    if new.zone is not None:
        zone = select(zones.c.id).where(zones.c.id == new.zone)
        checked.unless((await connection.execute(zone)).first(), "zone", "zone.not_found")


async def must_hold(
    connection: AsyncConnection, viewer: Viewer, given: NewAssignment | AssignmentRow
) -> None:
    """Refuse unless the viewer holds every permission of the role where it would hold."""
    wanted = select(roles.c.permissions).where(roles.c.name == given.role)
    permissions = (await connection.execute(wanted)).scalar_one()
    held = await permissions_over(connection, viewer, given.org, given.zone, given.sector)
    if not held.issuperset([*permissions, Permission.PERSON_WRITE]):
        raise denied()


async def changeable_person(
    connection: AsyncConnection, viewer: Viewer, person: PersonId, *, own: bool = False
) -> AnyRow:
    """Return the row of a person whom the viewer may change.

    Nobody may change a person who holds more than they do: a new password would be a way up.
    """
    row = await visible_person(connection, viewer, person)
    if own and person == viewer.person:
        return row
    await must_be_visible(connection, viewer, Permission.PERSON_WRITE, OrgId(row.org))
    for assignment in await _assignments(connection, person):
        await must_hold(connection, viewer, assignment)
    return row


async def visible_person(connection: AsyncConnection, viewer: Viewer, person: PersonId) -> AnyRow:
    """Return the row of a person whom the viewer may see, ``person.unknown`` else."""
    return await found_row(
        connection,
        _rows().where(people.c.id == person, _seen(viewer)),
        Refused("person.unknown", "There is no such person.", "Look at the list of people."),
    )


async def _is_seen(connection: AsyncConnection, viewer: Viewer, person: PersonId) -> bool:
    return bool(await count_rows(connection, people.c.id == person, _seen(viewer)))


def _seen(viewer: Viewer) -> ColumnElement[bool]:
    reached = org_is_visible(viewer, Permission.PERSON_READ, people.c.org_id)
    return reached if viewer.person is None else or_(reached, people.c.id == viewer.person)


async def _assignments(connection: AsyncConnection, person: PersonId) -> list[AssignmentRow]:
    rows = await connection.execute(
        select(*columns_of(AssignmentRow, assignments, org_name=organisations.c.name))
        .join(organisations, organisations.c.id == assignments.c.org_id)
        .where(assignments.c.person_id == person)
        .order_by(assignments.c.id)
    )
    return [AssignmentRow(**fields_of(row)) for row in rows]


def _rows() -> Select[Any]:
    return select(
        *columns_of(
            PersonRow,
            people,
            org_name=organisations.c.name,
            has_totp=people.c.totp.is_not(None),
        ),
        people.c.folded,
    ).join(organisations, organisations.c.id == people.c.org_id)


def _view(row: AnyRow) -> PersonRow:
    return as_view(PersonRow, row, has_totp=bool(row.has_totp))
