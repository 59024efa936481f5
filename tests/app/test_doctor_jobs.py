"""The doctor sees jobs and runs that a dead process left behind, and none that somebody does."""

import os
from pathlib import Path

from tram.app.commands import doctor
from tram.app.commands.findings import Grade
from tram.app.composition.engines import open_registry
from tram.app.composition.job_traces import job_locks, run_folders
from tram.app.installation.installation import open_installation
from tram.registry.kernel.viewer import system_viewer


async def test_a_job_and_half_a_run_of_a_dead_process_are_seen(tmp_path: Path) -> None:
    installation = open_installation(tmp_path / "data")
    registry = await open_registry(installation)
    viewer = system_viewer(await registry.seed_base())
    number = (await registry.jobs.create(viewer, "coverage", {})).id
    await registry.jobs.claim(["coverage"])
    await registry.close()
    half = run_folders(installation).folder / "1795000000000-abcdef"
    half.mkdir(parents=True)

    with job_locks(installation).hold(number):
        assert (await doctor._jobs(installation, is_stopped=True)).grade is Grade.FINE
    os.utime(half, (0, 0))
    found = await doctor._jobs(installation, is_stopped=True)

    assert (found.grade, found.sentence[:31]) == (Grade.LOOK, "1 jobs and 1 half-made runs are")
    assert run_folders(installation).prune(installation.clock.now_ms()) == 1
