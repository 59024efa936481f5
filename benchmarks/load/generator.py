"""Runs the generator in C and reads what it says."""

import csv
import subprocess
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from benchmarks.acknowledged import ACKNOWLEDGED, Acknowledged
from benchmarks.load.build import build_generator

__all__ = ("Generator", "GeneratorFigures", "GeneratorPlan", "read_tokens")

_LOG_LINE = np.dtype([("client", "<u4"), ("n", "<u4"), ("ts", "<i8")])
_SEQ_STRIDE = 10_000_000
_END_S_MAX = 60


class GeneratorFigures(msgspec.Struct, frozen=True):
    """What the generator measured itself; ``wall_s`` ends with the last acknowledgement."""

    sent: int
    acked: int
    unacked: int
    resent: int
    late: int
    bytes: int
    wall_s: float
    messages_per_s: float
    cpu_s: float
    cpu_share: float
    wait_share: float
    puback_ms_p50: float
    puback_ms_p99: float
    puback_ms_max: float
    connects: int
    connections_lost: int
    connect_errors: int
    connack_refused: dict[str, int]


@dataclass(frozen=True, slots=True)
class GeneratorPlan:
    """What to send: ``rate`` 0 keeps every window full, else messages per second in all."""

    port: int
    seconds: float
    window: int
    rate: float = 0.0
    qos: int = 1


class Generator:
    """One run: connect all, wait for ``go``, send, drain, report."""

    def __init__(self, plan: GeneratorPlan, devices: list[tuple[int, str]], folder: Path) -> None:
        self._devices = devices
        self._log = folder / "acked.bin"
        self._plan = plan
        tokens = folder / "tokens.txt"
        tokens.write_text("\n".join(token for _, token in devices) + "\n")
        self._process = subprocess.Popen(
            [
                str(build_generator()),
                *("--port", str(plan.port)),
                *("--tokens", str(tokens)),
                *("--clients", str(len(devices))),
                *("--window", str(plan.window)),
                *("--qos", str(plan.qos)),
                *("--rate", str(plan.rate)),
                *("--seconds", str(plan.seconds)),
                *("--log", str(self._log)),
                "--hold",
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @property
    def pid(self) -> int:
        """Process id, to pin it."""
        return self._process.pid

    def wait_ready(self) -> int:
        """Wait until the devices are connected; return how many are."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the generator ended with {self._process.wait()}")
        ready: int = msgspec.json.decode(line)["clients"]
        return ready

    def go(self) -> None:
        """Let it send."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def result(self) -> tuple[GeneratorFigures, Acknowledged]:
        """Wait for its end; return its figures and every acknowledged message."""
        out, _ = self._process.communicate(timeout=self._plan.seconds + _END_S_MAX)
        if self._process.returncode:
            raise RuntimeError(f"the generator ended with {self._process.returncode}")
        figures = msgspec.json.decode(out.splitlines()[-1], type=GeneratorFigures)
        return figures, self._acknowledged()

    def end(self) -> None:
        """End it now if it still runs."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()

    def _acknowledged(self) -> Acknowledged:
        lines = np.fromfile(self._log, dtype=_LOG_LINE)
        ids = np.array([device for device, _ in self._devices], dtype=np.int64)
        result = np.empty(len(lines), dtype=ACKNOWLEDGED)
        result["device"] = ids[lines["client"]]
        result["seq"] = lines["client"].astype(np.int64) * _SEQ_STRIDE + lines["n"]
        result["ts"] = lines["ts"]
        return result


def read_tokens(file: Path) -> list[tuple[int, str]]:
    """Return (device id, token) of each line that ``tram devices seed`` wrote."""
    with file.open(newline="") as lines:
        return [(int(line["device"]), line["token"]) for line in csv.DictReader(lines)]
