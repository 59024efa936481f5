"""Log-in, waits after failures, and sessions."""

import asyncio
import threading

import pytest
from argon2 import PasswordHasher

from tests.provinces import QUANG_NGAI
from tests.registry.world import PASSWORD, World, refused
from tram.registry.kernel.views import NewAssignment, NewSession
from tram.runtime.errors import TramError

ADDRESS = "203.0.113.9"
MINUTE_MS = 60_000


async def log_in(world: World, password: str = PASSWORD, login: str = "") -> NewSession:
    return await world.registry.sessions.log_in(login or world.red.login, password, ADDRESS)


async def fail(world: World, times: int, login: str = "") -> None:
    for _ in range(times):
        with refused("login.wrong"):
            await log_in(world, "wrong password", login)


async def test_session_carries_the_person_and_their_scopes(world: World) -> None:
    new = await log_in(world)

    session = await world.registry.sessions.viewer(new.secret, address=ADDRESS)

    assert session.viewer == world.red.viewer
    assert (session.csrf, session.locale, session.theme) == (new.csrf, "vi", "auto")


async def test_login_ignores_case_and_form(world: World) -> None:
    await log_in(world, login=f" {world.red.login.upper()} ")


async def test_session_ends_at_its_time(world: World) -> None:
    new = await log_in(world)

    world.clock.advance(new.expires_ms - world.clock.now_ms() - 1)
    assert await world.registry.sessions.viewer(new.secret) is not None
    world.clock.advance(1)
    assert await world.registry.sessions.viewer(new.secret) is None


async def test_logged_out_secret_opens_nothing(world: World) -> None:
    new = await log_in(world)

    await world.registry.sessions.log_out(new.secret)

    assert await world.registry.sessions.viewer(new.secret) is None
    assert await world.registry.sessions.viewer("never was one") is None


async def test_new_role_counts_in_the_open_session(world: World) -> None:
    new = await log_in(world)

    await world.registry.people.assign(
        world.system,
        NewAssignment(
            person=world.red.person, role="enterprise", org=world.blue.org, sector="energy"
        ),
    )

    session = await world.registry.sessions.viewer(new.secret)
    assert [(s.org, s.sector) for s in session.viewer.scopes] == [
        (world.red.org, None),
        (world.blue.org, "energy"),
    ]


@pytest.mark.parametrize("login", ["", "nobody-of-this-name"])
async def test_after_five_failures_each_next_one_waits_longer(world: World, login: str) -> None:
    await fail(world, 5, login)

    with refused("login.locked") as first:
        await log_in(world, login=login)
    world.clock.advance(first.value.retry_after_s * 1000)
    await fail(world, 1, login)
    with refused("login.locked") as second:
        await log_in(world, login=login)
    world.clock.advance(second.value.retry_after_s * 1000)

    assert (first.value.retry_after_s, second.value.retry_after_s) == (30, 60)
    if login:
        await fail(world, 1, login)
    else:
        await log_in(world)


async def test_success_forgets_the_failures_before_it(world: World) -> None:
    await fail(world, 4)
    await log_in(world)
    await fail(world, 4)

    await log_in(world)


async def test_failures_of_one_login_leave_others_open(world: World) -> None:
    await fail(world, 5)

    await log_in(world, login=world.blue.login)


async def test_guesses_sent_at_once_do_not_outrun_the_count(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify, are_all_there = PasswordHasher.verify, threading.Event()

    def verify_late(*given: object) -> bool:  # the first takes so long that the others are there
        assert are_all_there.wait(30)
        return verify(*given)

    async def guess() -> str:
        try:
            await log_in(world, "wrong password")
        except TramError as refusal:
            told.append(refusal.code)
            if told.count("queue.full") == 3:
                are_all_there.set()
            return refusal.code
        return "in"

    told: list[str] = []
    monkeypatch.setattr(PasswordHasher, "verify", verify_late)

    codes = await asyncio.gather(*(guess() for _ in range(12)))

    assert codes.count("login.wrong") <= 6
    assert codes.count("queue.full") >= 3
    assert set(codes) == {"login.wrong", "login.locked", "queue.full"}


async def test_waits_survive_a_restart(world: World, url: str) -> None:
    await fail(world, 5)

    again = await type(world.registry).open(url, world.clock, b"k" * 32, QUANG_NGAI)
    with refused("login.locked"):
        await again.sessions.log_in(world.red.login, PASSWORD, ADDRESS)
    await again.close()


async def test_disabled_person_is_out_at_once(world: World) -> None:
    new = await log_in(world)

    await world.registry.people.disable(world.system, world.red.person)

    assert await world.registry.sessions.viewer(new.secret) is None
    with refused("login.wrong"):
        await log_in(world)


async def test_new_password_ends_sessions_and_waits(world: World) -> None:
    new = await log_in(world)
    await fail(world, 5)

    await world.registry.people.set_password(
        world.red.viewer, world.red.person, "another sentence"
    )

    assert await world.registry.sessions.viewer(new.secret) is None
    await log_in(world, "another sentence")


async def test_neither_secret_nor_password_lies_in_the_database(world: World, url: str) -> None:
    new = await log_in(world)
    await world.registry.close()
    if not url.startswith("sqlite"):
        return

    with open(url.removeprefix("sqlite+aiosqlite:///"), "rb") as file:  # noqa: PTH123
        content = file.read()
    for secret in (new.secret, PASSWORD, world.red.token):
        assert secret.encode() not in content


async def test_preferences_are_kept(world: World) -> None:
    new = await log_in(world)

    await world.registry.people.set_preferences(world.red.viewer, locale="en", theme="dark")

    session = await world.registry.sessions.viewer(new.secret)
    assert (session.locale, session.theme) == ("en", "dark")
    with refused("person.wrong"):
        await world.registry.people.set_preferences(world.red.viewer, locale="fr")
