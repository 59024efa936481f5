"""The parts that run together: started until they are well, noted for others, stopped in order."""

import asyncio
import contextlib
import os
from functools import partial
from typing import Any

from tram.app.installation import nats_server
from tram.app.installation.health import look_at, problem_of
from tram.app.installation.installation import Installation
from tram.app.supervision.part import ChildProcess, PartPlan, python_command
from tram.fleet.log.nats_connection import open_link
from tram.fleet.log.streams import ensure_streams
from tram.runtime.errors import TramError, Unavailable
from tram.runtime.logging import get_logger
from tram.runtime.ops_port import PartProgress
from tram.runtime.watch.part_states import PartStatesFile

__all__ = ("ProcessGroup", "ensure_log", "own_log", "role_plan")

_START_S_MAX = 60.0
_REPORT_S = 2.0
_COPIES = 3
"""Of every stream, where a cluster has as many servers."""
_STOP_S = {
    "demo": 5.0,
    "gateway": 15.0,
    "web": 10.0,
    "work": 15.0,
    "alarms": 15.0,
    "store": 30.0,
    "nats": 15.0,
}
"""Order of stopping and the bound of each: senders first, the log last."""

log = get_logger()


class ProcessGroup:
    """Keeps parts of one installation running until ``stop`` is set; ``failure`` says why early."""

    def __init__(self, installation: Installation, *, demo: bool = False) -> None:
        self.stop = asyncio.Event()
        self.failure: TramError | None = None
        self._in = installation
        self._demo = demo
        self._parts: dict[str, ChildProcess] = {}
        self._started_ms = installation.clock.now_ms()
        self._part_states = PartStatesFile(
            installation.folder.running.parts_file, installation.clock
        )
        self._has_ended = asyncio.Event()

    def state(self) -> dict[str, Any]:
        """Return what others need to find the parts."""
        return {
            "pid": os.getpid(),
            "started_ms": self._started_ms,
            "demo": self._demo,
            "ports": self._in.ports,
            "pids": {name: part.pid for name, part in self._parts.items() if part.pid},
            "restarts": {name: part.starts - 1 for name, part in self._parts.items()},
        }

    async def start(self, group: asyncio.TaskGroup, plans: list[PartPlan]) -> None:
        """Start parts together and wait until all are well, or a stop is asked for.

        Raises:
            Unavailable: if one is not well within a minute.
        """
        folder = self._in.folder
        parts = [ChildProcess(plan, folder.logs, folder.run, self._in.clock) for plan in plans]
        for part in parts:
            self._parts[part.plan.name] = part
            group.create_task(self._keep(part))
        for part in parts:
            await self._until_healthy(part)

    async def report(self) -> None:
        """Say how every part stands, every two seconds, until all are stopped."""
        while not self._has_ended.is_set():
            try:
                self._part_states.write({n: part.state() for n, part in self._parts.items()})
            except OSError as error:  # a full disk; who reads finds the old file, and says so
                log.warning("how the parts stand is not noted", error=str(error))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_REPORT_S):
                    await self._has_ended.wait()
        self._part_states.remove()

    async def stop_all(self) -> None:
        """Stop every part in order, each within its bound."""
        self._has_ended.set()
        for name in _STOP_S:
            if name in self._parts:
                await self._parts[name].stop()
        self._in.folder.running.forget()

    def kill_all(self) -> None:
        """End every part at once."""
        for part in self._parts.values():
            part.kill()

    async def _keep(self, part: ChildProcess) -> None:
        try:
            await part.keep_running(self._note)
        except TramError as error:
            self.failure = error
            self.stop.set()

    async def _until_healthy(self, part: ChildProcess) -> None:
        try:
            async with asyncio.timeout(_START_S_MAX), asyncio.TaskGroup() as waiting:
                healthy = waiting.create_task(part.healthy.wait())
                stop = waiting.create_task(self.stop.wait())
                await asyncio.wait((healthy, stop), return_when=asyncio.FIRST_COMPLETED)
                healthy.cancel()
                stop.cancel()
        except TimeoutError:
            raise Unavailable(
                "part.not_ready",
                f"The part {part.plan.name} was not ready within {_START_S_MAX:.0f} s: "
                f"{await part.plan.problem()}.",
                f"See {self._in.folder.logs / part.plan.name}.log.",
            ) from None

    def _note(self) -> None:
        self._in.folder.running.write(self.state())


def own_log(installation: Installation) -> list[PartPlan]:
    """Return how to run the log's server, nothing when servers elsewhere are used."""
    return [] if installation.settings.log.url else [_nats_plan(installation)]


def _nats_plan(installation: Installation) -> PartPlan:
    port = installation.port("nats")
    health_port = installation.port("nats_health")
    configuration = nats_server.write_configuration(
        installation.folder, installation.keys, (port, health_port), installation.settings.log
    )

    async def look() -> PartProgress | None:
        return (
            PartProgress(problem=None, loops=[]) if await nats_server.probe(port) is None else None
        )

    return PartPlan(
        name="nats",
        command=(
            *python_command("tram.app.supervision.launch"),
            str(nats_server.find_program()),
            "-c",
            str(configuration),
        ),
        problem=partial(nats_server.probe, port),
        look=look,
        stop_s=_STOP_S["nats"],
        must_restart=partial(nats_server.must_restart, health_port, installation.folder.nats),
    )


def role_plan(installation: Installation, role: str) -> PartPlan:
    """Return how to run one of our roles."""
    port = installation.port(f"ops_{role}")

    return PartPlan(
        name=role,
        command=python_command("tram.app.roles.process", role, str(installation.folder.root)),
        problem=partial(problem_of, port),
        look=partial(look_at, port, installation.keys.ops),
        stop_s=_STOP_S[role],
    )


async def ensure_log(installation: Installation) -> None:
    """Create the log's streams where they are missing.

    Raises:
        Unavailable: if the server cannot be reached.
    """
    async with await open_link(installation.log_access("ops"), "ops") as link:
        log = installation.settings.log
        servers = len(log.url.split(","))
        await ensure_streams(
            link,
            log.max_bytes,
            installation.clock,
            replicas=_COPIES if servers >= _COPIES else 1,
        )
