"""``tram store``: move the telemetry store to a server while it runs."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import cyclopts

from tram.app.composition.engines import open_store
from tram.app.installation.installation import open_installation
from tram.app.installation.rotation import log_into
from tram.fleet.store.engine.moved import Home, MoveReport

__all__ = ("store",)

Data = Annotated[Path, cyclopts.Parameter(name="--data", help="The data folder.")]
_DEFAULT_DATA = Path("data")

store = cyclopts.App(name="store", help="The telemetry store: where its tables are.")


@store.command
def move(*, to: str, key_file: Path, data: Data = _DEFAULT_DATA) -> None:
    """Copy every table to a server, compare both sides, and go on there.

    Args:
        to: The server's address (http://host:port).
        key_file: A file with the key that the server asks for.
        data: The data folder of the running product.
    """
    installation = open_installation(data)
    log_into(installation.folder, "command")
    home = Home(to, key_file.read_text().strip())

    async def run() -> MoveReport:
        client = open_store(installation)
        try:
            return await client.move(home)
        finally:
            await client.close()

    for line in asyncio.run(run()).tables:
        sys.stdout.write(f"{line.table}\t{line.rows}\t{line.hash}\n")
    sys.stdout.write(f"The store is at {to} now; the old tables stay in the data folder.\n")
