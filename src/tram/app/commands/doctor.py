"""``tram doctor``: look at each thing that may be wrong with an installation, and say what to do.

It works on a running product through its ports, and on a stopped one by starting the log and the
store for the length of the examination.
"""

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from rich.console import Console

from tram.app.commands.findings import CheckResult, Grade, fine, look, wrong, wrong_by
from tram.app.commands.terminal import DEFAULT_DATA, Data, open_for_command
from tram.app.composition.engines import open_store
from tram.app.composition.job_traces import job_locks, run_folders
from tram.app.composition.registers import open_registers
from tram.app.installation.data_folder import FORMAT, DataFolder, read_format
from tram.app.installation.health import problem_of
from tram.app.installation.installation import Installation
from tram.app.installation.nats_server import probe
from tram.app.installation.ports import need_public_ports
from tram.app.installation.settings import load_settings
from tram.app.supervision.supervisor import borrow
from tram.fleet.gateway.batch_reader.library import load_library
from tram.fleet.log.nats_connection import open_link
from tram.fleet.log.reader import LogReader
from tram.runtime.errors import TramError
from tram.runtime.file_times import changed_s
from tram.runtime.watch.loops import HUNG, STUCK, WAITS
from tram.runtime.watch.part_states import RESTARTS, STARTING, PartStatesFile
from tram.runtime.watch.quarantine import Quarantine

__all__ = ("doctor", "examine")

_COLOURS = {Grade.FINE: "green", Grade.LOOK: "yellow", Grade.WRONG: "red"}
_EXIT_WRONG = 1
_GIB = 1024**3
_FREE_BYTES_WRONG = _GIB
_FREE_BYTES_LOOK = 5 * _GIB
_FILL_LOOK = 0.5
_FILL_WRONG = 0.9
_LAG_BLOCKS_LOOK = 500
_OTHERS_BITS = 0o077
_CLOCK_BACK_MS = 60_000
_REMEDIES = {
    HUNG: "It is ended and started again by itself within a minute or two; see {log}.",
    RESTARTS: "See how {log} ends before each start; tram quarantine list shows what was taken out.",
    STUCK: "See {log}; a record that brings the part down is quarantined after its third time.",
    STARTING: "See {log}.",
    WAITS: "See {log}; it goes on by itself once what it waits for is back.",
}


def doctor(*, data: Data = DEFAULT_DATA) -> None:
    """Look at everything that may be wrong and say what to do; exit code 1 if something is."""
    console = Console(highlight=False)
    grades: list[Grade] = []

    async def run() -> None:
        async for finding in examine(data):
            grades.append(finding.grade)
            colour = _COLOURS[finding.grade]
            console.print(
                f"[{colour}]{finding.grade:5}[/] {finding.subject:9} {finding.sentence}",
                soft_wrap=True,
            )
            if finding.remedy:
                console.print(f"{'':16}→ {finding.remedy}", soft_wrap=True)

    asyncio.run(run())
    if Grade.WRONG in grades:
        sys.exit(_EXIT_WRONG)


async def examine(data: Path) -> AsyncIterator[CheckResult]:
    """Yield a finding per check; later checks are left out where an earlier fault forbids them."""
    findings = list(_at_rest(data))
    for finding in findings:
        yield finding
    if any(finding.remedy and finding.subject in ("folder", "settings") for finding in findings):
        return
    try:
        installation = open_for_command(data)
    except TramError as error:
        yield wrong_by("keys", error)
        return
    yield _clock(installation)
    yield _quarantine(installation)
    async for finding in _parts(installation):
        yield finding
    try:
        is_stopped = not installation.folder.running.is_held()
        async with borrow(installation, "store") as running:
            yield await _log(running)
            yield await _store(running)
            yield await _registry(running)
            yield await _jobs(running, is_stopped=is_stopped)
    except TramError as error:
        yield wrong_by("engines", error)


def _at_rest(data: Path) -> Iterator[CheckResult]:
    """Check what needs no running part."""
    folder = DataFolder(data.expanduser().absolute())
    try:
        found = read_format(folder.root)
    except TramError as error:
        yield wrong_by("folder", error)
        return
    if found is None:
        yield wrong("folder", f"{folder.root} holds no Trạm yet.", "Start it: tram up --data …")
        return
    yield fine("folder", f"{folder.root}, format {found} of {FORMAT}.")
    yield _disk(folder)
    yield _rights(folder)
    yield _batch_reader()
    try:
        load_settings(folder.settings_file)
    except TramError as error:
        yield wrong_by("settings", error)
    else:
        yield fine("settings", "every setting is valid.")


def _disk(folder: DataFolder) -> CheckResult:
    free = shutil.disk_usage(folder.root).free
    sentence = f"{free / _GIB:.1f} GiB free."
    if free < _FREE_BYTES_WRONG:
        return wrong("disk", sentence, "Make room: when the disk is full, all devices wait.")
    if free < _FREE_BYTES_LOOK:
        return look("disk", sentence, "Make room, or move the data folder to a larger disk.")
    return fine("disk", sentence)


def _rights(folder: DataFolder) -> CheckResult:
    open_files = [p.name for p in folder.keys.glob("*") if p.stat().st_mode & _OTHERS_BITS]
    if open_files:
        return wrong(
            "keys",
            f"Other users may read {', '.join(sorted(open_files))}.",
            f"chmod 600 {folder.keys}/*, then issue new tokens if others had access.",
        )
    return fine("keys", "only their owner may read them.")


def _batch_reader() -> CheckResult:
    """Say which form of the gateway's reading is there; both do the same."""
    if load_library() is not None:
        return fine("sweep", "the gateway reads by its compiled library.")
    return fine(
        "sweep",
        "the gateway reads in Python, at about twice the work; a C compiler and 'make setup' help.",
    )


def _clock(installation: Installation) -> CheckResult:
    """Compare with the newest file: a clock that went back would misdate every reading."""
    folder = installation.folder
    newest_s = max(changed_s(path) or 0.0 for path in (*folder.root.iterdir(), folder.root))
    behind_ms = newest_s * 1000 - installation.clock.now_ms()
    if behind_ms > _CLOCK_BACK_MS:
        return wrong(
            "clock",
            f"The clock is {behind_ms / 1000:.0f} s before the newest file of the data folder.",
            "Set the clock, and let systemd-timesyncd or chrony keep it.",
        )
    return fine("clock", "not before the newest file.")


def _quarantine(installation: Installation) -> CheckResult:
    """Say how many records were taken out because they alone brought a part down."""
    kept = Quarantine(installation.folder.quarantine, installation.clock).count()
    if kept:
        return look(
            "records",
            f"{kept} records lie in quarantine: each alone brought a part down.",
            "tram quarantine list; once a version is there that bears them: tram quarantine retry NAME.",
        )
    return fine("records", "none lies in quarantine.")


async def _parts(installation: Installation) -> AsyncIterator[CheckResult]:
    """Ask each running part, or check that the ports are free for a start."""
    if not installation.folder.running.is_held():
        try:
            need_public_ports(installation.settings)
        except TramError as error:
            yield wrong_by("ports", error)
        else:
            yield fine("ports", "Trạm is stopped and its ports are free.")
        return
    states = PartStatesFile(installation.folder.running.parts_file, installation.clock)
    problems = {name: (kind, said) for name, kind, said in states.problems()}
    if "supervisor" in problems:
        yield wrong("supervisor", f"{problems['supervisor'][1]}.", "Start Trạm again.")
    for name in installation.folder.running.read().get("pids", {}):
        yield await _part(installation, name, problems.get(name))


async def _part(
    installation: Installation, name: str, problem_seen: tuple[str, str] | None
) -> CheckResult:
    """Say how a part stands by its supervisor, or by what it answers itself."""
    if name == "nats":
        problem = await probe(installation.port("nats"))
    else:
        problem = await problem_of(installation.port(f"ops_{name}"))
    again = installation.folder.running.read()["restarts"].get(name, 0)
    log = installation.folder.logs / f"{name}.log"
    kind, said = problem_seen or (WAITS, problem)
    if said is not None:
        return wrong(name, f"{said}.", _REMEDIES[kind].format(log=log))
    if again:
        return look(name, f"runs, started again {again} times.", f"See {log}.")
    return fine(name, "runs.")


async def _log(installation: Installation) -> CheckResult:
    async with await open_link(installation.log_access("ops"), "ops") as link:
        state = await LogReader(link).state()
    room = installation.settings.log.max_bytes
    fill = state.bytes / room
    sentence = f"{state.messages} blocks, {fill:.0%} of its room."
    remedy = "Is the store well? Blocks are purged once it has them; or raise log.max_bytes."
    if fill > _FILL_WRONG:
        return wrong("log", sentence, remedy)
    return look("log", sentence, remedy) if fill > _FILL_LOOK else fine("log", sentence)


async def _store(installation: Installation) -> CheckResult:
    async with open_store(installation) as client:
        status = await client.status()
    sentence = f"{status.rows} readings, {status.lag_blocks} blocks behind the log."
    if status.problem is not None:
        return wrong("store", status.problem, f"See {installation.folder.logs / 'store.log'}.")
    if status.quarantined:
        return look(
            "store",
            f"{status.quarantined} rows lie in quarantine.",
            "Look at the table quarantine: a device may send what cannot be kept.",
        )
    if status.lag_blocks > _LAG_BLOCKS_LOOK:
        return look("store", sentence, "Wait; if it grows, this machine is too slow for its load.")
    return fine("store", sentence)


async def _registry(installation: Installation) -> CheckResult:
    async with open_registers(installation) as registers:
        head = await registers.registry.outbox.head()
        aside = await registers.registry.set_aside.count()
    if aside:
        return look(
            "registry",
            f"{aside} entries are set aside: what a loop could not do, while the rest goes on.",
            "Look at the page Set aside (/aside): mend the cause, then try again.",
        )
    return fine("registry", f"schema is current, {head} changes.")


async def _jobs(installation: Installation, *, is_stopped: bool) -> CheckResult:
    """Count what a process left behind that died over a job, by the rules of ``jobs/pruning``."""
    locks = job_locks(installation)
    async with open_registers(installation) as registers:
        under_way = await registers.registry.jobs.under_way()
    dead = under_way - locks.held() if is_stopped else under_way & locks.left()
    halves = run_folders(installation).dead(installation.clock.now_ms())
    if not dead and not halves:
        return fine("jobs", f"{len(under_way)} are under way, none is left of a dead process.")
    return look(
        "jobs",
        f"{len(dead)} jobs and {len(halves)} half-made runs are left of processes that died.",
        "A job goes on within a minute, or when Trạm starts; half a run is removed within an hour. "
        f"Why they died: {installation.folder.logs / 'work.log'}.",
    )
