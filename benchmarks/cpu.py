"""CPU time of processes to the nanosecond, and which core each may use.

The kernel counts the nanoseconds that every thread ran (``schedstat``). The sum over a process's
threads forgets those that ended, the process's own total (``stat``) does not but counts in steps of
10 ms: the larger of both is taken.
"""

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

__all__ = ("cpu_seconds", "cpu_seconds_by_part", "descendants", "pin")

_NANOSECONDS = 1_000_000_000
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
# Fields of /proc/<pid>/stat after the program's name, which may itself hold spaces.
_PARENT, _USER_TICKS, _SYSTEM_TICKS = 1, 11, 12


def cpu_seconds(pid: int) -> float:
    """Return the CPU seconds that all threads of a process have used; 0 when it is gone."""
    total_ns = 0
    for thread in _threads(pid):
        try:
            total_ns += int(Path(f"/proc/{pid}/task/{thread}/schedstat").read_text().split()[0])
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended between listing and reading
    fields = _stat(pid)
    ticks = int(fields[_USER_TICKS]) + int(fields[_SYSTEM_TICKS]) if fields else 0
    return max(total_ns / _NANOSECONDS, ticks / _TICKS_PER_S)


def cpu_seconds_by_part(supervisor: int, parts: dict[str, int]) -> dict[str, float]:
    """Return the CPU seconds of every process under the supervisor, by part.

    A child of a part counts for the part; the supervisor itself is ``supervisor``.
    """
    parents = _parents()
    names = {pid: name for name, pid in parts.items()}
    seconds = dict.fromkeys((*parts, "supervisor"), 0.0)
    for pid in (supervisor, *descendants(supervisor, parents)):
        owner = pid
        while owner not in names and owner in parents and owner != supervisor:
            owner = parents[owner]
        seconds[names.get(owner, "supervisor")] += cpu_seconds(pid)
    return seconds


def descendants(pid: int, parents: dict[int, int] | None = None) -> list[int]:
    """Return the children of a process, their children and so on."""
    parents = _parents() if parents is None else parents
    found = [child for child, parent in parents.items() if parent == pid]
    return found + [deeper for child in found for deeper in descendants(child, parents)]


def pin(pid: int, cores: Iterable[int]) -> None:
    """Let every thread of a process run on these cores only; later threads inherit it."""
    wanted = set(cores)
    done: set[int] = set()
    while missing := set(_threads(pid)) - done:
        for thread in missing:
            with contextlib.suppress(ProcessLookupError):  # it ended; nothing to pin
                os.sched_setaffinity(thread, wanted)
            done.add(thread)


def _threads(pid: int) -> list[int]:
    try:
        return [int(name) for name in os.listdir(f"/proc/{pid}/task")]  # noqa: PTH208  # names only
    except (FileNotFoundError, ProcessLookupError):
        return []


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _parents() -> dict[int, int]:
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208
    return {pid: int(fields[_PARENT]) for pid in pids if (fields := _stat(pid))}
