"""Functions called in a process of their own, with limits of time and memory, and ended by them.

For what parses files of people: whatever a file holds, it ends at most the child that reads it. A
question and its answer are structs, so nothing that comes back is code.
"""

import atexit
import os
import socket
import subprocess
import sys
import threading
import typing
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeVar

import msgspec

from tram.runtime.errors import Fault, Refused, Unavailable
from tram.runtime.logging import get_logger
from tram.runtime.processes.fork_server import (
    ANSWER,
    EXIT_MEMORY,
    FRAME,
    STATUS,
    ChildReply,
    ChildTask,
)
from tram.runtime.processes.thread_pools import Pool

__all__ = ("Bounds", "Children")

_START_S_MAX = 30.0
"""What making the process that forks may take, on a busy machine."""
_SIGNAL_KILL, _SIGNAL_ALARM, _SIGNAL_CPU = -9, -14, -24
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TZ", "PROJ_DATA", "PROJ_LIB", "LD_LIBRARY_PATH")
"""What a child sees of the environment: no secret that was given in it."""
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}

Q = TypeVar("Q", bound=msgspec.Struct)
A = TypeVar("A")

log = get_logger()


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one call may take; memory is counted beyond that of an empty child."""

    cpu_s: int
    wall_s: float
    memory_bytes: int
    answer_bytes: int


class Children:
    """Calls functions in children, few at once, in turns by owner.

    Args:
        name: What the children do, as a refusal says it.
        preload: Modules that the functions need, imported once before the forks.
        bounds: What one call may take.
        at_once: How many children there are at the same time; one for each owner.
        each_waiting_max: How many calls of one owner may wait.
    """

    def __init__(  # noqa: PLR0913  # limits by name
        self,
        name: str,
        preload: Sequence[str],
        bounds: Bounds,
        *,
        at_once: int,
        waiting_max: int,
        each_waiting_max: int,
    ) -> None:
        self.bounds = bounds
        self._pool = Pool(
            name,
            at_once,
            waiting_max=waiting_max,
            deadline_s=_START_S_MAX + bounds.wall_s * (1 + waiting_max / at_once),
            each_at_once=1,
            each_waiting_max=each_waiting_max,
        )
        self._preload = tuple(preload)
        self._nursery = _Nursery(self._preload)
        self._closings = 0

    async def call(
        self,
        owner: Hashable,
        function: Callable[..., A],
        question: Q,
        step: Callable[[int, int], None] | None = None,
    ) -> A:
        """Return what the function of a module says to a question; ``step`` hears how far it is.

        Raises:
            Refused: what the function refuses; ``file.too_large`` when a limit of time or memory is
                reached; ``file.unreadable`` when it breaks.
            Unavailable: ``queue.full``, ``pool.late``, ``child.unavailable``.
        """
        return await self._pool.run_for(owner, self._call, function, question, step)

    def close(self) -> None:
        """End the children that are there, as a process does that stops."""
        self._closings += 1
        self._nursery.close()

    def _call(
        self,
        function: Callable[..., A],
        question: Q,
        step: Callable[[int, int], None] | None,
    ) -> A:
        bounds = self.bounds
        order = ChildTask(
            f"{function.__module__}:{function.__qualname__}",
            bounds.cpu_s,
            bounds.wall_s,
            bounds.memory_bytes,
        )
        closings = self._closings
        with os.fdopen(os.memfd_create("question"), "w+b") as given:
            given.write(msgspec.msgpack.encode(question))
            given.flush()
            content, ended = self._asked(order, given, step)
            is_alone = not content and len(ended) < STATUS.size  # who forks had just ended
            if is_alone and closings == self._closings:
                content, ended = self._asked(order, given, step)
        if not content:
            raise _ended_early(ended)
        reply = msgspec.msgpack.decode(content, type=ChildReply)
        _raise_what_it_says(reply, function.__qualname__)
        wanted: Any = typing.get_type_hints(function)["return"]
        found: A = msgspec.msgpack.decode(reply.answer, type=wanted)
        return found

    def _asked(
        self, order: ChildTask, given: IO[bytes], step: Callable[[int, int], None] | None
    ) -> tuple[bytes, bytes]:
        """Return what one child says and how it ended."""
        given.seek(0)
        answer, status = self._nursery.order(order, given)
        with answer, status:
            content = _answer_of(answer, self.bounds.answer_bytes, step)
            if content is None:
                answer.close()  # a child that says too much ends at its next word
                raise _over("file.holds_too_much")
            return content, status.read(STATUS.size)


def _answer_of(
    pipe: IO[bytes], most: int, step: Callable[[int, int], None] | None
) -> bytes | None:
    """Return the answer, empty if the child ended without one, None if it is too long."""
    while len(head := pipe.read(FRAME.size)) == FRAME.size:
        kind, length = FRAME.unpack(head)
        if length > most:
            return None
        content = pipe.read(length)
        if len(content) < length:
            break
        if kind == ANSWER:
            return content
        if step is not None:
            step(*msgspec.msgpack.decode(content, type=tuple[int, int]))
    return b""


def _ended_early(status: bytes) -> Refused | Unavailable:
    if len(status) < STATUS.size:
        return _away()
    (code,) = STATUS.unpack(status)
    if code in (_SIGNAL_ALARM, _SIGNAL_CPU):
        return _over("file.too_much_time")
    if code in (EXIT_MEMORY, _SIGNAL_KILL):
        return _over("file.too_much_memory")
    log.warning("a child that read a file broke", status=code)
    return _unreadable()


def _raise_what_it_says(reply: ChildReply, what: str) -> None:
    if reply.out_of_memory:
        raise _over("file.too_much_memory")
    if reply.code:
        raise Refused(reply.code, reply.reason or reply.sentence, reply.hint, reply.faults)
    if reply.trace:
        log.warning("a file could not be read", function=what, trace=reply.trace)
        raise _unreadable()


def _over(code: str) -> Refused:
    return Refused("file.too_large", Fault("file", code))


def _unreadable() -> Refused:
    return Refused("file.unreadable", Fault("file", "file.damaged"))


def _away() -> Unavailable:
    return Unavailable(
        "child.unavailable", "The process that reads files ended.", "Try again in a moment.", 2
    )


class _Nursery:
    """The process that forks, made when it is first needed and again when it ended."""

    def __init__(self, preload: tuple[str, ...]) -> None:
        self._preload = preload
        self._lock = threading.Lock()
        self._orders: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self.close)

    def order(self, order: ChildTask, question: IO[bytes]) -> tuple[IO[bytes], IO[bytes]]:
        """Have a child forked; return the pipes of its answer and of how it ends."""
        answer_out, answer_in = os.pipe()
        status_out, status_in = os.pipe()
        try:
            handed = [question.fileno(), answer_in, status_in]
            self._send(msgspec.msgpack.encode(order), handed)
        except BaseException:
            os.close(answer_out)
            os.close(status_out)
            raise
        finally:
            os.close(answer_in)
            os.close(status_in)
        return os.fdopen(answer_out, "rb"), os.fdopen(status_out, "rb")

    def _send(self, content: bytes, handed: list[int]) -> None:
        with self._lock:
            for _ in range(2):
                orders = self._open()
                try:
                    socket.send_fds(orders, [content], handed)
                except OSError:
                    self.close()
                else:
                    return
        raise _away()

    def _open(self) -> socket.socket:
        if self._orders is not None and self._process is not None and self._process.poll() is None:
            return self._orders
        self.close()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        given = os.environ  # noqa: TID251  # handed on, not read
        environment = {name: given[name] for name in _ENVIRONMENT if name in given}
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  # our own module
                [
                    sys.executable,
                    "-m",
                    "tram.runtime.processes.fork_server",
                    str(theirs.fileno()),
                    *self._preload,
                ],
                pass_fds=[theirs.fileno()],
                env=environment | _ONE_THREAD | {"PYTHONPATH": os.pathsep.join(_places())},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                cwd="/",
            )
        self._orders = ours
        return ours

    def close(self) -> None:
        """End the process that is there: without orders to come it ends by itself."""
        if self._orders is not None:
            self._orders.close()
            self._orders = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def _places() -> list[str]:
    """Return where this program's modules lie, for a child that begins in another folder."""
    return [str(Path(place).resolve()) for place in sys.path if place]
