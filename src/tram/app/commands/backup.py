"""``tram backup``: one file from which the whole installation can be made again, taken at any time.

The order makes it whole: blocks are copied from before the store's export until after it, so that
every reading is in the export or in a block; the registry comes last, so that every device that a
reading names is in it.
"""

import asyncio
import contextlib
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from tram.app.commands.terminal import DEFAULT_DATA, Data, open_for_command, say
from tram.app.composition.engines import open_store
from tram.app.installation.backup_file import BACKUP_FORMAT, BackupManifest, pack
from tram.app.installation.block_file import BlockFileWriter
from tram.app.installation.installation import Installation
from tram.app.installation.passphrases import read_passphrase
from tram.app.installation.sealing import seal
from tram.app.supervision.supervisor import borrow
from tram.fleet.log.nats_connection import open_link
from tram.fleet.log.reader import LogReader
from tram.runtime.errors import Refused

__all__ = ("BLOCKS_FILE", "KEYS_FILE", "REGISTRY_FILE", "back_up", "backup")

BLOCKS_FILE = "blocks.bin"
KEYS_FILE = "keys.sealed"
REGISTRY_FILE = "registry.db"
_SETTINGS_FILE = "tram.toml"
_PRIVATE_KEYS = ("*.key", "*.seed", "*.txt", "*.csv", "*.pem")


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


async def back_up(installation: Installation, out: Path, passphrase: str) -> BackupManifest:
    """Write a backup to ``out`` (0600); the product may run or not.

    Raises:
        Refused: if ``out`` is there already, or the registry is kept elsewhere.
        Unavailable: if a part that is needed does not answer.
    """
    _need_room_for(out, installation)
    keys = seal(_read_keys(installation.folder.keys), passphrase)
    with _staging(installation) as folder:
        async with borrow(installation, "store") as running:
            manifest = await _collect(running, folder)
        (folder / KEYS_FILE).write_bytes(keys)
        await asyncio.to_thread(_copy_files, installation, folder)
        return await asyncio.to_thread(pack, folder, out, manifest)


def _need_room_for(out: Path, installation: Installation) -> None:
    """Refuse what cannot be done before any work."""
    if out.exists():
        raise Refused("backup.exists", f"{out} is there already.", "Choose another name.")
    if not out.absolute().parent.is_dir():
        raise Refused(
            "backup.folder", f"There is no folder {out.parent}.", "Make it, or choose another."
        )
    if installation.settings.registry.url:
        raise Refused(
            "backup.registry_elsewhere",
            "The registry is kept in PostgreSQL, which this command does not copy.",
            "Use pg_dump for it; the rest is not backed up alone, as it would not fit together.",
        )


async def _collect(installation: Installation, folder: Path) -> BackupManifest:
    """Copy blocks, readings and registry, in this order."""
    async with (
        open_store(installation) as store,
        await open_link(installation.log_access("ops"), "ops") as link,
    ):
        reader = LogReader(link)
        before = await store.status()
        with BlockFileWriter(folder / BLOCKS_FILE) as blocks:
            await _copy_blocks(reader, blocks, before.checkpoint_seq)
            (folder / "store").mkdir()
            await store.export(str(folder / "store"))
            await _copy_blocks(reader, blocks, max(before.checkpoint_seq, blocks.last_seq))
        await asyncio.to_thread(
            _copy_registry, installation.folder.registry_file, folder / REGISTRY_FILE
        )
    exported = json.loads((folder / "store" / "manifest.json").read_bytes())["checkpoint"]
    return BackupManifest(
        format=BACKUP_FORMAT,
        version=version("tram"),
        created_ms=installation.clock.now_ms(),
        log_epoch=exported["epoch"],
        checkpoint_seq=exported["seq"],
        blocks=blocks.count,
        parts={},
    )


async def _copy_blocks(reader: LogReader, blocks: BlockFileWriter, after_seq: int) -> None:
    """Copy what the log holds above ``after_seq`` at this moment."""
    last_seq = (await reader.state()).last_seq
    if last_seq <= after_seq:
        return
    async for seq, payload in reader.read(after_seq):
        blocks.add(seq, payload)
        if seq >= last_seq:
            return


def _copy_registry(source: Path, target: Path) -> None:
    """Copy the database as of one moment, while others write to it."""
    with (
        contextlib.closing(sqlite3.connect(source)) as database,
        contextlib.closing(sqlite3.connect(target)) as copy,
    ):
        database.backup(copy)


def _read_keys(folder: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes()
        for pattern in _PRIVATE_KEYS
        for path in sorted(folder.glob(pattern))
    }


def _copy_files(installation: Installation, folder: Path) -> None:
    shutil.copytree(installation.folder.files, folder / "files")
    if installation.folder.province.exists():
        shutil.copytree(installation.folder.province, folder / "province")
    if installation.folder.settings_file.exists():
        shutil.copy(installation.folder.settings_file, folder / _SETTINGS_FILE)


@contextlib.contextmanager
def _staging(installation: Installation) -> Iterator[Path]:
    """Give a private folder on the data folder's disk, removed at the end."""
    with tempfile.TemporaryDirectory(prefix="backup-", dir=installation.folder.run) as name:
        yield Path(name)
