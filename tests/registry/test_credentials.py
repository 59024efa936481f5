"""Tokens: shown once, kept as digests, revoked at once."""

import hashlib
import hmac
import re

from tests.registry.conftest import HMAC_KEY
from tests.registry.world import World, refused
from tram.registry.changes import CredentialGone, CredentialPut
from tram.registry.tokens import new_token


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
