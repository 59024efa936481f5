"""The audit log: each change leaves who, what, before, after and from where; a failed one nothing."""

import msgspec
import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from tests.registry.world import PASSWORD, World, refused
from tram.registry.kernel.audit import AuditFilter
from tram.registry.kernel.views import DeviceEdit, NewDevice


async def test_change_leaves_before_and_after(world: World) -> None:
    device = world.red.devices[0]
    edit = DeviceEdit(
        name="Mới", org=world.red.org, sector="energy", zone=None, code="", lon=None, lat=None
    )

    await world.registry.devices.change(world.red.viewer, device, edit)

    page = await world.registry.audit.page(world.red.viewer, noun="device", noun_id=device)
    row = page.items[0]
    assert (row.action, row.person, row.person_name) == (
        "device.change", world.red.person, world.red.viewer.name
    )  # fmt: skip
    assert (row.before["name"], row.after["name"]) == ("Máy bơm Đỏ", "Mới")
    assert (row.address, row.at_ms, row.org) == (
        "203.0.113.9", world.clock.now_ms(), world.red.org
    )  # fmt: skip
    assert [item.action for item in page.items] == ["device.change", "device.create"]


async def test_every_kind_of_change_is_recorded(world: World) -> None:
    registry, red = world.registry, world.red
    grant = await world.lend(red.devices[0], world.blue.org)
    await registry.grants.revoke(red.viewer, grant)
    await registry.credentials.issue(red.viewer, red.devices[0])
    await registry.credentials.revoke(red.viewer, red.credential)
    await registry.devices.remove(red.viewer, red.devices[0])
    await registry.organisations.move(world.system, red.child, world.root)
    await registry.sessions.log_in(red.login, PASSWORD, "")
    await registry.people.set_password(world.system, red.person, PASSWORD)
    await registry.people.disable(world.system, red.person)
    await registry.people.unassign(world.system, red.assignment)
    await registry.seed_devices(world.system, 3, org=red.org, sink=lambda _: None)

    page = await registry.audit.page(world.system, limit=1_000)

    assert {row.action for row in page.items} == {
        "assignment.create", "assignment.remove", "credential.issue", "credential.revoke",
        "device.create", "device.remove", "device.seed", "grant.create", "grant.revoke",
        "job.create", "organisation.create", "organisation.move", "person.create",
        "person.disable", "person.password", "session.start",
    }  # fmt: skip
    text = msgspec.json.encode(page).decode()
    assert "argon2" not in text
    assert red.token not in text


async def test_refused_change_leaves_no_row(world: World) -> None:
    before = (await world.registry.audit.page(world.system)).total
    new = NewDevice(name="", org=world.red.org, profile=world.profile, sector="energy")

    with refused("device.wrong"):
        await world.registry.devices.create(world.red.viewer, new)

    assert (await world.registry.audit.page(world.system)).total == before


async def test_audit_is_read_page_by_page_newest_first(world: World) -> None:
    ids, after = [], None
    while True:
        page = await world.registry.audit.page(world.system, after=after, limit=7)
        ids += [row.id for row in page.items]
        after = page.next_after
        if after is None:
            break

    assert ids == sorted(set(ids), reverse=True)
    assert len(ids) == page.total
    with refused("page.mark_wrong"):
        await world.registry.audit.page(world.system, after="x")


async def test_the_chain_is_whole_and_the_database_refuses_to_change_it(
    world: World, url: str
) -> None:
    await world.registry.devices.remove(world.red.viewer, world.red.devices[0])

    found = await world.registry.audit.verify()

    page = await world.registry.audit.page(world.system, limit=1)
    assert (found.broken, found.missing, found.rows) == (None, 0, page.total)
    assert await world.registry.audit.digest_at(found.last) == found.head
    for statement in ("UPDATE audit SET person_name = 'x'", "DELETE FROM audit"):
        with pytest.raises(DBAPIError, match="append-only"):
            await run(url, statement)
    assert await world.registry.audit.verify() == found


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE audit SET person_name = 'x' WHERE id = 5", 5),
        ("DELETE FROM audit WHERE id = 5", 6),
        ("DELETE FROM audit WHERE id > 5", None),
    ],
)
async def test_a_row_altered_removed_or_cut_off_is_found(
    world: World, url: str, statement: str, broken: int | None
) -> None:
    if url.startswith("sqlite"):
        await run(url, "DROP TRIGGER audit_no_UPDATE", "DROP TRIGGER audit_no_DELETE", statement)
    else:  # the one schema of the tests keeps its trigger
        await run(url, "SET session_replication_role = replica", statement)

    found = await world.registry.audit.verify()

    assert found.broken == broken
    assert bool(found.missing) == (broken is None)


async def test_the_audit_is_searched_by_word_action_and_time(world: World) -> None:
    registry, red = world.registry, world.red
    await registry.devices.remove(red.viewer, red.devices[0])
    now_ms = world.clock.now_ms()

    async def found(**given: object) -> list[str]:
        page = await registry.audit.page(world.system, wanted=AuditFilter(**given))
        return [row.action for row in page.items]

    assert await found(action="device.remove") == ["device.remove"]
    assert set(await found(action="device")) == {"device.remove", "device.create"}
    assert await found(search="203.0.113.9 remove") == ["device.remove"]
    assert await found(search="100%") == []
    assert await found(since_ms=now_ms + 1) == []
    assert await found(until_ms=now_ms) == []


async def run(url: str, *statements: str) -> None:
    """Change the database behind the product's back."""
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            for statement in statements:
                await connection.exec_driver_sql(statement)
    finally:
        await engine.dispose()
