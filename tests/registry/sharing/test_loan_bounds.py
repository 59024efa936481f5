"""Loans at their edges: how long, how many, of what, by whom ended, and what each side is told."""

import pytest

from tests.registry.world import DAY_MS, World, refused, viewer_of
from tram.registry.kernel.audit import AuditFilter
from tram.registry.kernel.changes import GrantGone, GrantPut
from tram.registry.kernel.views import NewGrant
from tram.registry.sharing import grants, loans
from tram.registry.sharing.views import LoanRow, NewGroup, NewLoan

pytestmark = pytest.mark.parametrize("template", ["sqlite"], indirect=True)


async def lent(world: World, **given: object) -> LoanRow:
    wanted = {
        "to_org": world.blue.org,
        "devices": world.red.devices[:1],
        "purpose": "Thử",
        "until_ms": world.clock.now_ms() + DAY_MS,
        **given,
    }
    return await world.registry.loans.create(world.red.viewer, NewLoan(**wanted))


async def fields(world: World, **given: object) -> list[tuple[str, str]]:
    """Return what is wrong with a loan."""
    with refused("loan.wrong") as caught:
        await lent(world, **given)
    return [(fault.field, fault.code) for fault in caught.value.faults]


async def test_a_loan_ends_after_now_and_within_five_years(world: World) -> None:
    now_ms = world.clock.now_ms()
    for until_ms in (None, 0, now_ms, now_ms + grants.LOAN_MS_MAX + 1):
        assert await fields(world, until_ms=until_ms) == [("until_ms", "loan.in_future")]
        single = NewGrant(
            device=world.red.devices[0], to_org=world.blue.org, purpose="x", until_ms=until_ms or 0
        )
        with refused("grant.wrong"):
            await world.registry.grants.create(world.red.viewer, single)

    assert (await lent(world, until_ms=now_ms + 1)).until_ms == now_ms + 1
    longest = now_ms + grants.LOAN_MS_MAX
    assert (await lent(world, until_ms=longest)).until_ms == longest


async def test_a_loan_is_over_at_its_very_millisecond(world: World) -> None:
    registry, device = world.registry, world.red.devices[0]
    await lent(world, until_ms=world.clock.now_ms() + 1_000)

    world.clock.advance(999)
    assert (await registry.devices.one(world.blue.viewer, device)).lent
    world.clock.advance(1)

    with refused("device.unknown"):
        await registry.devices.one(world.blue.viewer, device)
    assert await registry.loans.listed(world.blue.viewer) == []
    (past,) = await registry.loans.listed(world.blue.viewer, live=False)
    assert past.revoked_ms is None


async def test_devices_are_named_or_grouped_and_all_of_one_owner(world: World) -> None:
    red = world.red
    assert await fields(world, devices=[]) == [("devices", "devices.or_group")]
    many = [red.devices[0]] * 3
    assert (await lent(world, devices=many)).devices == 1, "named thrice is lent once"
    assert await fields(world, devices=red.devices) == [("devices", "devices.of_several")]
    assert await fields(world, to_org=red.org) == [("to_org", "devices.belong")]
    with refused("device.unknown"):
        await lent(world, devices=[world.blue.devices[0]])
    with refused("group.unknown"):
        await lent(world, devices=[], group=999)


async def test_metrics_are_counted_and_each_lent_once(world: World) -> None:
    assert await fields(world, metrics=[]) == [("metrics", "metrics.count")]
    assert await fields(world, metrics=[f"m{n}" for n in range(51)]) == [
        ("metrics", "metrics.count")
    ]
    head = await world.registry.outbox.head()

    loan = await lent(world, metrics=["pH", " pH ", "COD"])

    assert loan.metrics == ["COD", "pH"]
    bodies = [change.body for change in await world.registry.outbox.read(head, 10)]
    assert [(body.metric, body.to_org) for body in bodies] == [
        ("COD", world.blue.org),
        ("pH", world.blue.org),
    ]


async def test_an_organisation_lends_so_much_at_a_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loans, "LIVE_PER_ORG_MAX", 2)
    first = await lent(world)
    await lent(world)

    assert await fields(world) == [("to_org", "loans.too_many")]

    await world.registry.loans.revoke(world.red.viewer, first.id)
    await lent(world)


async def test_one_device_is_lent_to_so_many(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grants, "LIVE_PER_DEVICE_MAX", 2)
    for _ in range(2):
        await world.lend(world.red.devices[0], world.blue.org)

    with refused("grant.wrong") as caught:
        await world.lend(world.red.devices[0], world.blue.org)

    assert [fault.code for fault in caught.value.faults] == ["device.lent_too_often"]
    world.clock.advance(2 * DAY_MS)
    await world.lend(world.red.devices[0], world.blue.org)


async def test_two_loans_of_one_device_end_each_by_itself(world: World) -> None:
    registry, device = world.registry, world.red.devices[0]
    first, second = await lent(world), await lent(world, purpose="Lần hai")

    await registry.loans.revoke(world.red.viewer, first.id)
    assert (await registry.devices.one(world.blue.viewer, device)).lent
    await registry.loans.revoke(world.red.viewer, second.id)

    with refused("device.unknown"):
        await registry.devices.one(world.blue.viewer, device)


async def test_a_loan_is_ended_by_the_lenders_side_only(world: World) -> None:
    registry, red = world.registry, world.red
    loan = await lent(world)

    for viewer, code in (
        (world.blue.viewer, "access.denied"),
        (viewer_of(world.blue.child), "loan.unknown"),
        (viewer_of(await world.org(world.root)), "loan.unknown"),
        (viewer_of(red.org, permissions=["device.read"]), "access.denied"),
        (viewer_of(red.child), "loan.unknown"),
        (viewer_of(red.org, sector="traffic"), "loan.unknown"),
    ):
        with refused(code):
            await registry.loans.revoke(viewer, loan.id)
    await registry.loans.revoke(viewer_of(red.org, sector="environment"), loan.id)

    assert (await registry.loans.one(red.viewer, loan.id)).revoked_ms == world.clock.now_ms()


async def test_the_journal_says_what_was_lent_and_taken_back_once(world: World) -> None:
    registry, red = world.registry, world.red
    head = await registry.outbox.head()
    loan = await lent(world, metrics=["pH"], basis="Quyết định 7")
    for _ in range(2):
        await registry.loans.revoke(red.viewer, loan.id)

    page = await registry.audit.page(red.viewer, wanted=AuditFilter(action="loan"))

    ended, begun = page.items
    assert (begun.action, ended.action) == ("loan.create", "loan.revoke")
    assert begun.after["devices"] == red.devices[:1]
    assert (begun.after["metrics"], begun.after["basis"]) == (["pH"], "Quyết định 7")
    assert ended.before["to_org"] == world.blue.org
    bodies = [change.body for change in await registry.outbox.read(head, 10)]
    assert [type(body) for body in bodies] == [GrantPut, GrantGone]


async def test_what_was_lent_to_oneself_in_a_group_is_left_out(world: World) -> None:
    registry, red = world.registry, world.red
    group = await registry.groups.create(
        red.viewer, NewGroup(org=red.org, name="Cả nhà", devices=red.devices)
    )

    loan = await lent(world, to_org=red.child, devices=[], group=group.id)

    assert loan.devices == 1
    assert await registry.loans.devices(red.viewer, loan.id) == red.devices[:1]


async def test_a_reading_of_lent_data_is_noted_per_person_metric_and_way(world: World) -> None:
    registry, device, blue = world.registry, world.red.devices[0], world.blue
    await lent(world)
    other = viewer_of(blue.child)
    for viewer, what, metric in (
        (blue.viewer, "readings", "pH"),
        (blue.viewer, "readings", "COD"),
        (blue.viewer, "events", ""),
        (other, "readings", "pH"),
        (blue.viewer, "readings", "pH"),
    ):
        await registry.reads.note(viewer, device, what, metric)

    first = await registry.reads.page(world.red.viewer, limit=3)
    second = await registry.reads.page(world.red.viewer, limit=3, after=first.next_after)

    assert (first.total, len(first.items), len(second.items)) == (4, 3, 1)
    assert second.next_after is None
    assert {row.device_name for row in first.items} == {"Máy bơm Đỏ"}
    assert [row.what for row in first.items] == ["readings", "events", "readings"]
    with refused("access.denied"):
        await registry.reads.page(viewer_of(world.red.org, permissions=["device.read"]))
