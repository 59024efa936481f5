"""Which process holds a data folder, and what it noted of itself."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tram.runtime.errors import Refused
from tram.runtime.processes.process import folder_lock
from tram.runtime.whole_files import write_private

__all__ = ("RunState",)


@dataclass(frozen=True, slots=True)
class RunState:
    """The lock and the notes of the running product, in the folder ``run``."""

    folder: Path

    @property
    def parts_file(self) -> Path:
        """The states of the parts, as their supervisor sees them."""
        return self.folder / "standing.json"

    def lock(self) -> IO[str]:
        """Hold the data folder for this process; refuse while another one does."""
        return folder_lock(self.folder / "lock")

    def write(self, state: dict[str, Any]) -> None:
        """Note the ports and process ids of the running product."""
        write_private(self.folder / "state.json", json.dumps(state, indent=1).encode())

    def read(self) -> dict[str, Any]:
        """Return what the running product noted, or nothing."""
        try:
            state: dict[str, Any] = json.loads((self.folder / "state.json").read_bytes())
        except (FileNotFoundError, json.JSONDecodeError):
            return {}
        return state

    def forget(self) -> None:
        """Note nothing more: the product has ended."""
        (self.folder / "state.json").unlink(missing_ok=True)

    def is_held(self) -> bool:
        """Whether a supervisor holds the data folder now."""
        # The lock is tried only where a process is noted: the trial itself holds it for a moment,
        # and must not get in the way of a start.
        pid = self.read().get("pid")
        if pid is None or not Path(f"/proc/{pid}").exists():
            return False
        try:
            self.lock().close()
        except Refused:
            return True
        return False
