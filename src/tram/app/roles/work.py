"""The role ``work``: hands the registry's changes to the fleet, does jobs, and tidies up."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from tram.app.installation.engines import open_registry, open_store
from tram.app.installation.installation import Installation
from tram.app.roles.coverage_jobs import coverage_handlers
from tram.app.roles.import_jobs import import_handlers
from tram.app.roles.job_runner import JobLane, JobRunner
from tram.app.roles.letters import send_letters
from tram.app.roles.survey_reminders import LOOK_EVERY_S, remind_once
from tram.domain.ids import DeviceId, OrgId
from tram.fleet.log.nats_connection import open_link
from tram.fleet.store.queries.questions import StatedAttributes
from tram.fleet.sync.admission import admission_answers
from tram.fleet.sync.device_answers import device_answers
from tram.fleet.sync.downlink_relay import DownlinkRelay
from tram.fleet.sync.outbox_relay import OutboxRelay
from tram.fleet.sync.registry_rpc import serve_registry_rpc
from tram.registry.kernel.set_aside import SetAsideEntry
from tram.registry.kernel.viewer import system_viewer
from tram.registry.people.mail_server import mail_server_of
from tram.registry.registry import Registry
from tram.rollout.inventory.exchange.reader_process import READER
from tram.runtime.clock import Clock
from tram.runtime.errors import Unavailable, is_of_the_entry
from tram.runtime.logging import get_logger
from tram.runtime.ops_port import OpsPort
from tram.runtime.watch.loops import LOOPS

__all__ = ("repeat", "run")

EXPIRE_EVERY_S = 1.0
QUICK_JOBS_AT_ONCE = 2
QUICK_JOB_S_MAX = 1_800.0
LONG_JOBS_AT_ONCE = 1
LONG_JOB_S_MAX = 12 * 3_600.0
"""The coverage of a whole province takes hours on two cores."""
TIDY_EVERY_S = 3_600.0
QUIET_S = 900.0
"""Longest that one of the chores takes; one that says nothing for longer hangs."""
Once = Callable[[], Awaitable[object]]

log = get_logger()


async def run(installation: Installation, stop: asyncio.Event) -> None:
    """Work until stopped.

    Raises:
        TramError: if the registry is newer than this program, or a setting is wrong.
    """
    mail_server_of(installation.settings.mail)  # a wrong one is said at the start
    link = await open_link(installation.log_access("work"), "work")
    registry = await open_registry(installation)
    clock = installation.clock
    relay = OutboxRelay(link, registry, clock)
    ops = OpsPort(
        installation.port("ops_work"),
        installation.keys.ops,
        lambda: "the log cannot take identity changes" if relay.is_behind else None,
    )
    store = open_store(installation)

    async def facts(device: DeviceId, org: OrgId) -> dict[str, Any]:
        return await store.ask(system_viewer(org), StatedAttributes(device))

    answers = {
        **admission_answers(registry.enrolments, registry.claims),
        **device_answers(registry, facts, installation.clock),
    }
    await serve_registry_rpc(link, answers)
    await ops.start()
    try:
        async with asyncio.TaskGroup() as group:
            imports, coverage = (
                import_handlers(installation, registry),
                coverage_handlers(installation),
            )
            lanes = (
                JobLane("quick", tuple(imports), QUICK_JOBS_AT_ONCE, QUICK_JOB_S_MAX),
                JobLane("long", tuple(coverage), LONG_JOBS_AT_ONCE, LONG_JOB_S_MAX),
            )
            runs = (
                JobRunner(registry.jobs, clock, {**imports, **coverage}, lanes).run(),
                DownlinkRelay(link, registry.downlinks, registry.set_aside, clock).run(),
                send_letters(registry, installation.settings.mail),
                *(
                    repeat(name, every_s, once, registry, clock)
                    for name, every_s, once in _chores(installation, registry)
                ),
            )
            tasks = [group.create_task(run) for run in runs]
            await relay.run(stop)
            for task in tasks:
                task.cancel()
    finally:
        READER.close()
        await ops.close()
        await store.close()
        await registry.close()
        await link.close()


def _chores(installation: Installation, registry: Registry) -> list[tuple[str, float, Once]]:
    """Return what is done again and again: its name, every how many seconds, and what to call."""
    return [
        ("credentials", EXPIRE_EVERY_S, registry.credentials.expire_due),
        ("survey reminders", LOOK_EVERY_S, partial(remind_once, installation, registry)),
        ("tidying people", TIDY_EVERY_S, registry.personal.tidy),
        ("tidying mails", TIDY_EVERY_S, registry.mails.tidy),
        ("tidying what is set aside", TIDY_EVERY_S, registry.set_aside.tidy),
    ]


async def repeat(name: str, every_s: float, once: Once, registry: Registry, clock: Clock) -> None:
    """Do something again and again, for ever; what it raises is counted and holds nothing else up.

    What is temporary waits for the next time; what would meet anything else (a full disk, lack of
    memory) ends the role.
    """
    heartbeat = LOOPS.begin(name, QUIET_S)
    while True:
        heartbeat.work(name)
        try:
            await once()
            heartbeat.rest()
        except Unavailable as error:
            log.warning("waits for the registry", loop=name, error=error.sentence)
            heartbeat.wait(error.sentence)
        except Exception as error:
            if not is_of_the_entry(error):
                raise
            await _note(registry, name, error)
            heartbeat.rest()
        await clock.sleep(every_s)


async def _note(registry: Registry, name: str, error: Exception) -> None:
    try:
        await registry.set_aside.note(SetAsideEntry("work", "loop", name), error)
    except Unavailable:
        log.exception("work failed, and the registry does not take note of it", loop=name)
