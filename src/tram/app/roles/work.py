"""The role ``work``: hands the registry's changes to the fleet, does jobs, and tidies up."""

import asyncio
from functools import partial
from typing import Any

from tram.app.composition.engines import open_registry, open_store
from tram.app.composition.job_traces import run_folders
from tram.app.composition.registers import Registers
from tram.app.composition.services import export_folder, job_handlers, job_runner
from tram.app.installation.installation import Installation
from tram.domain.ids import DeviceId, OrgId
from tram.fleet.log.nats_connection import open_link
from tram.fleet.store.queries.questions import StatedAttributes
from tram.fleet.sync.admission import admission_answers
from tram.fleet.sync.device_answers import device_answers
from tram.fleet.sync.downlink_relay import DownlinkRelay
from tram.fleet.sync.outbox_relay import OutboxRelay
from tram.fleet.sync.registry_rpc import serve_registry_rpc
from tram.jobs.chores import Once, repeat
from tram.registry.kernel.viewer import system_viewer
from tram.registry.people.mail_sending import send_letters
from tram.registry.people.mail_server import mail_server_of
from tram.rollout.inventory.exchange.reader_process import READER
from tram.rollout.inventory.surveys.reminder_loop import LOOK_EVERY_S, remind_once
from tram.runtime.ops_port import OpsPort
from tram.runtime.processes.thread_pools import FILES

__all__ = ("run",)

EXPIRE_EVERY_S = 1.0
TIDY_EVERY_S = 3_600.0


async def run(installation: Installation, stop: asyncio.Event) -> None:
    """Work until stopped.

    Raises:
        TramError: if the registry is newer than this program, or a setting is wrong.
    """
    mail_server_of(installation.settings.mail)  # a wrong one is said at the start
    link = await open_link(installation.log_access("work"), "work")
    registry = await open_registry(installation)
    registers = Registers(installation, registry)
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
    try:
        async with link, store, ops, asyncio.TaskGroup() as group:
            runs = (
                job_runner(registers, job_handlers(registers, store)).run(),
                DownlinkRelay(link, registry.downlinks, registry.set_aside, clock).run(),
                send_letters(registry.mails, registry.set_aside, installation.settings.mail),
                *(
                    repeat(name, every_s, once, registry.set_aside, clock)
                    for name, every_s, once in _chores(registers)
                ),
            )
            tasks = [group.create_task(run) for run in runs]
            await relay.run(stop)
            for task in tasks:
                task.cancel()
    finally:
        READER.close()
        await registry.close()


def _chores(registers: Registers) -> list[tuple[str, float, Once]]:
    """Return what is done again and again: its name, every how many seconds, and what to call."""
    registry = registers.registry
    installation, folders = registers.installation, run_folders(registers.installation)

    async def prune() -> None:
        await FILES.run(folders.prune, installation.clock.now_ms())

    async def tidy_exports() -> None:
        await FILES.run(export_folder(installation).prune, installation.clock.now_ms())

    remind = partial(remind_once, registers.inventory.surveys, registry)
    return [
        ("credentials", EXPIRE_EVERY_S, registry.credentials.expire_due),
        ("survey reminders", LOOK_EVERY_S, remind),
        ("tidying people", TIDY_EVERY_S, registry.personal.tidy),
        ("tidying mails", TIDY_EVERY_S, registry.mails.tidy),
        ("tidying what is set aside", TIDY_EVERY_S, registry.set_aside.tidy),
        ("tidying dead runs", TIDY_EVERY_S, prune),
        ("tidying exports", TIDY_EVERY_S, tidy_exports),
    ]
