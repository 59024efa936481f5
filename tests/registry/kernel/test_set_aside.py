"""What a loop could not do waits aside, with its reason, and nobody else waits with it."""

import asyncio
import errno

import pytest

from tests.registry.world import World, refused
from tram.registry.kernel.set_aside import KEPT_MS, SetAsideEntry
from tram.runtime.clock import ManualClock
from tram.runtime.errors import Refused, Unavailable


async def test_what_raises_is_aside_with_its_reason_and_counted(world: World) -> None:
    aside = world.registry.set_aside
    entry = SetAsideEntry("alarms", "rule", "7", world.red.org)

    for _ in range(2):
        async with aside.guarded(entry):
            raise ValueError("label\u0001 too long")

    (row,) = await aside.list(world.red.viewer)
    assert (row.part, row.kind, row.key, row.times) == ("alarms", "rule", "7", 2)
    assert row.reason == "ValueError: label too long"
    assert await aside.keys("alarms", "rule") == {"7"}


async def test_another_try_is_asked_for_by_whom_it_belongs_to(world: World) -> None:
    aside = world.registry.set_aside
    entry = SetAsideEntry("alarms", "rule", "7", world.red.org)
    await aside.note(entry, Refused("rule.wrong", "This cannot be judged."))
    (row,) = await aside.list(world.red.viewer)

    with refused("aside.unknown"):
        await aside.try_again(world.blue.viewer, row.id)
    await aside.try_again(world.red.viewer, row.id)

    assert await aside.keys("alarms", "rule") == frozenset()
    assert await aside.list(world.blue.viewer) == []
    await aside.note(entry, ValueError("again"))
    assert await aside.keys("alarms", "rule") == {"7"}


@pytest.mark.parametrize(
    "error",
    [
        Unavailable("registry.unavailable", "Later."),
        OSError(errno.ENOSPC, "No space left on device"),
        MemoryError(),
        asyncio.CancelledError(),
        ExceptionGroup("some", [ValueError("mine"), OSError(errno.ENOSPC, "full")]),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_the_surroundings_blame_no_entry(world: World, error: BaseException) -> None:
    aside = world.registry.set_aside

    with pytest.raises(type(error)):
        async with aside.guarded(SetAsideEntry("work", "mail", "1")):
            raise error

    assert await aside.keys("work", "mail") == frozenset()


async def test_what_is_the_products_own_is_for_its_administrator(world: World) -> None:
    aside = world.registry.set_aside
    async with aside.guarded(SetAsideEntry("work", "change", "1")):
        raise RecursionError

    assert await aside.list(world.red.viewer) == []
    assert [row.key for row in await aside.list(world.system)] == ["1"]


async def test_what_is_old_is_forgotten(world: World, clock: ManualClock) -> None:
    aside = world.registry.set_aside
    await aside.note(SetAsideEntry("work", "mail", "1"), ValueError("old"))
    clock.advance(KEPT_MS + 1)
    await aside.note(SetAsideEntry("work", "mail", "2"), ValueError("new"))

    await aside.tidy()

    assert await aside.keys("work", "mail") == {"2"}
