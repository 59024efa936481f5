"""The whole product as its users meet it: ``tram up --json`` as a process, driven from outside."""

import csv
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tram.runtime.processes.process import free_ports

START_S_MAX = 90
STOP_S_MAX = 60
HEALTH_S_MAX = 30
API = "/api/platform/v1"
LAUNCH = (sys.executable, "-m", "tram.app.supervision.launch")
TRAM = (sys.executable, "-m", "tram.app.cli")


class Product:
    """One installation in a folder of its own, on free ports; start and stop it as often as needed."""

    def __init__(
        self, data: Path, *, demo: bool = False, settings: dict[str, str] | None = None
    ) -> None:
        self.data = data
        self.demo = demo
        web_port, mqtt_port, http_port = free_ports(3)
        self.environment = {
            "TRAM_WEB_PORT": str(web_port),
            "TRAM_GATEWAY_MQTT_PORT": str(mqtt_port),
            "TRAM_GATEWAY_HTTP_PORT": str(http_port),
            **(settings or {}),
        }
        self.process: subprocess.Popen[str] | None = None
        self.announced: dict[str, Any] = {}

    # Life

    def start(self) -> "Product":
        """Start it and wait until every part is well."""
        demo = ["--demo"] if self.demo else []
        self.process = self.spawn("up", "--json", *demo, "--data", str(self.data))
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            errors, self.process = self.process.communicate()[1], None
            raise AssertionError(f"tram up ended: {errors}")
        self.announced = json.loads(line)
        return self

    def stop(self) -> int:
        """Stop it as Ctrl-C does; return the exit code."""
        return self.end(signal.SIGINT)

    def end(self, number: signal.Signals) -> int:
        """Send the supervisor a signal, wait for its end, return the exit code."""
        if self.process is None:
            return 0
        self.process.send_signal(number)
        self.process.communicate(timeout=STOP_S_MAX)
        code, self.process = self.process.returncode, None
        return code

    def kill(self, role: str) -> int:
        """``kill -9`` one part (``gateway``, ``store``, ``web``, ``work``, ``nats``); return its pid."""
        pid: int = self.pids[role]
        os.kill(pid, signal.SIGKILL)
        return pid

    def beside(self, role: str, settings: dict[str, str] | None = None) -> "Beside":
        """Give one more process of a role on this product, on ports of its own."""
        return Beside(self, role, settings)

    def wait_restarted(self, role: str, old_pid: int) -> None:
        """Wait until the part runs anew and is well."""
        wait_until(lambda: self.pids.get(role) not in (None, old_pid), f"{role} comes back")
        if role != "nats":
            wait_until(lambda: self.is_well(role), f"{role} is well")

    def is_well(self, role: str) -> bool:
        """Whether the part says so itself."""
        try:
            answer = httpx.get(f"http://127.0.0.1:{self.ports[f'ops_{role}']}/health")
        except httpx.TransportError:
            return False
        return answer.status_code == 200

    def __enter__(self) -> "Product":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    # Places

    @property
    def state(self) -> dict[str, Any]:
        """What the supervisor notes now: ports, pids, restarts."""
        state: dict[str, Any] = json.loads((self.data / "run" / "state.json").read_text())
        return state

    @property
    def pids(self) -> dict[str, int]:
        """Process ids by part, as of now."""
        pids: dict[str, int] = self.state["pids"]
        return pids

    @property
    def ports(self) -> dict[str, int]:
        """Ports by name: web, mqtt, http, nats, store, ops_<role>."""
        ports: dict[str, int] = self.announced["ports"]
        return ports

    @property
    def web_url(self) -> str:
        """Address of pages and API."""
        return f"http://127.0.0.1:{self.ports['web']}"

    @property
    def http_url(self) -> str:
        """Address of the devices' HTTP door."""
        return f"http://127.0.0.1:{self.ports['http']}"

    def log(self, role: str) -> str:
        """What the part has written."""
        return (self.data / "logs" / f"{role}.log").read_text(errors="replace")

    # People and devices

    def log_ins(self) -> dict[str, str]:
        """Passwords by log-in, from the file that the first start makes."""
        lines = (self.data / "keys" / "demo-logins.txt").read_text().splitlines()
        pairs = [line.split("\t") for line in lines if line and not line.startswith("#")]
        return {pair[0]: pair[1] for pair in pairs}

    @contextmanager
    def log_in(self, login: str = "quantri") -> Iterator[httpx.Client]:
        """Give a client of the API that carries a person's session."""
        with httpx.Client(base_url=f"{self.web_url}{API}", timeout=20) as client:
            answer = client.post(
                "/session", json={"login": login, "password": self.log_ins()[login]}
            )
            assert answer.status_code == 201, answer.text
            client.headers["X-CSRF-Token"] = answer.json()["csrf"]
            yield client

    def demo_tokens(self) -> dict[str, str]:
        """Tokens of the demo devices by device code."""
        with (self.data / "keys" / "demo-tokens.csv").open(newline="") as file:
            return {line["code"]: line["token"] for line in csv.DictReader(file)}

    def latest(self, client: httpx.Client, device: int) -> dict[str, Any]:
        """Newest value by metric, as the API tells it."""
        answer = client.get(f"/devices/{device}/latest")
        assert answer.status_code == 200, answer.text
        return {item["metric"]: item["value"] for item in answer.json()["items"]}

    def seed_devices(self, count: int) -> list[tuple[int, str]]:
        """Make devices by ``tram devices seed``; return (device id, token) of each."""
        tokens = self.data / "run" / f"seeded-{time.monotonic_ns()}.csv"
        self.tram("devices", "seed", "--n", str(count), "--tokens", str(tokens))
        return self.seeded(tokens)

    @staticmethod
    def seeded(tokens: Path) -> list[tuple[int, str]]:
        """Return (device id, token) of each line of a file that ``tram devices seed`` wrote."""
        with tokens.open(newline="") as file:
            return [(int(line["device"]), line["token"]) for line in csv.DictReader(file)]

    # Commands

    def spawn(self, *arguments: str, more: dict[str, str] | None = None) -> subprocess.Popen[str]:
        """Start a ``tram`` command with this installation's settings; it dies with the tests."""
        return subprocess.Popen(
            [*LAUNCH, str(os.getpid()), *TRAM, *arguments],
            env={**os.environ, **self.environment, **(more or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def tram(self, *arguments: str, code: int = 0, seconds: float = START_S_MAX) -> str:
        """Run ``tram … --data <this>`` to its end; return what it printed (stdout, then stderr)."""
        process = self.spawn(*arguments, "--data", str(self.data))
        out, err = process.communicate(timeout=seconds)
        assert process.returncode == code, f"exit {process.returncode}: {out}{err}"
        return out + err


class Beside:
    """One further process of a role; it is started again by whoever killed it."""

    def __init__(
        self, product: Product, role: str, settings: dict[str, str] | None = None
    ) -> None:
        self._product = product
        self._settings = settings or {}
        self._role = role
        self.mqtt_port, self.http_port = free_ports(2)
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> "Beside":
        """Start it and wait until it listens."""
        ports = {
            "TRAM_GATEWAY_MQTT_PORT": str(self.mqtt_port),
            "TRAM_GATEWAY_HTTP_PORT": str(self.http_port),
            **self._settings,
        }
        self._process = self._product.spawn(
            "up", "--role", self._role, "--data", str(self._product.data), more=ports
        )
        what = f"the second {self._role} listens"
        wait_until(lambda: self._must_live() and is_listening(self.mqtt_port), what, START_S_MAX)
        return self

    def _must_live(self) -> bool:
        """Fail with its last words if it has ended by itself."""
        assert self._process is not None
        if self._process.poll() is not None:
            out, err = self._process.communicate()
            raise AssertionError(f"The second {self._role} ended: {out}{err}")
        return True

    @property
    def pid(self) -> int:
        """Its process id, 0 while it does not run."""
        return self._process.pid if self._process is not None else 0

    def kill(self) -> None:
        """``kill -9`` it."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def is_listening(port: int) -> bool:
    """Whether somebody accepts connections there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition: Callable[[], object], what: str, seconds: float = HEALTH_S_MAX) -> None:
    """Poll until the condition holds; fail with ``what`` otherwise."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.05)
