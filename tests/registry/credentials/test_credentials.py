"""Tokens: shown once, kept as digests, revoked at once."""

import hashlib
import hmac
import re

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.registry.certificates import Authority
from tests.registry.conftest import HMAC_KEY
from tests.registry.world import House, World, refused
from tram.registry.credentials import rows as credential_rows
from tram.registry.credentials.tokens import basic_digest, certificate_digest, new_token
from tram.registry.kernel.changes import CredentialGone, CredentialPut, TrustGone, TrustPut
from tram.registry.kernel.views import NewCredential


def test_tokens_are_long_random_words() -> None:
    tokens = {new_token() for _ in range(2_000)}

    assert len(tokens) == 2_000
    assert all(re.fullmatch(r"tr_[0-9A-Za-z]{32}", token) for token in tokens)
    assert len({character for token in tokens for character in token[3:]}) == 62


async def test_token_leaves_only_as_its_keyed_digest(world: World) -> None:
    head = await world.registry.outbox.head()
    device = world.red.devices[0]

    token = await world.registry.credentials.issue(world.red.viewer, device)

    digest = hmac.new(HMAC_KEY, token.encode(), hashlib.sha256).digest()
    changes = await world.registry.outbox.read(head, 10)
    assert [change.body for change in changes] == [
        CredentialPut(digest, device, world.red.org, world.profile)
    ]
    newest = (await world.registry.credentials.list(world.red.viewer, device))[0]
    assert (newest.hint, newest.revoked_ms) == (token[-4:], None)


async def test_revoked_token_is_announced_once(world: World) -> None:
    head = await world.registry.outbox.head()

    for _ in range(2):
        await world.registry.credentials.revoke(world.red.viewer, world.red.credential)

    bodies = [change.body for change in await world.registry.outbox.read(head, 10)]
    digest = hmac.new(HMAC_KEY, world.red.token.encode(), hashlib.sha256).digest()
    assert bodies == [CredentialGone(digest)]
    kept = await world.registry.credentials.list(world.red.viewer, world.red.devices[1])
    assert [row.revoked_ms for row in kept] == [world.clock.now_ms()]


async def test_live_tokens_of_a_device_are_bounded(world: World) -> None:
    device = world.red.devices[0]
    for _ in range(9):
        await world.registry.credentials.issue(world.red.viewer, device)

    with refused("credential.too_many"):
        await world.registry.credentials.issue(world.red.viewer, device)


async def test_borrower_does_not_see_tokens(world: World) -> None:
    device = world.red.devices[1]
    await world.lend(device, world.blue.org)

    with refused("access.denied"):
        await world.registry.credentials.list(world.blue.viewer, device)
    with refused("access.denied"):
        await world.registry.credentials.issue(world.blue.viewer, device)
    with refused("access.denied"):
        await world.registry.credentials.revoke(world.blue.viewer, world.red.credential)
    with refused("credential.unknown"):
        await world.registry.credentials.revoke(world.red.viewer, 999)


async def test_user_name_with_password_and_certificate_are_digests_of_their_own(
    world: World,
) -> None:
    device = world.red.devices[0]
    add = world.registry.credentials.add
    pem = Authority().issue_pem("may-1")
    head = await world.registry.outbox.head()

    basic = await add(world.red.viewer, device, NewCredential(kind="basic", user_name="bơm-1"))
    own = await add(world.red.viewer, device, NewCredential(kind="x509", certificate=pem))

    assert (basic.label, len(basic.secret), own.label, own.secret) == ("bơm-1", 32, "may-1", "")
    bodies = [change.body for change in await world.registry.outbox.read(head, 10)]
    assert bodies[0].digest == basic_digest(HMAC_KEY, "bơm-1", basic.secret.encode())
    der = x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)
    fingerprint = hashlib.sha256(der).digest()
    assert bodies[1].digest == certificate_digest(HMAC_KEY, fingerprint)
    assert bodies[2] == TrustPut(fingerprint, der)
    await world.registry.credentials.revoke(world.red.viewer, own.id)
    gone = [change.body for change in await world.registry.outbox.read(head + 3, 10)]
    assert gone == [CredentialGone(bodies[1].digest), TrustGone(fingerprint)]
    with refused("credential.taken"):
        await add(world.red.viewer, device, NewCredential(kind="x509", certificate=pem))


async def test_one_organisations_certificates_leave_room_for_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, most in (("PINNED_MAX", 3), ("PINNED_PER_ORG_MAX", 4), ("PINNED_GUARANTEED", 1)):
        monkeypatch.setattr(credential_rows, name, most)
    authority, add = Authority(), world.registry.credentials.add

    async def pin(party: House, number: int) -> None:
        pem = authority.issue_pem(f"org-{party.org}-{number}")
        await add(party.viewer, party.devices[0], NewCredential(kind="x509", certificate=pem))

    for number in range(3):
        await pin(world.red, number)
    with refused("certificate.too_many"):
        await pin(world.red, 3)
    await pin(world.blue, 0)
    with refused("certificate.too_many"):
        await pin(world.blue, 1)


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (NewCredential(kind="psk"), "credential.wrong"),
        (NewCredential(kind="basic", user_name="a\nb"), "credential.wrong"),
        (NewCredential(kind="x509", certificate="PEM"), "certificate.wrong"),
    ],
)
async def test_wrong_credentials_are_refused(
    world: World, wanted: NewCredential, code: str
) -> None:
    with refused(code):
        await world.registry.credentials.add(world.red.viewer, world.red.devices[0], wanted)


async def test_rotated_credential_works_until_the_overlap_is_over(world: World) -> None:
    device, registry = world.red.devices[1], world.registry
    head = await registry.outbox.head()

    new = await registry.credentials.rotate(
        world.red.viewer, world.red.credential, overlap_s=3_600
    )

    assert new.secret.startswith("tr_")
    assert new.secret != world.red.token
    rows = await registry.credentials.list(world.red.viewer, device)
    now_ms = world.clock.now_ms()
    assert [(row.id, row.until_ms) for row in rows] == [
        (new.id, None),
        (world.red.credential, now_ms + 3_600_000),
    ]
    assert await registry.credentials.expire_due() == 0
    world.clock.advance(3_600_000)
    assert await registry.credentials.expire_due() == 1
    assert await registry.credentials.expire_due() == 0
    bodies = [change.body for change in await registry.outbox.read(head, 10)]
    assert [type(body) for body in bodies] == [CredentialPut, CredentialGone]
    with refused("credential.revoked"):
        await registry.credentials.rotate(world.red.viewer, world.red.credential, overlap_s=0)
    with refused("credential.overlap_wrong"):
        await registry.credentials.rotate(world.red.viewer, new.id, overlap_s=10**9)
    with refused("credential.unknown"):
        await registry.credentials.rotate(world.blue.viewer, new.id, overlap_s=0)
