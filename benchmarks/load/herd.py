"""Very many idle MQTT devices in one process: connect at a rate, stay, come back when told.

    python -m benchmarks.load.herd --port 1883 --tokens FILE --first 0 --count 10000 --rate 5000

Prints one line of JSON when every device is connected; then reads commands, one a line: ``again``
drops every connection at once and connects anew, ``end`` ends. Retries after a quarter of a second
whatever was not accepted. One thread, epoll, no event loop of anybody's.
"""

import argparse
import csv
import json
import select
import socket
import struct
import sys
import time
from collections import Counter, deque
from itertools import islice
from pathlib import Path
from typing import TextIO

__all__ = ("main",)

_RETRY_S = 0.25
_WAIT_S_MAX = 0.01
_GIVE_UP_S = 300.0
_CONNACK_BYTES = 4
_AT_ONCE_MAX = 200
_RESET = struct.pack("ii", 1, 0)


class _Herd:
    def __init__(self, options: argparse.Namespace, tokens: list[tuple[int, str]]) -> None:
        self._address = ("127.0.0.1", options.port)
        self._source = (options.source, 0)
        self._rate = options.rate
        self._packets = [_connect_packet(number, token) for number, token in tokens]
        self._epoll = select.epoll()
        self._sockets: dict[int, tuple[socket.socket, int]] = {}
        self._idle: list[socket.socket] = []
        self.refused: Counter[int] = Counter()
        self.retried = 0

    def connect_all(self) -> dict[str, object]:
        """Connect everybody at the rate; return what it took."""
        self.refused.clear()
        self.retried = 0
        start_s = time.monotonic()
        waiting = deque((start_s, place) for place in range(len(self._packets)))
        started = 0
        while len(self._idle) < len(self._packets):
            now_s = time.monotonic()
            if now_s - start_s > _GIVE_UP_S:
                break
            due = min(int((now_s - start_s) * self._rate) - started, _AT_ONCE_MAX)
            while due > 0 and waiting and waiting[0][0] <= now_s:
                self._begin(waiting.popleft()[1])
                started += 1
                due -= 1
            for descriptor, event in self._epoll.poll(_WAIT_S_MAX):
                again = self._go_on(descriptor, event)
                if again is not None:
                    self.retried += 1
                    waiting.append((now_s + _RETRY_S, again))
        return {
            "connected": len(self._idle),
            "seconds": round(time.monotonic() - start_s, 3),
            "refused": dict(self.refused),
            "retried": self.retried,
        }

    def drop_all(self) -> None:
        """Cut every connection at once, as a power failure of the network does."""
        for sock in self._idle:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            sock.close()
        self._idle.clear()

    def _begin(self, place: int) -> None:
        sock = socket.socket()
        sock.setblocking(False)  # noqa: FBT003  # the standard library's signature
        sock.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT
        sock.bind(self._source)
        sock.connect_ex(self._address)
        self._sockets[sock.fileno()] = (sock, place)
        self._epoll.register(sock.fileno(), select.EPOLLOUT)

    def _go_on(self, descriptor: int, event: int) -> int | None:
        """Move one connection on; return its place if it has to begin again."""
        sock, place = self._sockets[descriptor]
        try:
            if event & select.EPOLLOUT:
                sock.send(self._packets[place])
                self._epoll.modify(descriptor, select.EPOLLIN)
                return None
            answer = sock.recv(64)
        except OSError:
            answer = b""
        self._epoll.unregister(descriptor)
        del self._sockets[descriptor]
        if len(answer) == _CONNACK_BYTES and answer[3] == 0:
            self._idle.append(sock)
            return None
        if len(answer) == _CONNACK_BYTES:
            self.refused[answer[3]] += 1
        sock.close()
        return place


def _connect_packet(number: int, token: str) -> bytes:
    fields = b"\x00\x04MQTT\x04\x82\x02\x58"  # clean session, keep-alive of ten minutes
    for text in (b"herd-%d" % number, token.encode()):
        fields += len(text).to_bytes(2, "big") + text
    return bytes((0x10, len(fields))) + fields


def main() -> int:
    """Connect, report, obey."""
    options = _options()
    with options.tokens.open(newline="") as file:
        lines = islice(csv.DictReader(file), options.first, options.first + options.count)
        herd = _Herd(options, [(int(line["device"]), line["token"]) for line in lines])
    _say(herd.connect_all(), sys.stdout)
    for command in sys.stdin:
        if command.strip() == "end":
            break
        herd.drop_all()
        _say(herd.connect_all(), sys.stdout)
    return 0


def _say(line: dict[str, object], out: TextIO) -> None:
    print(json.dumps(line), file=out, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--tokens", type=Path, required=True)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--rate", type=float, default=5_000)
    parser.add_argument("--source", default="127.0.0.1")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
