"""One part of the product as a process: ``python -m tram.app.roles.process PARENT_PID ROLE FOLDER``.

Everything else it reads from the data folder: settings, keys, and the ports that the supervisor
noted. It dies with its parent. A role that cannot go on leaves its sentence for the supervisor.
"""

import asyncio
import contextlib
import gc
import importlib
import json
import sys
from pathlib import Path

from tram.app.installation.installation import Installation, open_installation
from tram.app.supervision.part import exit_code, problem_file
from tram.runtime.errors import TramError, first_of
from tram.runtime.logging import get_logger, start_logging
from tram.runtime.processes.garbage_collector import collect_seldom
from tram.runtime.processes.process import (
    die_at_once_of_crashes,
    die_with_parent,
    run_until_signal,
)
from tram.runtime.whole_files import write_private

__all__ = ("ROLES", "main", "run_role")

ROLES = ("gateway", "store", "alarms", "web", "work", "demo")


def main() -> None:
    """Run the role that the command line names."""
    parent_pid, role, data = sys.argv[1:]
    die_with_parent(int(parent_pid))
    die_at_once_of_crashes()
    start_logging(role)
    try:
        run_role(role, open_installation(Path(data)))
    except TramError as error:
        get_logger().error("role ended", code=error.code, sentence=error.sentence)
        said = {"code": error.code, "sentence": error.sentence, "hint": error.hint}
        with contextlib.suppress(OSError):  # the folder itself may be what cannot be written
            write_private(problem_file(Path(data) / "run", role), json.dumps(said).encode())
        sys.exit(exit_code(error))


def run_role(role: str, installation: Installation) -> None:
    """Run a role until a signal comes.

    Raises:
        TramError: the first that ended it.
    """
    gc.disable()  # what modules make lives for ever: looking at it again and again finds nothing
    wiring = importlib.import_module(f"tram.app.roles.{role}")
    gc.enable()
    collect_seldom()

    async def body(stop: asyncio.Event) -> None:
        try:
            await wiring.run(installation, stop)
        except BaseExceptionGroup as errors:
            raise first_of(errors) from errors

    run_until_signal(body)


if __name__ == "__main__":
    main()
