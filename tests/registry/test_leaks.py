"""No method that takes a viewer shows or changes what belongs to a stranger."""

import inspect
import random
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import msgspec
import pytest

from tests.registry.world import DAY_MS, PASSWORD, House, World, refused, viewer_of
from tram.domain.sectors import SECTORS
from tram.registry.devices.downlink_views import NewCall
from tram.registry.kernel.set_aside import SetAsideEntry
from tram.registry.kernel.viewer import Scope, Viewer
from tram.registry.kernel.views import (
    DeviceDetail,
    DeviceEdit,
    NewAssignment,
    NewClaim,
    NewCredential,
    NewDevice,
    NewEnrolment,
    NewGrant,
    NewOrganisation,
    NewPerson,
)
from tram.registry.people.views import NewApiToken, NewInvitation
from tram.registry.privacy.privacy import ALARM_MAIL, NewDataRequest
from tram.registry.registry import Registry
from tram.registry.sharing.views import NewGroup, NewLoan
from tram.runtime.errors import Refused

Call = Callable[[Registry, "Stranger"], Awaitable[object]]


class Stranger(NamedTuple):
    """House ``me``, whose person asks for what belongs to house ``it``."""

    world: World
    me: House
    it: House


def edit_of(org: int) -> DeviceEdit:
    return DeviceEdit(
        name="Chiếm", org=org, sector="energy", zone=None, code="", lon=None, lat=None
    )


READS: dict[str, Call] = {
    "organisations.tree": lambda r, s: r.organisations.tree(s.me.viewer),
    "organisations.recipients": lambda r, s: r.organisations.recipients(s.me.viewer),
    "organisations.one": lambda r, s: r.organisations.one(s.me.viewer, s.it.org),
    "people.page": lambda r, s: r.people.page(s.me.viewer, search="nguoi"),
    "people.one": lambda r, s: r.people.one(s.me.viewer, s.it.person),
    "people.roles": lambda r, s: r.people.roles(s.me.viewer),
    "people.assignments": lambda r, s: r.people.assignments(s.me.viewer, s.it.person),
    "devices.page": lambda r, s: r.devices.page(s.me.viewer, search="may bom"),
    "devices.one": lambda r, s: r.devices.one(s.me.viewer, s.it.devices[0]),
    "devices.names": lambda r, s: r.devices.names(s.me.viewer, s.it.devices),
    "devices.positions": lambda r, s: r.devices.positions(s.me.viewer),
    "devices.counts": lambda r, s: r.devices.counts(s.me.viewer),
    "devices.counts_by_zone": lambda r, s: r.devices.counts_by_zone(s.me.viewer),
    "devices.audience": lambda r, s: r.devices.audience(s.me.viewer, s.it.devices[0]),
    "zones.list": lambda r, s: r.zones.list(s.me.viewer),
    "zones.one": lambda r, s: r.zones.one(s.me.viewer, s.world.zones[0]),
    "profiles.list": lambda r, s: r.profiles.list(s.me.viewer),
    "profiles.one": lambda r, s: r.profiles.one(s.me.viewer, s.world.profile),
    "credentials.list": lambda r, s: r.credentials.list(s.me.viewer, s.it.devices[1]),
    "enrolments.list": lambda r, s: r.enrolments.list(s.me.viewer),
    "grants.list": lambda r, s: r.grants.list(s.me.viewer, live=False),
    "audit.page": lambda r, s: r.audit.page(s.me.viewer),
    "downlinks.list": lambda r, s: r.downlinks.list(s.me.viewer, s.it.devices[1]),
    "downlinks.shared": lambda r, s: r.downlinks.shared(s.me.viewer, s.it.devices[1]),
    "devices.former": lambda r, s: r.devices.former(s.me.viewer),
    "devices.must_know": lambda r, s: r.devices.must_know(s.me.viewer, s.it.devices[0]),
    "groups.listed": lambda r, s: r.groups.listed(s.me.viewer),
    "groups.one": lambda r, s: r.groups.one(s.me.viewer, 1),
    "groups.members": lambda r, s: r.groups.members(s.me.viewer, 1),
    "loans.listed": lambda r, s: r.loans.listed(s.me.viewer, live=False),
    "loans.one": lambda r, s: r.loans.one(s.me.viewer, 1),
    "loans.devices": lambda r, s: r.loans.devices(s.me.viewer, 1),
    "reads.page": lambda r, s: r.reads.page(s.me.viewer),
    "invitations.listed": lambda r, s: r.invitations.listed(s.me.viewer),
    "sessions.listed": lambda r, s: r.sessions.listed(s.me.viewer),
    "api_tokens.listed": lambda r, s: r.api_tokens.listed(s.me.viewer),
    "second_factor.state": lambda r, s: r.second_factor.state(s.me.viewer),
    "set_aside.list": lambda r, s: r.set_aside.list(s.me.viewer),
    "set_aside.count_for": lambda r, s: r.set_aside.count_for(s.me.viewer),
    "personal.kept": lambda r, s: r.personal.kept(s.me.viewer),
    "privacy.my_consents": lambda r, s: r.privacy.my_consents(s.me.viewer),
    "privacy.consents": lambda r, s: r.privacy.consents(s.me.viewer),
    "privacy.my_requests": lambda r, s: r.privacy.my_requests(s.me.viewer),
    "privacy.requests": lambda r, s: r.privacy.requests(s.me.viewer),
    "personal.export": lambda r, s: r.personal.export(s.me.viewer),
    "jobs.list": lambda r, s: r.jobs.list(s.me.viewer),
    "jobs.one": lambda r, s: r.jobs.one(s.me.viewer, s.it.job),
    "jobs.asked_by": lambda r, s: r.jobs.asked_by(s.me.viewer, "report"),
}

WRITES: dict[str, Call] = {
    "organisations.create": lambda r, s: r.organisations.create(
        s.me.viewer, NewOrganisation(parent=s.it.org, kind="unit", name="Chiếm", code="C")
    ),
    "organisations.move": lambda r, s: r.organisations.move(s.me.viewer, s.it.child, s.me.org),
    "people.create": lambda r, s: r.people.create(
        s.me.viewer, NewPerson(org=s.it.org, login="spy", name="Chiếm", password=PASSWORD)
    ),
    "people.assign": lambda r, s: r.people.assign(
        s.me.viewer, NewAssignment(person=s.me.person, role="enterprise", org=s.it.org)
    ),
    "people.unassign": lambda r, s: r.people.unassign(s.me.viewer, s.it.assignment),
    "people.set_password": lambda r, s: r.people.set_password(s.me.viewer, s.it.person, PASSWORD),
    "people.disable": lambda r, s: r.people.disable(s.me.viewer, s.it.person),
    "devices.create": lambda r, s: r.devices.create(
        s.me.viewer,
        NewDevice(name="Chiếm", org=s.it.org, profile=s.world.profile, sector="energy"),
    ),
    "devices.change": lambda r, s: r.devices.change(
        s.me.viewer, s.it.devices[0], edit_of(s.me.org)
    ),
    "devices.remove": lambda r, s: r.devices.remove(s.me.viewer, s.it.devices[0]),
    "credentials.issue": lambda r, s: r.credentials.issue(s.me.viewer, s.it.devices[0]),
    "credentials.revoke": lambda r, s: r.credentials.revoke(s.me.viewer, s.it.credential),
    "credentials.add": lambda r, s: r.credentials.add(
        s.me.viewer, s.it.devices[0], NewCredential(kind="basic")
    ),
    "credentials.rotate": lambda r, s: r.credentials.rotate(
        s.me.viewer, s.it.credential, overlap_s=0
    ),
    "enrolments.create": lambda r, s: r.enrolments.create(
        s.me.viewer,
        NewEnrolment(name="Chiếm", org=s.it.org, profile=s.world.profile, sector="energy"),
    ),
    "enrolments.revoke": lambda r, s: r.enrolments.revoke(s.me.viewer, 1),
    "claims.offer": lambda r, s: r.claims.offer(s.me.viewer, s.it.devices[0], valid_s=60),
    "claims.claim": lambda r, s: r.claims.claim(
        s.me.viewer, NewClaim(secret="Chiếm", org=s.me.org)
    ),
    "grants.create": lambda r, s: r.grants.create(
        s.me.viewer,
        NewGrant(
            device=s.it.devices[0],
            to_org=s.me.org,
            purpose="Chiếm",
            until_ms=s.world.clock.now_ms() + DAY_MS,
        ),
    ),
    "grants.revoke": lambda r, s: r.grants.revoke(s.me.viewer, 1),
    "downlinks.call": lambda r, s: r.downlinks.call(
        s.me.viewer, s.it.devices[0], NewCall(method="m")
    ),
    "downlinks.share": lambda r, s: r.downlinks.share(s.me.viewer, s.it.devices[0], {"a": 1}),
    "profiles.set_topics": lambda r, s: r.profiles.set_topics(s.me.viewer, s.world.profile, []),
    "groups.create": lambda r, s: r.groups.create(
        s.me.viewer, NewGroup(org=s.it.org, name="Chiếm", devices=s.it.devices)
    ),
    "groups.change": lambda r, s: r.groups.change(
        s.me.viewer, 1, NewGroup(org=s.it.org, name="Chiếm")
    ),
    "groups.remove": lambda r, s: r.groups.remove(s.me.viewer, 1),
    "loans.create": lambda r, s: r.loans.create(
        s.me.viewer,
        NewLoan(
            devices=s.it.devices[:1],
            to_org=s.me.org,
            purpose="Chiếm",
            until_ms=s.world.clock.now_ms() + DAY_MS,
        ),
    ),
    "loans.revoke": lambda r, s: r.loans.revoke(s.me.viewer, 1),
    "invitations.create": lambda r, s: r.invitations.create(
        s.me.viewer,
        NewInvitation(org=s.it.org, email="a@b.example", name="Chiếm", role="enterprise"),
        site="http://x",
    ),
    "invitations.revoke": lambda r, s: r.invitations.revoke(s.me.viewer, 1),
    "sessions.revoke": lambda r, s: r.sessions.revoke(s.me.viewer, 1),
    "api_tokens.revoke": lambda r, s: r.api_tokens.revoke(s.me.viewer, 1),
    "people.reset_factor": lambda r, s: r.people.reset_factor(s.me.viewer, s.it.person),
    "set_aside.try_again": lambda r, s: r.set_aside.try_again(s.me.viewer, 1),
    "privacy.enter": lambda r, s: r.privacy.enter(
        s.me.viewer, s.it.person, NewDataRequest(kind="access", note="Chiếm", days=1)
    ),
    "privacy.answer": lambda r, s: r.privacy.answer(s.me.viewer, 1, "Chiếm"),
    "personal.erase": lambda r, s: r.personal.erase(s.me.viewer, s.it.person),
    "jobs.cancel": lambda r, s: r.jobs.cancel(s.me.viewer, s.it.job),
    "jobs.create": lambda r, s: r.jobs.create(s.me.viewer, "report", {}, org=s.it.org),
    "seed_devices": lambda r, s: r.seed_devices(s.me.viewer, 1, org=s.it.org, sink=lambda _: None),
}

# Changes of the viewer's own row only: nothing of another could be named.
OWN_ONLY = {
    "people.set_preferences",
    "api_tokens.create",
    "audit.note_export",
    "privacy.ask",
    "privacy.give",
    "privacy.withdraw",
    "reads.note",
    "second_factor.offer",
    "second_factor.prove",
    "second_factor.renew_codes",
    "second_factor.start",
    "second_factor.stop",
}


def test_every_method_with_a_viewer_is_tried(registry: Registry) -> None:
    methods = {"seed_devices"}
    for noun, repository in vars(registry).items():
        for name, method in inspect.getmembers(repository, inspect.iscoroutinefunction):
            if not name.startswith("_") and "viewer" in inspect.signature(method).parameters:
                methods.add(f"{noun}.{name}")

    assert {m for m in methods if not m.startswith("_")} == READS.keys() | WRITES.keys() | OWN_ONLY


async def give_red_one_of_everything(world: World) -> None:
    """Let house red have group, loan, invitation and token number 1."""
    registry, red = world.registry, world.red
    group = await registry.groups.create(
        red.viewer, NewGroup(org=red.org, name="Nhóm Đỏ", devices=red.devices)
    )
    third = await world.org(world.root)
    until_ms = world.clock.now_ms() + DAY_MS
    lent = NewLoan(group=group.id, to_org=third, purpose="Việc Đỏ", until_ms=until_ms)
    await registry.loans.create(red.viewer, lent)
    new = NewInvitation(org=red.org, email="do@x.example", name="Đỏ", role="enterprise")
    await registry.invitations.create(red.viewer, new, site="http://x")
    await registry.privacy.ask(red.viewer, NewDataRequest(kind="access", note="Đỏ", days=1))
    await registry.privacy.give(red.viewer, ALARM_MAIL)
    async with registry.set_aside.guarded(SetAsideEntry("work", "job", "Việc Đỏ", red.org)):
        raise ValueError("Đỏ")
    token = NewApiToken(name="Đỏ", permissions=["device.read"], days=1)
    await registry.api_tokens.create(red.viewer, token)


@pytest.mark.parametrize("method", READS)
async def test_stranger_reads_nothing(world: World, method: str) -> None:
    await give_red_one_of_everything(world)
    third = await world.org(world.root)
    await world.lend(world.red.devices[0], third)
    stranger = Stranger(world, world.blue, world.red)
    refusals: list[str] = []
    text = ""
    try:
        text = msgspec.json.encode(await READS[method](world.registry, stranger)).decode()
    except Refused as refusal:
        refusals.append(refusal.code)

    assert all(code.endswith(".unknown") for code in refusals)
    assert world.red.word.casefold() not in text.casefold()


@pytest.mark.parametrize("method", WRITES)
async def test_stranger_changes_nothing(world: World, method: str) -> None:
    await give_red_one_of_everything(world)
    await world.lend(world.red.devices[1], await world.org(world.root))
    before = (await world.registry.outbox.head(), await audit_total(world))

    with pytest.raises(Refused) as caught:
        await WRITES[method](world.registry, Stranger(world, world.blue, world.red))

    assert caught.value.code == "access.denied" or caught.value.code.endswith(".unknown")
    assert world.red.word not in str(caught.value)
    assert (await world.registry.outbox.head(), await audit_total(world)) == before


async def audit_total(world: World) -> int:
    return (await world.registry.audit.page(world.system)).total


async def test_unknown_and_invisible_devices_are_told_apart_by_nothing(world: World) -> None:
    answers = []
    for device in (world.red.devices[0], 999_999):
        with refused("device.unknown") as caught:
            await world.registry.devices.one(world.blue.viewer, device)
        answers.append((str(caught.value), caught.value.hint))

    assert answers[0] == answers[1]


class Model:
    """The rules of visibility in plain words, over a random tree, devices and loans."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rng = random.Random(7)
        self.parents: dict[int, int | None] = {world.root: None}
        self.devices: dict[int, DeviceDetail] = {}
        self.loans: list[tuple[int, int]] = []
        for house in (world.red, world.blue):
            self.parents |= {house.org: world.root, house.child: house.org}

    async def grow(self) -> None:
        rng, world = self.rng, self.world
        for device in (*world.red.devices, *world.blue.devices):
            self.devices[device] = await world.registry.devices.one(world.system, device)
        for _ in range(6):
            parent = rng.choice(list(self.parents))
            self.parents[await world.org(parent)] = parent
        for _ in range(25):
            place = {"zone": rng.choice(self.zones), "sector": rng.choice(SECTORS[:2])}
            device = await world.device(rng.choice(list(self.parents)), **place)
            self.devices[device.id] = device
        for _ in range(8):
            device, org = rng.choice(list(self.devices)), rng.choice(list(self.parents))
            if self.devices[device].org != org:
                self.loans.append((device, org))
                await world.lend(device, org)

    @property
    def zones(self) -> list[int | None]:
        return [None, *self.world.zones[:2]]

    def viewer(self) -> Viewer:
        scopes = tuple(
            Scope(
                self.rng.choice(list(self.parents)),
                self.rng.choice([None, *self.zones]),
                self.rng.choice([None, None, *SECTORS[:2]]),
                frozenset({"device.read"}),
            )
            for _ in range(self.rng.randint(1, 2))
        )
        return Viewer(None, scopes[0].org, "random", scopes)

    def seen_by(self, viewer: Viewer) -> set[int]:
        return {d for d in self.devices if any(self.is_seen(d, s) for s in viewer.scopes)}

    def is_seen(self, device: int, scope: Scope) -> bool:
        row = self.devices[device]
        homes = [row.org, *(org for lent, org in self.loans if lent == device)]
        return (
            any(self.is_under(home, scope.org) for home in homes)
            and scope.zone in {None, row.zone}
            and scope.sector in {None, row.sector}
        )

    def is_under(self, org: int | None, top: int) -> bool:
        return org is not None and (org == top or self.is_under(self.parents[org], top))


async def test_random_viewers_see_what_a_plain_model_says(world: World) -> None:
    model = Model(world)
    await model.grow()

    for _ in range(40):
        viewer = model.viewer()
        page = await world.registry.devices.page(viewer, limit=1_000)
        expected = model.seen_by(viewer)
        assert {item.id for item in page.items} == expected
        assert page.total == len(expected)
        assert sum((await world.registry.devices.counts(viewer)).values()) == len(expected)


async def test_narrow_scope_does_not_reach_people_audit_or_jobs(world: World) -> None:
    narrow = viewer_of(world.red.org, sector="energy")

    assert (await world.registry.people.page(narrow)).total == 0
    assert (await world.registry.audit.page(narrow)).total == 0
    assert await world.registry.jobs.list(narrow) == []


async def test_scope_of_one_zone_sees_that_zone_only(world: World) -> None:
    narrow = viewer_of(world.red.org, zone=world.zones[3])

    assert [zone.id for zone in await world.registry.zones.list(narrow)] == [world.zones[3]]
    with refused("zone.unknown"):
        await world.registry.zones.one(narrow, world.zones[0])
