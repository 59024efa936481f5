"""A device changes hands by a code: once, in time, and into an organisation of one's own."""

from tests.registry.world import World, refused, viewer_of
from tram.registry.kernel.changes import CredentialPut, DevicePut, GrantGone
from tram.registry.kernel.views import NewClaim


async def test_code_takes_the_device_over_with_its_credentials(world: World) -> None:
    device = world.red.devices[1]
    loan = await world.lend(device, world.blue.org)
    code = await world.registry.claims.offer(world.red.viewer, device, valid_s=60)
    head = await world.registry.outbox.head()
    new = NewClaim(
        secret=code.lower().replace("-", " "), org=world.blue.org, name="Máy mới",
        zone=world.zones[0], lon=108.7, lat=15.3,
    )  # fmt: skip

    assert await world.registry.claims.claim(world.blue.viewer, new) == device

    detail = await world.registry.devices.one(world.blue.viewer, device)
    assert (detail.org, detail.name, detail.zone) == (world.blue.org, "Máy mới", world.zones[0])
    assert (detail.lon, detail.lat) == (108.7, 15.3)
    with refused("device.unknown"):
        await world.registry.devices.one(world.red.viewer, device)
    bodies = [change.body for change in await world.registry.outbox.read(head, 10)]
    assert [type(body) for body in bodies] == [DevicePut, GrantGone, CredentialPut]
    assert bodies[1] == GrantGone(loan)
    assert bodies[2].org == world.blue.org
    (past,) = await world.registry.devices.former(world.red.viewer)
    assert (past.device, past.until_ms) == (device, world.clock.now_ms())
    seen = await world.registry.audit.page(world.red.viewer, noun="device", noun_id=device)
    assert "device.claim" in {row.action for row in seen.items}
    with refused("claim.unknown"):
        await world.registry.claims.claim(world.blue.viewer, new)


async def test_device_offers_itself_with_a_secret_of_its_own(world: World) -> None:
    device = world.red.devices[0]
    code = (await world.registry.devices.one(world.red.viewer, device)).code
    await world.registry.claims.offer_by_device(device, "secret of it", 60_000)

    with refused("claim.unknown"):
        await world.registry.claims.claim(
            world.blue.viewer, NewClaim(secret="secret of it", org=world.blue.org)
        )
    claimed = await world.registry.claims.claim(
        world.blue.viewer, NewClaim(secret="secret of it", device=code, org=world.blue.org)
    )

    assert claimed == device
    with refused("claim.wrong"):
        await world.registry.claims.offer_by_device(device, "short", 60_000)
    with refused("claim.wrong"):
        await world.registry.claims.offer_by_device(device, "long enough", 0)


async def test_late_wrong_and_too_many_codes_open_nothing(world: World) -> None:
    device = world.red.devices[0]
    code = await world.registry.claims.offer(world.red.viewer, device, valid_s=1)
    world.clock.advance(2_000)
    claim = world.registry.claims.claim

    for secret in (code, *["wrong"] * 4):
        with refused("claim.unknown"):
            await claim(world.blue.viewer, NewClaim(secret=secret, org=world.blue.org))

    with refused("claim.locked"):
        await claim(world.blue.viewer, NewClaim(secret=code, org=world.blue.org))


async def test_claim_needs_the_right_to_keep_devices_there(world: World) -> None:
    device = world.red.devices[0]
    code = await world.registry.claims.offer(world.red.viewer, device, valid_s=60)
    claim = world.registry.claims.claim

    with refused("access.denied"):
        await claim(world.blue.viewer, NewClaim(secret=code, org=world.red.org))
    reader = viewer_of(world.blue.org, permissions={"device.read"})
    with refused("access.denied"):
        await claim(reader, NewClaim(secret=code, org=world.blue.org))
    with refused("claim.wrong"):
        await claim(world.blue.viewer, NewClaim(secret=code, org=world.blue.org, zone=999))
    with refused("device.unknown"):
        await world.registry.claims.offer(world.blue.viewer, device, valid_s=60)
    assert await claim(world.blue.viewer, NewClaim(secret=code, org=world.blue.org)) == device


async def test_a_new_code_ends_the_older_one(world: World) -> None:
    device = world.red.devices[0]
    old = await world.registry.claims.offer(world.red.viewer, device, valid_s=60)
    new = await world.registry.claims.offer(world.red.viewer, device, valid_s=60)
    claim = world.registry.claims.claim

    with refused("claim.unknown"):
        await claim(world.blue.viewer, NewClaim(secret=old, org=world.blue.org))
    assert await claim(world.blue.viewer, NewClaim(secret=new, org=world.blue.org)) == device
