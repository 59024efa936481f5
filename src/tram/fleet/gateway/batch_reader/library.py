"""The compiled library: where it lies, whether it fits, and its calls as Python sees them."""

import ctypes
from itertools import accumulate
from pathlib import Path
from typing import Any, ClassVar, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from tram.fleet.block.reader_columns import BLOCK_LAYOUT, ReaderColumns
from tram.fleet.gateway.backpressure import Seat
from tram.fleet.gateway.batch_reader.place import library_path
from tram.runtime.logging import get_logger

__all__ = (
    "ARENA_BYTES",
    "ENDED",
    "LOOK",
    "READS_MAX",
    "TAKEN",
    "TURN",
    "Library",
    "Pubacks",
    "ReadSet",
    "ReadTerms",
    "ReaderKeys",
    "ReaderSlots",
    "load_library",
)

TAKEN: Final = 0
"""A read was taken, and that is all."""
LOOK: Final = 1
"""A read was taken, and Python must slow its sender or answer it."""
TURN: Final = 2
"""A read is Python's, now or in its turn."""
ENDED: Final = 3
"""The connection has ended."""
READS_MAX: Final = 1024
_MISSED_MAX: Final = 32
ARENA_BYTES: Final = 1 << 18
_HEAD: Final = ("count", "is_full", "missed", "looks", "turns")
_READS_LAYOUT: Final = np.dtype(
    [
        *((name, np.uint32) for name in _HEAD),
        ("by_qos", np.uint32, 3),
        ("old_rows_in_all", np.uint32),
        *((name, np.uint32, READS_MAX) for name in ("slot", "at", "length", "first")),
        *((name, np.int32, READS_MAX) for name in ("taken", "old_rows")),
        ("status", np.uint8, READS_MAX),
        *((name, np.uint32, _MISSED_MAX) for name in ("missed_at", "missed_length")),
        ("arena", np.uint8, ARENA_BYTES),
    ],
    align=True,
)
_Pointer: Final = ctypes.c_void_p
_CALLS: Final[dict[str, tuple[Any, tuple[Any, ...]]]] = {
    "reader_reads_bytes": (ctypes.c_size_t, ()),
    "reader_block_bytes": (ctypes.c_size_t, ()),
    "reader_terms_bytes": (ctypes.c_size_t, ()),
    "reader_new": (_Pointer, (ctypes.c_uint32, ctypes.c_uint32, _Pointer)),
    "reader_free": (None, (_Pointer,)),
    "reader_epoll": (ctypes.c_int, (_Pointer,)),
    "reader_learn": (ctypes.c_int32, (_Pointer, ctypes.c_char_p, ctypes.c_size_t)),
    "reader_forget_keys": (None, (_Pointer, ctypes.c_uint32)),
    "reader_enter": (
        ctypes.c_int,
        (_Pointer, ctypes.c_uint32, ctypes.c_int, _Pointer, _Pointer, _Pointer, ctypes.c_int),
    ),
    "reader_by_python": (None, (_Pointer, ctypes.c_uint32, ctypes.c_int)),
    "reader_answers_of": (None, (_Pointer, ctypes.c_uint32, ctypes.c_int64)),
    "reader_seen": (ctypes.c_uint32, (_Pointer, ctypes.c_uint32)),
    "reader_unanswered": (ctypes.c_uint32, (_Pointer, ctypes.c_uint32)),
    "reader_listen": (ctypes.c_int, (_Pointer, ctypes.c_uint32, ctypes.c_int)),
    "reader_leave": (None, (_Pointer, ctypes.c_uint32)),
    "reader_read": (ctypes.c_int, (_Pointer,)),
    "reader_take": (ctypes.c_uint32, (_Pointer, _Pointer, _Pointer, ctypes.c_uint32)),
    "reader_ack": (ctypes.c_int, (_Pointer, ctypes.c_uint32, *[_Pointer] * 5)),
}

log = get_logger()


class ReadTerms(ctypes.Structure):
    """What holds during one batch; see ``ReadTerms`` in ``reader.h``."""

    _fields_: ClassVar = [  # type: ignore[mutable-override]
        *((name, ctypes.c_int64) for name in ("now_ms", "from_ms", "to_ms", "old_before_ms")),
        *((name, ctypes.c_int64) for name in ("round", "quantum", "read_charge", "batch_share")),
        ("batch", ctypes.c_int64),
        ("unanswered_max", ctypes.c_int64),
        *((name, ctypes.c_double) for name in ("now_s", "message_s", "burst_s")),
        *((name, ctypes.c_uint32) for name in ("payload_bytes_max", "tick", "admits")),
    ]


def load_library() -> "Library | None":
    """Return the library, or None where it was not compiled or does not fit: Python reads then."""
    path = library_path()
    if not path.exists():
        return None
    try:
        return Library(path)
    except (OSError, AttributeError, ValueError) as error:
        log.warning("compiled batch reader does not fit", reason=str(error))
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
        sizes = tuple(self.calls[f"reader_{of}_bytes"]() for of in ("reads", "block", "terms"))
        if sizes != (_READS_LAYOUT.itemsize, BLOCK_LAYOUT.itemsize, ctypes.sizeof(ReadTerms)):
            raise ValueError(f"The compiled batch reader uses records of {sizes} bytes.")


class Pubacks(NamedTuple):
    """What is to be acknowledged: slots, their tickets, and packet ids."""

    slots: npt.NDArray[np.uint32]
    tickets: npt.NDArray[np.uint32]
    packet_ids: npt.NDArray[np.uint16]


class ReaderKeys:
    """The names of values that a reader knows by a code."""

    def __init__(self, calls: dict[str, Any], reader: int) -> None:
        self._calls, self._reader = calls, reader

    def learn(self, key: bytes) -> int:
        """Return the code of a key, -1 if there is no room."""
        code: int = self._calls["reader_learn"](self._reader, key, len(key))
        return code

    def forget_all(self, seed: int) -> None:
        """Begin with no key."""
        self._calls["reader_forget_keys"](self._reader, seed)


class ReaderSlots:
    """The connections of a reader, each at its place."""

    def __init__(self, calls: dict[str, Any], reader: int) -> None:
        self._calls, self._reader = calls, reader

    def enter(self, slot: int, fd: int, seat: Seat, *, five: bool) -> None:
        """Give a connection its slot; the seat must live as long."""
        numbers = (ctypes.c_int64 * 2)(seat.device, seat.org)
        share = seat.share.numbers.buffer_info()[0]
        due_s = seat.pace.numbers.buffer_info()[0]
        self._calls["reader_enter"](self._reader, slot, fd, numbers, share, due_s, five)

    def listen(self, slot: int, *, wanted: bool) -> bool:
        """Read a connection or stop; False if the kernel does not want to."""
        return not self._calls["reader_listen"](self._reader, slot, wanted)

    def by_python(self, slot: int, *, wanted: bool) -> None:
        """Leave everything that comes to Python, or nothing more."""
        self._calls["reader_by_python"](self._reader, slot, wanted)

    def answers_of(self, slot: int, batch: int) -> None:
        """Leave the answers of this batch to Python."""
        self._calls["reader_answers_of"](self._reader, slot, batch)

    def seen(self, slot: int) -> int:
        """Return the tick when the library last took something of a connection."""
        tick: int = self._calls["reader_seen"](self._reader, slot)
        return tick

    def unanswered(self, slot: int) -> int:
        """Return how many messages the library has taken and not yet acknowledged."""
        many: int = self._calls["reader_unanswered"](self._reader, slot)
        return many

    def leave(self, slot: int) -> None:
        """Free a slot; answers that still come for it reach nobody."""
        self._calls["reader_leave"](self._reader, slot)


class ReadSet:
    """One set of connections; ``columns`` are those of the last call of ``read``.

    Raises:
        MemoryError: if there is no room for so many slots.
    """

    def __init__(self, library: Library, slots_max: int, seed: int) -> None:
        self._calls = calls = library.calls
        self._read = calls["reader_read"]
        self._take = calls["reader_take"]
        self._record: npt.NDArray[np.void] = np.zeros(1, _READS_LAYOUT)
        self.columns: dict[str, npt.NDArray[Any]] = {
            name: self._record[name][0]
            for name in _READS_LAYOUT.names or ()
            if _READS_LAYOUT[name].shape
        }
        self._head = self._record.view(np.uint32)[: len(_HEAD)].data
        self.arena = self.columns["arena"].data
        self._reader = calls["reader_new"](slots_max, seed, self._record.ctypes.data)
        if not self._reader:
            raise MemoryError("There is no room for the batch reader's table.")
        self.epoll: int = calls["reader_epoll"](self._reader)
        self.slots = ReaderSlots(calls, self._reader)
        self.keys = ReaderKeys(calls, self._reader)

    @property
    def is_full(self) -> bool:
        """Whether more connections had something than one batch takes."""
        return bool(self._head[1])

    @property
    def looks(self) -> int:
        """Return how many reads of the last ``take`` Python must look at."""
        return self._head[3]

    @property
    def turns(self) -> int:
        """Return how many reads since ``begin`` are Python's, or an end."""
        return self._head[4]

    @property
    def old_rows(self) -> int:
        """Return the rows of a backlog in the last ``take``."""
        return int(self._record["old_rows_in_all"][0])

    def close(self) -> None:
        """Give everything back; nothing may be called after it."""
        self._calls["reader_free"](self._reader)
        self._reader = None

    def read(self) -> int:
        """Read from every connection that has something; return how many reads there are."""
        count: int = self._read(self._reader)
        return count

    def data(self, read: int) -> bytes:
        """Return what a read brought."""
        start = int(self.columns["at"][read])
        return bytes(self.arena[start : start + int(self.columns["length"][read])])

    def put(self, slots: list[int], reads: list[bytes]) -> None:
        """Take reads that have waited for those of this batch; they must not exceed its limits."""
        sizes = [len(data) for data in reads]
        self._head[0] = len(slots)
        self.columns["slot"][: len(slots)] = slots
        self.columns["length"][: len(slots)] = sizes
        self.columns["at"][: len(slots)] = [0, *accumulate(sizes[:-1])]
        self.arena[: sum(sizes)] = b"".join(reads)

    def begin(self) -> None:
        """Begin to take the reads."""
        self._head[2] = self._head[4] = 0
        self.columns["by_qos"][:] = 0

    def take(self, terms: ReadTerms, columns: ReaderColumns, start: int) -> int:
        """Take reads from ``start`` on; return the first that does not fit into this block."""
        self._record["old_rows_in_all"] = 0
        stop: int = self._take(self._reader, ctypes.byref(terms), columns.address, start)
        return stop

    def give_up(self, read: int) -> None:
        """Leave a read to Python that fits into no block."""
        self.columns["status"][read] = TURN
        self._head[4] += 1

    def missed(self) -> list[bytes]:
        """Return keys that were not known."""
        many = int(self._head[2])
        starts = self.columns["missed_at"][:many].tolist()
        sizes = self.columns["missed_length"][:many].tolist()
        return [bytes(self.arena[a : a + n]) for a, n in zip(starts, sizes, strict=True)]

    def acknowledge(
        self, acks: Pubacks, blocked: npt.NDArray[np.uint8]
    ) -> npt.NDArray[np.uint8] | None:
        """Send PUBACKs but to slots that are blocked; return the bytes of each that did not leave.

        None means that all did. Those of one slot must stand together.
        """
        left = np.empty(len(acks.slots), np.uint8)
        any_left = self._calls["reader_ack"](
            self._reader,
            len(acks.slots),
            acks.slots.ctypes.data,
            acks.tickets.ctypes.data,
            acks.packet_ids.ctypes.data,
            blocked.ctypes.data,
            left.ctypes.data,
        )
        return left if any_left else None
