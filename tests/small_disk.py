"""A disk of a few megabytes: a tmpfs, which needs the right to mount (root)."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BALLAST = "ballast"
_LEFT_BYTES = 65_536


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """Mount one at the folder; what is in it is gone at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tram-test", str(folder)]
    done = subprocess.run(mounting, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"a test mounts a small disk: run it as root ({done.stderr})"
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path) -> None:
    """Leave 64 KiB of room, whoever else writes there meanwhile."""
    statistics = os.statvfs(disk)
    with (disk / BALLAST).open("wb", buffering=0) as file, contextlib.suppress(OSError):
        file.write(bytes(statistics.f_bavail * statistics.f_frsize))
    with (disk / BALLAST).open("r+b") as file:
        file.truncate(max(file.seek(0, os.SEEK_END) - _LEFT_BYTES, 0))


def make_room(disk: Path) -> None:
    """Take the ballast away."""
    (disk / BALLAST).unlink()
