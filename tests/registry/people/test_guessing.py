"""Who guesses waits, wherever a password or code is asked for; nobody else waits for them."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.registry.people.test_log_ins import with_factor
from tests.registry.world import PASSWORD, World, refused
from tram.registry.people.views import Challenge, NewApiToken
from tram.registry.people.wrong_guesses import (
    ADDRESS_PACE,
    BROWSER_PACE,
    PAIR_PACE,
    PERSON_PACE,
    Guess,
    count_failure,
    wait_s,
)
from tram.runtime.errors import TramError

HOME = "198.51.100.7"
STRANGE = "203.0.113.66"


async def fail(world: World, guess: Guess, times: int) -> None:
    """Count failures without the work of hashing."""
    async with world.registry.database.write() as connection:
        for _ in range(times):
            await count_failure(connection, guess, world.clock.now_ms())


async def waits(world: World, guess: Guess) -> int:
    async with world.registry.database.read() as connection:
        return await wait_s(connection, guess, world.clock.now_ms())


async def test_a_strangers_failures_do_not_shut_the_person_out(world: World) -> None:
    sessions, login = world.registry.sessions, world.red.login
    mine = await sessions.log_in(login, PASSWORD, HOME)
    for _ in range(5):
        with refused("login.wrong"):
            await sessions.log_in(login, "wrong password", STRANGE)

    with refused("login.locked"):
        await sessions.log_in(login, PASSWORD, STRANGE)
    elsewhere = await sessions.log_in(login, PASSWORD, HOME)
    here = await sessions.log_in(login, PASSWORD, STRANGE, browsers=(mine.browser,))

    assert await sessions.viewer(elsewhere.secret) is not None
    assert await sessions.viewer(here.secret) is not None


async def test_many_addresses_together_are_slow_but_no_known_browser_waits(world: World) -> None:
    sessions, login = world.registry.sessions, world.red.login
    mine = await sessions.log_in(login, PASSWORD, HOME)
    for number in range(PERSON_PACE.free + 6):
        await fail(world, Guess(f"login:{login}", f"192.0.2.{number}"), 1)

    with refused("login.locked") as waiting:
        await sessions.log_in(login, PASSWORD, "192.0.2.200")
    again = await sessions.log_in(login, PASSWORD, HOME, browsers=(mine.browser,))

    assert 1 <= waiting.value.retry_after_s <= 60
    assert again.browser not in {"", mine.browser}
    assert await waits(world, Guess("login:somebody-else", "192.0.2.200")) == 0


async def test_a_known_browser_has_a_count_of_its_own(world: World) -> None:
    known = Guess("login:x", STRANGE, b"k" * 32)
    await fail(world, known, BROWSER_PACE.free)

    assert await waits(world, known) == 30
    assert await waits(world, Guess("login:x", STRANGE)) == 0


async def test_an_ipv6_network_is_one_address(world: World) -> None:
    for number in range(ADDRESS_PACE.free):
        await fail(world, Guess(f"login:{number}", f"2001:db8:1:2::{number:x}"), 1)

    assert await waits(world, Guess("login:other", "2001:db8:1:2:ffff::9")) > 0
    assert await waits(world, Guess("login:other", "2001:db8:1:3::9")) == 0
    assert await waits(world, Guess("login:other", "::ffff:203.0.113.4")) == 0


async def test_waits_grow_to_their_longest_and_are_forgotten(world: World) -> None:
    guess = Guess("login:x", STRANGE)
    await fail(world, guess, PAIR_PACE.free + 40)

    assert await waits(world, guess) == 15 * 60
    world.clock.advance(15 * 60_000)
    assert await waits(world, guess) == 0
    world.clock.advance(60 * 60_000)
    await fail(world, guess, 1)
    assert await waits(world, guess) == 0


async def test_a_browser_is_known_only_after_the_second_factor(world: World) -> None:
    _, codes = await with_factor(world)
    sessions, login = world.registry.sessions, world.red.login

    waiting = await sessions.log_in(login, PASSWORD, HOME)
    assert isinstance(waiting, Challenge)
    opened = await sessions.answer(waiting.secret, codes[0], HOME)

    assert await world.registry.browsers.knows((opened.browser,))
    assert not await world.registry.browsers.knows(("x" * 43,))


async def test_a_person_has_ten_known_browsers(world: World) -> None:
    sessions, login = world.registry.sessions, world.red.login
    carried = []
    for _ in range(11):
        world.clock.advance(1000)
        carried.append((await sessions.log_in_as(world.red.person, HOME)).browser)

    known = [await world.registry.browsers.knows((secret,)) for secret in carried]
    assert known == [False] + [True] * 10
    mine = await sessions.log_in(login, PASSWORD, HOME, browsers=(carried[5],))
    assert not await world.registry.browsers.knows((carried[5],))
    assert await world.registry.browsers.knows((carried[1], mine.browser))


ENDS: dict[str, Callable[[World], Awaitable[None]]] = {
    "own password": lambda w: w.registry.people.set_password(
        w.red.viewer, w.red.person, PASSWORD + "!"
    ),
    "administrator's password": lambda w: w.registry.people.set_password(
        w.system, w.red.person, PASSWORD + "!", keep_tokens=True
    ),
    "disabled": lambda w: w.registry.people.disable(w.system, w.red.person),
    "erased": lambda w: w.registry.personal.erase(w.system, w.red.person),
}


@pytest.mark.parametrize("end", ENDS)
async def test_browsers_sessions_and_tokens_end_with_the_password(world: World, end: str) -> None:
    registry = world.registry
    opened = await registry.sessions.log_in_as(world.red.person, HOME)
    new = NewApiToken(name="QGIS", permissions=["device.read"], days=2)
    _, secret = await registry.api_tokens.create(world.red.viewer, new)

    await ENDS[end](world)

    assert not await registry.browsers.knows((opened.browser,))
    assert await registry.sessions.viewer(opened.secret) is None
    assert await registry.api_tokens.viewer(secret) is None


async def test_a_person_may_keep_tokens_at_a_new_password(world: World) -> None:
    registry = world.registry
    new = NewApiToken(name="QGIS", permissions=["device.read"], days=2)
    _, secret = await registry.api_tokens.create(world.red.viewer, new)

    await registry.people.set_password(
        world.red.viewer, world.red.person, PASSWORD, keep_tokens=True
    )

    assert await registry.api_tokens.viewer(secret) is not None


PROOFS: dict[str, tuple[str, Callable[[World], Awaitable[object]]]] = {
    "recovery codes": (
        "password.wrong_now",
        lambda w: w.registry.second_factor.renew_codes(w.red.viewer, "wrong password"),
    ),
    "second factor off": (
        "password.wrong_now",
        lambda w: w.registry.second_factor.stop(w.red.viewer, "wrong password"),
    ),
    "new password": (
        "password.wrong_now",
        lambda w: w.registry.second_factor.prove(w.red.viewer, "wrong password"),
    ),
    "second factor on": (
        "totp.code_wrong",
        lambda w: w.registry.second_factor.start(w.red.viewer, "JBSWY3DPEHPK3PXP", "000000"),
    ),
}


@pytest.mark.parametrize("proof", PROOFS)
async def test_every_proof_of_oneself_counts(world: World, proof: str) -> None:
    code, prove = PROOFS[proof]
    await fail(world, Guess.by(world.red.viewer), PAIR_PACE.free - 1)

    with refused(code):
        await prove(world)

    with refused("password.too_often") as waiting:
        await prove(world)
    assert waiting.value.retry_after_s == 30


async def test_a_session_alone_does_not_replace_the_second_factor(world: World) -> None:
    with refused("totp.on_already"):
        await with_factor(world)
        world.clock.advance(60_000)
        await with_factor(world)


async def test_unknown_invitations_count_at_the_address(world: World) -> None:
    await fail(world, Guess("invitation", STRANGE), PAIR_PACE.free - 1)
    with refused("invitation.unknown"):
        await world.registry.invitations.shown("x" * 43, address=STRANGE)

    with refused("login.locked"):
        await world.registry.invitations.shown("x" * 43, address=STRANGE)


async def test_many_wrong_proofs_at_once_leave_others_their_turn(world: World) -> None:
    async def prove() -> str:
        try:
            await world.registry.second_factor.renew_codes(world.red.viewer, "wrong password")
        except TramError as refusal:
            return refusal.code
        return "proved"

    flood = [asyncio.create_task(prove()) for _ in range(200)]
    await asyncio.sleep(0)
    other = await world.registry.sessions.log_in(world.blue.login, PASSWORD, HOME)
    codes = await asyncio.gather(*flood)

    assert other.secret
    assert codes.count("password.wrong_now") == PAIR_PACE.free
    assert set(codes) == {"password.wrong_now", "password.too_often", "queue.full"}
