"""What processes really ask of the kernel, and in which order: strace, attached and read."""

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

_CALLS = "fsync,fdatasync,write,pwrite64,writev,pwritev,sendto,sendmsg"
_OPTIONS = ("-f", "-ttt", "-T", "-yy", "-s", "64", "-e", f"trace={_CALLS}", "-e", "signal=none")
_ATTACH_S_MAX = 20
_LINE = re.compile(r"^(\d+) +(\d+\.\d+) (.*)$")
_WHOLE = re.compile(r"^(\w+)\((.*)\)\s+= (-?\d+).* <([\d.]+)>$")
_BEGUN = re.compile(r"^(\w+)\((.*) <unfinished \.\.\.>$")
_RESUMED = re.compile(r"^<\.\.\. (\w+) resumed>(.*)\)\s+= (-?\d+).* <[\d.]+>$")


class Call(NamedTuple):
    """One finished system call; times are seconds of the tracer's clock."""

    pid: int
    name: str
    arguments: str
    begun_s: float
    ended_s: float
    result: int


@contextmanager
def traced(pids: list[int], out: Path) -> Iterator[None]:
    """Trace all threads of some processes meanwhile; ``calls_of`` reads the result."""
    program = shutil.which("strace")
    if program is None:
        pytest.fail("This test needs strace: apt-get install strace (as root).")
    attach = [word for pid in pids for word in ("-p", str(pid))]
    tracer = subprocess.Popen(
        [program, *_OPTIONS, "-o", str(out), *attach],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        _wait_attached(tracer, pids)
        yield
    finally:
        tracer.terminate()
        tracer.communicate()


def calls_of(out: Path) -> list[Call]:
    """Return the traced calls that ended, in the order of their beginning."""
    calls: list[Call] = []
    begun: dict[int, tuple[str, str, float]] = {}
    for line in out.read_text(errors="replace").splitlines():
        found = _LINE.match(line)
        if not found:
            continue
        pid, at_s, rest = int(found[1]), float(found[2]), found[3]
        if whole := _WHOLE.match(rest):
            ended_s = at_s + float(whole[4])
            calls.append(Call(pid, whole[1], whole[2], at_s, ended_s, int(whole[3])))
        elif start := _BEGUN.match(rest):
            begun[pid] = (start[1], start[2], at_s)
        elif (end := _RESUMED.match(rest)) and pid in begun:
            name, arguments, begun_s = begun.pop(pid)
            calls.append(Call(pid, name, arguments + end[2], begun_s, at_s, int(end[3])))
    return sorted(calls, key=lambda call: call.begun_s)


def _wait_attached(tracer: subprocess.Popen[str], pids: list[int]) -> None:
    """Return when every process says in /proc that somebody traces it."""
    end = time.monotonic() + _ATTACH_S_MAX
    while any(_tracer_of(pid) != tracer.pid for pid in pids):
        if tracer.poll() is not None:
            assert tracer.stderr is not None
            pytest.fail(
                f"strace could not attach: {tracer.stderr.read().strip()} "
                "(as root: sysctl kernel.yama.ptrace_scope=0)"
            )
        assert time.monotonic() < end, "strace did not attach"
        time.sleep(0.05)


def _tracer_of(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"^TracerPid:\s+(\d+)$", status, re.MULTILINE)[1])
