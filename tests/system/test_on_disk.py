"""Acknowledged means on disk: seen in the system calls, not in what the code says of itself."""

import json
import re
import socket
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.crash import Devices

from tests.product import Product
from tests.system.trace import Call, calls_of, traced

MESSAGES = 20
BLOCK_FILE = re.compile(r"^\d+<([^>]*/BLOCKS/msgs/\d+\.blk)>")
SYNC = ("fsync", "fdatasync")


def test_a_puback_leaves_after_the_sync_of_its_block_returned(
    product: Product, take: Callable[[int], Devices], tmp_path: Path
) -> None:
    token = take(1)[0][1]
    pids = [product.pids["nats"], product.pids["gateway"]]
    with _connected(product.ports["mqtt"], token) as device, traced(pids, tmp_path / "calls"):
        for number in range(1, MESSAGES + 1):  # one after the other: one block for each
            _publish(device, number)
        _ping(device)  # who answers it has returned from sending the last PUBACK, as traced
    calls = calls_of(tmp_path / "calls")

    writes = [c for c in calls if c.name not in SYNC and BLOCK_FILE.match(c.arguments)]
    syncs = [c for c in calls if c.name in SYNC and c.result == 0]
    pubacks = [c for c in calls if _is_puback(c, product.ports["mqtt"])]
    on_disk_s = [_on_disk_s(write, syncs) for write in writes]

    assert len(pubacks) == MESSAGES
    for number, puback in enumerate(pubacks, start=1):
        safe = [at_s for at_s in on_disk_s if at_s < puback.begun_s]
        assert len(safe) >= number, f"PUBACK {number} left with {len(safe)} blocks on disk"
        unsafe = [
            w
            for w, at_s in zip(writes, on_disk_s, strict=True)
            if w.begun_s < puback.begun_s <= at_s
        ]
        assert not unsafe


def _on_disk_s(write: Call, syncs: list[Call]) -> float:
    """Return when the first sync of the same file that began after the write had returned."""
    path = BLOCK_FILE.match(write.arguments)[1]
    covering = [
        sync.ended_s
        for sync in syncs
        if sync.begun_s >= write.ended_s and f"<{path}>" in sync.arguments
    ]
    return min(covering, default=float("inf"))


def _is_puback(call: Call, port: int) -> bool:
    door = re.match(rf"^\d+<TCP:\[127\.0\.0\.1:{port}->", call.arguments)
    return bool(door) and r'"@\2' in call.arguments and call.name not in SYNC


def _connected(port: int, token: str) -> socket.socket:
    device = socket.create_connection(("127.0.0.1", port), timeout=10)
    fields = b"\x00\x04MQTT\x04\x82\x00\x00\x00\x01s" + len(token).to_bytes(2, "big")
    body = fields + token.encode()
    device.sendall(bytes([0x10, len(body)]) + body)
    assert device.recv(4) == b"\x20\x02\x00\x00"
    return device


def _publish(device: socket.socket, number: int) -> None:
    topic, packet_id = b"\x00\x17v1/devices/me/telemetry", number.to_bytes(2, "big")
    reading = {"ts": time.time_ns() // 1_000_000, "values": {"seq": number}}
    body = topic + packet_id + json.dumps(reading).encode()
    device.sendall(bytes([0x32, len(body)]) + body)
    assert device.recv(4) == b"\x40\x02" + packet_id


def _ping(device: socket.socket) -> None:
    device.sendall(b"\xc0\x00")
    assert device.recv(2) == b"\xd0\x00"
