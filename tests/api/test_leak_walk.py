"""No row leaks: every route, with every shipped role, for two organisations that are strangers."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import date

import msgspec
import pytest
import pytest_asyncio
from litestar import Litestar, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from tests.api.apps import site
from tests.api.province import Client, Party, Province, log_in, open_client
from tests.api.walk import EXAMPLES, SESSION_ENDS, Ask, Example, asks_about, routes_of, sockets_of
from tram.api.http.parameters import TakenServices
from tram.api.http.services import Services
from tram.api.http.session import API, PUBLIC
from tram.api.plugin import PlatformApi
from tram.fleet.store.serving.client import StoreClient
from tram.registry.kernel.viewer import Scope, Viewer
from tram.registry.sharing.views import NewLoan
from tram.web.app import create_app

HTTP_ERRORS = 500
LOST = 401


@dataclass
class Walk:
    """What was asked and what came through that should not."""

    routes: set[str] = field(default_factory=set)
    roles: set[str] = field(default_factory=set)
    checks: int = 0
    seen: int = 0
    leaks: list[str] = field(default_factory=list)
    whole: bool = False
    asks: dict[tuple[str, str], list[Ask]] = field(default_factory=dict)

    def about(self, app: Litestar, target: Party, zone: int, writer: Party) -> list[Ask]:
        """Return what is asked about a party, made once: describing an application is slow."""
        who = (target.mark, writer.mark)
        if who not in self.asks:
            self.asks[who] = asks_about(app, target, zone, writer.mark)
        return self.asks[who]

    def takes(self, role: str, ask: Ask, number: int) -> bool:
        """Return whether a role asks this in the form of the walk that runs."""
        if self.whole:
            return True
        if role not in WHOLE:
            return (number + len(self.roles)) % SHARES == 0
        return not ask.route.endswith(TWINS) or role == WHOLE[1]

    def __str__(self) -> str:
        return (
            f"leak walk: routes {len(self.routes)}, roles {len(self.roles)}, "
            f"checks {self.checks}, own things seen {self.seen}, leaks {len(self.leaks)}"
        )


@pytest.fixture
def app(services: Services) -> Litestar:
    return site(services, "operators-key")


@pytest_asyncio.fixture
async def walker(app: Litestar) -> AsyncIterator[Client]:
    async with open_client(app) as opened:
        yield opened


@pytest.mark.timeout(600)  # thousands of requests: a minute on a free machine
async def test_no_route_shows_another_organisations_rows_to_any_role(
    app: Litestar, walker: Client, province: Province, request: pytest.FixtureRequest
) -> None:
    """Short form: who may everything and an enterprise ask everything, from both sides.

    More permissions show more, never less: what a role with all of them does not see, none sees.
    Every other role of one side asks a share of the routes, another share each, so that all of
    them together ask every route several times. ``--whole-walk`` has every role ask everything.
    """
    walk = Walk(whole=bool(request.config.getoption("--whole-walk", default=False)))
    before = await _province_data(app.state.services, province.root)
    held = {
        role.name: set(role.permissions)
        for role in await province.registry.people.roles(province.root)
    }
    roles = list(held)
    assert set().union(*held.values()) == held[WHOLE[0]]
    for mine, other in ((province.a, province.b), (province.b, province.a)):
        for role in roles:
            if walk.whole or mine is province.a or role in WHOLE:
                await log_in(walker, await province.person(role, mine.org))
                await _walk((app, walker), province.zone, (role, mine, other), walk)

    _print(request, walk)
    assert walk.leaks == []
    assert walk.roles == set(roles)
    ends = {" ".join(names) for names in SESSION_ENDS}
    assert walk.routes == {" ".join(names) for names in routes_of(app)} - ends
    assert len(roles) >= 18
    assert walk.seen > 100  # the walk does see what it may see
    for party in (province.a, province.b):
        for device in party.devices:
            assert await province.registry.devices.one(province.root, device.id) == device
    # Nobody who reaches one enterprise only changes what belongs to the whole province.
    assert await _province_data(app.state.services, province.root) == before


async def test_a_borrower_sees_what_is_lent_and_nothing_else_until_it_is_revoked(
    services: Services, nowhere: StoreClient, province: Province, request: pytest.FixtureRequest
) -> None:
    """Without a store, which here knows no loans: tests/fleet/store proves its scopes by grant."""
    app = create_app(replace(services, store=nowhere), "operators-key")
    async with open_client(app) as walker:
        await _borrow((app, walker), province, request)


async def _borrow(
    site: tuple[Litestar, Client], province: Province, request: pytest.FixtureRequest
) -> None:
    app, walker = site
    a, b, root = province.a, province.b, province.root
    new = NewLoan(
        to_org=b.org,
        devices=[a.devices[0].id],
        metrics=["alpha"],
        purpose="Thử",
        until_ms=app.state.services.clock.now_ms() + 86_400_000,
    )
    loan = await province.registry.loans.create(root, new)
    walk = Walk()
    await log_in(walker, await province.person("enterprise", b.org))

    seen, beyond = await _walk_as_borrower(site, province)
    await province.registry.loans.revoke(root, loan.id)
    after, beyond_after = await _walk_as_borrower(site, province)

    walk.checks, walk.seen, walk.leaks = len(seen) + len(after), len(seen), beyond + beyond_after
    _print(request, walk)
    assert f"{API}/devices/{a.devices[0].id}" in seen
    assert f"/devices/{a.devices[0].id}" in seen
    assert walk.leaks == []
    assert set(after) == set()


async def test_the_walk_catches_a_route_that_forgets_the_viewer(
    services: Services, province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    @get("/forgetful")
    async def forgetful(services: TakenServices) -> list[str]:
        everything = Viewer(
            None, province.root.org, "x", (Scope(province.root.org, None, None, READ),)
        )
        return [row.name for row in (await services.registry.devices.page(everything)).items]

    app = Litestar(route_handlers=[forgetful], plugins=[PlatformApi(services)])
    walk = Walk()
    async with open_client(app) as client:
        await log_in(client, await province.person("enterprise", province.a.org))
        monkeypatch.setitem(EXAMPLES, ("GET", "/forgetful"), Example())
        await _walk((app, client), province.zone, ("enterprise", province.a, province.b), walk)

    assert set(walk.leaks) == {"GET /forgetful as enterprise of LEAK-A"}


async def test_the_walk_makes_an_example_for_a_route_that_nobody_described_to_it(
    services: Services, province: Province
) -> None:
    class Fresh(msgspec.Struct):
        """What a new route takes."""

        org: int
        device: int | None
        names: list[str]

    @post("/api/platform/v1/fresh/{device:int}")
    async def fresh(device: FromPath[int], org: FromQuery[int], data: JSONBody[Fresh]) -> int:
        """Do something new."""
        return device + org + data.org

    app = Litestar(route_handlers=[fresh], plugins=[PlatformApi(services)])

    ask = next(a for a in asks_about(app, province.a, province.zone) if "fresh" in a.route)

    device, org = province.a.devices[0].id, province.a.org
    assert ask.path == f"/api/platform/v1/fresh/{device}"
    assert ask.query == {"org": org}
    assert ask.body == {"org": org, "device": device, "names": [province.a.mark]}


async def test_every_socket_is_known_to_the_live_tests(app: Litestar) -> None:
    assert sockets_of(app) == ["/live"]
    assert len(routes_of(app)) > 40


async def _province_data(services: Services, root: Viewer) -> list[object]:
    """Return the province's registers and its letter."""
    inventory, directives, reports = services.inventory, services.directives, services.reports
    return [
        await inventory.counts.entries(root),
        await inventory.targets.list(root),
        await directives.documents.list(root),
        await directives.tasks.list(root),
        await directives.recommendations.list(root),
        await directives.providers.list(root),
        await reports.versions(root),
        await reports.blocks(root, date(2025, 7, 30)),
    ]


READ = frozenset({"device.read"})
WHOLE = ("system-admin", "enterprise")
"""Roles that ask everything in the short form; the first holds every permission there is."""
SHARES = 8
"""In the short form every other role asks one route of so many."""
TWINS = (".xlsx", ".json")
"""Other forms of the same table; in the short form one role takes them all."""


def _print(request: pytest.FixtureRequest, walk: "Walk") -> None:
    with request.getfixturevalue("capsys").disabled():
        print(f"\n{walk}")  # noqa: T201  # the summary is the evidence


async def _walk_as_borrower(
    site: tuple[Litestar, Client], province: Province
) -> tuple[list[str], list[str]]:
    """Ask every reading route about the lender; return where it shows, and where too much."""
    app, client = site
    lent, hidden = province.a.devices
    seen, beyond = [], []
    for ask in asks_about(app, province.a, province.zone):
        if ask.method != "GET" or (ask.method, ask.route) in PUBLIC:
            continue
        query = {**ask.query, "search": ""} if "search" in ask.query else ask.query
        response = await client.get(ask.path, params=query)
        assert response.status_code != HTTP_ERRORS, (ask.path, response.text)
        body = re.sub(r"search=LEAK-[AB]", "", response.text)
        if ask.route in OWN_JOURNALS:
            continue  # it repeats what one asked for, and names what one read, also afterwards
        if province.a.mark in body:
            seen.append(ask.path)
        names = (hidden.code, f"{province.a.mark} Người", f"{province.a.mark} enterprise")
        if any(name in body for name in names) or '"zeta"' in body:
            beyond.append(f"{ask.path} as borrower")
    assert lent.id != hidden.id
    return seen, beyond


OWN_JOURNALS = {f"{API}/me/data"}


async def _walk(
    site: tuple[Litestar, Client], zone: int, who: tuple[str, Party, Party], walk: Walk
) -> None:
    """Ask every route about the other's things, and every reading route about one's own."""
    app, client = site
    role, mine, other = who
    walk.roles.add(role)
    asked: set[str] = set()
    for target in (other, mine):
        for number, ask in enumerate(walk.about(app, target, zone, mine)):
            if not walk.takes(role, ask, number):
                continue
            if target is mine and (ask.method != "GET" or repr(ask) in asked):
                continue  # changes to one's own are proved elsewhere
            if (ask.method, ask.route) in PUBLIC and f"{ask.method} {ask.route}" in walk.routes:
                continue  # the same for everybody
            asked.add(repr(ask))
            data = {**ask.form, "csrf": client.headers["X-CSRF-Token"]} if ask.form else None
            response = await client.request(
                ask.method, ask.path, params=ask.query, json=ask.body, data=data
            )
            where = f"{ask.method} {ask.path} as {role} of {mine.mark}"
            assert response.status_code < HTTP_ERRORS, (where, response.text)
            is_public = (ask.method, ask.route) in PUBLIC
            assert is_public or response.status_code != LOST, f"{where}: the session is over"
            walk.routes.add(f"{ask.method} {ask.route}")
            walk.seen += mine.mark in response.text
            # What was searched for comes back in forms and addresses: that is no knowledge of ours.
            shown = _without_echo(response.text, ask.query)
            _check(walk, where, shown, other.mark)


def _check(walk: Walk, where: str, body: str, foreign: str) -> None:
    walk.checks += 1
    if foreign in body:
        walk.leaks.append(where)


def _without_echo(body: str, query: dict[str, object]) -> str:
    """Take out the search word where the page repeats it exactly as an input's value.

    The journal of one's own exports repeats the addresses that one asked for, too.
    """
    body = re.sub(r"search=LEAK-[AB]", "", body)
    for word in {str(value) for value in query.values()}:
        body = body.replace(f'value="{word}"', "")
    return body
