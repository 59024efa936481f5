"""Two organisations that have nothing to do with each other, with people, devices and readings."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date

import httpx
from litestar import Litestar

from tests.api.party import Party
from tests.api.province_alarms import give_alarms
from tests.provinces import QUANG_NGAI
from tram.api.http.session import API
from tram.domain.ids import OrgId, ProfileId, ZoneId
from tram.registry.kernel.set_aside import SetAsideEntry
from tram.registry.kernel.viewer import Viewer, system_viewer
from tram.registry.kernel.views import (
    NewAssignment,
    NewDevice,
    NewEnrolment,
    NewOrganisation,
    NewPerson,
)
from tram.registry.people.views import NewApiToken, NewInvitation
from tram.registry.registry import Registry
from tram.registry.sharing.views import NewGroup, NewLoan
from tram.rollout.directives.directives import Directives
from tram.rollout.directives.views import NewProvider, Offer
from tram.rollout.inventory.inventory import Inventory
from tram.rollout.inventory.stations.views import Life, StationImage
from tram.rollout.inventory.views import NewOperator
from tram.runtime.clock import ManualClock

PASSWORD = "một câu đủ dài để nhớ"
WASTEWATER = ProfileId(1)

Client = httpx.AsyncClient
OPENED: dict[str, tuple[str, str]] = {}
"""Sessions that the template holds already, by login: secret and proof. Hashing is slow."""


@dataclass
class Province:
    """The registry with two parties; ``root`` may do everything."""

    registry: Registry
    root: Viewer
    zone: ZoneId
    a: Party
    b: Party
    logins: frozenset[str] = frozenset()

    async def person(self, role: str, org: OrgId, **narrow: object) -> str:
        """Register somebody with one role over an organisation; return the login."""
        login = f"{role}-{org}" + "".join(f"-{value}" for value in narrow.values())
        if login in self.logins:
            return login
        self.logins = self.logins | {login}
        mark = self.a.mark if org in {self.a.org, self.a.child} else self.b.mark
        row = await self.registry.people.create(
            self.root, NewPerson(org=org, login=login, name=f"{mark} {role}", password=PASSWORD)
        )
        await self.registry.people.assign(
            self.root, NewAssignment(person=row.id, role=role, org=org, **narrow)
        )
        return login


async def found_province(registry: Registry, now_ms: int) -> Province:
    """Make the two parties, each with an organisation below, two devices and an extra token."""
    root = system_viewer(await registry.seed_base())
    zone = (await registry.zones.list(root))[0].id
    parties = []
    for mark in ("LEAK-A", "LEAK-B"):
        org = await _organisation(registry, root, root.org, mark)
        child = await _organisation(registry, root, org, f"{mark}-child")
        party = Party(mark, org, child)
        for number, (owner, sector) in enumerate(((org, "environment"), (child, "traffic"))):
            detail, token = await registry.devices.create(
                root,
                NewDevice(
                    name=f"{mark} Trạm đo số {number}",
                    code=f"{mark}-{number}",
                    org=owner,
                    zone=zone,
                    sector=sector,
                    profile=WASTEWATER,
                    lon=108.5 + number / 2,
                    lat=15.1,
                ),
            )
            party.devices.append(detail)
            party.tokens.append(token)
        listed = await registry.credentials.list(root, party.devices[0].id)
        party.credentials = [row.id for row in listed]
        await _give_things(registry, root, party, now_ms)
        enrolment = NewEnrolment(
            name=f"{mark} enrolment", org=org, sector="energy", profile=WASTEWATER
        )
        party.enrolment = (await registry.enrolments.create(root, enrolment)).id
        parties.append(party)
    clock = ManualClock(now_ms)
    inventory = Inventory(registry.database, clock, QUANG_NGAI)
    await inventory.seed(root)
    for number, party in enumerate(parties):
        new = NewOperator(code=f"MP-{party.mark}", name=f"{party.mark} mạng", org=party.org)
        operator = (await inventory.operators.create(root, new)).id
        station = StationImage(
            operator=operator,
            technology="5G",
            code=f"{party.mark}-T1",
            name=f"{party.mark} Trạm phát",
            lon=107.6 + number,
            lat=14.3,
            life=(Life(date(2025, 3, 1), "on-air"),),
        )
        await inventory.keeping.put(root, [station])
    directives = Directives(registry.database, clock)
    await directives.seed(root, QUANG_NGAI)
    offer = Offer("traffic", "Bộ đếm xe")
    await directives.providers.create(root, NewProvider(name="Công ty Mẫu", offers=[offer]))
    province = Province(registry, root, zone, *parties)
    login = await province.person("enterprise", province.a.org)
    opened = await registry.sessions.log_in(login, PASSWORD, "")
    OPENED[login] = (opened.secret, opened.csrf)
    return province


async def _give_things(registry: Registry, root: Viewer, party: Party, now_ms: int) -> None:
    """Give a party one of everything that has a number: group, loan, person, invitation, token."""
    group = await registry.groups.create(
        root, NewGroup(org=party.org, name=party.mark, devices=[party.devices[1].id])
    )
    third = await _organisation(registry, root, root.org, f"third-{party.org}", word="Bên thứ ba")
    loan = await registry.loans.create(
        root,
        NewLoan(
            to_org=third,
            devices=[party.devices[0].id],
            metrics=["alpha"],
            purpose=party.mark,
            until_ms=now_ms + 86_400_000,
        ),
    )
    login = f"somebody-{party.org}"
    new = NewPerson(org=party.org, login=login, name=f"{party.mark} Người", password=PASSWORD)
    person = await registry.people.create(root, new)
    given = NewAssignment(person=person.id, role="enterprise", org=party.org)
    assignment = await registry.people.assign(root, given)
    invitation = await registry.invitations.create(
        root,
        NewInvitation(
            org=party.org, email=f"{party.mark}@x.example", name=party.mark, role="enterprise"
        ),
        site="http://testserver.local",
    )
    own = Viewer(person.id, party.org, party.mark, root.scopes)
    token, _ = await registry.api_tokens.create(
        own, NewApiToken(name=party.mark, permissions=["device.read"], days=9)
    )
    await registry.set_aside.note(
        SetAsideEntry("alarms", "rule", party.mark, party.org), ValueError(party.mark)
    )
    aside = next(row.id for row in await registry.set_aside.list(own) if row.key == party.mark)
    job = await registry.jobs.create(own, "walk", {"mark": party.mark}, org=party.org)
    party.things = {
        "aside": aside,
        "job": job.id,
        "group": group.id,
        "loan": loan.id,
        "person": person.id,
        "assignment": assignment.id,
        "invitation": invitation.id,
        "token": token.id,
    }
    await give_alarms(registry, own, party, now_ms)


async def _organisation(
    registry: Registry, root: Viewer, parent: OrgId, mark: str, word: str = ""
) -> OrgId:
    name = word or f"{mark} Công ty"
    new = NewOrganisation(parent=parent, kind="enterprise", name=name, code=mark)
    return (await registry.organisations.create(root, new)).id


async def log_in(client: Client, login: str) -> None:
    """Log in by cookie and send the session's proof with every later request."""
    client.headers.pop("X-CSRF-Token", None)
    client.cookies.clear()
    if login in OPENED:
        client.cookies["tram_session"], client.headers["X-CSRF-Token"] = OPENED[login]
        return
    response = await client.post(f"{API}/session", json={"login": login, "password": PASSWORD})
    assert response.status_code == 201, response.text
    client.headers["X-CSRF-Token"] = response.json()["csrf"]


@asynccontextmanager
async def open_client(app: Litestar) -> AsyncIterator[Client]:
    """Talk to the application within the test's own loop, where its connections belong."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    ready, over = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with app.lifespan():
            ready.set()
            await over.wait()

    # A task of its own: a fixture is left in another task than it was entered in.
    living = asyncio.create_task(live())
    await asyncio.wait({living, asyncio.create_task(ready.wait())}, return_when="FIRST_COMPLETED")
    async with httpx.AsyncClient(
        transport=transport, base_url="http://testserver.local", follow_redirects=True
    ) as client:
        yield client
    over.set()
    await living
