"""``tram restore``: make an installation from a backup, in an empty folder and nowhere else."""

import asyncio
import dataclasses
import shutil
import tempfile
from pathlib import Path

from tram.app.archive import Manifest, unpack
from tram.app.backup import BLOCKS_FILE, KEYS_FILE, REGISTRY_FILE
from tram.app.block_file import read_blocks
from tram.app.data_folder import open_folder
from tram.app.installation import Installation, open_installation
from tram.app.sealing import unseal
from tram.app.supervisor import borrow
from tram.fleet.gateway.block import decode_header
from tram.fleet.log.link import open_link
from tram.fleet.log.publisher import LogPublisher
from tram.runtime.errors import Refused
from tram.runtime.process import write_private

__all__ = ("restore",)


async def restore(backup: Path, root: Path, passphrase: str) -> Manifest:
    """Restore ``backup`` into ``root``, which must be empty or not there.

    Raises:
        Refused: if the folder is not empty, the file is no backup, or the passphrase is wrong.
        Broken: if the backup is damaged.
    """
    root = root.expanduser().absolute()
    if root.exists() and any(root.iterdir()):
        raise Refused(
            "restore.not_empty", f"The folder {root} is not empty.", "Choose an empty folder."
        )
    root.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=root.parent) as name:
        parts = Path(name)
        manifest = await asyncio.to_thread(unpack, backup, parts)
        keys = await asyncio.to_thread(unseal, (parts / KEYS_FILE).read_bytes(), passphrase)
        installation = await asyncio.to_thread(_place, parts, root, keys)
        await _restore_readings(installation, parts, manifest)
    return manifest


def _place(parts: Path, root: Path, keys: dict[str, bytes]) -> Installation:
    """Put keys, registry, files and settings where they belong."""
    (root / "keys").mkdir(mode=0o700, parents=True)
    for name, raw in keys.items():
        write_private(root / "keys" / name, raw)
    if (parts / "tram.toml").exists():
        shutil.copy(parts / "tram.toml", root / "tram.toml")
    folder = open_folder(root)
    shutil.copytree(parts / "files", folder.files, dirs_exist_ok=True)
    shutil.copy(parts / REGISTRY_FILE, folder.registry_file)
    return open_installation(root)
