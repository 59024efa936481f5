"""However messages come into a block, it holds each of them whole, in order, and within its estimate."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fleet.block.test_block import HEADER, messages, rows_of, texts, values
from tram.domain.reading import Status
from tram.fleet.block.block import (
    Block,
    BlockBuilder,
    Event,
    EventKind,
    Message,
    decode_block,
)
from tram.fleet.device.rows import Row

named_values = st.dictionaries(texts.filter(bool), values, min_size=1, max_size=5)
times = st.integers(0, 2**53)
qualities = st.integers(0, 7)
events = st.builds(
    Event,
    st.integers(1, 2**40),
    st.integers(1, 2**31),
    times,
    st.sampled_from(list(map(int, EventKind))),
    texts,
    texts,
)
parts = st.lists(
    st.one_of(st.tuples(messages, named_values, times, qualities, st.booleans()), events),
    max_size=8,
)


def add(builder: BlockBuilder, part: tuple, *, in_short: bool) -> None:
    """Add one message or event, in the way of shared times or row by row."""
    if isinstance(part, Event):
        builder.add_event(part)
    elif in_short:
        builder.add_values(*part[:4])
    else:
        message, named, at_ms, quality, _ = part
        rows = [Row(n, at_ms, v, Status.MEASURING, quality) for n, v in named.items()]
        builder.add_message(message, rows)


def contents(block: Block) -> tuple:
    """What a reader of the log finds; a NaN would not equal itself, none is put in."""
    return rows_of(block), block.messages.to_pylist(), block.events.to_pylist()


@given(parts)
@settings(max_examples=60)
def test_values_that_share_their_time_are_the_same_as_one_row_each(content: list[tuple]) -> None:
    short, long, mixed = BlockBuilder(), BlockBuilder(), BlockBuilder()
    for part in content:
        add(short, part, in_short=True)
        add(long, part, in_short=False)
        add(mixed, part, in_short=not isinstance(part, Event) and part[4])

    expected = contents(decode_block(long.encode(HEADER)))

    assert contents(decode_block(short.encode(HEADER))) == expected
    assert contents(decode_block(mixed.encode(HEADER))) == expected
    sent = [part for part in content if not isinstance(part, Event)]
    assert short.messages == long.messages == len(sent)
    assert short.is_empty == (not content)


LOST = {
    "an integer beyond 64 bits": ("x", 2**63, 5),
    "half of a pair": ("x", "\ud800", 5),
    "a key that is half of a pair": ("\udfff", 1.5, 5),
    "a time beyond 64 bits": ("x", 1.5, 2**63),
}
sound_rows = st.lists(st.tuples(texts.filter(bool), values), max_size=3)


@given(st.lists(st.tuples(sound_rows, st.sampled_from([None, *LOST]), sound_rows), max_size=5))
@settings(max_examples=40)
def test_what_no_column_takes_costs_its_sender_alone(content: list[tuple]) -> None:
    builder = BlockBuilder()
    kept, losers = [], []
    for line, (before, wrong, after) in enumerate(content):
        odd = [] if wrong is None else [Row(*_row(wrong))]
        first, last = ([Row(n, 7, v) for n, v in part] for part in (before, after))
        builder.add_message(Message(line, 1, 0, False, 1, 1, line), first + odd + last)
        kept += [(line, row) for row in first + last]
        losers += [line] if odd else []

    lost = builder.drop_odd()
    block = decode_block(builder.encode(HEADER))

    assert [message.device for message in lost] == losers
    assert rows_of(block) == kept
    assert len(block.messages) == len(content), "each message is acknowledged all the same"


def _row(wrong: str) -> tuple[str, int, object]:
    name, value, at_ms = LOST[wrong]
    return name, at_ms, value


def test_an_event_that_cannot_be_written_is_left_out_alone() -> None:
    builder = BlockBuilder()
    good = Event(1, 1, 5, EventKind.ATTRIBUTE, "model", '"A"')
    for event in (good, good._replace(detail="\ud800"), good._replace(at_ms=2**63), good):
        builder.add_event(event)

    builder.drop_odd()

    found = decode_block(builder.encode(HEADER)).events.to_pylist()
    assert [Event(*line.values()) for line in found] == [good, good]
