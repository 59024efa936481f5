"""What the batch reader took and what Python took stand in one block in the order in which they came."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fleet.block.test_block import HEADER, rows_of
from tram.domain.ids import DeviceId, OrgId
from tram.domain.reading import Kind, Value, kind_of
from tram.fleet.block.block import BlockBuilder, Message, decode_block
from tram.fleet.block.reader_columns import ReaderColumns
from tram.fleet.device.rows import Row

NAMES = ["nhiệt độ", "p", "never sent", "q"]
keys = st.sampled_from(["nhiệt độ", "p", "q"])
values = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.sampled_from(["", "mở", "ok", "x" * 40]),
)
contents = st.lists(st.tuples(keys, values), max_size=4)
runs = st.lists(st.tuples(st.booleans(), st.lists(contents, max_size=4)), max_size=6)


def take(
    columns: ReaderColumns, line: int, sent: list[tuple[int, list[tuple[str, Value]]]]
) -> None:
    """Put messages into the columns as the part in C does (``batch_reader/reader.h``)."""
    columns.begin(line, 100_000)
    record = columns.record[0]
    for device, rows in sent:
        message = columns.messages
        numbers = {
            "device": device, "org": 3, "at_ms": 1_000 + device, "fingerprint": device * 7,
            "line_of": int(record["line"]), "packet_id": device, "rows_of": len(rows),
            "qos": 1, "quality": 1,
        }  # fmt: skip
        for name, number in numbers.items():
            record[name][message] = number
        for metric, value in rows:
            _put(record, columns.rows, metric, value)
            record["rows"] += 1
        record["messages"] += 1
        record["line"] += 1


def _put(record, row: int, metric: str, value: Value) -> None:
    kind = kind_of(value)
    start = 0 if row == 0 else int(record["text_end"][row])
    record["text_end"][0] = 0
    text = value.encode() if kind is Kind.TEXT else b""
    record["text"][start : start + len(text)] = list(text)
    record["text_end"][row + 1] = start + len(text)
    record["kind"][row], record["metric"][row] = kind, NAMES.index(metric)
    record["f" if kind is Kind.FLOAT else "i"][row] = 0 if kind is Kind.TEXT else value


@given(runs)
@settings(max_examples=60)
def test_both_ways_into_a_block_keep_the_order_of_what_came(
    done: list[tuple[bool, list[list[tuple[str, Value]]]]],
) -> None:
    builder = BlockBuilder()
    builder.batch_columns = ReaderColumns(NAMES)
    expected: list[tuple[int, Row]] = []
    devices: list[int] = []
    for is_in_c, sent in done:
        numbered = list(enumerate(sent, len(devices) + 1))
        if is_in_c:
            take(builder.batch_columns, builder.messages, numbered)
            builder.join_batch()
        for device, rows in numbered:
            message = Message(DeviceId(device), OrgId(3), device, False, 1, 1, device * 7)
            as_rows = [Row(metric, 1_000 + device, value, 0, 1) for metric, value in rows]
            if not is_in_c:
                builder.add_message(message, as_rows)
            expected += [(len(devices), row) for row in as_rows]
            devices.append(device)

    block = decode_block(builder.encode(HEADER))

    assert [line["device"] for line in block.messages.to_pylist()] == devices
    assert [line["fingerprint"] for line in block.messages.to_pylist()] == [d * 7 for d in devices]
    assert rows_of(block) == expected
    words = {
        word for chunk in block.readings["metric"].chunks for word in chunk.dictionary.to_pylist()
    }
    assert words == {row.metric for _, row in expected}, "a block names only what it holds"


def test_who_lost_values_is_named_also_behind_what_the_batch_reader_took() -> None:
    builder = BlockBuilder()
    builder.batch_columns = ReaderColumns(NAMES)
    good, odd = [Row("p", 1, 1.5)], [Row("p", 1, "\ud800")]
    for device, rows in ((1, odd), (4, good)):
        builder.add_message(Message(DeviceId(device), OrgId(3), 0, False, 1, 1, 0), rows)
    take(builder.batch_columns, builder.messages, [(5, [("p", 1.5)]), (6, [("q", 2.5)])])
    builder.join_batch()
    for device, rows in ((7, odd), (8, good)):
        builder.add_message(Message(DeviceId(device), OrgId(3), 0, False, 1, 1, 0), rows)

    lost = builder.drop_odd()

    assert [message.device for message in lost] == [1, 7]
    found = rows_of(decode_block(builder.encode(HEADER)))
    assert [line for line, _ in found] == [1, 2, 3, 5]
