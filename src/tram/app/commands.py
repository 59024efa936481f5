"""Commands of ``tram``; each opens the installation, does one thing and says so."""

import sys
from pathlib import Path
from typing import Annotated

import cyclopts

from tram.app import up as upping
from tram.runtime.settings import commented_file

__all__ = ("app",)

app = cyclopts.App(
    name="tram",
    help="A province's 5G stations and its IoT devices, in one place.",
    version_flags=[],
)
Data = Annotated[Path, cyclopts.Parameter(name="--data", help="The data folder.")]
_DEFAULT_DATA = Path("data")


@app.command
def up(
    *, demo: bool = False, data: Data = _DEFAULT_DATA, json: bool = False, role: str = ""
) -> None:
    """Start the product and stay until Ctrl-C.

    Args:
        demo: Also simulate about 200 devices.
        data: The data folder.
        json: Print one JSON object instead of the table.
        role: Run only this role beside a running product (gateway, web, work).
    """
    upping.up(data, demo=demo, json=json)


@app.command
def settings() -> None:
    """Print every setting with its meaning and default, as a tram.toml."""
    sys.stdout.write(commented_file())
