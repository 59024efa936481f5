"""The batch reader in C and the Python that reads everything say the same of the same bytes."""

import asyncio
import json
import random
import shutil
import socket
import subprocess
import sys
from array import array
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fleet.gateway.rig import FIRST, TELEMETRY, TOKEN, Rig, running
from tests.fleet.gateway.samples import samples
from tests.repository import ROOT
from tram.fleet.block.block import (
    BlockBuilder,
    BlockHeader,
    Message,
    Protocol,
    decode_block,
    fingerprint,
)
from tram.fleet.block.open_block import OpenBlock
from tram.fleet.block.reader_columns import ReaderColumns
from tram.fleet.device.decoders.device_json import decode_plain, decode_telemetry, is_plain_name
from tram.fleet.gateway.backpressure import Backpressure, DeviceRate, FairShare, Seat
from tram.fleet.gateway.batch_reader.library import (
    LOOK,
    TAKEN,
    TURN,
    ReadSet,
    ReadTerms,
    load_library,
)
from tram.fleet.gateway.block_writer import BlockWriter
from tram.fleet.gateway.metrics import GatewayMetrics
from tram.fleet.gateway.protocols.mqtt import protocol as mqtt_module
from tram.fleet.gateway.protocols.mqtt.packets import codec, reasons
from tram.fleet.gateway.protocols.mqtt.packets.codec import Connect
from tram.fleet.gateway.protocols.mqtt.session import MqttSession
from tram.fleet.gateway.settings import GatewaySettings
from tram.runtime.clock import SystemClock

NOW_MS = 1_763_848_000_000
TERMS = ReadTerms(
    now_ms=NOW_MS,
    from_ms=NOW_MS - 10_000_000_000,
    to_ms=NOW_MS + 86_400_000,
    old_before_ms=NOW_MS - 900_000,
    quantum=65_536,
    read_charge=256,
    batch_share=4,
    now_s=100.0,
    message_s=0.001,
    burst_s=10.0,
    payload_bytes_max=65_536,
    tick=3,
    batch=1,
    unanswered_max=512,
)
ROOM = 700_000
STREAMS = 60
HEADER = BlockHeader("boot000000000001", 1, NOW_MS)
KEYS = ("t", "off", "on", "nhiệt độ", "level", "a b", "flow.1", "n")


class Bench:
    """One connection of the batch reader without a gateway around it."""

    def __init__(self, *, five: bool = False) -> None:
        library = load_library()
        assert library is not None, "run 'make setup-dev': a C compiler makes the batch reader"
        self.reads = ReadSet(library, 4, 7)
        self.far, self.near = socket.socketpair()
        self.near.setblocking(False)
        self.share, self.pace = FairShare(), DeviceRate()
        seat = Seat(FIRST, self.share, self.pace)
        self.reads.slots.enter(0, self.near.fileno(), seat, five=five)
        assert self.reads.slots.listen(0, wanted=True)
        decode_telemetry(json.dumps([dict.fromkeys(KEYS, 1)]).encode(), NOW_MS)
        self.names = [key for key in KEYS if is_plain_name(key)]
        for code, name in enumerate(self.names):
            assert self.reads.keys.learn(name.encode()) == code
        self.columns = ReaderColumns(self.names)

    def take(self, data: bytes, room: int = ROOM) -> tuple[int, BlockBuilder]:
        """Return how many messages were taken, -1 for odd, and the block that holds them."""
        self.far.sendall(data)
        assert self.reads.read() == 1
        self.reads.begin()
        builder = BlockBuilder()
        builder.batch_columns = ReaderColumns(self.names)
        builder.batch_columns.begin(0, room)
        self.stopped = self.reads.take(TERMS, builder.batch_columns, 0)
        builder.join_batch()
        self.status = int(self.reads.columns["status"][0])
        return int(self.reads.columns["taken"][0]), builder

    def close(self) -> None:
        self.far.close()
        self.near.close()
        self.reads.close()


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.close()


def packet(payload: bytes, packet_id: int = 7, qos: int = 1) -> bytes:
    return codec.build_publish(TELEMETRY, payload, qos, packet_id)


def by_python(payload: bytes, packet_id: int = 7, qos: int = 1) -> BlockBuilder | None:
    """Return the block that Python makes of the common packet; None if it looks more closely."""
    plain = decode_plain(payload, NOW_MS)
    if plain is None:
        return None
    body = packet(payload, packet_id, qos)
    start = 2 if body[1] < 0x80 else 3
    print_ = fingerprint(body[start:]) if qos else 0
    builder = BlockBuilder()
    message = Message(FIRST.device, FIRST.org, packet_id if qos else 0, False, qos, 1, print_)
    builder.add_values(message, *plain)
    return builder


def lines(builder: BlockBuilder) -> tuple:
    block = decode_block(builder.encode(HEADER))
    readings = [{**line, "f": repr(line["f"])} for line in block.readings.to_pylist()]
    return readings, block.messages.to_pylist(), block.events.to_pylist()


def check_same(bench: Bench, payload: bytes, qos: int = 1) -> bool:
    """Tell whether the library took a payload; if so, Python says the same of it."""
    taken, builder = bench.take(packet(payload, qos=qos))
    if taken < 0:
        assert builder.is_empty
        return False
    assert taken == 1
    python = by_python(payload, qos=qos)
    if python is None:  # Python looked more closely, and found the same rows
        rows = decode_telemetry(payload, NOW_MS)
        readings = lines(builder)[0]
        assert [(r["metric"], r["observed_at_ms"], r["quality"]) for r in readings] == [
            (row.metric, row.observed_at_ms, row.quality) for row in rows
        ]
    else:
        assert lines(builder) == lines(python)
    return True


numbers = st.one_of(
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.decimals(allow_nan=False, allow_infinity=False, places=7).map(float),
)
spellings = st.one_of(
    numbers.map(json.dumps),
    st.from_regex(r"-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?", fullmatch=True),
    st.sampled_from(
        (
            "-0",
            "-0.0",
            "01",
            "1.",
            ".5",
            "1e400",
            "tru",
            "null",
            '"x"',
            '""',
            '"a b"',
            '"\\u0041"',
            '"é"',
            "[1]",
            "-",
        )
    ),
)
space = st.sampled_from(("", " ", "\t", "\r\n "))


@st.composite
def documents(draw) -> bytes:
    pairs = draw(
        st.lists(
            st.tuples(st.sampled_from((*KEYS, "ts", "values")), spellings), min_size=1, max_size=6
        )
    )
    gap = draw(space)
    inner = f"{{{gap}" + f"{gap},".join(f'"{k}"{gap}:{gap}{v}' for k, v in pairs) + f"{gap}}}"
    if draw(st.booleans()):
        ts = draw(st.sampled_from((NOW_MS, NOW_MS - 1, 0, NOW_MS + 10**9, 1.5, "x")))
        inner = f'{{"ts":{gap}{json.dumps(ts)},{gap}"values"{gap}:{gap}{inner}{gap}}}'
    return (inner + draw(space)).encode()


@given(documents(), st.sampled_from((0, 1)))
def test_library_takes_only_what_python_reads_the_same_way(bench, document, qos) -> None:
    check_same(bench, document, qos)


def test_common_documents_are_taken(bench) -> None:
    for document in (
        b'{"t": 21.5}',
        b'{"t":57.30614958213847,"level":-3,"n":true}',
        f'{{"ts": {NOW_MS}, "values": {{"t": 1e3, "nhiệt độ": 0.30000000000000004}}}}'.encode(),
        b'{"t": "", "n": "text", "on": 1, "level": "' + b"x" * 4096 + b'"}',
        b' {"n" : 999999999999999999 , "t" : -0.0 } ',
    ):
        assert check_same(bench, document), document


@pytest.mark.parametrize(
    "document",
    [
        b'{"t": 1, "t": 2}',
        '{"t": "chữ"}'.encode(),
        b'{"t": "a\\nb"}',
        b'{"t": "a\nb"}',
        b'{"t": "' + b"x" * 4097 + b'"}',
        b'{"t": null}',
        b'{"t": 1} x',
        b'{"t": 1',
        b"{}",
        b"[]",
        b"",
        b'{"ts": 5}',
        b'{"t": 1, "ts": 5}',
        b'{"never": 1}',
        b'{"\\u0074": 1}',
        b'{"t": 1,}',
    ],
)
def test_everything_else_is_left_to_python(bench, document) -> None:
    assert not check_same(bench, document)


def test_damaged_samples_are_read_alike_or_left(bench) -> None:
    for body in samples(random.Random(4), 3_000):
        check_same(bench, body)
        bench.take(body or b"\0")


@given(st.binary(min_size=1, max_size=400), st.integers(0, 300))
def test_no_bytes_break_the_borders_of_packets(bench, noise, cut) -> None:
    whole = packet(b'{"t": 1}', 1) + packet(b'{"t": 2}', 2)
    taken, _ = bench.take((whole + noise)[: cut or None])
    assert taken in (-1, 0, 1, 2, 3)


def test_several_packets_of_one_read_are_taken_together_or_not_at_all(bench) -> None:
    good = [packet(json.dumps({"t": n}).encode(), n) for n in range(1, 5)]
    taken, builder = bench.take(b"".join(good))
    assert taken == 4
    assert [line["packet_id"] for line in lines(builder)[1]] == [1, 2, 3, 4]
    assert [line["i"] for line in lines(builder)[0]] == [1, 2, 3, 4]

    taken, builder = bench.take(b"".join(good[:2]) + codec.build_packet(codec.PINGREQ))
    assert taken == -1
    assert builder.is_empty


def test_a_read_that_does_not_fit_waits_for_the_next_block(bench) -> None:
    _, builder = bench.take(packet(b'{"t": 1}'), room=100)

    assert bench.stopped == 0
    assert builder.is_empty


def test_turn_and_pace_are_those_of_python(bench) -> None:
    settings = GatewaySettings()
    metrics = GatewayMetrics()
    block_writer = BlockWriter(settings, None, SystemClock(), "boot000000000001", metrics)
    backpressure = Backpressure(settings, block_writer, metrics)
    seat = backpressure.seat(FIRST)
    rng = random.Random(3)
    terms = ReadTerms.from_buffer_copy(TERMS)
    terms.admits, terms.batch_share = 1, 1
    bench.share.numbers[:] = array("q", (65_536, 0))
    bench.pace.numbers[0] = 0.0
    for _ in range(2_000):
        many = rng.randrange(1, 200)
        data = packet(b'{"t": 1}') * many
        backpressure.round = terms.round = backpressure.round + (
            rng.randrange(3) if many > 150 else 0
        )
        admitted = backpressure.admits(seat, len(data) + 256)
        bench.far.sendall(data)
        assert bench.reads.read() == 1
        bench.reads.begin()
        bench.columns.record[:] = 0
        bench.columns.begin(0, ROOM)
        bench.reads.take(terms, bench.columns, 0)
        assert (int(bench.reads.columns["status"][0]) != TURN) == admitted
        assert list(bench.share.numbers) == list(seat.share.numbers)
        if admitted:
            seat.pace.due_s = max(seat.pace.due_s, terms.now_s) + many * 0.001
            assert bench.pace.due_s == pytest.approx(seat.pace.due_s)
            ahead = seat.pace.due_s - terms.now_s > 10.0
            assert int(bench.reads.columns["status"][0]) == (LOOK if ahead else TAKEN)
            assert bench.reads.slots.seen(0) == 3
        terms.now_s += rng.random() / 10


def test_properties_of_mqtt_5_are_left_to_python() -> None:
    bench = Bench(five=True)
    bare = codec.build_publish(TELEMETRY, b'{"t": 1}', 1, 7, properties={})
    rich = codec.build_publish(TELEMETRY, b'{"t": 1}', 1, 7, properties={0x26: [("a", "b")]})
    assert bench.take(bare)[0] == 1
    assert bench.take(rich)[0] == -1
    bench.close()


def test_the_table_of_keys_is_bounded(bench) -> None:
    fresh = ReadSet(load_library(), 1, 9)
    codes = [fresh.keys.learn(f"key {n}".encode()) for n in range(10_050)]
    assert max(codes) < 10_000
    assert codes.count(-1) >= 50
    assert fresh.keys.learn(b"x" * 513) == -1
    fresh.keys.forget_all(3)
    assert fresh.keys.learn(b"key 10049") == 0
    fresh.close()


def test_python_and_the_batch_reader_share_a_block_in_the_order_of_arrival() -> None:
    bench = Bench()
    builder = BlockBuilder()
    builder.batch_columns = bench.columns

    def python(n: int) -> None:
        message = Message(FIRST.device, FIRST.org, n, False, 1, 1, n)
        builder.add_values(message, {"other": "é", "t": float(n)}, NOW_MS, 0)

    def batched(n: int) -> None:
        bench.far.sendall(packet(json.dumps({"t": float(n)}).encode(), n))
        assert bench.reads.read() == 1
        bench.reads.begin()
        bench.columns.begin(builder.messages, ROOM)
        assert bench.reads.take(TERMS, bench.columns, 0) == 1
        builder.join_batch()

    for n, take in enumerate((python, batched, batched, python, python, batched, python), start=1):
        take(n)
    readings, messages, _ = lines(builder)
    assert [line["packet_id"] for line in messages] == list(range(1, 8))
    told = [(line["message"] + 1, line["f"]) for line in readings if line["metric"] == "t"]
    assert told == [(n, repr(float(n))) for n in range(1, 8)]
    assert [line["s"] for line in readings if line["metric"] == "other"] == ["é"] * 4
    bench.close()


# In the gateway


async def test_answers_keep_their_order_whoever_gives_them(each_form, rig: Rig) -> None:
    wire = await rig.connect()
    wire.publish(b'{"t": 0}', 1)
    assert await wire.answer() == (codec.PUBACK, 1)  # the key is known from now on
    rig.sink.open.clear()
    for number in range(2, 60):
        # Accents and refusals are Python's, numbers the batch reader's; each in a read of its own.
        wire.publish((b'{"t": 1}', b'{"t": "\xc3\xa9"}', b"bad", b'{"t": 2}')[number % 4], number)
        await wire.writer.drain()
        await asyncio.sleep(0.001)
    rig.sink.open.set()

    assert [await wire.answer() for _ in range(2, 60)] == [
        (codec.PUBACK, number) for number in range(2, 60)
    ]


async def test_what_has_waited_does_not_overtake_an_errand(each_form, rig: Rig) -> None:
    wire = await rig.connect()
    wire.publish(b'{"t": 0}', 1)
    assert await wire.answer() == (codec.PUBACK, 1)
    (session,) = rig.gateway._connections._open
    backpressure, seat = rig.gateway._connections.backpressure, session.seat
    seat.share.credit = 0  # the next reads wait, and their turn comes in one round
    ask = codec.build_publish("v1/devices/me/attributes/request/1", b"{}", 1, 2)
    for data in (ask, packet(b'{"t": 1}', 3), packet(b'{"t": 2}', 4)):
        backpressure.read(session, seat, data)

    assert [await wire.answer() for _ in range(3)] == [(codec.PUBACK, n) for n in (2, 3, 4)]
    assert rig.sink.values("t") == [0, 1, 2]


async def test_answers_to_a_slow_reader_wait_and_all_come(each_form, rig: Rig) -> None:
    wire = await rig.connect()
    wire.publish(b'{"t": 0}', 1)
    assert await wire.answer() == (codec.PUBACK, 1)
    wire.writer.transport.pause_reading()
    many = 3_000
    for number in range(1, many + 1):
        wire.send(packet(b'{"t": 1}', number), codec.build_packet(codec.PINGREQ))
    await wire.writer.drain()
    await rig.until(lambda: len(rig.sink.messages) == many + 1)
    wire.writer.transport.resume_reading()

    answers = [await wire.packet() for _ in range(2 * many)]
    ids = [codec.parse_ack(body, five=False)[0] for first, body in answers if body]
    assert ids == list(range(1, many + 1))


async def test_clients_of_mqtt_5_may_have_1024_unanswered_and_not_one_more(
    each_form, rig: Rig
) -> None:
    wire = await rig.wire()
    wire.send(codec.build_connect(Connect(5, "five", user_name=TOKEN, properties={})))
    assert (await wire.packet())[0] == codec.CONNACK

    def publish(number: int, payload: bytes) -> None:
        wire.send(codec.build_publish(TELEMETRY, payload, 1, number, properties={}))

    publish(1, b'{"t": 0}')
    assert await wire.answer() == (codec.PUBACK, 1)
    rig.sink.open.clear()
    for number in range(1, 1025):
        publish(number, b'{"t": 1}' if number % 300 else '{"t": "é"}'.encode())
        if number % 40 == 0:
            await asyncio.sleep(0.004)  # a read of its own
    await rig.until(lambda: rig.gateway.metrics.accepted[Protocol.MQTT][1] == 1025)
    rig.sink.open.set()
    assert [(await wire.answer())[1] for _ in range(1024)] == list(range(1, 1025))

    rig.sink.open.clear()
    for number in range(1, 1026):
        publish(number, b'{"t": 1}')
    while (packet := await wire.packet())[0] != codec.DISCONNECT:
        assert packet[0] == codec.PUBACK
    assert packet[1][0] == reasons.RECEIVE_MAXIMUM_EXCEEDED


async def test_a_slot_given_on_answers_only_its_new_owner(each_form, rig: Rig) -> None:
    first = await rig.connect()
    first.publish(b'{"t": 0}', 1)
    await first.answer()
    rig.sink.open.clear()
    first.publish(b'{"t": 1}', 99)
    await rig.until(
        lambda: rig.sink.begun == 2 or rig.gateway.metrics.accepted[Protocol.MQTT][1] == 2
    )
    await first.close()
    await rig.until(lambda: not rig.gateway.metrics.connections)
    second = await rig.connect(client_id="another")
    second.publish(b'{"t": 2}', 5)
    await rig.until(lambda: rig.gateway.metrics.accepted[Protocol.MQTT][1] == 3)
    rig.sink.open.set()

    assert await second.answer() == (codec.PUBACK, 5)


async def test_a_packet_cut_anywhere_is_put_together(each_form, rig: Rig) -> None:
    wire = await rig.connect()
    wire.publish(b'{"t": 0}', 1)
    await wire.answer()
    whole = packet(b'{"t": 1}', 2)
    for cut in range(1, len(whole)):
        wire.send(whole[:cut])
        await wire.writer.drain()
        await asyncio.sleep(0.004)
        wire.send(whole[cut:] + packet(b'{"t": 2}', 3))
        assert await wire.answer() == (codec.PUBACK, 2)
        assert await wire.answer() == (codec.PUBACK, 3)


async def test_end_of_a_connection_is_noticed(each_form, rig: Rig) -> None:
    for how in ("close", "abort"):
        wire = await rig.connect()
        wire.publish(b'{"t": 0}', 1)
        await wire.answer()
        getattr(wire.writer.transport, how)()
        await rig.until(lambda: not rig.gateway.metrics.connections)


def stream(rng: random.Random) -> list[bytes]:
    """Return reads of one connection: common packets, rare and damaged ones, cut anywhere."""
    rare = rng.random() < 0.5
    packets = []
    for number in range(1, rng.randrange(4, 30)):
        start = f'{{"ts": {NOW_MS + number}, "values": '
        payload = [
            start + f'{{"t": {number}.5, "on": true}}}}',
            start + f'{{"t": {number}}}}}',
            start + f'{{"text": "é", "key {rng.randrange(9)}": 1}}}}',
            '{"t": 1, "t": 2}',
            "not JSON",
        ][rng.randrange(5 if rare else 2)].encode()
        one = bytearray(packet(payload, number, rng.choice((0, 1, 1, 2) if rare else (0, 1))))
        if rare and not rng.randrange(12):
            one[rng.randrange(4, len(one))] = rng.randrange(256)
        packets.append(bytes(one))
        if rare and not rng.randrange(6):
            packets.append(codec.build_packet(codec.PINGREQ))
    whole = b"".join(packets) + rng.randbytes(rng.randrange(1, 40) if rare else 0)
    cuts = [rng.randrange(len(whole)) for _ in range(rng.randrange(3))]
    cuts.append(len(b"".join(packets[: rng.randrange(len(packets))])))  # between two packets
    cuts.sort()
    return [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]


async def kept_of(reads: list[bytes], gateway: Rig) -> list:
    """Return all that a gateway made of the reads of one connection."""
    before = len(gateway.sink.blocks)
    wire = await gateway.connect(client_id="")
    for data in reads:
        if wire.writer.transport.is_closing():  # the gateway has ended it
            break
        wire.send(data)
        with suppress(ConnectionError):
            await wire.writer.drain()
        await asyncio.sleep(0.003)
    await wire.close()
    await gateway.until(lambda: not gateway.gateway.metrics.connections)
    await gateway.until(lambda: any(e["kind"] == 2 for e in events_since(gateway, before)))
    blocks = gateway.sink.blocks[before:]
    timed = {"observed_at_ms", "quality", "message", "f"}
    readings = [
        {key: value for key, value in line.items() if key not in timed} | {"f": repr(line["f"])}
        for block in blocks
        for line in block.readings.to_pylist()
    ]
    messages = [line for block in blocks for line in block.messages.to_pylist()]
    events = [(e["kind"], e["code"], e["detail"]) for e in events_since(gateway, before)]
    return [readings, messages, events]


def events_since(gateway: Rig, before: int) -> list[dict]:
    return [line for block in gateway.sink.blocks[before:] for line in block.events.to_pylist()]


async def test_whatever_a_connection_sends_both_forms_keep_the_same(monkeypatch) -> None:
    taken = 0
    took = BlockWriter.took

    def count(
        block_writer: BlockWriter, batch: OpenBlock, messages: int, charge: int, old_rows: int
    ) -> None:
        nonlocal taken
        taken += messages
        took(block_writer, batch, messages, charge, old_rows)

    monkeypatch.setattr(BlockWriter, "took", count)
    async with running() as compiled:
        said = [await kept_of(stream(random.Random(seed)), compiled) for seed in range(STREAMS)]
    assert taken > STREAMS
    monkeypatch.setattr(mqtt_module, "load_library", lambda: None)
    async with running() as plain:
        for seed, kept in enumerate(said):
            assert await kept_of(stream(random.Random(seed)), plain) == kept, seed


async def test_a_fault_of_one_costs_no_other_its_bytes(rig: Rig, monkeypatch) -> None:
    wires = [await rig.connect(client_id=f"c{n}") for n in range(3)]
    received = MqttSession.received

    def break_one(session: MqttSession, data: bytes) -> None:
        if b"break" in data:
            raise RuntimeError("A fault of ours.")
        received(session, data)

    monkeypatch.setattr(MqttSession, "received", break_one)
    rig.faults = ["RuntimeError"]
    for wire, text in zip(wires, ("öne", "break é", "thrëe"), strict=True):
        wire.publish(json.dumps({"t": text}, ensure_ascii=False).encode(), 7)

    assert await wires[0].answer() == (codec.PUBACK, 7)
    assert await wires[2].answer() == (codec.PUBACK, 7)
    assert await wires[1].is_closed()
    await rig.until(lambda: "connection.failed" in [e["code"] for e in rig.sink.events])


# The compiler looks too


def test_library_touches_no_byte_that_is_not_its_own(tmp_path: Path) -> None:
    program = tmp_path / "checked"
    tool = ROOT / "tools" / "compile_reader.py"
    subprocess.run([sys.executable, str(tool), "--checked", str(program)], check=True, timeout=100)
    done = subprocess.run([str(program), "1"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert int(done.stdout) > 1_000


def test_without_a_compiler_python_reads_and_one_line_says_so(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("*.so"))
    tool = ROOT / "tools" / "compile_reader.py"
    done = subprocess.run(
        [sys.executable, str(tool)],
        env={"PATH": "", "PYTHONPATH": str(tmp_path / "src")},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.startswith("No C compiler: the gateway reads in Python alone")
    assert done.stdout.count("\n") == 1
