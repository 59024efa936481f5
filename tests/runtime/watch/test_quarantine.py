"""Records out of the way are kept whole, within bounds."""

from pathlib import Path

import pytest

from tram.runtime.clock import ManualClock
from tram.runtime.errors import Refused, Unavailable
from tram.runtime.watch import quarantine
from tram.runtime.watch.quarantine import KEPT, TRIED, Quarantine


def test_a_record_is_kept_whole_once_and_listed_newest_first(tmp_path: Path) -> None:
    clock = ManualClock(1_000)
    kept = Quarantine(tmp_path / "quarantine", clock)
    assert kept.list() == []
    for _ in range(2):
        kept.keep("store", "block", (100, 7), b"\0bytes", "ends its process by SIGSEGV")
    clock.advance(1)
    kept.keep("alarms", "block", (100, 7), b"other", "takes longer than 60 s")

    assert [record.name for record in kept.list()] == ["alarms-100-7", "store-100-7"]
    record, payload = kept.one("store-100-7")
    assert (record.reason, record.state, payload) == (
        "ends its process by SIGSEGV", KEPT, b"\0bytes",
    )  # fmt: skip
    kept.note_tried(record)
    assert kept.one("store-100-7")[0].state == TRIED
    assert kept.count() == 1
    with pytest.raises(Refused, match="No record"):
        kept.one("../keys/ops")


def test_a_full_quarantine_forgets_what_was_tried_again_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine, "BYTES_MAX", 10)
    kept = Quarantine(tmp_path, ManualClock(0))
    kept.keep("store", "block", (1, 1), b"12345", "a")
    kept.keep("store", "block", (1, 2), b"12345", "b")

    with pytest.raises(Unavailable, match="full"):
        kept.keep("store", "block", (1, 3), b"1", "c")
    kept.note_tried(kept.one("store-1-1")[0])
    kept.keep("store", "block", (1, 3), b"1", "c")

    assert sorted(record.name for record in kept.list()) == ["store-1-2", "store-1-3"]
