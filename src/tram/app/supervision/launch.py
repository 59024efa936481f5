"""Start somebody else's program so that it dies with us: ``launch PARENT_PID PROGRAM …``.

The kernel's request to die with the parent survives ``exec``, so the program needs to know nothing.
"""

import os
import sys

from tram.runtime.processes.process import die_with_parent

__all__ = ("main",)


def main() -> None:
    """Ask the kernel, then become the program."""
    parent_pid, *command = sys.argv[1:]
    die_with_parent(int(parent_pid))
    os.execv(command[0], command)  # noqa: S606  # no shell on purpose


if __name__ == "__main__":
    main()
