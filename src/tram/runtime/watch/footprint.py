"""What a process works on, in a file that outlives it: which record it died at, and how often.

The file is mapped into memory: a step costs a copy of sixteen bytes and no system call, and is there
for the next process when this one is killed. (After a crash of the machine it may be old, which costs
one needless look.)
"""

import mmap
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Protocol, TypeVar

__all__ = ("DEATHS_MAX", "Footprint")

DEATHS_MAX: Final = 3
"""A record at which a process died so often is examined by itself."""
SLOTS: Final = 2
_PLACE: Final = struct.Struct("<2q")
_WHOLE: Final = struct.Struct("<8q")
_NOWHERE: Final = (0, 0)


class HasSeq(Protocol):
    """A record of a log."""

    @property
    def seq(self) -> int:
        """Return its number."""
        ...


Numbered = TypeVar("Numbered", bound=HasSeq)


class Footprint:
    """Steps of this process, and where its predecessors died (``first`` to ``last``, ``deaths``).

    Records are numbers from 1 within an ``epoch``. Without a file nothing is remembered.
    """

    def __init__(self, path: Path | None, epoch: int) -> None:
        self.first, self.last, self.deaths = 0, 0, 0
        self._epoch = epoch
        self._memory = _mapped(path)
        self._learn()

    def step(self, slot: int, first: int, last: int) -> None:
        """Say that work on these records begins; a process has two slots."""
        _PLACE.pack_into(self._memory, _PLACE.size * slot, first, last)

    def lift(self, slot: int) -> None:
        """Say that the work is done, or waits for something else."""
        _PLACE.pack_into(self._memory, _PLACE.size * slot, *_NOWHERE)

    def is_suspect(self, record: int) -> bool:
        """Tell whether a predecessor may have died at the record: it is to be done alone."""
        return self.deaths > 0 and self.first <= record <= self.last

    def must_examine(self, record: int) -> bool:
        """Tell whether enough predecessors died at this one record."""
        return self.deaths >= DEATHS_MAX and self.first == self.last == record

    def absolve(self) -> None:
        """Suspect nothing any more: what was suspected is done, or is not to blame."""
        self.first, self.last, self.deaths = 0, 0, 0
        self._write()

    def parted(self, records: Sequence[Numbered]) -> Iterator[list[Numbered]]:
        """Return the records in parts: each that is suspected alone, the others together."""
        together: list[Numbered] = []
        for record in records:
            if not self.is_suspect(record.seq):
                together.append(record)
                continue
            if together:
                yield together
                together = []
            yield [record]
        if together:
            yield together

    def close(self) -> None:
        """Say that the process ends in good order."""
        for slot in range(SLOTS):
            self.lift(slot)

    def _learn(self) -> None:
        *slots, epoch, first, last, deaths = _WHOLE.unpack_from(self._memory)
        if epoch == self._epoch:
            self.first, self.last, self.deaths = first, last, deaths
            died = [place for place in zip(slots[::2], slots[1::2], strict=True) if place[0]]
            if died:
                self._blame(min(place[0] for place in died), max(place[1] for place in died))
        self._write()

    def _blame(self, first: int, last: int) -> None:
        """Note one death more, or the first one at another place."""
        is_again = self.deaths > 0 and first <= self.last and last >= self.first
        self.deaths = self.deaths + 1 if is_again else 1
        self.first, self.last = first, last

    def _write(self) -> None:
        self.close()
        _WHOLE.pack_into(
            self._memory, 0, *_NOWHERE, *_NOWHERE, self._epoch, self.first, self.last, self.deaths
        )


def _mapped(path: Path | None) -> mmap.mmap | bytearray:
    """Map the file; on a disk that takes none, remember nothing."""
    if path is None:
        return bytearray(_WHOLE.size)
    try:
        if not path.exists() or path.stat().st_size != _WHOLE.size:
            path.write_bytes(bytes(_WHOLE.size))
        with path.open("r+b") as file:
            return mmap.mmap(file.fileno(), _WHOLE.size)
    except OSError:
        return bytearray(_WHOLE.size)
