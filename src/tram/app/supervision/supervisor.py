"""Every part of the product under one process: started in order, kept alive, stopped in order."""

import asyncio
import contextlib
import dataclasses
import signal
from collections.abc import AsyncIterator, Callable
from typing import Any

from tram.app.installation.installation import Installation
from tram.app.installation.ports import inner_ports, need_public_ports
from tram.app.supervision.first_start import prepare
from tram.app.supervision.process_group import ProcessGroup, ensure_log, own_log, role_plan
from tram.runtime.errors import TramError

__all__ = ("borrow", "supervise")


async def supervise(
    installation: Installation, announce: Callable[[dict[str, Any]], None], *, demo: bool
) -> None:
    """Start everything, announce it, and stay until a signal comes.

    Raises:
        TramError: if a part cannot run; everything is stopped before.
    """
    settings = installation.settings
    need_public_ports(settings)
    ports = {
        "web": settings.web.port,
        "mqtt": settings.gateway.mqtt_port,
        "http": settings.gateway.http_port,
        **inner_ports(),
    }
    installation = dataclasses.replace(installation, ports=ports)
    parts = ProcessGroup(installation, demo=demo)
    _on_signals(parts)
    async with _running(parts) as group:
        group.create_task(parts.report())
        await _start_all(installation, parts, group, demo=demo)
        if not parts.stop.is_set():
            announce(parts.state())
        await parts.stop.wait()


@contextlib.asynccontextmanager
async def borrow(installation: Installation, *roles: str) -> AsyncIterator[Installation]:
    """Give an installation whose log and roles run: the running product's, or started for this.

    Raises:
        TramError: if they cannot be started.
    """
    if installation.folder.running.is_held():
        yield installation
        return
    with installation.folder.running.lock():
        started = dataclasses.replace(installation, ports=inner_ports())
        parts = ProcessGroup(started)
        async with _running(parts) as group:
            await parts.start(group, own_log(started))
            await ensure_log(started)
            await parts.start(group, [role_plan(started, role) for role in roles])
            if parts.failure is not None:
                raise parts.failure
            yield started


async def _start_all(
    installation: Installation, parts: ProcessGroup, group: asyncio.TaskGroup, *, demo: bool
) -> None:
    await parts.start(group, own_log(installation))
    if parts.stop.is_set():
        return
    await ensure_log(installation)
    await prepare(installation, demo=demo)
    roles = ("store", "alarms", "work", "web", "gateway")
    await parts.start(group, [role_plan(installation, role) for role in roles])
    if demo and not parts.stop.is_set():
        await parts.start(group, [role_plan(installation, "demo")])


@contextlib.asynccontextmanager
async def _running(parts: ProcessGroup) -> AsyncIterator[asyncio.TaskGroup]:
    """Give a group for the parts; at the end, also of an error, every part is stopped first."""
    failure: TramError | None = None
    async with asyncio.TaskGroup() as group:
        try:
            yield group
        except TramError as error:
            failure = error
        finally:
            await parts.stop_all()
    failure = parts.failure or failure
    if failure is not None:
        raise failure


def _on_signals(parts: ProcessGroup) -> None:
    """Stop in order at the first signal, at once at the second."""

    def hear() -> None:
        if parts.stop.is_set():
            parts.kill_all()
        parts.stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, hear)
