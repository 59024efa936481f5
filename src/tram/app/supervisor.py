"""Every part of the product under one process: started in order, kept alive, stopped in order."""

import asyncio
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from tram.app import nats_server
from tram.app.data_folder import DataFolder
from tram.app.first_start import prepare
from tram.app.health import ask, problem_of
from tram.app.keys import Keys
from tram.app.part import Part, PartPlan, python_command
from tram.app.ports import inner_ports, need_public_ports
from tram.fleet.log.link import NatsAccess, open_link
from tram.fleet.log.streams import ensure_streams
from tram.runtime.clock import Clock
from tram.runtime.errors import Broken, TramError, Unavailable
from tram.runtime.logging import get_logger
from tram.runtime.settings import Settings

__all__ = ("Installation", "Supervisor", "ensure_log", "nats_plan")

_START_S_MAX = 60.0
_STOP_S = {"demo": 5.0, "gateway": 15.0, "web": 10.0, "work": 15.0, "store": 30.0, "nats": 15.0}
"""Order of stopping and the bound of each: senders first, the log last."""

log = get_logger()


@dataclass(frozen=True, slots=True)
class Installation:
    """One opened data folder with its secrets and settings."""

    folder: DataFolder
    keys: Keys
    settings: Settings
    clock: Clock


class Supervisor:
    """Runs the parts of one installation until it is told to stop."""

    def __init__(self, installation: Installation, *, demo: bool) -> None:
        self._in = installation
        self._demo = demo
        self._ports: dict[str, int] = {}
        self._parts: dict[str, Part] = {}
        self._failure: TramError | None = None
        self._stop = asyncio.Event()
        self._started_ms = installation.clock.now_ms()

    async def run(self, announce: Callable[[dict[str, Any]], None]) -> None:
        """Start everything, announce it, and stay until a signal comes.

        Raises:
            TramError: if a part cannot run; everything is stopped before.
        """
        need_public_ports(self._in.settings)
        self._ports = {
            "web": self._in.settings.web.port,
            "mqtt": self._in.settings.gateway.mqtt_port,
            "http": self._in.settings.gateway.http_port,
            **inner_ports(),
        }
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._on_signal)
        try:
            async with asyncio.TaskGroup() as group:
                await self._live(group, announce)
        finally:
            (self._in.folder.run / "state.json").unlink(missing_ok=True)
        if self._failure is not None:
            raise self._failure

    def state(self) -> dict[str, Any]:
        """Return what others need to find the parts."""
        return {
            "pid": os.getpid(),
            "started_ms": self._started_ms,
            "demo": self._demo,
            "ports": self._ports,
            "pids": {name: part.pid for name, part in self._parts.items() if part.pid},
            "restarts": {name: part.starts - 1 for name, part in self._parts.items()},
        }

    async def _live(
        self, group: asyncio.TaskGroup, announce: Callable[[dict[str, Any]], None]
    ) -> None:
        try:
            await self._start_all(group)
            if not self._stop.is_set():
                announce(self.state())
            await self._stop.wait()
        except TramError as error:
            self._failure = error
        finally:
            await self._stop_all()

    async def _start_all(self, group: asyncio.TaskGroup) -> None:
        folder, settings = self._in.folder, self._in.settings
        await self._start(group, [nats_plan(folder, self._in.keys, self._ports["nats"], settings)])
        if self._stop.is_set():
            return
        await ensure_log(self._in, self._ports["nats"])
        await prepare(folder, settings, self._in.keys, self._in.clock, demo=self._demo)
        roles = ("store", "work", "web", "gateway")
        await self._start(group, [self._role_plan(role) for role in roles])
        if self._demo and not self._stop.is_set():
            await self._start(group, [self._role_plan("demo")])

    async def _start(self, group: asyncio.TaskGroup, plans: list[PartPlan]) -> None:
        """Start parts together and wait until all are well, or a stop is asked for."""
        parts = [Part(p, self._in.folder.logs, self._in.folder.run, self._in.clock) for p in plans]
        for part in parts:
            self._parts[part.plan.name] = part
            group.create_task(self._keep(part))
        for part in parts:
            await self._until_healthy(part)

    async def _until_healthy(self, part: Part) -> None:
        try:
            async with asyncio.timeout(_START_S_MAX), asyncio.TaskGroup() as waiting:
                healthy = waiting.create_task(part.healthy.wait())
                stop = waiting.create_task(self._stop.wait())
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

    async def _keep(self, part: Part) -> None:
        try:
            await part.keep_running(self._note)
        except TramError as error:
            self._failure = error
            self._stop.set()

    async def _stop_all(self) -> None:
        for name in _STOP_S:
            if name in self._parts:
                await self._parts[name].stop()

    def _note(self) -> None:
        self._in.folder.write_state(self.state())

    def _on_signal(self) -> None:
        """Stop in order at the first signal, at once at the second."""
        if self._stop.is_set():
            for part in self._parts.values():
                part.kill()
        self._stop.set()

    def _role_plan(self, role: str) -> PartPlan:
        port = self._ports[f"ops_{role}"]

        async def answers() -> bool:
            return await ask(port) is not None

        return PartPlan(
            name=role,
            command=python_command("tram.app.role", role, str(self._in.folder.root)),
            problem=partial(problem_of, port),
            answers=answers,
            stop_s=_STOP_S[role],
        )


def nats_plan(folder: DataFolder, keys: Keys, port: int, settings: Settings) -> PartPlan:
    """Return how to run the log's server."""
    configuration = nats_server.write_configuration(folder, keys, port, settings.log)

    async def answers() -> bool:
        return await nats_server.probe(port) is None

    return PartPlan(
        name="nats",
        command=(
            *python_command("tram.app.launch"),
            str(nats_server.find_program()),
            "-c",
            str(configuration),
        ),
        problem=partial(nats_server.probe, port),
        answers=answers,
        stop_s=_STOP_S["nats"],
    )


async def ensure_log(installation: Installation, port: int) -> None:
    """Create the log's streams where they are missing.

    Raises:
        Broken: if the running server has no JetStream.
    """
    access = NatsAccess(nats_server.server_url(port), installation.keys.seeds["ops"])
    link = await open_link(access, "ops")
    try:
        await ensure_streams(link, installation.settings.log.max_bytes, installation.clock)
    except OSError as error:
        raise Broken("log.streams", f"The log's streams cannot be made ({error}).") from error
    finally:
        await link.close()
