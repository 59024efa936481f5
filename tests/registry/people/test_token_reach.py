"""API tokens: cut down to what the person may now, in every direction that a token can narrow."""

import pytest

from tests.registry.world import DAY_MS, World, refused
from tram.domain.ids import OrgId
from tram.registry.kernel.audit import AuditFilter
from tram.registry.kernel.viewer import Scope
from tram.registry.kernel.views import NewAssignment
from tram.registry.people import api_tokens
from tram.registry.people.views import NewApiToken

pytestmark = pytest.mark.parametrize("template", ["sqlite"], indirect=True)


async def scopes(world: World, **given: object) -> tuple[Scope, ...]:
    """Make a token of red's person and return what it opens."""
    new = NewApiToken(**{"name": "QGIS", "permissions": ["device.read"], "days": 2, **given})
    _, secret = await world.registry.api_tokens.create(world.red.viewer, new)
    return (await world.registry.api_tokens.viewer(secret)).viewer.scopes


async def hold(world: World, *roles: dict) -> None:
    """Let red's person hold these roles and no others."""
    await world.registry.people.unassign(world.system, world.red.assignment)
    for role in roles:
        given = NewAssignment(person=world.red.person, role="enterprise", **role)
        await world.registry.people.assign(world.system, given)


def places(found: tuple[Scope, ...]) -> list[tuple]:
    return [(scope.org, scope.zone, scope.sector) for scope in found]


async def test_a_token_narrows_the_tree_downwards_and_never_upwards(world: World) -> None:
    red, child = world.red.org, world.red.child

    assert places(await scopes(world)) == [(red, None, None)]
    assert places(await scopes(world, org=red)) == [(red, None, None)]
    assert places(await scopes(world, org=child)) == [(child, None, None)]
    for beyond in (world.blue.org, OrgId(999_999), world.root):
        with refused("api_token.wrong") as caught:
            await scopes(world, org=beyond)
        assert [fault.field for fault in caught.value.faults] == ["org"]

    await hold(world, {"org": child})
    new = NewApiToken(name="x", permissions=["device.read"], days=1, org=red)
    _, secret = await world.registry.api_tokens.create(world.red.viewer, new)
    found = (await world.registry.api_tokens.viewer(secret)).viewer.scopes
    assert places(found) == [(child, None, None)], "the role is the narrower of the two"


async def test_zone_and_sector_hold_together_with_those_of_the_role(world: World) -> None:
    red, here, there = world.red.org, *world.zones[:2]
    await hold(
        world,
        {"org": red, "zone": here},
        {"org": red, "sector": "energy"},
        {"org": world.red.child},
    )
    child = world.red.child

    assert places(await scopes(world, zone=here)) == [
        (red, here, None), (red, here, "energy"), (child, here, None)
    ]  # fmt: skip
    assert places(await scopes(world, zone=there)) == [
        (red, there, "energy"), (child, there, None)
    ]  # fmt: skip
    assert places(await scopes(world, sector="energy")) == [
        (red, here, "energy"), (red, None, "energy"), (child, None, "energy")
    ]  # fmt: skip
    assert places(await scopes(world, sector="safety", zone=there)) == [(child, there, "safety")]


async def test_a_permission_that_the_person_lost_is_gone_from_the_token(world: World) -> None:
    wanted = ["audit.read", "device.read", "device.read", "ops.read"]
    new = NewApiToken(name="x", permissions=wanted, days=1)
    row, secret = await world.registry.api_tokens.create(world.red.viewer, new)
    assert row.permissions == ["audit.read", "device.read", "ops.read"]

    await hold(world, {"org": world.red.org})

    (scope,) = (await world.registry.api_tokens.viewer(secret)).viewer.scopes
    assert "ops.read" not in scope.permissions
    assert "device.read" in scope.permissions


async def test_days_and_numbers_are_bounded_at_both_ends(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_tokens, "LIVE_PER_PERSON_MAX", 3)
    for days in (0, api_tokens.DAYS_MAX + 1):
        with refused("api_token.wrong") as caught:
            await scopes(world, days=days)
        assert [fault.field for fault in caught.value.faults] == ["days"]

    for days in (1, 1, api_tokens.DAYS_MAX):
        await scopes(world, days=days)
    with refused("api_token.wrong") as caught:
        await scopes(world)
    assert [fault.code for fault in caught.value.faults] == ["tokens.too_many"]

    world.clock.advance(DAY_MS)
    assert places(await scopes(world)), "two have ended by themselves"


async def test_nobody_else_ends_a_token_and_ending_it_twice_is_told_once(world: World) -> None:
    registry, red = world.registry, world.red
    new = NewApiToken(name="QGIS", permissions=["device.read"], days=2)
    row, secret = await registry.api_tokens.create(red.viewer, new)

    for viewer in (world.blue.viewer,):
        with refused("api_token.unknown"):
            await registry.api_tokens.revoke(viewer, row.id)
    assert await registry.api_tokens.viewer(secret) is not None
    for _ in range(2):
        await registry.api_tokens.revoke(red.viewer, row.id)

    page = await registry.audit.page(red.viewer, wanted=AuditFilter(action="api_token"))
    assert [row.action for row in page.items] == ["api_token.revoke", "api_token.create"]
    assert secret not in str(page)
    (kept,) = await registry.api_tokens.listed(red.viewer)
    assert (kept.hint, kept.revoked_ms) == (secret[-4:], world.clock.now_ms())


async def test_what_a_program_does_is_told_with_its_name(world: World) -> None:
    registry, red = world.registry, world.red
    new = NewApiToken(name="Đồng bộ", permissions=["device.write", "device.read"], days=2)
    _, secret = await registry.api_tokens.create(red.viewer, new)
    program = (await registry.api_tokens.viewer(secret, address="203.0.113.77")).viewer

    await registry.devices.remove(program, red.devices[0])

    (row,) = (await registry.audit.page(red.viewer, noun="device", limit=1)).items
    assert (row.action, row.person, row.person_name, row.address) == (
        "device.remove", red.person, "Người Đỏ (Đồng bộ)", "203.0.113.77"
    )  # fmt: skip
