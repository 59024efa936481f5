"""Whatever one device sends ends its own connection at worst: the others notice nothing."""

import json

import httpx
import pytest

from tests.fleet.gateway import client_packets
from tests.fleet.gateway.rig import OTHER_TOKEN, SECOND, TOKEN, Rig, Wire, running
from tram.domain.bounds import NUMBER_MAX
from tram.domain.ids import DeviceId, OrgId
from tram.fleet.block.block import (
    BlockBuilder,
    BlockHeader,
    Event,
    Message,
    decode_block,
)
from tram.fleet.device.decoders import device_json as payload
from tram.fleet.device_api.downlinks import Downlink
from tram.fleet.gateway import repeated_events as recurring
from tram.fleet.gateway.deadlines import Deadlines
from tram.fleet.gateway.protocols.mqtt import mailbox
from tram.fleet.gateway.protocols.mqtt.outgoing import Outgoing
from tram.fleet.gateway.protocols.mqtt.packets import codec
from tram.fleet.gateway.protocols.mqtt.session import MqttSession
from tram.fleet.gateway.protocols.mqtt.stored_session import StoredMessage, StoredSession, encode
from tram.fleet.gateway.repeated_events import Recurring
from tram.runtime.clock import ManualClock
from tram.runtime.errors import Refused

NUMBERS = ["0", str(NUMBER_MAX + 1), str(2**63), "99999999999999999999", "9" * 5_000]
BEHIND = b'{"device": 7, "org": 10, "profile": 100}'


async def neighbour_is_served(rig: Rig) -> None:
    """Another organisation's device publishes and is acknowledged."""
    wire = await rig.connect(token=OTHER_TOKEN, client_id="neighbour")
    wire.publish(b'{"t": 1}', 9)
    assert await wire.answer() == (codec.PUBACK, 9)
    await wire.close()
    assert not rig.task.done()


def codes(rig: Rig) -> list[str]:
    return [event["code"] for event in rig.sink.events if event["code"]]


# Numbers


@pytest.mark.parametrize("number", NUMBERS)
async def test_an_answer_to_a_call_that_cannot_be_is_refused_at_every_door(
    rig: Rig, number: str
) -> None:
    rig.rpc.answers["behind"] = lambda _device, _body: BEHIND
    wire = await rig.connect()
    wire.send(codec.build_publish(f"v1/devices/me/rpc/response/{number}", b"{}", 1, 1))
    assert await wire.answer() == (codec.PUBACK, 1)
    body = b'{"device": "A", "id": %s, "data": 1}' % number.encode()
    wire.send(codec.build_publish("v1/gateway/rpc", body, 1, 2))
    assert await wire.answer() == (codec.PUBACK, 2)
    async with httpx.AsyncClient(base_url=f"{rig.url}/api/v1/{TOKEN}") as device:
        answer = await device.post(f"/rpc/{number}", json={"ok": True})

    assert (answer.status_code, answer.json()["code"]) == (404, "call.unknown")
    assert not rig.world.reports.reports
    assert set(codes(rig)) <= {"call.unknown", "payload.wrong", "payload.not_json"}
    await neighbour_is_served(rig)


async def test_a_request_number_that_makes_its_answers_topic_too_long_is_refused(
    rig: Rig,
) -> None:
    rig.rpc.answers["rpc"] = lambda _device, _body: b"1"
    wire = await rig.connect()
    wire.send(client_packets.build_subscribe(1, [("v1/devices/me/attributes/response/+", 1)]))
    assert (await wire.packet())[0] == codec.SUBACK
    for packet_id, noun in ((2, "attributes/request"), (3, "rpc/request")):
        topic = f"v1/devices/me/{noun}/"
        wire.send(codec.build_publish(topic + "9" * (65_535 - len(topic)), b"{}", 1, packet_id))
        assert await wire.answer() == (codec.PUBACK, packet_id)
    wire.send(codec.build_publish(f"v1/devices/me/attributes/request/{2**63}", b"{}", 0))
    assert (await wire.packet())[0] & 0xF0 == codec.PUBLISH

    assert codes(rig) == ["topic.unknown", "topic.unknown"]
    await neighbour_is_served(rig)


# Faults of ours


async def break_it(*_arguments: object) -> None:
    raise RuntimeError("A fault of ours.")


def break_now(*_arguments: object, **_more: object) -> None:
    raise RuntimeError("A fault of ours.")


@pytest.mark.parametrize(
    ("of", "name"),
    [
        (MqttSession, "durable"),
        (MqttSession, "overdue"),
        (MqttSession, "_control"),
        (MqttSession, "go_on"),
        (Outgoing, "subscribe"),
        (Outgoing, "downlink"),
        (Outgoing, "receive"),
        (MqttSession, "closed"),
    ],
)
async def test_a_fault_anywhere_ends_that_connection_alone(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, of: type, name: str
) -> None:
    rig.faults = ["RuntimeError"]
    wire = await rig.connect(client_id="hit", keep_alive_s=1)
    if name in ("downlink", "receive"):
        wire.send(client_packets.build_subscribe(1, [("v1/devices/me/#", 1), ("me/#", 1)]))
        assert (await wire.packet())[0] == codec.SUBACK
    with monkeypatch.context() as broken:
        broken.setattr(of, name, break_it if name == "subscribe" else break_now)
        await provoke(rig, wire, name)
        assert await wire.is_closed()
        await rig.until(lambda: rig.gateway.metrics.faults)

    await neighbour_is_served(rig)
    event = next(event for event in rig.sink.events if event["code"] == "connection.failed")
    assert event["device"] == 1
    assert "RuntimeError" in event["detail"]
    assert rig.gateway.metrics.connections == 0 or await gone(rig)


async def gone(rig: Rig) -> bool:
    await rig.until(lambda: rig.gateway.metrics.connections == 0)
    return True


async def provoke(rig: Rig, wire: Wire, name: str) -> None:
    """Let the broken part of a connection run."""
    match name:
        case "durable":
            wire.publish('{"t": "ö"}'.encode())
        case "subscribe" | "go_on":
            wire.send(client_packets.build_subscribe(1, [("me/#", 1)]))
        case "downlink":
            rig.world.downlinks.put(
                Downlink(number=5, device=1, target=1, kind="rpc", body=b'{"method":"m"}')
            )
        case "receive":
            wire.send(codec.build_publish("me/a", b"1", 1, 2))
        case "_control":
            wire.send(codec.build_packet(codec.PINGREQ))
        case "closed":
            wire.send(codec.build_packet(codec.DISCONNECT))
        case _:
            pass  # silence is enough


async def test_a_fault_of_an_http_request_ends_that_connection_alone(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.faults = ["RuntimeError"]
    async with httpx.AsyncClient(base_url=f"{rig.url}/api/v1/{TOKEN}") as device:
        with monkeypatch.context() as broken:
            broken.setattr(rig.gateway._neighbours.rpc, "ask", break_it)
            with pytest.raises(httpx.RemoteProtocolError):
                await device.get("/attributes")
    await neighbour_is_served(rig)
    assert "connection.failed" in codes(rig)


def test_a_wheel_turns_on_for_the_others() -> None:
    class One:
        due = 0

        def overdue(self) -> None:
            late.append(self)
            raise RuntimeError

    late: list[object] = []
    failed: list[object] = []
    wheel = Deadlines(lambda one, _error: failed.append(one))
    both = [One(), One()]
    for one in both:
        wheel.watch(one, 0)
    wheel.advance()

    assert len(late) == len(failed) == len(both)


def test_a_thousand_of_one_kind_are_a_word_a_minute() -> None:
    clock = ManualClock(0)
    recurring_ = Recurring(clock)
    assert [recurring_.many("a") for _ in range(3)] == [1, 0, 0]
    assert recurring_.many("b") == 1
    clock.advance(61_000)
    assert recurring_.many("a") == 3
    for key in range(recurring.REMEMBERED_MAX + 10):
        recurring_.many(key)
    assert len(recurring_._seen) == recurring.REMEMBERED_MAX


@pytest.mark.parametrize("odd", ["a\ud800", 10**400])
def test_a_value_that_no_column_takes_costs_its_message_and_no_other(odd: object) -> None:
    builder = BlockBuilder()
    message = Message(DeviceId(1), OrgId(2), 1, False, 1, 1, 5)
    builder.add_values(message, {"t": 1.5}, 5, 0)
    builder.add_values(message._replace(device=SECOND.device), {"x": 1, "odd": odd}, 6, 0)
    builder.add_values(message, {"u": "text"}, 7, 0)
    builder.add_event(Event(DeviceId(1), OrgId(2), 5, 1, "", "c\ud800"))
    with pytest.raises((UnicodeError, OverflowError)):
        builder.encode(BlockHeader("b" * 16, 1, 9))

    assert [lost.device for lost in builder.drop_odd()] == [SECOND.device]

    block = decode_block(builder.encode(BlockHeader("b" * 16, 1, 9)))
    kept = [(row["metric"], row["observed_at_ms"]) for row in block.readings.to_pylist()]
    assert kept == [("t", 5), ("x", 6), ("u", 7)]
    assert block.messages.num_rows == 3
    assert block.events.num_rows == 0


# Names and texts


@pytest.mark.parametrize("name", ["a\u202eb", "line\nbreak", "\u0000", "\u0007"])
async def test_a_device_behind_a_gateway_with_a_name_that_cannot_be_shown_is_refused(
    rig: Rig, name: str
) -> None:
    asked: list[bytes] = []
    rig.rpc.answers["behind"] = lambda _device, body: asked.append(body) or BEHIND
    wire = await rig.connect(client_id="c\u202e")
    for packet_id, (topic, body) in enumerate(
        [
            ("v1/gateway/connect", {"device": name}),
            ("v1/gateway/connect", {"device": "A", "type": name}),
            ("v1/gateway/telemetry", {name: [{"t": 1}]}),
        ],
        1,
    ):
        wire.send(codec.build_publish(topic, json.dumps(body).encode(), 1, packet_id))
        assert await wire.answer() == (codec.PUBACK, packet_id)

    assert not asked
    assert codes(rig) == ["payload.wrong"] * 3
    assert all(event["detail"].isprintable() for event in rig.sink.events)


async def test_what_a_gateway_says_of_new_devices_is_kept_exactly(rig: Rig) -> None:
    rig.rpc.answers["behind"] = lambda _device, _body: BEHIND
    wire = await rig.connect()
    for packet_id in (1, 2):  # first the device is new, then it is known
        body = b'{"A": [{"big": 99999999999999999999, "small": 0.1, "nested": [99999999999999999999]}]}'
        wire.send(codec.build_publish("v1/gateway/telemetry", body, 1, packet_id))
        assert await wire.answer() == (codec.PUBACK, packet_id)

    assert rig.sink.values("big") == [1e20, 1e20]
    assert [r["s"] for r in rig.sink.readings if r["metric"] == "nested"] == [
        "[99999999999999999999]"
    ] * 2
    await neighbour_is_served(rig)


# What one device may keep


async def full(*_arguments: object) -> None:
    raise Refused("session.too_many", "The device keeps as much as it may.")


async def test_a_publisher_is_told_that_a_sleeping_sessions_queue_is_full(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleeper = await rig.connect(client_id="sleeper", clean=False)
    awake = await rig.connect(client_id="awake")
    for wire in (sleeper, awake):
        wire.send(client_packets.build_subscribe(1, [("me/#", 1)]))
        assert (await wire.packet())[0] == codec.SUBACK
    await sleeper.close()
    await rig.until(lambda: len(rig.sink.events) >= 3)
    monkeypatch.setattr(rig.world.sessions, "push", full)
    monkeypatch.setattr(rig.world.sessions, "retain", full)

    wire = await rig.connect(client_id="publisher")
    wire.send(codec.build_publish("me/in", b"1", 1, 5, retain=True))

    assert await wire.answer() == (codec.PUBACK, 5)
    assert (await awake.packet())[0] & 0xF0 == codec.PUBLISH
    await rig.until(lambda: codes(rig).count("session.too_many") == 1)
    await neighbour_is_served(rig)


async def test_a_subscription_that_cannot_be_kept_is_refused_with_its_reason(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rig.world.sessions, "save", full)
    wire = await rig.connect(client_id="one more", clean=False)
    wire.send(client_packets.build_subscribe(1, [("me/#", 1), ("v1/devices/me/attributes", 1)]))
    first, body = await wire.packet()

    assert (first, client_packets.parse_suback(body)[1]) == (codec.SUBACK, b"\x80\x80")
    await rig.until(lambda: codes(rig) == ["session.too_many"])


async def test_sessions_whose_time_has_passed_make_room(rig: Rig) -> None:
    old = StoredSession("old", 60, 1, {})
    rig.world.sessions.stored[1, "old"] = encode(old)
    save = rig.world.sessions.save

    async def one_only(device: int, client: str, content: bytes) -> None:
        if (
            len(rig.world.sessions.stored) >= 1
            and (device, client) not in rig.world.sessions.stored
        ):
            await full()
        await save(device, client, content)

    rig.world.sessions.save = one_only
    wire = await rig.connect(client_id="new", clean=False)
    wire.send(client_packets.build_subscribe(1, [("me/#", 1)]))

    assert client_packets.parse_suback((await wire.packet())[1])[1] == b"\x01"
    assert set(rig.world.sessions.stored) == {(1, "new")}


async def test_all_retained_messages_come_and_a_client_that_takes_none_is_ended(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "QUEUE_MAX", 70)
    for number in range(140):
        topic = f"me/{number}"
        rig.world.sessions.kept[1, topic] = encode(
            StoredMessage(topic, b"%d" % number, 1, retain=True)
        )
    wire = await rig.connect(client_id="reader")
    wire.send(client_packets.build_subscribe(1, [("me/#", 1)]))
    assert client_packets.parse_suback((await wire.packet())[1])[1] == b"\x01"
    came = []
    while len(came) < 140:
        first, body = await wire.packet()
        _, packet_id, payload, _ = client_packets.parse_publish(first, body, five=False)
        came.append(int(payload))
        wire.send(codec.build_with_id(codec.PUBACK, packet_id))
    assert sorted(came) == list(range(140))

    for _ in range(2):  # now it acknowledges nothing
        wire.send(client_packets.build_subscribe(2, [("me/#", 1)]))
    await rig.until(lambda: "session.too_many" in codes(rig))
    await neighbour_is_served(rig)


async def test_a_client_that_takes_nothing_is_ended_before_a_message_is_lost(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "QUEUE_MAX", 10)
    sleeper = await rig.connect(client_id="takes nothing")
    sleeper.send(client_packets.build_subscribe(1, [("me/#", 1)]))
    assert (await sleeper.packet())[0] == codec.SUBACK
    wire = await rig.connect(client_id="publisher")
    for number in range(80):
        wire.send(codec.build_publish("me/a", b"%d" % number, 1, number + 1))

    assert await sleeper.is_closed()
    assert [await wire.answer() for _ in range(80)] == [(codec.PUBACK, n + 1) for n in range(80)]
    assert codes(rig) == ["session.too_many"] * 2, "what was refused, and the end"


async def test_names_without_end_of_one_device_leave_memory_as_it_is(
    each_form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payload, "NAMES_CACHED_MAX", 300)
    async with running() as rig:
        wire = await rig.connect()
        good = await rig.connect(token=OTHER_TOKEN, client_id="good")
        for number in range(8):
            values = {f"name_{number}_{n}": n for n in range(200)}
            for packet_id in (2 * number + 1, 2 * number + 2):  # twice: the second is known
                wire.publish(json.dumps(values).encode(), packet_id)
                assert await wire.answer() == (codec.PUBACK, packet_id)
            good.publish(b'{"moi_a": %d}' % number, number + 1)
            assert await good.answer() == (codec.PUBACK, number + 1)

        assert len(payload._names) <= 300
        assert rig.sink.values("moi_a") == list(range(8))
        assert {r["i"] for r in rig.sink.readings if r["metric"] == "name_7_199"} == {199}


async def test_what_is_damaged_in_the_store_costs_itself_alone(rig: Rig) -> None:
    rig.faults = ["Broken"]
    rig.world.sessions.stored[1, "damaged"] = b"\xc1"
    rig.world.sessions.kept[1, "me/damaged"] = b"\xc1"
    rig.world.sessions.kept[1, "me/good"] = encode(StoredMessage("me/good", b"1", 0, retain=True))
    wire = await rig.connect(client_id="reader")
    wire.send(client_packets.build_subscribe(1, [("me/#", 0)]))
    assert (await wire.packet())[0] == codec.SUBACK
    assert (await wire.packet())[1].endswith(b"me/good1")
    wire.send(codec.build_publish("me/in", b"2", 1, 5))
    assert (await wire.packet())[1].endswith(b"me/in2")
    assert await wire.answer() == (codec.PUBACK, 5)
