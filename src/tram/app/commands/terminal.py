"""What commands share: the data folder, its installation, and how they speak."""

import sys
from pathlib import Path
from typing import Annotated

import cyclopts

from tram.app.installation.installation import Installation, open_installation
from tram.app.installation.rotation import log_into

__all__ = ("DEFAULT_DATA", "Data", "open_for_command", "say")

Data = Annotated[Path, cyclopts.Parameter(name="--data", help="The data folder.")]
DEFAULT_DATA = Path("data")


def open_for_command(data: Path, *, make: bool = True) -> Installation:
    """Return the installation of a folder; what the command notes goes to its own log.

    Raises:
        TramError: if there is none and ``make`` is not set, or it cannot be opened.
    """
    installation = open_installation(data, make=make)
    log_into(installation.folder, "command")
    return installation


def say(text: str) -> None:
    """Print a line."""
    sys.stdout.write(text + "\n")
