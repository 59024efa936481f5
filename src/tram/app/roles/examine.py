"""Is this one record to blame? ``python -m tram.app.roles.examine PARENT_PID PART RECORD FOLDER``.

A process of its own takes an innocent record first, with the same code as the part, and says so; then
it takes the record. Only what happens after that is held against the record, and neither a full disk,
nor lack of memory, nor an absent engine is.
"""

import asyncio
import contextlib
import importlib
import resource
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from tram.app.supervision.part import python_command
from tram.fleet.block.block import BlockBuilder, BlockHeader, Message
from tram.runtime.errors import is_of_the_entry, reason_of
from tram.runtime.processes.process import CRASHES, die_with_parent
from tram.runtime.watch.inspection import Examine

__all__ = ("examiner", "main")

READY_S_MAX = 180.0
"""Until the innocent record is through; a machine that takes longer proves nothing."""
DEADLINE_S = 60.0
"""A block takes milliseconds; one that takes longer than this hangs its part."""
_TO_BLAME = 7
_SURROUNDINGS = 8
_READY = b"ready\n"
_WORDS_MAX = 4_096
_MEMORY_BYTES_MIN = _DISK_BYTES_MIN = 536_870_912
"""With less, an abort may be for want of room."""
_CODE = {
    "store": "tram.fleet.store.serving.examination",
    "alarms": "tram.fleet.alarms.raising.examination",
}
"""Loaded by the process that examines: no part carries the engine or the kernels of another."""


def examiner(part: str, folder: Path, scratch: Path) -> Examine:
    """Return what examines records of a part; ``folder`` holds the part's state, if it has any."""

    async def examine(payload: bytes) -> str | None:
        with tempfile.TemporaryDirectory(prefix="examine-", dir=scratch) as name:
            record = Path(name) / "record"
            record.write_bytes(payload)
            return await _watched((part, str(record), str(folder)), record)

    return examine


def main() -> None:
    """Take the record that the command line names."""
    parent_pid, part, record, folder = sys.argv[1:]
    die_with_parent(int(parent_pid))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    payload = Path(record).read_bytes()
    with tempfile.TemporaryDirectory(dir=Path(record).parent) as scratch:
        records = (_innocent(), payload)
        try:
            take = importlib.import_module(_CODE[part]).examine_block
            for place, _ in enumerate(take(Path(folder), Path(scratch), records)):
                if place == 0:
                    sys.stdout.write(_READY.decode())
                    sys.stdout.flush()
        except Exception as error:  # noqa: BLE001  # the report is the purpose
            sys.stdout.write(reason_of(error))
            sys.stdout.flush()
            sys.exit(_TO_BLAME if is_of_the_entry(error) else _SURROUNDINGS)


async def _watched(what: tuple[str, str, str], record: Path) -> str | None:
    """Return why the child died of the record, None if it lived or something else is to blame."""
    process = await asyncio.create_subprocess_exec(
        *python_command("tram.app.roles.examine", *what),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdout is not None
    is_ready = False
    try:
        async with asyncio.timeout(READY_S_MAX):
            is_ready = await process.stdout.readline() == _READY
        if not is_ready:
            return None  # not even the innocent one went through
        async with asyncio.timeout(DEADLINE_S):
            words = await process.stdout.read(_WORDS_MAX)
            code = await process.wait()
    except TimeoutError:
        is_to_blame = is_ready and _has_room(record)
        return f"takes longer than {DEADLINE_S:.0f} s" if is_to_blame else None
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    return _verdict(code, words.decode("utf-8", "replace"), record)


def _verdict(code: int, words: str, record: Path) -> str | None:
    if code == _TO_BLAME:
        return words or "raises an error without words"
    if code < 0 and -code in CRASHES and _has_room(record):
        return f"ends its process by {signal.Signals(-code).name}"
    return None


def _has_room(record: Path) -> bool:
    """Tell whether memory and disk are not what was wanting."""
    facts = dict(
        line.split(":", 1) for line in Path("/proc/meminfo").read_text("ascii").splitlines()
    )
    memory = int(facts["MemAvailable"].split()[0]) * 1024
    return memory > _MEMORY_BYTES_MIN and shutil.disk_usage(record.parent).free > _DISK_BYTES_MIN


def _innocent() -> bytes:
    """Return a block of nobody that says nothing."""
    builder = BlockBuilder()
    message = Message(1, 1, 0, False, 0, 1, 1)  # type: ignore[arg-type]  # noqa: FBT003  # a row as devices make it
    builder.add_values(message, {"innocent": 1.0}, 1, 0)
    return bytes(builder.encode(BlockHeader("0" * 16, 1, 1)))


if __name__ == "__main__":
    main()
