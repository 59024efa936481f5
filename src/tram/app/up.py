"""``tram up``: check, start the supervisor, say where everything is."""

import asyncio
import json as json_format
import sys
from functools import partial
from pathlib import Path
from typing import Any

from tram.app.announcement import print_table
from tram.app.data_folder import open_folder
from tram.app.supervisor import Installation, Supervisor
from tram.runtime.clock import SystemClock
from tram.runtime.logging import start_logging
from tram.runtime.process import run_until_signal
from tram.runtime.settings import load_settings

__all__ = ("open_installation", "up")


def open_installation(data: Path) -> Installation:
    """Open the data folder, its settings and its secrets.

    Raises:
        Refused: naming every wrong setting, or what is wrong with the folder.
    """
    folder = open_folder(data)
    settings = load_settings(folder.settings_file)
    return Installation(folder, folder.read_keys(), settings, SystemClock())


def up(data: Path, *, demo: bool, json: bool) -> None:
    """Run the product until a signal comes.

    Raises:
        TramError: if it cannot start or a part cannot go on.
    """
    installation = open_installation(data)
    start_logging("supervisor", level="warning")
    announce = _print_json if json else partial(print_table, installation)

    async def main(_stop: asyncio.Event) -> None:
        await Supervisor(installation, demo=demo).run(announce)

    with installation.folder.lock():
        run_until_signal(main)


def _print_json(state: dict[str, Any]) -> None:
    sys.stdout.write(json_format.dumps(state) + "\n")
    sys.stdout.flush()
