"""A block gives back exactly what was put in, and damage is told from data."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tram.domain.ids import DeviceId, OrgId
from tram.domain.reading import Kind, kind_of
from tram.fleet.block.block import (
    Block,
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

FORMATS = Path(__file__).parent / "formats"
HEADER = BlockHeader("00112233aabbccdd", 7, 1_753_000_000_123)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
values = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    texts,
)
rows = st.builds(
    Row,
    texts.filter(bool),
    st.integers(0, 2**53),
    values,
    st.integers(0, 2),
    st.integers(0, 7),
)
messages = st.builds(
    Message,
    st.integers(1, 2**40).map(DeviceId),
    st.integers(1, 2**31).map(OrgId),
    st.integers(0, 65_535),
    st.booleans(),
    st.integers(0, 2),
    st.integers(1, 2),
    st.integers(0, 2**64 - 1),
    texts,
)


def rows_of(block: Block) -> list[tuple[int, Row]]:
    """Return every row with the line of its message, as it was put in."""
    column = {Kind.FLOAT: "f", Kind.INTEGER: "i", Kind.BOOLEAN: "i", Kind.TEXT: "s"}
    found = []
    for line in block.readings.to_pylist():
        value = line[column[Kind(line["kind"])]]
        value = bool(value) if line["kind"] == Kind.BOOLEAN else value
        row = Row(line["metric"], line["observed_at_ms"], value, line["status"], line["quality"])
        found.append((line["message"], row))
    return found


@settings(max_examples=60)
@given(st.lists(st.tuples(messages, st.lists(rows, max_size=6)), max_size=8))
def test_what_goes_in_comes_out(content: list[tuple[Message, list[Row]]]) -> None:
    builder = BlockBuilder()
    for message, its_rows in content:
        builder.add_message(message, its_rows)

    block = decode_block(builder.encode(HEADER))

    assert block.header == HEADER
    assert [Message(*line.values()) for line in block.messages.to_pylist()] == [
        message for message, _ in content
    ]
    expected = [(line, row) for line, (_, its_rows) in enumerate(content) for row in its_rows]
    assert rows_of(block) == expected
    assert [kind_of(r.value) for _, r in rows_of(block)] == [kind_of(r.value) for _, r in expected]


def test_events_come_out() -> None:
    event = Event(DeviceId(5), OrgId(2), 99, EventKind.REFUSED, "payload.not_json", "thử «1»")
    builder = BlockBuilder()
    builder.add_event(event)

    assert [
        Event(*line.values()) for line in decode_block(builder.encode(HEADER)).events.to_pylist()
    ] == [event]


@pytest.mark.parametrize("cut", [0, 1, 7, 8, 30, 52, 60, 500, -1])
def test_a_cut_block_is_broken(cut: int) -> None:
    builder = BlockBuilder()
    builder.add_message(Message(DeviceId(1), OrgId(1), 1, False, 1, 1, 5), [Row("a", 1, 1.5)])

    with pytest.raises(Broken):
        decode_block(builder.encode(HEADER)[:cut])


def test_a_newer_format_says_so() -> None:
    payload = BlockBuilder().encode(HEADER)

    with pytest.raises(Broken) as caught:
        decode_header(b"TRAMBLK2" + payload[8:])

    assert caught.value.code == "block.newer"


def test_format_1_stays_readable() -> None:
    """The file was written by the first release; it must be readable for ever."""
    block = decode_block((FORMATS / "block-1.bin").read_bytes())

    assert block.header == HEADER
    assert rows_of(block) == [
        (0, Row("temp", 1_753_000_000_000, 30.25)),
        (0, Row("count", 1_753_000_000_000, 12)),
        (1, Row("open", 1_753_000_000_050, True, 0, 1)),
        (1, Row("note", 1_753_000_000_050, "Đo tại bể 2", 1, 1)),
    ]
    assert block.messages.to_pylist()[1]["idempotency_key"] == "k-1"
    assert block.events.to_pylist()[0]["code"] == "payload.not_json"
