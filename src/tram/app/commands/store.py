"""``tram store``: move the telemetry store to a server while it runs."""

import asyncio
from pathlib import Path

import cyclopts

from tram.app.commands.terminal import DEFAULT_DATA, Data, open_for_command, say
from tram.app.composition.engines import open_store
from tram.fleet.store.engine.moved import Home, MoveReport

__all__ = ("store",)


store = cyclopts.App(name="store", help="The telemetry store: where its tables are.")


@store.command
def move(*, to: str, key_file: Path, data: Data = DEFAULT_DATA) -> None:
    """Copy every table to a server, compare both sides, and go on there.

    Args:
        to: The server's address (http://host:port).
        key_file: A file with the key that the server asks for.
        data: The data folder of the running product.
    """
    installation = open_for_command(data)
    home = Home(to, key_file.read_text().strip())

    async def run() -> MoveReport:
        async with open_store(installation) as client:
            return await client.move(home)

    for line in asyncio.run(run()).tables:
        say(f"{line.table}\t{line.rows}\t{line.hash}")
    say(f"The store is at {to} now; the old tables stay in the data folder.")
