"""The role ``work``: hands the registry's changes to the fleet, does jobs, and tidies up."""

import asyncio
from typing import Any

from tram.app.coverage_jobs import coverage_handlers
from tram.app.engines import open_registry, open_store
from tram.app.import_jobs import import_handlers
from tram.app.installation import Installation
from tram.app.job_runner import JobRunner, Lane
from tram.app.letters import send_letters
from tram.app.survey_reminders import remind_by_itself
from tram.domain.ids import DeviceId, OrgId
from tram.fleet.log.admission import admission_answers
from tram.fleet.log.desk import serve_desk
from tram.fleet.log.downlink_pump import DownlinkPump
from tram.fleet.log.errand_answers import errand_answers
from tram.fleet.log.identity_pump import IdentityPump
from tram.fleet.log.link import open_link
from tram.registry.registry import Registry
from tram.registry.viewer import system_viewer
from tram.rollout.inventory.exchange.apart import READER
from tram.runtime.clock import Clock
from tram.runtime.errors import Unavailable
from tram.runtime.logging import get_logger
from tram.runtime.ops_port import OpsPort
from tram.runtime.progress import LOOPS

__all__ = ("run",)

EXPIRE_EVERY_S = 1.0
QUICK_JOBS_AT_ONCE = 2
QUICK_JOB_S_MAX = 1_800.0
LONG_JOBS_AT_ONCE = 1
LONG_JOB_S_MAX = 12 * 3_600.0
"""The coverage of a whole province takes hours on two cores."""
TIDY_EVERY_S = 3_600.0
QUIET_S = 60.0
TIDY_QUIET_S = 900.0
"""A loop that says nothing for longer hangs."""

log = get_logger()


async def run(installation: Installation, stop: asyncio.Event) -> None:
    """Work until stopped.

    Raises:
        TramError: if the registry is newer than this program.
    """
    link = await open_link(installation.log_access("work"), "work")
    registry = await open_registry(installation)
    clock = installation.clock
    pump = IdentityPump(link, registry, clock)
    ops = OpsPort(
        installation.port("ops_work"),
        installation.keys.ops,
        lambda: "the log cannot take identity changes" if pump.is_behind else None,
    )
    store = open_store(installation)

    async def facts(device: DeviceId, org: OrgId) -> dict[str, Any]:
        return await store.attributes(system_viewer(org), device)

    answers = {
        **admission_answers(registry.enrolments, registry.claims),
        **errand_answers(registry, facts, installation.clock),
    }
    await serve_desk(link, answers)
    await ops.start()
    try:
        async with asyncio.TaskGroup() as group:
            imports, coverage = (
                import_handlers(installation, registry),
                coverage_handlers(installation),
            )
            lanes = (
                Lane("quick", tuple(imports), QUICK_JOBS_AT_ONCE, QUICK_JOB_S_MAX),
                Lane("long", tuple(coverage), LONG_JOBS_AT_ONCE, LONG_JOB_S_MAX),
            )
            runs = (
                _expire(registry, clock),
                JobRunner(registry.jobs, clock, {**imports, **coverage}, lanes).run(),
                DownlinkPump(link, registry.downlinks, registry.set_aside, clock).run(),
                remind_by_itself(installation, registry),
                send_letters(registry, installation.settings.mail, clock),
                _tidy(registry, clock),
            )
            tasks = [group.create_task(run) for run in runs]
            await pump.run(stop)
            for task in tasks:
                task.cancel()
    finally:
        READER.close()
        await ops.close()
        await store.close()
        await registry.close()
        await link.close()


async def _expire(registry: Registry, clock: Clock) -> None:
    """End credentials whose overlap with their successor is over, for ever."""
    beat = LOOPS.begin("expiry of credentials", QUIET_S)
    while True:
        beat.beat()
        try:
            await registry.credentials.expire_due()
        except Unavailable as error:
            log.warning("credentials wait for the registry", error=error.sentence)
            beat.wait(error.sentence)
        await clock.sleep(EXPIRE_EVERY_S)


async def _tidy(registry: Registry, clock: Clock) -> None:
    """Remove what has outlived its purpose, every hour."""
    beat = LOOPS.begin("tidying", TIDY_QUIET_S)
    while True:
        beat.work("what is old")
        try:
            await registry.personal.tidy()
            await registry.mails.tidy()
            await registry.set_aside.tidy()
        except Unavailable as error:
            log.warning("tidying waits for the registry", error=error.sentence)
        beat.rest()
        await clock.sleep(TIDY_EVERY_S)
