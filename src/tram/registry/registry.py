"""The registry: one object with a repository for each noun."""

from collections.abc import Callable

from sqlalchemy import text

from tram.domain.ids import OrgId
from tram.domain.province import Province
from tram.domain.sectors import SECTORS
from tram.registry.credentials.credentials import Credentials
from tram.registry.credentials.enrolments import Enrolments
from tram.registry.devices.bulk import Seeder
from tram.registry.devices.claims import Claims
from tram.registry.devices.devices import Devices
from tram.registry.devices.downlinks import Downlinks
from tram.registry.devices.gateway_children import GatewayChildren
from tram.registry.devices.profiles import Profiles
from tram.registry.jobs import Jobs
from tram.registry.kernel.audit import Audit
from tram.registry.kernel.database import Database
from tram.registry.kernel.migrate import is_at_head, lock_schema, upgrade
from tram.registry.kernel.outbox import ChangeOutbox
from tram.registry.kernel.set_aside import SetAside
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import SeededDevice
from tram.registry.organisations.organisations import Organisations
from tram.registry.organisations.seeding import lacks_reference, seed_organisations, seed_reference
from tram.registry.organisations.zones import Zones
from tram.registry.people.api_tokens import ApiTokens
from tram.registry.people.invitations import Invitations
from tram.registry.people.known_browsers import Browsers
from tram.registry.people.mails import Mails
from tram.registry.people.oidc_identities import Identities
from tram.registry.people.passwords import Passwords
from tram.registry.people.people import People
from tram.registry.people.second_factor import SecondFactor
from tram.registry.people.sessions import Sessions
from tram.registry.privacy.privacy import Privacy
from tram.registry.privacy.subject_access import SubjectAccess
from tram.registry.sharing.grants import Grants
from tram.registry.sharing.groups import Groups, refresh_members
from tram.registry.sharing.loans import Loans
from tram.registry.sharing.read_log import Reads
from tram.runtime.clock import Clock

__all__ = ("Registry",)


class Registry:
    """Every repository over one database; close it when done."""

    def __init__(
        self, database: Database, clock: Clock, hmac_key: bytes, province: Province
    ) -> None:
        passwords = Passwords()
        self._database = database
        self._clock = clock
        self._province = province
        self._seeder = Seeder(database, clock, hmac_key)
        self.organisations = Organisations(database, clock)
        self.people = People(database, clock, passwords)
        self.devices = Devices(database, clock, hmac_key)
        self.zones = Zones(database, clock)
        self.profiles = Profiles(database, clock)
        self.credentials = Credentials(database, clock, hmac_key)
        self.enrolments = Enrolments(database, clock, hmac_key, refresh_members)
        self.claims = Claims(database, clock, hmac_key)
        self.grants = Grants(database, clock)
        self.groups = Groups(database, clock)
        self.loans = Loans(database, clock)
        self.second_factor = SecondFactor(database, clock, passwords, hmac_key)
        self.sessions = Sessions(database, clock, passwords, self.second_factor)
        self.browsers = Browsers(database, clock)
        self.invitations = Invitations(database, clock, passwords)
        self.api_tokens = ApiTokens(database, clock)
        self.identities = Identities(database, clock)
        self.personal = SubjectAccess(database, clock)
        self.privacy = Privacy(database, clock)
        self.mails = Mails(database, clock)
        self.audit = Audit(database, clock)
        self.reads = Reads(database, clock)
        self.jobs = Jobs(database, clock)
        self.set_aside = SetAside(database, clock)
        self.outbox = ChangeOutbox(database, clock)
        self.downlinks = Downlinks(database, clock)
        self.behind = GatewayChildren(database, clock)

    @classmethod
    async def open(cls, url: str, clock: Clock, hmac_key: bytes, province: Province) -> "Registry":
        """Connect, migrate to this version's schema and add missing reference data.

        Raises:
            Refused: ``registry.newer`` when a newer product has used this database.
            Unavailable: when the database does not answer.
        """
        database = Database(url)
        try:
            await _prepare(database, province)
        except BaseException:
            await database.close()
            raise
        return cls(database, clock, hmac_key, province)

    @property
    def database(self) -> Database:
        """The database itself, for the repositories that other packages keep in it."""
        return self._database

    async def close(self) -> None:
        """Close every connection."""
        await self._database.close()

    async def check(self) -> None:
        """Ask the database for a sign of life; raises Unavailable when there is none."""
        async with self._database.read() as connection:
            await connection.execute(text("SELECT 1"))

    async def seed_base(self) -> OrgId:
        """Make the province's first organisations where missing; return the province's number."""
        async with self._database.write() as connection:
            return await seed_organisations(connection, self._clock.now_ms(), self._province)

    async def seed_devices(
        self,
        viewer: Viewer,
        count: int,
        *,
        org: OrgId,
        sectors: tuple[str, ...] = SECTORS,
        sink: Callable[[list[SeededDevice]], None],
    ) -> int:
        """Make synthetic devices in bulk; each committed batch, with tokens, goes to ``sink``."""
        return await self._seeder.run(viewer, count, org=org, sectors=sectors, sink=sink)


async def _prepare(database: Database, province: Province) -> None:
    async with database.read() as connection:
        is_ready = await connection.run_sync(is_at_head) and not await lacks_reference(
            connection, province
        )
    if is_ready:
        return
    async with database.write() as connection:
        await connection.run_sync(lock_schema)
        if not await connection.run_sync(is_at_head):
            await connection.run_sync(upgrade)
        await seed_reference(connection, province)
