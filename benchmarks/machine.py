"""What the figures depend on: the machine's cores and the disk under the data."""

import os
from dataclasses import dataclass
from pathlib import Path

__all__ = ("Cores", "filesystem_of", "plan_cores")

_MOUNT_POINT = 4


@dataclass(frozen=True, slots=True)
class Cores:
    """Which cores the gateway, the load, and everything else may use."""

    gateway: frozenset[int]
    load: frozenset[int]
    rest: frozenset[int]


def plan_cores() -> Cores | None:
    """Divide the cores; None when there is only one.

    The gateway has the first core for itself. The load has the last, shared with the rest where
    there are only two.
    """
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) == 1:
        return None
    between = cores[1:-1] or cores[-1:]
    return Cores(frozenset(cores[:1]), frozenset(cores[-1:]), frozenset(between))


def filesystem_of(folder: Path) -> str:
    """Return the kind of file system that holds a folder; ``tmpfs`` means that no disk is used."""
    best, kind = "", "unknown"
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        left, _, right = line.partition(" - ")
        point = left.split()[_MOUNT_POINT]
        if folder.resolve().is_relative_to(point) and len(point) >= len(best):
            best, kind = point, right.split()[0]
    return kind
