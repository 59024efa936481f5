"""Records that alone bring a part down: taken out, kept whole, listed, and tried again by command.

Each lies in the folder as two files: its bytes, and what is known of it. The folder is bounded; when
it is full nothing more is taken out, and the part stays where it is rather than lose something.
"""

from pathlib import Path
from typing import Final

import msgspec

from tram.runtime.clock import Clock
from tram.runtime.errors import Refused, Unavailable
from tram.runtime.logging import get_logger
from tram.runtime.whole_files import write_whole

__all__ = ("BYTES_MAX", "KEPT", "RECORDS_MAX", "TRIED", "Quarantine", "Quarantined")

BYTES_MAX: Final = 268_435_456
RECORDS_MAX: Final = 1_000
KEPT: Final = "kept"
TRIED: Final = "again"
_FACTS: Final = ".json"
_BYTES: Final = ".record"

log = get_logger()


class Quarantined(msgspec.Struct, frozen=True, kw_only=True):
    """One record: of which part and kind, its place (epoch and number), why, and what became of it."""

    name: str
    part: str
    kind: str
    epoch: int
    number: int
    reason: str
    bytes: int
    at_ms: int
    state: str = KEPT


class Quarantine:
    """The folder of one installation; parts put in, people look and try again."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    def keep(self, part: str, kind: str, place: tuple[int, int], payload: bytes, reason: str) -> None:  # fmt: skip
        """Put a record in; the same record again changes nothing.

        Raises:
            Unavailable: ``quarantine.full``.
            OSError: if the disk takes nothing.
        """
        epoch, number = place
        name = f"{part}-{epoch}-{number}"
        if (self._folder / f"{name}{_FACTS}").exists():
            return
        self._make_room(len(payload))
        record = Quarantined(
            name=name, part=part, kind=kind, epoch=epoch, number=number, reason=reason,
            bytes=len(payload), at_ms=self._clock.now_ms(),
        )  # fmt: skip
        self._folder.mkdir(mode=0o700, exist_ok=True)
        write_whole(self._folder / f"{name}{_BYTES}", payload)
        write_whole(self._folder / f"{name}{_FACTS}", msgspec.json.encode(record))
        log.error("record quarantined", part=part, kind=kind, record=number, reason=reason)

    def list(self) -> list[Quarantined]:
        """Return every record, newest first."""
        found = []
        for path in self._folder.glob(f"*{_FACTS}") if self._folder.is_dir() else ():
            try:
                found.append(msgspec.json.decode(path.read_bytes(), type=Quarantined))
            except (OSError, msgspec.DecodeError):
                log.warning("quarantine: not readable", file=path.name)
        return sorted(found, key=lambda record: record.at_ms, reverse=True)

    def count(self) -> int:
        """Return how many are kept and were not tried again."""
        return sum(record.state == KEPT for record in self.list())

    def one(self, name: str) -> tuple[Quarantined, bytes]:
        """Return a record with its bytes.

        Raises:
            Refused: ``quarantine.unknown``.
        """
        record = next((record for record in self.list() if record.name == name), None)
        if record is None:
            raise Refused(
                "quarantine.unknown",
                f"No record {name!r} lies in quarantine.",
                "tram quarantine list shows them.",
            )
        return record, (self._folder / f"{record.name}{_BYTES}").read_bytes()

    def note_tried(self, record: Quarantined) -> None:
        """Note that a record was given back; its bytes stay until room is needed."""
        tried = msgspec.structs.replace(record, state=TRIED)
        write_whole(self._folder / f"{record.name}{_FACTS}", msgspec.json.encode(tried))

    def _make_room(self, size: int) -> None:
        """Forget the oldest of those tried again, while there is no room.

        Raises:
            Unavailable: ``quarantine.full``.
        """
        records = self.list()
        used, tried = sum(r.bytes for r in records), [r for r in records if r.state == TRIED]
        kept = len(records)
        while used + size > BYTES_MAX or kept >= RECORDS_MAX:
            if not tried:
                raise Unavailable(
                    "quarantine.full",
                    "The quarantine is full: nothing more is taken out of the way.",
                    "Look at tram quarantine list; mend the cause and try the records again.",
                )
            oldest = tried.pop()
            for ending in (_FACTS, _BYTES):
                (self._folder / f"{oldest.name}{ending}").unlink(missing_ok=True)
            used, kept = used - oldest.bytes, kept - 1
