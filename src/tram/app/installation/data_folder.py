"""The data folder: everything that the product keeps, in one place that can be moved as a whole.

format        which version of this layout lies here
tram.toml     settings of the installation (may be absent)
province/     which province this installation is of, or its own copy of one
registry.db   organisations, people, devices, grants
nats/         the durable log
store/        readings
rules/        states of the rules
files/        what people upload
exports/      files of readings that people asked for, a week each; no backup has them
keys/         secrets, readable by the owner alone
quarantine/   records that alone bring a part down
run/          lock and ports of the running product
logs/         one rotated file per role
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from tram.app.installation.keys import Keys, make_keys, read_keys
from tram.app.installation.province_folder import keep_province
from tram.app.installation.run_state import RunState
from tram.runtime.errors import Refused
from tram.runtime.whole_files import write_private

__all__ = ("FORMAT", "DataFolder", "open_folder", "read_format")

FORMAT = 1
_FOLDERS = ("nats", "store", "rules", "files", "exports", "keys", "run", "logs", "quarantine")
_OWN_NAMES = frozenset({*_FOLDERS, "format", "tram.toml", "province", "lost+found"})
_PRIVATE = 0o700


@dataclass(frozen=True, slots=True)
class DataFolder:
    """Names of the places in one data folder."""

    root: Path

    @property
    def settings_file(self) -> Path:
        """Settings of this installation."""
        return self.root / "tram.toml"

    @property
    def province(self) -> Path:
        """The province that this installation keeps; an older one has none."""
        return self.root / "province"

    @property
    def registry_file(self) -> Path:
        """The embedded registry."""
        return self.root / "registry.db"

    @property
    def nats(self) -> Path:
        """Where the log lies."""
        return self.root / "nats"

    @property
    def store(self) -> Path:
        """Where readings lie."""
        return self.root / "store"

    @property
    def rules(self) -> Path:
        """Where the states of the rules lie."""
        return self.root / "rules"

    @property
    def files(self) -> Path:
        """What people upload."""
        return self.root / "files"

    @property
    def keys(self) -> Path:
        """Secrets, 0600."""
        return self.root / "keys"

    @property
    def run(self) -> Path:
        """What exists while the product runs."""
        return self.root / "run"

    @property
    def running(self) -> RunState:
        """Whether the product runs on this folder, and at which ports."""
        return RunState(self.run)

    @property
    def logs(self) -> Path:
        """One rotated file per role."""
        return self.root / "logs"

    @property
    def quarantine(self) -> Path:
        """Records that alone bring a part down."""
        return self.root / "quarantine"

    @property
    def log_ins_file(self) -> Path:
        """Log-ins that the first start made, for the owner to read and change."""
        return self.keys / "demo-logins.txt"

    @property
    def demo_tokens_file(self) -> Path:
        """Tokens of the simulated devices."""
        return self.keys / "demo-tokens.csv"

    def read_keys(self) -> Keys:
        """Read the secrets.

        Raises:
            Refused: if one is missing.
        """
        return read_keys(self.keys)


def open_folder(root: Path, province: Path | None = None) -> DataFolder:
    """Return the data folder at ``root``; make it where nothing is yet.

    Raises:
        Refused: if it is of a newer format, belongs to something else, or cannot be written.
    """
    folder = DataFolder(root.expanduser().absolute())
    try:
        if read_format(folder.root) is None:
            _make(folder, province)
        for name in _FOLDERS:
            (folder.root / name).mkdir(mode=_PRIVATE, exist_ok=True)
        _try_writing(folder.run / f"writable-{os.getpid()}")  # roles start at once
    except OSError as error:
        raise _unusable(folder.root, error) from error
    return folder


def read_format(root: Path) -> int | None:
    """Return the layout's version, or None where no data folder is yet.

    Raises:
        Refused: if the version is newer than this program, or its file is not readable.
    """
    try:
        written = (root / "format").read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(root, error) from error
    try:
        found = int(json.loads(written)["format"])
    except (ValueError, KeyError, TypeError):
        raise Refused(
            "data.format_unreadable",
            f"{root / 'format'} does not say which format the data folder has.",
            "Restore the folder from a backup: tram restore FILE --data FOLDER.",
        ) from None
    if found > FORMAT:
        raise Refused(
            "data.newer",
            f"The data folder {root} has format {found}, this version reads format {FORMAT}.",
            "Start the version of Trạm that wrote it, or choose another folder with --data.",
        )
    return found


def _make(folder: DataFolder, province: Path | None) -> None:
    """Make the layout; the format file comes last, so that a cut first start is repeated."""
    folder.root.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
    strangers = sorted(p.name for p in folder.root.iterdir() if p.name not in _OWN_NAMES)
    if strangers:
        raise Refused(
            "data.foreign",
            f"The folder {folder.root} holds other things ({strangers[0]}) and no Trạm.",
            "Choose an empty folder with --data.",
        )
    for name in _FOLDERS:
        (folder.root / name).mkdir(mode=_PRIVATE, exist_ok=True)
    make_keys(folder.keys)
    if province is not None:
        keep_province(folder.province, province)
    write_private(folder.root / "format", json.dumps({"format": FORMAT}).encode())


def _unusable(root: Path, error: OSError) -> Refused:
    return Refused(
        "data.unwritable",
        f"The data folder {root} cannot be written ({error.strerror}).",
        "Give this user the right to write there, or choose another folder with --data.",
    )


def _try_writing(probe: Path) -> None:
    """Write for real: rights alone do not tell of a full or read-only disk."""
    probe.write_bytes(b"x")
    probe.unlink()
