"""One child of the supervisor: started again after a crash, given up when it cannot work."""

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tram.app.supervision.part import ChildProcess, PartPlan, problem_file
from tram.runtime.clock import ManualClock, SystemClock
from tram.runtime.errors import Broken, Refused
from tram.runtime.ops_port import PartProgress


def a_plan(code: str, *, is_well: bool = True, falls_mute: bool = False) -> PartPlan:
    said = PartProgress(problem=None if is_well else "not yet", loops=[])
    looks = 0

    async def problem() -> str | None:
        return said.problem

    async def look() -> PartProgress | None:
        nonlocal looks
        looks += 1
        return None if falls_mute and looks > 1 else said

    return PartPlan("child", (sys.executable, "-c", code), problem, look, stop_s=1)


async def run_until(part: ChildProcess, condition: Callable[[], bool]) -> None:
    """Keep the part running until the condition holds, then stop it."""
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        group.create_task(part.keep_running(lambda: None))
        while not condition():
            await asyncio.sleep(0.01)
        await part.stop()


async def test_a_crashed_part_is_started_again(tmp_path: Path) -> None:
    part = ChildProcess(a_plan("pass"), tmp_path, tmp_path, SystemClock())

    await run_until(part, lambda: part.starts == 3)

    assert (tmp_path / "child.log").exists()


async def test_a_part_that_hangs_is_killed_and_started_again(tmp_path: Path) -> None:
    plan = a_plan("import time; time.sleep(1000)", falls_mute=True)
    part = ChildProcess(plan, tmp_path, tmp_path, ManualClock(0))

    await run_until(part, lambda: part.starts == 2)


async def test_a_part_that_ignores_the_request_to_stop_is_killed(tmp_path: Path) -> None:
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(1000)"
    part = ChildProcess(a_plan(deaf), tmp_path, tmp_path, SystemClock())

    await run_until(part, lambda: "deaf" in part.last_words())

    assert not Path(f"/proc/{part.pid}").exists()


async def test_a_part_that_never_gets_well_is_given_up_with_its_last_words(tmp_path: Path) -> None:
    plan = a_plan("raise SystemExit('no such device')", is_well=False)
    part = ChildProcess(plan, tmp_path, tmp_path, SystemClock())

    with pytest.raises(Broken, match="no such device"):
        await part.keep_running(lambda: None)


async def test_a_part_that_is_refused_says_why_at_once(tmp_path: Path) -> None:
    said = {"code": "port.taken", "sentence": "The port is taken.", "hint": "Choose another."}
    path = problem_file(tmp_path, "child")
    code = f"open({str(path)!r}, 'w').write({json.dumps(said)!r}); raise SystemExit(2)"
    part = ChildProcess(a_plan(code, is_well=False), tmp_path, tmp_path, SystemClock())

    with pytest.raises(Refused, match=r"The port is taken\. Choose another\."):
        await part.keep_running(lambda: None)

    assert part.starts == 1
