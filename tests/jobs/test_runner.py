"""Jobs of people: in turn, in lanes, bounded, guarded; what kills its process is given up."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from tests.registry.world import World, refused
from tram.domain.ids import OrgId
from tram.jobs.kinds import (
    CancelToken,
    JobCancelled,
    JobHandler,
    JobKind,
    JobLane,
    JobWork,
    PartialWork,
    Progress,
)
from tram.jobs.pruning import JobLocks, RunFolders
from tram.jobs.runner import JobRunner
from tram.registry.jobs import ATTEMPTS_MAX, WAITING_OF_ONE_MAX
from tram.runtime.clock import SystemClock
from tram.runtime.errors import Unavailable

KINDS = ("quick", "long")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Look for jobs more often than people would notice."""
    monkeypatch.setattr("tram.jobs.runner.IDLE_S", 0.02)
    monkeypatch.setattr("tram.jobs.runner.LOOK_EVERY_S", 0.02)
    monkeypatch.setattr(Doer, "folder", tmp_path, raising=False)


class Toy(msgspec.Struct):
    """The request of a toy job."""

    name: str
    does: str = ""


class Played(msgspec.Struct):
    """The result of a toy job."""

    name: str


class Doer(JobWork[Toy, Played]):
    """Does what its jobs say, and remembers what it began and what failed."""

    folder: Path

    def __init__(self) -> None:
        self.locks = JobLocks(self.folder)
        self.begun: list[str] = []
        self.stopped: list[str] = []
        self.left: list[str] = []
        self.thread_ended = False
        self.may_end = asyncio.Event()

    async def run(self, request: Toy, progress: Progress, cancel: CancelToken) -> Played:
        del progress
        self.begun.append(request.name)
        match request.does:
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
            case "works in a thread":
                await asyncio.to_thread(self.work, cancel)
        return Played(request.name)

    def work(self, cancel: CancelToken) -> None:
        try:
            for _ in range(1_000):
                cancel.check()
                time.sleep(0.03)
        except JobCancelled:
            self.thread_ended = True
            raise

    async def cancelled(self, request: Toy) -> None:
        self.left.append(request.name)

    async def failed(self, request: Toy) -> None:
        self.stopped.append(request.name)
        if request.does == "recursion":
            raise ValueError("cannot be told either")


def kind(name: str, lane: JobLane) -> JobKind[Toy, Played]:
    return JobKind(name=name, request=Toy, result=Played, lane=lane, partial_work=PartialWork.KEPT)


def runner_of(world: World, doer: Doer, *lanes: JobLane) -> JobRunner:
    """Return a runner of the toys: all in one lane, or each in its own."""
    lanes = lanes or (JobLane("", 1, 60.0),) * len(KINDS)
    handlers = [
        JobHandler(kind(name, lane), doer) for name, lane in zip(KINDS, lanes, strict=True)
    ]
    return JobRunner(world.registry.jobs, SystemClock(), handlers, doer.locks)


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
    task = asyncio.ensure_future(runner_of(world, doer, *lanes).run())
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

    assert await runner_of(world, doer).drain() == 5

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
    assert doer.stopped == [*kinds]
    assert [found[number] for number in numbers] == [("failed", "job.failed")] * 4
    assert found[good] == ("done", "")


async def test_light_jobs_pass_a_heavy_one_and_a_late_one_ends(world: World) -> None:
    heavy = await asked(world, "heavy", "waits", kind="long", org=world.red.org)
    late = await asked(world, "late", "hangs", org=world.red.org)
    own = await asked(world, "own", org=world.red.org)
    light = await asked(world, "light", org=world.blue.org)
    doer = Doer()

    async with working(world, doer, JobLane("quick", 2, 0.5), JobLane("long", 1, 60.0)):
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
    assert (doer.begun, doer.stopped) == (["good"], ["deadly"])


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


async def test_a_cancelled_job_ends_with_its_partial_work_left_as_its_kind_says(
    world: World,
) -> None:
    at_work = await asked(world, "at work", "waits")
    idle = await asked(world, "idle")
    doer = Doer()

    async with working(world, doer):
        await until(lambda: doer.begun == ["at work"])
        assert (await world.registry.jobs.cancel(world.system, idle)).state == "cancelling"
        await until(lambda: doer.left == ["idle"])
        assert (await world.registry.jobs.cancel(world.system, at_work)).state == "cancelling"
        await until(lambda: doer.left == ["idle", "at work"])
        late = await asked(world, "late")
        await until(lambda: "late" in doer.begun)
        await asyncio.sleep(0.1)
        assert (await world.registry.jobs.cancel(world.system, late)).state == "done"

    found = await states(world)
    assert [found[number][0] for number in (idle, at_work, late)] == [*["cancelled"] * 2, "done"]
    assert (doer.begun, doer.stopped) == (["at work", "late"], [])
    with refused("job.unknown"):
        await world.registry.jobs.cancel(world.red.viewer, late)


async def test_a_thread_of_a_cancelled_job_is_told(world: World) -> None:
    number = await asked(world, "thread", "works in a thread")
    doer = Doer()

    async with working(world, doer):
        await until(lambda: doer.begun == ["thread"])
        await world.registry.jobs.cancel(world.system, number)
        await until(lambda: doer.thread_ended)
        while (await states(world))[number][0] == "cancelling":
            await asyncio.sleep(0.01)  # the thread ends before its job is written down

    assert (await states(world))[number] == ("cancelled", "")


async def test_a_thread_of_a_late_job_is_told(world: World) -> None:
    number = await asked(world, "thread", "works in a thread")
    doer = Doer()

    async with working(world, doer, JobLane("quick", 1, 0.3), JobLane("long", 1, 60.0)):
        await until(lambda: doer.thread_ended)
        while (await states(world))[number][0] == "running":
            await asyncio.sleep(0.01)

    assert (await states(world))[number] == ("failed", "job.too_long")


async def test_a_cancel_outlives_the_process_that_did_the_job(world: World) -> None:
    number = await asked(world, "died")
    assert (await world.registry.jobs.claim(KINDS)).id == number
    await world.registry.jobs.cancel(world.system, number)  # and here the process died
    doer = Doer()

    async with working(world, doer):
        await until(lambda: doer.left == ["died"])
        await asyncio.sleep(0.1)

    assert (doer.begun, (await states(world))[number]) == ([], ("cancelled", ""))


async def test_a_job_that_died_is_begun_again_and_keeps_what_it_came_to(world: World) -> None:
    number = await asked(world, "died")
    assert (await world.registry.jobs.claim(KINDS)).id == number  # and here the process died
    doer = Doer()

    async with working(world, doer):
        await until(lambda: doer.begun == ["died"])
        await asyncio.sleep(0.1)

    (job,) = [row for row in await world.registry.jobs.list(world.system) if row.id == number]
    assert kind("quick", JobLane("", 1, 60.0)).result_of(job) == Played("died")


async def test_a_job_asked_for_by_another_version_ends_alone(world: World) -> None:
    params = {"of": "a version that this one does not know"}
    number = (await world.registry.jobs.create(world.system, "quick", params)).id
    good = await asked(world, "good")

    assert await runner_of(world, Doer()).drain() == 2

    found = await states(world)
    assert (found[number], found[good]) == (("failed", "job.failed"), ("done", ""))


HOLDER = """
import sys, time
from pathlib import Path
from tram.jobs.pruning import JobLocks
with JobLocks(Path(sys.argv[1])).hold(int(sys.argv[2])):
    print("held", flush=True)
    time.sleep(600)
"""


async def test_a_job_of_a_process_that_is_killed_goes_on_while_others_work(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tram.jobs.runner.DEAD_LOOK_EVERY_S", 0.05)
    number = await asked(world, "elsewhere")
    assert (await world.registry.jobs.claim(KINDS)).id == number
    other = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path), str(number)], stdout=subprocess.PIPE
    )
    assert other.stdout.readline() == b"held\n"
    locks = JobLocks(tmp_path)
    doer = Doer()

    async with working(world, doer):
        good = await asked(world, "good")
        await until(lambda: "good" in doer.begun)
        await asyncio.sleep(0.3)
        assert (doer.begun, locks.held(), locks.left()) == (["good"], {number}, set())
        other.kill()
        other.communicate()
        await until(lambda: doer.begun == ["good", "elsewhere"])
        await asyncio.sleep(0.1)

    found = await states(world)
    assert (found[number], found[good]) == (("done", ""), ("done", ""))
    assert list(tmp_path.iterdir()) == []


def test_half_a_run_is_dead_once_nothing_has_changed_in_it_for_long(tmp_path: Path) -> None:
    folders = RunFolders(tmp_path, "run.json", quiet_s=60.0)
    for name in ("whole", "half"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "layer.tif").write_bytes(b"x")
    (tmp_path / "whole" / "run.json").write_bytes(b"{}")
    now_ms = int((tmp_path / "half" / "layer.tif").stat().st_mtime * 1_000)

    assert folders.prune(now_ms + 50_000) == 0
    assert folders.dead(now_ms + 70_000) == [tmp_path / "half"]
    assert folders.prune(now_ms + 70_000) == 1

    assert [path.name for path in tmp_path.iterdir()] == ["whole"]
