"""``tram devices``: make many devices at once for a load, and list what there is."""

import asyncio
import csv
import os
from collections.abc import AsyncIterator
from pathlib import Path

import cyclopts

from tram.app.commands.terminal import DEFAULT_DATA, Data, open_for_command, say
from tram.app.composition.registers import open_registers
from tram.app.installation.installation import Installation
from tram.registry.kernel.viewer import system_viewer
from tram.registry.kernel.views import DeviceRow, SeededDevice
from tram.runtime.errors import Refused

__all__ = ("devices", "list_devices", "seed_devices")

_COLUMNS = ("device", "name", "token")
_PAGE = 200

devices = cyclopts.App(name="devices", help="Devices: list them, or make many for a load.")


@devices.command
def seed(*, n: int, tokens: Path, data: Data = DEFAULT_DATA) -> None:
    """Make synthetic devices for a load.

    Args:
        n: How many.
        tokens: A new file for their tokens (CSV: device, name, token; 0600).
        data: The data folder.
    """
    made = asyncio.run(seed_devices(open_for_command(data), n, tokens))
    say(f"{made} devices; their tokens are in {tokens}.")


@devices.command(name="list")
def list_all(*, search: str = "", data: Data = DEFAULT_DATA) -> None:
    """Print number, code, sector and name of each device, tab-separated.

    Args:
        search: Words of the name or code; accents do not matter.
        data: The data folder.
    """

    async def run() -> None:
        async for device in list_devices(open_for_command(data, make=False), search):
            say(f"{device.id}\t{device.code}\t{device.sector}\t{device.name}")

    asyncio.run(run())


async def seed_devices(installation: Installation, count: int, tokens: Path) -> int:
    """Make ``count`` synthetic devices and write their tokens to a new 0600 file; return how many.

    The registry is shared: it does not matter whether the product runs.

    Raises:
        Refused: if the file is there already, or cannot be written.
    """
    try:
        handle = os.open(tokens, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Refused(
            "seed.file",
            f"The tokens cannot be written to {tokens} ({error.strerror}).",
            "Give the path of a file that does not exist yet.",
        ) from error
    async with open_registers(installation) as registers:
        registry = registers.registry
        viewer = system_viewer(await registry.seed_base())
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(_COLUMNS)

            def keep(batch: list[SeededDevice]) -> None:
                writer.writerows((device.id, device.name, device.token) for device in batch)

            return await registry.seed_devices(viewer, count, org=viewer.org, sink=keep)


async def list_devices(installation: Installation, search: str) -> AsyncIterator[DeviceRow]:
    """Yield every device whose name or code has the words."""
    async with open_registers(installation) as registers:
        registry = registers.registry
        viewer = system_viewer(await registry.seed_base())
        after: str | None = None
        while True:
            page = await registry.devices.page(viewer, search=search, after=after, limit=_PAGE)
            for device in page.items:
                yield device
            after = page.next_after
            if after is None:
                return
