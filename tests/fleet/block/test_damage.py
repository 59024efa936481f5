"""Damage to a block is named as damage, wherever it lies: the log is read on behind it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tram.domain.ids import DeviceId, OrgId
from tram.fleet.block.block import (
    EVENTS,
    MESSAGES,
    READINGS,
    BlockBuilder,
    BlockHeader,
    Event,
    EventKind,
    Message,
    decode_block,
    decode_header,
)
from tram.fleet.device.rows import Row
from tram.runtime.errors import Broken

HEADER = BlockHeader("00112233aabbccdd", 7, 1_753_000_000_123)
HEAD_BYTES = 52
SCHEMAS = (READINGS, MESSAGES, EVENTS)


def sound() -> bytes:
    """A block with something in each column."""
    builder = BlockBuilder()
    builder.add_message(
        Message(DeviceId(1), OrgId(1), 1, False, 1, 1, 5, "key"),
        [Row("a", 1, 1.5), Row("b", 2, "Đo tại bể 2"), Row("c", 3, True)],
    )
    builder.add_message(Message(DeviceId(2), OrgId(1), 2, True, 2, 1, 6), [Row("a", 1, 2)])
    builder.add_event(Event(DeviceId(1), OrgId(1), 99, EventKind.REFUSED, "code", "thử"))
    return builder.encode(HEADER)


SOUND = sound()


def must_be_told(payload: bytes) -> str:
    """Return what is said of a payload: ``sound``, or the code of what is wrong."""
    try:
        block = decode_block(payload)
    except Broken as error:
        return error.code
    assert (block.readings.schema, block.messages.schema, block.events.schema) == SCHEMAS
    return "sound"


@pytest.mark.parametrize("mask", [0x01, 0x80])
def test_one_changed_byte_anywhere_is_told_or_leaves_the_columns_of_a_block(mask: int) -> None:
    found = set()
    for place in range(len(SOUND)):
        payload = bytearray(SOUND)
        payload[place] ^= mask
        found.add(must_be_told(bytes(payload)))

    assert {"block.foreign", "block.cut", "block.damaged"} <= found


@given(st.data())
def test_so_is_a_stretch_of_other_bytes(data: st.DataObject) -> None:
    place = data.draw(st.integers(HEAD_BYTES, len(SOUND) - 1))
    other = data.draw(st.binary(min_size=1, max_size=64))

    must_be_told((SOUND[:place] + other + SOUND[place + len(other) :])[: len(SOUND)])


@given(st.integers(0, len(SOUND) - 1))
def test_a_block_that_ends_early_is_told_wherever_it_ends(length: int) -> None:
    assert must_be_told(SOUND[:length]) in {"block.foreign", "block.cut"}


@given(st.binary(min_size=1, max_size=100))
def test_a_block_with_more_behind_it_is_told(more: bytes) -> None:
    assert must_be_told(SOUND + more) == "block.cut"


@given(st.binary(max_size=200))
def test_what_is_no_block_is_told(payload: bytes) -> None:
    assert must_be_told(payload) in {"block.foreign", "block.newer", "block.cut"}
    with pytest.raises(Broken):
        decode_header(payload)


HEADS = {
    "of another program": (b"TRAMRUL1" + SOUND[8:], "block.foreign"),
    "of a later version": (b"TRAMBLK9" + SOUND[8:], "block.newer"),
    "with a boot of no letters": (SOUND[:8] + b"\xff" * 16 + SOUND[24:], "block.damaged"),
    "alone": (SOUND[:HEAD_BYTES], "block.cut"),
    "cut": (SOUND[: HEAD_BYTES - 1], "block.foreign"),
}


@pytest.mark.parametrize("case", HEADS)
def test_a_head_that_cannot_be_is_named(case: str) -> None:
    payload, code = HEADS[case]

    assert must_be_told(payload) == code
    if code != "block.cut":
        with pytest.raises(Broken):
            decode_header(payload)


def test_the_head_is_read_alone_however_damaged_the_columns_are() -> None:
    assert decode_header(SOUND[:HEAD_BYTES] + b"\xff" * 10) == HEADER
