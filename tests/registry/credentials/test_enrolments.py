"""Devices that register themselves: by key, by certificate; renewed, bounded and ended."""

import pytest

from tests.registry.certificates import Authority
from tests.registry.world import World, refused, viewer_of
from tram.domain.ids import DeviceId, OrgId
from tram.registry.kernel.changes import (
    CredentialGone,
    CredentialPut,
    DevicePut,
    TrustGone,
    TrustPut,
)
from tram.registry.kernel.views import EnrolmentSecret, NewEnrolment, Provision


async def enrolment(world: World, org: OrgId | None = None, **given: object) -> EnrolmentSecret:
    wanted = {"name": "Lô 1", "sector": "energy", "profile": world.profile, **given}
    new = NewEnrolment(org=org or world.red.org, **wanted)
    return await world.registry.enrolments.create(world.red.viewer, new)


async def bodies_after(world: World, head: int) -> list[object]:
    return [change.body for change in await world.registry.outbox.read(head, 100)]


async def test_device_with_the_key_is_made_where_the_enrolment_says(world: World) -> None:
    made = await enrolment(world, zone=world.zones[0])
    head = await world.registry.outbox.head()

    new = await world.registry.enrolments.provision(
        Provision(key=made.key, secret=made.secret, name="SN-17")
    )

    assert new.secret.startswith("tr_")
    detail = await world.registry.devices.one(world.red.viewer, new.device)
    assert (detail.name, detail.code, detail.org) == ("SN-17", "SN-17", world.red.org)
    assert (detail.zone, detail.sector) == (world.zones[0], "energy")
    assert await bodies_after(world, head) == [
        DevicePut(new.device, world.red.org, world.zones[0], "energy", world.profile, 600),
        CredentialPut(new.digest, new.device, world.red.org, world.profile),
    ]
    assert (await world.registry.enrolments.list(world.red.viewer))[0].devices_made == 1


async def test_device_may_bring_its_own_secret(world: World) -> None:
    made = await enrolment(world)
    provision = world.registry.enrolments.provision
    keys = {"key": made.key, "secret": made.secret}

    basic = await provision(
        Provision(**keys, name="b", kind="basic", user_name="may-1", password="p" * 20)
    )
    own = await provision(
        Provision(
            **keys,
            name="x",
            kind="x509",
            certificate=Authority().issue_pem("may-2"),
        )
    )

    assert (basic.kind, basic.label, basic.secret) == ("basic", "may-1", "p" * 20)
    assert (own.kind, own.label, own.secret) == ("x509", "may-2", "")
    with refused("credential.wrong"):
        await provision(Provision(**keys, name="w", token="short"))


async def test_wrong_ended_and_full_keys_open_nothing(world: World) -> None:
    provision = world.registry.enrolments.provision
    made = await enrolment(world, devices_max=1, until_ms=world.clock.now_ms() + 1_000)
    with refused("enrolment.key_wrong"):
        await provision(Provision(key=made.key, secret="wrong"))
    await provision(Provision(key=made.key, secret=made.secret, name="SN-1"))

    with refused("enrolment.full"):
        await provision(Provision(key=made.key, secret=made.secret, name="SN-2"))
    world.clock.advance(2_000)
    with refused("enrolment.key_wrong"):
        await provision(Provision(key=made.key, secret=made.secret, name="SN-3"))

    other = await enrolment(world)
    with refused("enrolment.device_known"):
        await provision(Provision(key=other.key, secret=other.secret, name="SN-1"))
    await world.registry.enrolments.revoke(world.red.viewer, other.id)
    with refused("enrolment.key_wrong"):
        await provision(Provision(key=other.key, secret=other.secret, name="SN-4"))


async def test_certificate_of_a_known_authority_makes_the_device_once_and_renews_it(
    world: World,
) -> None:
    authority = Authority()
    head = await world.registry.outbox.head()
    made = await enrolment(world, certificate=authority.pem)
    assert [type(body) for body in await bodies_after(world, head)] == [TrustPut]
    first = authority.issue_der("cam-1")

    new = await world.registry.enrolments.admit(first)
    again = await world.registry.enrolments.admit(first)
    renewed = await world.registry.enrolments.admit(authority.issue_der("cam-1"))

    assert again == new
    assert (renewed.device, renewed.digest != new.digest) == (new.device, True)
    detail = await world.registry.devices.one(world.red.viewer, new.device)
    assert (detail.name, detail.org) == ("cam-1", world.red.org)
    rows = await world.registry.credentials.list(world.red.viewer, new.device)
    assert [(row.kind, row.label, row.revoked_ms) for row in rows] == [("x509", "cam-1", None)] * 2

    head = await world.registry.outbox.head()
    await world.registry.enrolments.revoke(world.red.viewer, made.id)
    gone = await bodies_after(world, head)
    assert [type(body) for body in gone] == [TrustGone, CredentialGone, CredentialGone]
    with refused("credential.revoked"):
        await world.registry.enrolments.admit(first)
    with refused("certificate.untrusted"):
        await world.registry.enrolments.admit(authority.issue_der("cam-2"))


async def test_certificates_that_prove_nothing_make_no_device(world: World) -> None:
    authority = Authority()
    await enrolment(world, certificate=authority.pem)
    admit = world.registry.enrolments.admit

    with refused("certificate.untrusted"):
        await admit(Authority().issue_der("cam-1"))  # the same name, another key
    with refused("certificate.untrusted"):
        await admit(authority.issue_der("cam-1", days=-1))
    with refused("certificate.nameless"):
        await admit(authority.issue_der(""))
    with refused("certificate.wrong"):
        await admit(b"no certificate")
    device = await world.device(world.red.org, code="taken")
    with refused("enrolment.device_known"):
        await admit(authority.issue_der("taken"))
    assert device.code == "taken"


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"name": "", "sector": "none", "devices_max": 0}, {"name", "sector", "devices_max"}),
        ({"profile": 999, "zone": 999, "until_ms": 1}, {"profile", "zone", "until_ms"}),
        ({"certificate": Authority().issue_pem("leaf")}, {"certificate"}),
    ],
)
async def test_every_fault_of_an_enrolment_is_named(
    world: World, given: dict, fields: set[str]
) -> None:
    with refused("enrolment.wrong") as caught:
        await enrolment(world, **given)

    assert {fault.field for fault in caught.value.faults} == fields


async def test_an_authority_is_registered_once(world: World) -> None:
    authority = Authority()
    await enrolment(world, certificate=authority.pem)

    with refused("enrolment.authority_taken"):
        await enrolment(world, certificate=authority.pem)
    with refused("certificate.wrong"):
        await enrolment(world, certificate="-----BEGIN")


async def test_enrolments_of_others_are_neither_seen_nor_ended_nor_made(world: World) -> None:
    made = await enrolment(world)

    assert await world.registry.enrolments.list(world.blue.viewer) == []
    with refused("enrolment.unknown"):
        await world.registry.enrolments.revoke(world.blue.viewer, made.id)
    with refused("access.denied"):
        await enrolment(world, world.blue.org)
    reader = viewer_of(world.red.org, permissions={"device.read"})
    with refused("access.denied"):
        await world.registry.enrolments.list(reader)


async def test_snapshot_holds_the_anchors_that_are_alive(world: World) -> None:
    authority, ended = Authority("A"), Authority("B")
    await enrolment(world, certificate=authority.pem)
    gone = await enrolment(world, certificate=ended.pem)
    await world.registry.enrolments.revoke(world.red.viewer, gone.id)
    await world.registry.enrolments.admit(authority.issue_der("cam-1"))

    parts = [part async for part in world.registry.outbox.snapshot()]

    anchors = [c.body for part in parts for c in part.changes if isinstance(c.body, TrustPut)]
    assert len(anchors) == 1
    assert DeviceId(anchors[0].certificate[0]) == 0x30  # DER begins a sequence
