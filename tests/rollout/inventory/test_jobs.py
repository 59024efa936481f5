"""Jobs of people: in turn, in lanes, bounded, guarded; what kills its process is given up."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.registry.world import World, refused
from tram.app.roles.job_runner import JobLane, JobRunner
from tram.domain.ids import OrgId
from tram.registry.jobs import ATTEMPTS_MAX, WAITING_OF_ONE_MAX
from tram.runtime.clock import SystemClock
from tram.runtime.errors import Unavailable

KINDS = ("quick", "long")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for jobs more often than people would notice."""
    monkeypatch.setattr("tram.app.roles.job_runner.IDLE_S", 0.02)


class Doer:
    """Does what its jobs say, and remembers what it began and what failed."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.failed: list[str] = []
        self.may_end = asyncio.Event()

    async def run(self, kind: str, params: Mapping[str, Any], progress: Callable) -> None:
        del kind, progress
        self.begun.append(params["name"])
        match params["does"]:
            case "group":
                raise BaseExceptionGroup("several", [asyncio.CancelledError()])
            case "recursion":
                raise RecursionError("too deep")
            case "memory":
                raise MemoryError
            case "cancelled":
                raise asyncio.CancelledError
            case "hangs":
                await asyncio.sleep(600)
            case "waits":
                await self.may_end.wait()

    async def fail(self, kind: str, params: Mapping[str, Any]) -> None:
        del kind
        self.failed.append(params["name"])
        if params["does"] == "recursion":
            raise ValueError("cannot be told either")


async def asked(
    world: World, name: str, does: str = "", *, kind: str = "quick", org: OrgId | None = None
) -> int:
    params = {"name": name, "does": does}
    return (await world.registry.jobs.create(world.system, kind, params, org=org)).id


async def states(world: World) -> dict[int, tuple[str, str]]:
    rows = await world.registry.jobs.list(world.system)
    return {row.id: (row.state, row.code) for row in rows if row.kind in KINDS}


@asynccontextmanager
async def working(world: World, doer: Doer, *lanes: JobLane) -> AsyncIterator[None]:
    runner = JobRunner(world.registry.jobs, SystemClock(), dict.fromkeys(KINDS, doer), lanes)
    task = asyncio.ensure_future(runner.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(condition: Callable) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.02)


async def test_organisations_take_turns_however_many_jobs_one_has(world: World) -> None:
    for number in range(4):
        await asked(world, f"red {number}", org=world.red.org)
    await asked(world, "blue", org=world.blue.org)
    doer = Doer()
    runner = JobRunner(world.registry.jobs, SystemClock(), dict.fromkeys(KINDS, doer))

    assert await runner.drain() == 5

    assert doer.begun == ["red 0", "blue", "red 1", "red 2", "red 3"]


async def test_one_organisation_keeps_a_bounded_number_waiting(world: World) -> None:
    for number in range(WAITING_OF_ONE_MAX):
        await asked(world, str(number), org=world.blue.child)

    with refused("job.too_many"):
        await asked(world, "one more", org=world.blue.child)

    await asked(world, "another's", org=world.red.child)


async def test_what_a_job_raises_is_its_own_end(world: World) -> None:
    kinds = ("group", "recursion", "memory", "cancelled")
    numbers = [await asked(world, does, does) for does in kinds]
    good = await asked(world, "good")
    doer = Doer()

    async with working(world, doer):
        await until(lambda: "good" in doer.begun)
        await asyncio.sleep(0.1)

    found = await states(world)
    assert doer.failed == [*kinds]
    assert [found[number] for number in numbers] == [("failed", "job.failed")] * 4
    assert found[good] == ("done", "")


async def test_light_jobs_pass_a_heavy_one_and_a_late_one_ends(world: World) -> None:
    heavy = await asked(world, "heavy", "waits", kind="long", org=world.red.org)
    late = await asked(world, "late", "hangs", org=world.red.org)
    own = await asked(world, "own", org=world.red.org)
    light = await asked(world, "light", org=world.blue.org)
    doer = Doer()

    async with working(
        world, doer, JobLane("quick", ("quick",), 2, 0.5), JobLane("long", ("long",), 1, 60.0)
    ):
        await until(lambda: "light" in doer.begun)
        assert "own" not in doer.begun  # one of each organisation at once
        await until(lambda: "own" in doer.begun)
        await asyncio.sleep(0.2)
        found = await states(world)

    assert found[late] == ("failed", "job.too_long")
    assert (found[own][0], found[light][0], found[heavy][0]) == ("done", "done", "running")
    # Stopped from outside: it waits again, and that was no attempt.
    assert (await states(world))[heavy] == ("waiting", "")


async def test_job_that_ends_its_process_again_and_again_is_given_up(world: World) -> None:
    number = await asked(world, "deadly")
    doer = Doer()
    for _ in range(ATTEMPTS_MAX):
        assert await world.registry.jobs.take_up(KINDS) == []
        assert (await world.registry.jobs.claim(KINDS)).id == number  # and here the process died
    good = await asked(world, "good")

    async with working(world, doer):
        await until(lambda: "good" in doer.begun)
        await asyncio.sleep(0.1)

    found = await states(world)
    assert (found[number], found[good][0]) == (("failed", "job.given_up"), "done")
    assert (doer.begun, doer.failed) == (["good"], ["deadly"])


async def test_the_end_of_a_job_waits_for_the_registry(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await asked(world, "good")
    finish, away = world.registry.jobs.finish, [True, True]

    async def sometimes(job: int, **given: str) -> None:
        if away:
            away.pop()
            raise Unavailable("registry.unavailable", "Away.")
        await finish(job, **given)

    monkeypatch.setattr(world.registry.jobs, "finish", sometimes)
    doer = Doer()

    async with working(world, doer):
        await until(lambda: not away)
        await asyncio.sleep(0.2)

    assert (await states(world))[number][0] == "done"
    assert doer.begun == ["good"]
