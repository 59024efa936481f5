"""What the product ships, and devices made in bulk."""

import pytest

from tests.registry.world import World, refused
from tram.domain.sectors import SECTORS
from tram.registry.kernel.viewer import PERMISSIONS
from tram.registry.kernel.views import NewDevice


async def test_zones_carry_source_and_approximate_mark(world: World) -> None:
    zones = {zone.code: zone for zone in await world.registry.zones.list(world.system)}

    assert len(zones) == 28
    vsip = zones["KCN-VSIP"]
    assert (vsip.area_ha, vsip.area_mark, vsip.approximate) == (660, "S", True)
    assert "talkvietnam" in vsip.area_source
    assert zones["CCN-01"].lon is None
    assert (await world.registry.zones.one(world.system, vsip.id)) == vsip


async def test_every_sector_has_a_profile_with_named_metrics(world: World) -> None:
    profiles = await world.registry.profiles.list(world.system)

    assert {profile.sector for profile in profiles} == set(SECTORS)
    for profile in profiles:
        assert profile.metrics
        assert all(m.key and m.name_vi and m.name_en and m.unit for m in profile.metrics)
        assert await world.registry.profiles.one(world.system, profile.id) == profile
    with refused("profile.unknown"):
        await world.registry.profiles.one(world.system, 999)


async def test_roles_hold_known_permissions_only(world: World) -> None:
    roles = {
        role.name: set(role.permissions)
        for role in await world.registry.people.roles(world.system)
    }

    assert len(roles) == 18
    assert all(permissions <= PERMISSIONS for permissions in roles.values())
    assert roles["system-admin"] == PERMISSIONS


async def test_seeded_devices_work_like_any_other(world: World) -> None:
    head = await world.registry.outbox.head()
    batches: list[list] = []

    made = await world.registry.seed_devices(
        world.red.viewer, 1_300, org=world.red.org, sectors=("energy", "safety"),
        sink=batches.append,
    )  # fmt: skip

    seeded = [device for batch in batches for device in batch]
    assert made == len(seeded) == len({device.token for device in seeded}) == 1_300
    assert [len(batch) for batch in batches] == [1_249, 51]
    assert await world.registry.outbox.head() == head + 2_600
    counts = await world.registry.devices.counts(world.red.viewer)
    assert (counts["energy"], counts["safety"]) == (650, 650)
    last = await world.registry.devices.one(world.red.viewer, seeded[-1].id)
    assert last.synthetic
    assert last.profile_detail.sector == last.sector
    by_hand = NewDevice(name="Tay", org=world.red.org, profile=world.profile, sector="energy")
    detail, _ = await world.registry.devices.create(world.red.viewer, by_hand)
    assert detail.id == seeded[-1].id + 1


@pytest.mark.parametrize("given", [{"count": 0}, {"count": 1, "sectors": ("sea",)}])
async def test_wrong_seed_is_refused(world: World, given: dict) -> None:
    with refused("seed.wrong"):
        await world.registry.seed_devices(
            world.system, org=world.root, sink=lambda _: None, **given
        )


async def test_job_goes_from_waiting_to_its_end(world: World) -> None:
    async def state() -> tuple:
        job = (await world.registry.jobs.list(world.red.viewer))[0]
        return job.state, job.done, job.total, job.code, job.note, job.finished_ms

    jobs, number = world.registry.jobs, world.red.job
    assert await state() == ("waiting", 0, 0, "", "", None)
    await jobs.progress(number, 3, 9, "đang chạy: phần 1")
    assert await state() == ("running", 3, 9, "", "đang chạy: phần 1", None)
    await jobs.finish(number, code="disk.full", failure="Full: make room.")
    await jobs.progress(number, 9, 9)
    assert await state() == ("failed", 3, 9, "disk.full", "Full: make room.", world.clock.now_ms())
    await jobs.finish((await jobs.create(world.red.viewer, "report", {})).id)
    assert (await state())[0] == "done"
