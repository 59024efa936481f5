"""``tram up``: check, start the supervisor, say where everything is."""

import asyncio
import json as json_format
import sys
from functools import partial
from pathlib import Path
from typing import Any

from tram.app.announcement import print_table
from tram.app.installation import open_installation
from tram.app.supervisor import supervise
from tram.runtime.logging import start_logging
from tram.runtime.process import run_until_signal

__all__ = ("up",)


def up(data: Path, *, demo: bool, json: bool) -> None:
    """Run the product until a signal comes.

    Raises:
        TramError: if it cannot start or a part cannot go on.
    """
    installation = open_installation(data)
    start_logging("supervisor", level="warning")
    announce = _print_json if json else partial(print_table, installation)

    async def main(_stop: asyncio.Event) -> None:
        await supervise(installation, announce, demo=demo)

    with installation.folder.lock():
        run_until_signal(main)


def _print_json(state: dict[str, Any]) -> None:
    sys.stdout.write(json_format.dumps(state) + "\n")
    sys.stdout.flush()
