"""``tram restore``: make an installation from a backup, in an empty folder and nowhere else."""

import asyncio
import shutil
import tempfile
from pathlib import Path

from tram.app.commands.backup import BLOCKS_FILE, KEYS_FILE, REGISTRY_FILE
from tram.app.commands.terminal import say
from tram.app.installation.backup_file import BackupManifest, unpack
from tram.app.installation.block_file import read_blocks
from tram.app.installation.data_folder import open_folder
from tram.app.installation.installation import Installation, open_installation
from tram.app.installation.passphrases import read_passphrase
from tram.app.installation.rotation import log_into
from tram.app.installation.sealing import unseal
from tram.app.supervision.supervisor import borrow
from tram.fleet.block.block import decode_header
from tram.fleet.log.nats_connection import open_link
from tram.fleet.log.publisher import LogPublisher
from tram.runtime.errors import Refused
from tram.runtime.whole_files import write_private

__all__ = ("restore", "restore_backup")


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


async def restore_backup(backup: Path, root: Path, passphrase: str) -> BackupManifest:
    """Restore ``backup`` into ``root``, which must be empty or not there.

    Raises:
        Refused: if the folder is not empty, the file is no backup, or the passphrase is wrong.
        Broken: if the backup is damaged.
    """
    root = _need_empty(root)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=root.parent) as name:
        parts = Path(name)
        manifest = await asyncio.to_thread(unpack, backup, parts)
        keys = await asyncio.to_thread(unseal, (parts / KEYS_FILE).read_bytes(), passphrase)
        try:
            installation = await asyncio.to_thread(_place, parts, root, keys)
            await asyncio.to_thread(_import, parts / "store", installation.folder.store)
            async with borrow(installation) as running:
                await _republish(running, parts / BLOCKS_FILE, manifest.checkpoint_seq)
        except BaseException:
            shutil.rmtree(root, ignore_errors=True)  # it was empty: nothing but our own is lost
            raise
    return manifest


def _need_empty(root: Path) -> Path:
    """Return the folder's whole path; only its parents are made."""
    root = root.expanduser().absolute()
    try:
        if root.exists() and any(root.iterdir()):
            raise Refused(
                "restore.not_empty", f"The folder {root} is not empty.", "Choose an empty folder."
            )
        root.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(
            "data.unwritable",
            f"The folder {root} cannot be made ({error.strerror}).",
            "Choose another folder with --data.",
        ) from error
    return root


def _place(parts: Path, root: Path, keys: dict[str, bytes]) -> Installation:
    """Put keys, registry, province, files and settings where they belong."""
    (root / "keys").mkdir(mode=0o700, parents=True)
    for name, raw in keys.items():
        write_private(root / "keys" / name, raw)
    if (parts / "tram.toml").exists():
        shutil.copy(parts / "tram.toml", root / "tram.toml")
    if (parts / "province").exists():
        shutil.copytree(parts / "province", root / "province")
    folder = open_folder(root)
    if (parts / "files").exists():  # a file with nothing in it names no folder
        shutil.copytree(parts / "files", folder.files, dirs_exist_ok=True)
    shutil.copy(parts / REGISTRY_FILE, folder.registry_file)
    log_into(folder, "command")
    return open_installation(root)


def _import(parts: Path, store: Path) -> None:
    # The engine takes 200 MB as soon as it is imported: no other command shall carry it.
    from tram.fleet.store.serving.backup import import_folder  # noqa: PLC0415

    import_folder(parts, store)


async def _republish(installation: Installation, file: Path, checkpoint_seq: int) -> None:
    """Put the blocks that the readings lack into the new log, in their order.

    The new log has a new epoch, so their rows get new identities; that a block is not taken twice
    is seen by its boot and number, which the store's checkpoint keeps.
    """
    publishers: dict[str, LogPublisher] = {}
    async with await open_link(installation.log_access("ops"), "ops") as link:
        for seq, payload in read_blocks(file):
            if seq <= checkpoint_seq:
                continue
            header = decode_header(payload)
            if header.boot not in publishers:
                publishers[header.boot] = LogPublisher(link, header.boot, installation.clock)
            await publishers[header.boot].put(header.number, payload)
