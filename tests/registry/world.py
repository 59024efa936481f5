"""Two organisations that have nothing to do with each other, each with all that it can have."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from tram.domain.ids import DeviceId, OrgId, PersonId, ProfileId, ZoneId
from tram.registry.kernel.viewer import PERMISSIONS, Scope, Viewer, system_viewer
from tram.registry.kernel.views import (
    DeviceDetail,
    NewAssignment,
    NewDevice,
    NewGrant,
    NewOrganisation,
    NewPerson,
)
from tram.registry.registry import Registry
from tram.runtime.clock import ManualClock
from tram.runtime.errors import TramError

DAY_MS = 86_400_000
PASSWORD = "một câu đủ dài để nhớ"


@dataclass
class House:
    """One organisation with a child, people, devices and a token; ``word`` is in all its names."""

    word: str
    org: OrgId
    child: OrgId
    viewer: Viewer
    person: PersonId
    login: str
    assignment: int
    devices: list[DeviceId]
    token: str
    credential: int
    job: int


@dataclass
class World:
    registry: Registry
    clock: ManualClock
    root: OrgId
    system: Viewer
    profile: ProfileId
    zones: list[ZoneId]
    red: House
    blue: House
    numbers: itertools.count = field(default_factory=itertools.count)

    async def org(self, parent: OrgId, name: str = "Xưởng") -> OrgId:
        number = next(self.numbers)
        new = NewOrganisation(
            parent=parent, kind="unit", name=f"{name} {number}", code=f"X{number}"
        )
        return (await self.registry.organisations.create(self.system, new)).id

    async def device(self, org: OrgId, **given: object) -> DeviceDetail:
        wanted = {"name": "Máy", "sector": "energy", "profile": self.profile, **given}
        detail, _ = await self.registry.devices.create(self.system, NewDevice(org=org, **wanted))
        return detail

    async def lend(self, device: DeviceId, to_org: OrgId, *, days: int = 1, metric=None) -> int:
        new = NewGrant(
            device=device,
            to_org=to_org,
            purpose="Thử",
            until_ms=self.clock.now_ms() + days * DAY_MS,
            metric=metric,
        )
        return (await self.registry.grants.create(self.system, new)).id


def viewer_of(org: OrgId, *, zone=None, sector=None, permissions=PERMISSIONS) -> Viewer:
    return Viewer(None, org, "someone", (Scope(org, zone, sector, frozenset(permissions)),))


@contextmanager
def refused(code: str) -> Iterator[pytest.ExceptionInfo[TramError]]:
    """Expect an error of ours with this code."""
    with pytest.raises(TramError) as caught:
        yield caught
    assert caught.value.code == code


async def make_world(registry: Registry, clock: ManualClock) -> World:
    root = await registry.seed_base()
    system = system_viewer(root)
    profile = (await registry.profiles.list(system))[0].id
    zones = [zone.id for zone in await registry.zones.list(system)]
    red = await _make_house(registry, system, root, profile, "Đỏ")
    blue = await _make_house(registry, system, root, profile, "Xanh")
    return World(registry, clock, root, system, profile, zones, red, blue)


async def _make_house(registry, system, root, profile, word) -> House:
    organisation = NewOrganisation(
        parent=root, kind="enterprise", name=f"Công ty {word}", code=word
    )
    org = (await registry.organisations.create(system, organisation)).id
    unit = NewOrganisation(parent=org, kind="unit", name=f"Xưởng {word}", code=f"{word}-1")
    child = (await registry.organisations.create(system, unit)).id
    login = f"nguoi-{word}".lower()
    new = NewPerson(org=org, login=login, name=f"Người {word}", password=PASSWORD)
    person = (await registry.people.create(system, new)).id
    assignment = await registry.people.assign(
        system, NewAssignment(person=person, role="system-admin", org=org)
    )
    devices = []
    token = ""
    for owner in (org, child):
        detail, token = await registry.devices.create(
            system,
            NewDevice(
                name=f"Máy bơm {word}",
                org=owner,
                profile=profile,
                sector="environment",
                lon=108.8,
                lat=15.1,
                code=f"{word}-{owner}",
            ),
        )
        devices.append(detail.id)
    viewer = Viewer(
        person, org, f"Người {word}", (Scope(org, None, None, PERMISSIONS),), address="203.0.113.9"
    )
    credential = (await registry.credentials.list(viewer, devices[-1]))[0].id
    job = (await registry.jobs.create(viewer, "report", {"word": word})).id
    return House(
        word, org, child, viewer, person, login, assignment.id, devices, token, credential, job
    )
