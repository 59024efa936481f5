"""Processes that live and die together: ports, locks, and children that never outlive us."""

import asyncio
import ctypes
import faulthandler
import fcntl
import itertools
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import IO, Final

import uvloop

from tram.runtime.errors import Refused, Unavailable

__all__ = (
    "die_at_once_of_crashes",
    "die_with_parent",
    "folder_lock",
    "free_port",
    "free_ports",
    "is_free",
    "leave_processor_to_others",
    "run_until_signal",
)

CRASHES: Final = frozenset(
    {signal.SIGSEGV, signal.SIGABRT, signal.SIGFPE, signal.SIGILL, signal.SIGBUS}
)
"""Signals by which compiled code ends its process."""
_STDERR = 2
"""The descriptor itself: whatever stands for ``sys.stderr`` may have none."""
_PR_SET_PDEATHSIG = 1
_NICER = 10
_LOOPBACK = "127.0.0.1"
# Below Linux' ephemeral range: no outgoing connection sits on a port while its server starts again,
# not even that of a client who tries so often that it is given the server's own port one day.
_PORTS = range(10_000, 20_000)
_steps = itertools.count(os.getpid() * 1_009)  # processes begin far from each other


def die_with_parent(parent_pid: int) -> None:
    """Ask the kernel to kill this process when its parent dies (Linux).

    The request survives ``exec``. If the parent died before we asked, end now.
    """
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        sys.exit(1)


def die_at_once_of_crashes() -> None:
    """Let a crash of compiled code end this process, whatever a library arranged for it.

    Stacks go to stderr. To be called again after such a library has started.
    """
    libc = ctypes.CDLL(None)
    faulthandler.disable()
    for number in CRASHES:
        libc.signal(int(number), 0)  # signal.signal would want the main thread
    faulthandler.enable(file=_STDERR)


def leave_processor_to_others() -> None:
    """Give way, as a thread or process does whose work takes long beside those who answer at once.

    Threads and processes that the caller starts from now on do the same. Where the kernel shares by
    session first (autogroup), this counts within the caller's session alone.
    """
    os.nice(_NICER)  # of the calling thread, on Linux


def free_port() -> int:
    """Return a TCP port that is free on loopback at this moment."""
    return free_ports(1)[0]


def free_ports(count: int, among: range = _PORTS) -> list[int]:
    """Return so many different TCP ports that are free on loopback at this moment.

    Each call goes on where the last one ended: what is not in use yet is not given twice.

    Raises:
        Unavailable: ``port.none_free``.
    """
    ports = (among[step % len(among)] for step in itertools.islice(_steps, len(among)))
    found = list(itertools.islice((port for port in ports if is_free(_LOOPBACK, port)), count))
    if len(found) < count:
        raise Unavailable(
            "port.none_free",
            f"No loopback port between {among.start} and {among.stop} is free.",
            "Stop some programs on this machine.",
        )
    return found


def is_free(host: str, port: int) -> bool:
    """Whether this process could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def folder_lock(path: Path) -> IO[str]:
    """Hold the lock file until the returned file is closed; refuse if another process holds it."""
    lock = path.open("a+", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise Refused(
            "data.in_use",
            f"Another Trạm is running on {path.parent}.",
            "Stop it first, or choose another folder with --data.",
        ) from None
    return lock


def run_until_signal(main: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Run ``main(stop)`` on uvloop; SIGINT and SIGTERM set ``stop``, a second one is ignored."""

    async def body() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        await main(stop)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(body())
