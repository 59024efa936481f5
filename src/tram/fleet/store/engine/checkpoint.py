"""How far the log is in the tables: written only after the inserts returned, whole or not at all."""

from pathlib import Path

import msgspec

from tram.runtime.errors import Broken
from tram.runtime.whole_files import write_whole

__all__ = ("Boot", "Checkpoint", "Counters", "read_checkpoint", "write_checkpoint")

FORMAT = 1
_FILE = "checkpoint.json"


class Boot(msgspec.Struct, frozen=True):
    """The last block of one gateway boot that is in the tables."""

    number: int
    received_at_ms: int


class Counters(msgspec.Struct, frozen=True):
    """What happened to rows and messages since the folder was made."""

    rows: int = 0
    messages: int = 0
    doubled_dropped: int = 0
    conflicting: int = 0
    messages_dropped: int = 0
    at_least_once: int = 0
    quarantined: int = 0
    blocks_skipped: int = 0
    blocks_unreadable: int = 0

    def plus(self, **more: int) -> "Counters":
        """Return the counters with some of them raised."""
        return msgspec.structs.replace(
            self, **{name: getattr(self, name) + count for name, count in more.items()}
        )


class Checkpoint(msgspec.Struct, frozen=True):
    """Everything up to ``seq`` of the log's ``epoch`` is in the tables, on disk."""

    epoch: int
    seq: int = 0
    received_at_ms: int = 0
    boots: dict[str, Boot] = {}
    counters: Counters = Counters()
    format: int = FORMAT


def read_checkpoint(folder: Path) -> Checkpoint | None:
    """Return the checkpoint of a store's folder, None if there is none.

    Raises:
        Broken: if the file is damaged or of a newer format.
    """
    path = folder / _FILE
    if not path.exists():
        return None
    try:
        checkpoint = msgspec.json.decode(path.read_bytes(), type=Checkpoint)
    except msgspec.DecodeError as error:
        raise Broken("checkpoint.damaged", f"{path} cannot be read ({error}).") from error
    if checkpoint.format != FORMAT:
        raise Broken(
            "checkpoint.newer",
            f"{path} has format {checkpoint.format}, this version reads {FORMAT}.",
            "Start the version of Trạm that wrote it.",
        )
    return checkpoint


def write_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Put the checkpoint on disk; after a crash the old or the new one is there, never a part."""
    write_whole(folder / _FILE, msgspec.json.encode(checkpoint))
