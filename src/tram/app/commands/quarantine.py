"""``tram quarantine``: records that alone brought a part down; listed, shown, given back to the log."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import cyclopts

from tram.app.commands.terminal import DEFAULT_DATA, Data, open_for_command, say
from tram.app.installation.installation import Installation
from tram.app.supervision.supervisor import borrow
from tram.fleet.block.given_back import given_back
from tram.fleet.log.nats_connection import open_link
from tram.fleet.log.publisher import give_back
from tram.runtime.watch.quarantine import Quarantine, Quarantined

__all__ = ("quarantine",)

_BYTES_SHOWN = 512

quarantine = cyclopts.App(
    name="quarantine", help="Records that alone brought a part down: look at them, try them again."
)


@quarantine.command(name="list")
def list_all(*, data: Data = DEFAULT_DATA) -> None:
    """Print name, time, size, state and reason of each record, tab-separated, newest first.

    Args:
        data: The data folder.
    """
    for record in _opened(data)[1].list():
        say(_line(record))


@quarantine.command
def show(name: str, *, data: Data = DEFAULT_DATA) -> None:
    """Print a record: what is known of it, and its first bytes.

    Args:
        name: As the list names it.
        data: The data folder.
    """
    record, payload = _opened(data)[1].one(name)
    say(_line(record))
    for start in range(0, min(len(payload), _BYTES_SHOWN), 16):
        row = payload[start : start + 16]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)  # noqa: PLR2004  # printable ASCII
        say(f"{start:08x}  {row.hex(' '):47}  {text}")


@quarantine.command
def retry(name: str, *, data: Data = DEFAULT_DATA) -> None:
    """Give a record back to the log, for the part it came from; what it does is done once.

    Args:
        name: As the list names it.
        data: The data folder.
    """
    installation, records = _opened(data)
    record, payload = records.one(name)
    boot, block = given_back(payload, record.part)
    is_new = asyncio.run(_publish(installation, boot, block))
    records.note_tried(record)
    say(
        f"{name}: given back." if is_new else f"{name}: was given back before; nothing is doubled."
    )


async def _publish(installation: Installation, boot: str, block: bytes) -> bool:
    async with (
        borrow(installation) as running,
        await open_link(running.log_access("ops"), "ops") as link,
    ):
        return await give_back(link, boot, block)


def _opened(data: Path) -> tuple[Installation, Quarantine]:
    installation = open_for_command(data)
    return installation, Quarantine(installation.folder.quarantine, installation.clock)


def _line(record: Quarantined) -> str:
    at = datetime.fromtimestamp(record.at_ms / 1000, UTC).isoformat(timespec="seconds")
    return f"{record.name}\t{at}\t{record.bytes}\t{record.state}\t{record.reason}"
