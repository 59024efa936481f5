"""One record alone to blame: examined once, taken out whole, and left in its place when it is not."""

from pathlib import Path

import pytest

from tram.runtime.clock import ManualClock
from tram.runtime.errors import Unavailable
from tram.runtime.watch.inspection import Inspector
from tram.runtime.watch.quarantine import Quarantine


class Examiner:
    """Dies of what begins with "bad", and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []

    async def __call__(self, payload: bytes) -> str | None:
        self.asked.append(payload)
        return "ends its process by SIGSEGV" if payload.startswith(b"bad") else None


async def test_a_record_that_kills_is_kept_and_one_that_does_not_stays(tmp_path: Path) -> None:
    quarantine = Quarantine(tmp_path / "q", ManualClock(5))
    inspector = Inspector("store", examine=Examiner(), quarantine=quarantine)

    assert not await inspector.takes_out(100, 6, b"good")
    assert quarantine.list() == []
    assert await inspector.takes_out(100, 7, b"bad one")

    record, payload = quarantine.one("store-100-7")
    assert (record.reason, payload) == ("ends its process by SIGSEGV", b"bad one")


async def test_the_same_record_is_examined_once_however_often_it_comes(tmp_path: Path) -> None:
    examiner = Examiner()
    file = tmp_path / "q"
    file.write_text("a file in the folder's place")
    inspector = Inspector("store", examine=examiner, quarantine=Quarantine(file, ManualClock(5)))

    for _ in range(3):
        with pytest.raises(Unavailable) as caught:
            await inspector.takes_out(100, 7, b"bad one")
        assert caught.value.code == "quarantine.unwritable"
    assert examiner.asked == [b"bad one"]

    assert not await inspector.takes_out(100, 8, b"good")
    file.unlink()
    assert await inspector.takes_out(100, 7, b"bad one")
    assert examiner.asked == [b"bad one", b"good", b"bad one"]


async def test_without_an_examiner_nothing_is_to_blame_and_without_a_place_nothing_is_kept() -> (
    None
):
    assert not await Inspector("store").takes_out(100, 7, b"bad one")
    assert await Inspector("store", examine=Examiner()).takes_out(100, 7, b"bad one")
