"""The process that forks children for ``tram.runtime.processes.child``: warm, single-threaded, without secrets.

A fresh interpreter takes a good part of a second to import what reads files; a fork of one that has
done so takes milliseconds. This process gets its orders over one socket: each brings two pipes, for
the child's answer and for how it ended. It ends with whoever made it, and its children with it.
"""

import ctypes
import importlib
import inspect
import os
import resource
import selectors
import signal
import socket
import struct
import sys
import traceback
import typing
from collections.abc import Callable
from typing import Any, BinaryIO

import msgspec

from tram.runtime.errors import Fault, TramError
from tram.runtime.processes.process import leave_processor_to_others

__all__ = (
    "ANSWER",
    "EXIT_MEMORY",
    "FRAME",
    "PROGRESS",
    "STATUS",
    "ChildReply",
    "ChildTask",
    "serve",
)

FRAME = struct.Struct("<cQ")
"""What stands before everything that a child writes: its kind and its length."""
STATUS = struct.Struct("<i")
"""How a child ended, as ``os.waitstatus_to_exitcode`` says it."""
ANSWER, PROGRESS = b"a", b"p"
_ORDER_BYTES_MAX = 64 * 1024
_FILES_MAX = 64
_PR_SET_PDEATHSIG = 1
EXIT_MEMORY = 70
_TRACE_CHARACTERS_MAX = 4_000


class ChildTask(msgspec.Struct, frozen=True):
    """What a child is to do, and how much it may take; the question waits in a file."""

    function: str
    cpu_s: int
    wall_s: float
    memory_bytes: int


class ChildReply(msgspec.Struct, frozen=True, kw_only=True):
    """What a child says: an answer, or why there is none; ``code`` is of a refusal."""

    answer: msgspec.Raw = msgspec.Raw(b"\xc0")
    code: str = ""
    sentence: str = ""
    hint: str = ""
    reason: Fault | None = None
    faults: tuple[Fault, ...] = ()
    trace: str = ""
    out_of_memory: bool = False


def serve(control: int, preload: list[str]) -> None:
    """Fork a child for each order until whoever gives orders is gone."""
    for name in preload:
        importlib.import_module(name)
    orders = socket.socket(fileno=control)
    wake_out, wake_in = socket.socketpair()
    wake_out.setblocking(False)  # noqa: FBT003  # the name of the standard library
    wake_in.setblocking(False)  # noqa: FBT003  # the name of the standard library
    signal.set_wakeup_fd(wake_in.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever gives orders
    waiting: dict[int, int] = {}
    with selectors.DefaultSelector() as ready:
        ready.register(orders, selectors.EVENT_READ)
        ready.register(wake_out, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                if key.fileobj is orders:
                    if not _take(orders, waiting):
                        return
                else:
                    wake_out.recv(_ORDER_BYTES_MAX)
            _reap(waiting)


def _take(orders: socket.socket, waiting: dict[int, int]) -> bool:
    """Fork for the next order; return False when there will be none."""
    content, handed, _, _ = socket.recv_fds(orders, _ORDER_BYTES_MAX, 3)
    if not content:
        return False
    question, answer, status = handed
    maker = os.getpid()
    child = os.fork()
    if child == 0:
        for other in (*waiting.values(), status, orders.fileno()):
            os.close(other)
        _live(maker, msgspec.msgpack.decode(content, type=ChildTask), question, answer)
    os.close(question)
    os.close(answer)
    waiting[child] = status
    return True


def _reap(waiting: dict[int, int]) -> None:
    """Tell how those ended that did."""
    for child, status in list(waiting.items()):
        ended, how = os.waitpid(child, os.WNOHANG)
        if ended:
            del waiting[child]
            with os.fdopen(status, "wb") as pipe:
                try:
                    pipe.write(STATUS.pack(os.waitstatus_to_exitcode(how)))
                    pipe.flush()
                except BrokenPipeError:
                    pass


def _live(maker: int, order: ChildTask, question: int, answer: int) -> None:
    """Be the child: bound oneself, work, answer, end; never return."""
    try:
        _bound(maker, order)
        with os.fdopen(answer, "wb") as out, os.fdopen(question, "rb") as given:
            reply = _work(order, given, out)
            _write(out, ANSWER, reply)
        os._exit(0)
    except MemoryError:
        os._exit(EXIT_MEMORY)
    except BaseException:  # noqa: BLE001  # a child must not go on as its maker
        os._exit(1)


def _bound(maker: int, order: ChildTask) -> None:
    """Set the limits: after the wall or CPU time the kernel ends this process, whatever it does."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGALRM, signal.SIGXCPU):
        signal.signal(number, signal.SIG_DFL)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != maker:
        os._exit(1)
    os.setpgid(0, 0)  # a session of its own would have a share of the processor like a whole part
    leave_processor_to_others()
    signal.setitimer(signal.ITIMER_REAL, order.wall_s)
    with open("/proc/self/statm", encoding="ascii") as pages:  # noqa: PTH123  # few calls here
        mapped = int(pages.read().split()[0]) * resource.getpagesize()
    for kind, most in (
        (resource.RLIMIT_CPU, order.cpu_s),
        (resource.RLIMIT_AS, mapped + order.memory_bytes),
        (resource.RLIMIT_NOFILE, _FILES_MAX),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = (
            most + 1 if kind == resource.RLIMIT_CPU else most
        )  # soft: SIGXCPU tells which it was
        resource.setrlimit(kind, (most, hard))


def _work(order: ChildTask, given: BinaryIO, out: BinaryIO) -> ChildReply:
    module, _, name = order.function.partition(":")
    function = getattr(importlib.import_module(module), name)

    def progress(done: int, total: int) -> None:
        _write(out, PROGRESS, (done, total))
        out.flush()

    try:
        kind = next(iter(typing.get_type_hints(function).values()))
        found = _call(function, msgspec.msgpack.decode(given.read(), type=kind), progress)
        return ChildReply(answer=msgspec.Raw(msgspec.msgpack.encode(found)))
    except TramError as error:
        return ChildReply(
            code=error.code,
            sentence=error.sentence,
            hint=error.hint,
            reason=getattr(error, "reason", None),
            faults=getattr(error, "faults", ()),
        )
    except MemoryError:
        return ChildReply(out_of_memory=True)
    except Exception:  # noqa: BLE001  # whoever asked shall know
        return ChildReply(trace=traceback.format_exc()[-_TRACE_CHARACTERS_MAX:])


def _write(out: BinaryIO, kind: bytes, said: object) -> None:
    content = msgspec.msgpack.encode(said)
    out.write(FRAME.pack(kind, len(content)))
    out.write(content)


def _call(
    function: Callable[..., Any], question: object, progress: Callable[[int, int], None]
) -> object:
    takes_progress = "progress" in inspect.signature(function).parameters
    return function(question, progress) if takes_progress else function(question)


if __name__ == "__main__":
    serve(int(sys.argv[1]), sys.argv[2:])
