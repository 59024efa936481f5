"""The compiled library: where it lies, whether it fits, and its calls as Python sees them."""

import ctypes
from itertools import accumulate
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt

from tram.fleet.gateway.sweep.place import library_path
from tram.fleet.gateway.swept_columns import BLOCK_LAYOUT, SweptColumns
from tram.runtime.logging import get_logger

__all__ = (
    "ANSWERED_BY_PYTHON",
    "ANSWERED_HERE",
    "ARENA_BYTES",
    "BY_PYTHON",
    "READS_MAX",
    "Library",
    "Sweep",
    "load_library",
)

BY_PYTHON: Final = 0
"""A read goes to Python as it came."""
ANSWERED_HERE: Final = 1
"""The library takes a read and its acknowledgements."""
ANSWERED_BY_PYTHON: Final = 2
"""The library takes a read; Python acknowledges."""
READS_MAX: Final = 1024
_MISSED_MAX: Final = 32
ARENA_BYTES: Final = 1 << 18
_READS_LAYOUT: Final = np.dtype(
    [
        *((name, np.uint32) for name in ("count", "is_full", "missed")),
        ("by_qos", np.uint32, 3),
        *((name, np.uint32, READS_MAX) for name in ("slot", "at", "length", "first")),
        *((name, np.int32, READS_MAX) for name in ("taken", "old_rows")),
        ("mode", np.uint8, READS_MAX),
        *((name, np.uint32, _MISSED_MAX) for name in ("missed_at", "missed_length")),
        ("arena", np.uint8, ARENA_BYTES),
    ],
    align=True,
)
_Pointer: Final = ctypes.c_void_p
_CALLS: Final[dict[str, tuple[Any, tuple[Any, ...]]]] = {
    "sweep_reads_bytes": (ctypes.c_size_t, ()),
    "sweep_block_bytes": (ctypes.c_size_t, ()),
    "sweep_new": (_Pointer, (ctypes.c_uint32, ctypes.c_uint32, _Pointer)),
    "sweep_free": (None, (_Pointer,)),
    "sweep_epoll": (ctypes.c_int, (_Pointer,)),
    "sweep_learn": (ctypes.c_int32, (_Pointer, ctypes.c_char_p, ctypes.c_size_t)),
    "sweep_forget_keys": (None, (_Pointer, ctypes.c_uint32)),
    "sweep_enter": (
        ctypes.c_int,
        (_Pointer, ctypes.c_uint32, ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_int),
    ),
    "sweep_listen": (ctypes.c_int, (_Pointer, ctypes.c_uint32, ctypes.c_int)),
    "sweep_leave": (None, (_Pointer, ctypes.c_uint32)),
    "sweep_read": (ctypes.c_int, (_Pointer,)),
    "sweep_take": (ctypes.c_uint32, (_Pointer, _Pointer, _Pointer, ctypes.c_uint32)),
    "sweep_ack": (ctypes.c_int, (_Pointer, ctypes.c_uint32, *[_Pointer] * 5)),
}

log = get_logger()


class _Times(ctypes.Structure):
    _fields_: ClassVar = (  # type: ignore[mutable-override]  # a list is what ctypes declares
        ("now_ms", ctypes.c_int64),
        ("from_ms", ctypes.c_int64),
        ("to_ms", ctypes.c_int64),
        ("old_before_ms", ctypes.c_int64),
        ("payload_bytes_max", ctypes.c_uint32),
    )


def load_library() -> "Library | None":
    """Return the library, or None where it was not compiled or does not fit: Python reads then."""
    path = library_path()
    if not path.exists():
        return None
    try:
        return Library(path)
    except (OSError, AttributeError, ValueError) as error:
        log.warning("compiled sweep does not fit", reason=str(error))
        return None


class Library:
    """The calls of the library.

    Raises:
        OSError: if the machine cannot load it.
        ValueError: if its memory is laid out in another way than ours.
    """

    def __init__(self, path: Path) -> None:
        # Nothing in it waits, so the interpreter is not let go around a call.
        loaded = ctypes.PyDLL(str(path))
        self.calls: dict[str, Any] = {}
        for name, (answer, arguments) in _CALLS.items():
            call = getattr(loaded, name)
            call.restype, call.argtypes = answer, arguments
            self.calls[name] = call
        sizes = (self.calls["sweep_reads_bytes"](), self.calls["sweep_block_bytes"]())
        if sizes != (_READS_LAYOUT.itemsize, BLOCK_LAYOUT.itemsize):
            raise ValueError(f"The compiled sweep uses records of {sizes} bytes.")


class Sweep:
    """One set of connections; ``reads`` are those of the last call of ``read``.

    Raises:
        MemoryError: if there is no room for so many slots.
    """

    def __init__(self, library: Library, slots_max: int, seed: int) -> None:
        calls = library.calls
        self._free = calls["sweep_free"]
        self._learn = calls["sweep_learn"]
        self._forget_keys = calls["sweep_forget_keys"]
        self._enter = calls["sweep_enter"]
        self._listen = calls["sweep_listen"]
        self._leave = calls["sweep_leave"]
        self._read = calls["sweep_read"]
        self._take = calls["sweep_take"]
        self._ack = calls["sweep_ack"]
        self._times = _Times()
        self._record: npt.NDArray[np.void] = np.zeros(1, _READS_LAYOUT)
        self.reads: dict[str, npt.NDArray[Any]] = {
            name: self._record[name][0]
            for name in _READS_LAYOUT.names or ()
            if name not in ("count", "is_full", "missed")
        }
        self._head = self._record.view(np.uint8)[:12].view(np.uint32)
        self.arena = self.reads["arena"].data
        self._sweep = calls["sweep_new"](slots_max, seed, self._record.ctypes.data)
        if not self._sweep:
            raise MemoryError("There is no room for the sweep's table.")
        self.epoll: int = calls["sweep_epoll"](self._sweep)

    @property
    def is_full(self) -> bool:
        """Whether more connections had something than one sweep takes."""
        return bool(self._head[1])

    def close(self) -> None:
        """Give everything back; nothing may be called after it."""
        self._free(self._sweep)
        self._sweep = None

    def enter(self, slot: int, fd: int, device: tuple[int, int], *, five: bool) -> None:
        """Give a connection its slot; ``device`` is its number and that of its organisation."""
        self._enter(self._sweep, slot, fd, *device, five)

    def listen(self, slot: int, *, wanted: bool) -> bool:
        """Read a connection or stop; False if the kernel does not want to."""
        return not self._listen(self._sweep, slot, wanted)

    def leave(self, slot: int) -> None:
        """Free a slot; answers that still come for it reach nobody."""
        self._leave(self._sweep, slot)

    def read(self) -> int:
        """Read from every connection that has something; return how many reads there are."""
        count: int = self._read(self._sweep)
        return count

    def data(self, read: int) -> bytes:
        """Return what a read brought."""
        start = int(self.reads["at"][read])
        return bytes(self.arena[start : start + int(self.reads["length"][read])])

    def put(self, slots: list[int], reads: list[bytes]) -> None:
        """Take reads that have waited for those of this sweep; they must not exceed its limits."""
        sizes = [len(data) for data in reads]
        self._head[0] = len(slots)
        self.reads["slot"][: len(slots)] = slots
        self.reads["length"][: len(slots)] = sizes
        self.reads["at"][: len(slots)] = [0, *accumulate(sizes[:-1])]
        self.arena[: sum(sizes)] = b"".join(reads)

    def begin(self, now_ms: int, span: tuple[int, int], old_ms: int, payload_bytes: int) -> None:
        """Say what this sweep decodes against; ``span`` is how far back and ahead times may be."""
        times = self._times
        times.now_ms, times.old_before_ms = now_ms, now_ms - old_ms
        times.from_ms, times.to_ms = now_ms - span[0], now_ms + span[1]
        times.payload_bytes_max = payload_bytes
        self._head[2] = 0
        self.reads["by_qos"][:] = 0

    def take(self, columns: SweptColumns, start: int) -> int:
        """Take reads from ``start`` on; return the first that does not fit into this block."""
        stop: int = self._take(self._sweep, ctypes.byref(self._times), columns.address, start)
        return stop

    def missed(self) -> list[bytes]:
        """Return keys that were not known."""
        many = int(self._head[2])
        starts = self.reads["missed_at"][:many].tolist()
        sizes = self.reads["missed_length"][:many].tolist()
        return [bytes(self.arena[a : a + n]) for a, n in zip(starts, sizes, strict=True)]

    def learn(self, key: bytes) -> int:
        """Return the code of a key, -1 if there is no room."""
        code: int = self._learn(self._sweep, key, len(key))
        return code

    def forget_keys(self, seed: int) -> None:
        """Begin with no key."""
        self._forget_keys(self._sweep, seed)

    def acknowledge(
        self,
        acks: tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32], npt.NDArray[np.uint16]],
        blocked: npt.NDArray[np.uint8],
    ) -> npt.NDArray[np.uint8] | None:
        """Send PUBACK for slots, tickets and packet ids; return the bytes of each that did not leave.

        None means that all did. Those of one slot must stand together.
        """
        slots, tickets, ids = acks
        left = np.empty(len(slots), np.uint8)
        any_left = self._ack(
            self._sweep,
            len(slots),
            slots.ctypes.data,
            tickets.ctypes.data,
            ids.ctypes.data,
            blocked.ctypes.data,
            left.ctypes.data,
        )
        return left if any_left else None
