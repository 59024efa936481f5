"""The backup file: one tar whose first entry says what each other entry must be."""

import hashlib
import json
import tarfile
from dataclasses import asdict, dataclass
from pathlib import Path

from tram.runtime.errors import Broken, Refused

__all__ = ("BACKUP_FORMAT", "BackupManifest", "pack", "unpack")

BACKUP_FORMAT = 1
_MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class BackupManifest:
    """What a backup holds; ``parts`` maps each entry to its SHA-256, times are UTC epoch ms."""

    format: int
    version: str
    created_ms: int
    log_epoch: int
    checkpoint_seq: int
    blocks: int
    parts: dict[str, str]


def pack(folder: Path, out: Path, manifest: BackupManifest) -> BackupManifest:
    """Write all files of ``folder`` into the tar ``out``; return the manifest with the hashes."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    parts = {path.relative_to(folder).as_posix(): _sha256(path) for path in files}
    whole = BackupManifest(**{**asdict(manifest), "parts": parts})
    (folder / _MANIFEST).write_text(json.dumps(asdict(whole), indent=1))
    part = out.with_name(out.name + ".part")
    part.touch(mode=0o600)
    with tarfile.open(part, "w") as tar:
        for name in (_MANIFEST, *parts):
            tar.add(folder / name, arcname=name)
    part.replace(out)
    return whole


def unpack(backup: Path, folder: Path) -> BackupManifest:
    """Unpack into ``folder`` and check every part.

    Raises:
        Refused: if the file is not there, is no backup, or is of a newer format.
        Broken: if a part is damaged, missing or unexpected.
    """
    try:
        with tarfile.open(backup, "r") as tar:
            tar.extractall(folder, filter="data")
        written = json.loads((folder / _MANIFEST).read_text())
    except FileNotFoundError:
        raise Refused(
            "backup.unknown", f"There is no backup at {backup}.", "Give the path of a backup file."
        ) from None
    except (tarfile.TarError, json.JSONDecodeError, OSError) as error:
        raise Refused(
            "backup.unreadable", f"{backup} is no backup of Trạm ({error}).", "Give another file."
        ) from error
    if written.get("format") != BACKUP_FORMAT:
        raise Refused(
            "backup.newer",
            f"The backup has format {written.get('format')}, this version reads {BACKUP_FORMAT}.",
            "Restore it with the version of Trạm that made it.",
        )
    manifest = BackupManifest(**written)
    _check(folder, manifest)
    return manifest


def _check(folder: Path, manifest: BackupManifest) -> None:
    found = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    wrong = sorted(found - {_MANIFEST} ^ set(manifest.parts))
    wrong += [
        name
        for name, sha256 in manifest.parts.items()
        if name in found and _sha256(folder / name) != sha256
    ]
    if wrong:
        raise Broken(
            "backup.damaged",
            f"The backup is damaged: {', '.join(wrong[:5])} is not what was written.",
            "Take another copy of the backup.",
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
