"""Commands of ``tram``; each opens the installation, does one thing and says so."""

import asyncio
import sys
from importlib.metadata import version as version_of
from pathlib import Path

import cyclopts
from rich.console import Console

from tram.app.commands.backup import back_up
from tram.app.commands.devices import list_devices, seed_devices
from tram.app.commands.doctor import examine
from tram.app.commands.findings import Grade
from tram.app.commands.restore import restore as restore_backup
from tram.app.commands.terminal import DEFAULT_DATA, Data, open_for_command, say
from tram.app.commands.up import up as up_all
from tram.app.commands.up import up_role
from tram.app.installation.passphrases import read_passphrase
from tram.app.installation.settings import commented_file

__all__ = ("app",)

_COLOURS = {Grade.FINE: "green", Grade.LOOK: "yellow", Grade.WRONG: "red"}
_EXIT_WRONG = 1

app = cyclopts.App(
    name="tram",
    help="A province's 5G stations and its IoT devices, in one place.",
    version_flags=[],
)
devices = cyclopts.App(name="devices", help="Devices: list them, or make many for a load.")
app.command(devices)


@app.command
def up(
    *, demo: bool = False, data: Data = DEFAULT_DATA, json: bool = False, role: str | None = None
) -> None:
    """Start the product and stay until Ctrl-C.

    Args:
        demo: Also simulate about 200 devices.
        data: The data folder; it is made where nothing is yet.
        json: Print one JSON object with ports and process ids instead of the table.
        role: Run only one more gateway or web process, beside a running product.
    """
    if role is None:
        up_all(data, demo=demo, json=json)
    else:
        up_role(data, role)


@app.command
def settings() -> None:
    """Print every setting with its meaning and default, as a tram.toml."""
    say(commented_file())


@app.command
def doctor(*, data: Data = DEFAULT_DATA) -> None:
    """Look at everything that may be wrong and say what to do; exit code 1 if something is."""
    console = Console(highlight=False)
    grades: list[Grade] = []

    async def run() -> None:
        async for finding in examine(data):
            grades.append(finding.grade)
            colour = _COLOURS[finding.grade]
            console.print(
                f"[{colour}]{finding.grade:5}[/] {finding.subject:9} {finding.sentence}",
                soft_wrap=True,
            )
            if finding.remedy:
                console.print(f"{'':16}→ {finding.remedy}", soft_wrap=True)

    asyncio.run(run())
    if Grade.WRONG in grades:
        sys.exit(_EXIT_WRONG)


@app.command
def backup(*, out: Path, passphrase_file: Path | None = None, data: Data = DEFAULT_DATA) -> None:
    """Write one file from which everything can be restored; the product may run meanwhile.

    Args:
        out: The file to write; it must not exist.
        passphrase_file: A file that holds the passphrase for the keys; else it is asked for.
        data: The data folder.
    """
    passphrase = read_passphrase(passphrase_file, twice=True)
    manifest = asyncio.run(back_up(open_for_command(data, make=False), out, passphrase))
    say(f"{out}: {len(manifest.parts)} parts, {manifest.blocks} blocks above the readings.")


@app.command
def restore(file: Path, *, data: Path, passphrase_file: Path | None = None) -> None:
    """Make an installation from a backup.

    Args:
        file: The backup.
        data: An empty folder, or one that does not exist.
        passphrase_file: A file that holds the passphrase; else it is asked for.
    """
    passphrase = read_passphrase(passphrase_file, twice=False)
    asyncio.run(restore_backup(file, data, passphrase))
    say(f"Restored into {data}. Start it: tram up --data {data}")


@app.command
def version() -> None:
    """Print the version."""
    say(version_of("tram"))


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
