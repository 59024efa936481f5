"""Processes die together, and a folder has one owner."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tram.runtime.errors import Refused
from tram.runtime.processes.process import folder_lock, free_port, free_ports

PARENT = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", '''
import os, sys, time
from tram.runtime.processes.process import die_with_parent
from tram.runtime.whole_files import write_private
die_with_parent(int(sys.argv[1]))
print("ready", os.getpid(), flush=True)
time.sleep(60)
''', str(os.getpid())])
time.sleep(60)
"""


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"


def test_a_child_ends_when_its_parent_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline().split()[1])
        parent.send_signal(signal.SIGKILL)
    end_s = time.monotonic() + 5
    while is_alive(child) and time.monotonic() < end_s:
        time.sleep(0.02)

    assert not is_alive(child)


def test_a_folder_has_one_owner(tmp_path: Path) -> None:
    held = folder_lock(tmp_path / "lock")
    with pytest.raises(Refused) as caught:
        folder_lock(tmp_path / "lock")
    held.close()

    assert caught.value.code == "data.in_use"
    folder_lock(tmp_path / "lock").close()


def test_ports_to_listen_at_are_none_that_connections_go_out_from() -> None:
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    ports = [*free_ports(5), free_port()]

    assert max(ports) < first
    assert len(set(ports)) == len(ports)
