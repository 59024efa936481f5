"""A block given back from quarantine is read once more, by the part that it is for, and as it was."""

import pytest

from tests.fleet.block.test_damage import HEADER, SOUND
from tram.fleet.block.block import decode_block
from tram.fleet.block.given_back import given_back, is_for
from tram.runtime.errors import Broken

PARTS = ("alarms", "store")


@pytest.mark.parametrize("part", PARTS)
def test_its_rows_are_as_they_were_and_its_boot_is_new(part: str) -> None:
    boot, payload = given_back(SOUND, part)
    before, after = decode_block(SOUND), decode_block(payload)

    assert (after.readings, after.messages, after.events) == (
        before.readings,
        before.messages,
        before.events,
    )
    assert (after.header.boot, after.header.number) == (boot, 1)
    assert after.header.received_at_ms == HEADER.received_at_ms
    assert boot != HEADER.boot


def test_only_the_part_that_it_is_for_takes_it_and_every_part_takes_a_gateways() -> None:
    boots = {part: given_back(SOUND, part)[0] for part in PARTS}

    assert {p: [part for part in PARTS if is_for(boot, part)] for p, boot in boots.items()} == {
        "alarms": ["alarms"],
        "store": ["store"],
    }
    assert all(is_for(HEADER.boot, part) for part in PARTS)


def test_given_back_twice_it_is_known_by_its_boot_and_others_are_others() -> None:
    other = given_back(SOUND, "store")[1]  # as a block of its own it is another one

    assert given_back(SOUND, "store") == given_back(SOUND, "store")
    assert len({given_back(block, p)[0] for block in (SOUND, other) for p in PARTS}) == 4


def test_what_is_no_block_is_not_given_back() -> None:
    for payload in (b"", SOUND[:20], b"\x00" * 100):
        with pytest.raises(Broken):
            given_back(payload, "store")
