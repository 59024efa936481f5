"""Storms: thousands at once, fights for one name, connections that say nothing; others are served."""

import asyncio

import httpx
import pytest
from websockets.asyncio.client import connect as open_websocket

from tests.fleet.gateway import client_packets
from tests.fleet.gateway.rig import OTHER_TOKEN, TOKEN, Rig, running
from tests.fleet.gateway.test_hostile import codes, neighbour_is_served
from tram.domain.ids import DeviceId
from tram.fleet.block.block import EventKind
from tram.fleet.gateway import connect_admission as admission
from tram.fleet.gateway import websocket
from tram.fleet.gateway.connect_admission import ConnectAdmission
from tram.fleet.gateway.protocols.mqtt import takeovers
from tram.fleet.gateway.protocols.mqtt.packets import codec, reasons
from tram.fleet.gateway.protocols.mqtt.stored_session import StoredMessage, StoredSession, encode
from tram.fleet.gateway.protocols.mqtt.takeovers import Takeovers
from tram.runtime.clock import ManualClock
from tram.runtime.processes.process import free_port


def test_a_name_that_is_taken_over_again_and_again_is_waited_for() -> None:
    clock = ManualClock(0)
    takeovers_ = Takeovers(clock)
    key = DeviceId(1), "c"
    waits = []
    for _ in range(takeovers.FREE + 8):
        waits.append(takeovers_.wait_s(key))
        takeovers_.note(key)
    assert waits == [0.0] * 5 + [0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0, 10.0]
    assert takeovers_.wait_s((DeviceId(2), "c")) == 0
    clock.advance(61_000)
    assert takeovers_.wait_s(key) == 0
    for number in range(takeovers.REMEMBERED_MAX + 10):
        takeovers_.note((DeviceId(number), "c"))
    assert len(takeovers_._seen) == takeovers.REMEMBERED_MAX


async def test_two_boards_that_fight_for_one_name_are_paced_and_one_event_says_so(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(takeovers, "FREE", 2)
    monkeypatch.setattr(takeovers, "WAIT_S_FIRST", 0.2)
    boards = [await rig.connect(client_id="board") for _ in range(3)]
    assert await boards[0].is_closed()
    assert await boards[1].is_closed()

    waiting = [await rig.wire() for _ in range(3)]
    for wire in waiting:
        connect = codec.Connect(4, "board", user_name=TOKEN)
        wire.send(codec.build_connect(connect))
        assert await wire.is_quiet(0.02)
    boards[2].publish(b'{"t": 1}', 3)
    assert await boards[2].answer() == (codec.PUBACK, 3), "who has the name keeps it meanwhile"
    assert await waiting[0].is_closed()
    assert await waiting[1].is_closed()
    assert (await waiting[2].packet())[0] == codec.CONNACK
    assert await boards[2].is_closed()

    await waiting[2].close()
    await rig.until(lambda: codes(rig).count("connection.lost") == 1)
    kinds = [event["kind"] for event in rig.sink.events]
    assert codes(rig).count("session.contested") == 1
    assert kinds.count(EventKind.CONNECTED) == kinds.count(EventKind.DISCONNECTED) == 2
    await neighbour_is_served(rig)


async def test_thousands_who_come_at_once_come_in_by_groups() -> None:
    turnstile_ = ConnectAdmission()
    entered: list[int] = []

    async def come(number: int) -> None:
        await turnstile_.enter()
        entered.append(number)

    tasks = [asyncio.create_task(come(number)) for number in range(3 * admission.GROUP)]
    await asyncio.sleep(0)
    assert len(entered) == admission.GROUP
    tasks[admission.GROUP].cancel()
    await asyncio.wait(tasks)
    assert entered == [n for n in range(3 * admission.GROUP) if n != admission.GROUP]
    await asyncio.sleep(3 * admission.PAUSE_S)
    assert turnstile_._timer is None


async def test_a_device_has_as_many_connections_as_it_may_and_is_told() -> None:
    async with running(device_connections_max=3) as rig:
        wires = [await rig.connect(client_id=f"c{n}") for n in range(3)]
        one_more = await rig.wire()
        assert await one_more.begin(client_id="one more") == codec.UNAVAILABLE
        five = await rig.wire()
        five.send(codec.build_connect(codec.Connect(5, "five", user_name=TOKEN)))
        assert (
            client_packets.parse_connack_5((await five.packet())[1])[1] == reasons.QUOTA_EXCEEDED
        )
        async with httpx.AsyncClient(base_url=f"{rig.url}/api/v1/{TOKEN}") as device:
            answer = await device.post("/telemetry", json={"t": 1})
        assert (answer.status_code, answer.json()["code"]) == (429, "connections.too_many")
        again = await rig.connect(client_id="c0")  # in place of its older one
        assert await wires[0].is_closed()
        again.publish(b'{"t": 1}', 2)
        assert await again.answer() == (codec.PUBACK, 2)
        await rig.until(lambda: codes(rig).count("connections.too_many") == 1)
        await neighbour_is_served(rig)


async def test_who_says_nothing_makes_room_for_who_does() -> None:
    async with running(connections_max=4) as rig:
        silent = [await rig.wire() for _ in range(2)]
        half = [await asyncio.open_connection("127.0.0.1", rig.http_port) for _ in range(2)]
        for _, writer in half:
            writer.write(b"POST /api/v1/x/telemetry HTTP/1.1\r\nContent-Le")
        await rig.until(lambda: rig.gateway.metrics.connections == 4)
        wires = [await rig.connect(client_id=f"c{n}", token=OTHER_TOKEN) for n in range(3)]
        assert await silent[0].is_closed()
        for wire in wires:
            wire.publish(b'{"t": 1}', 2)
            assert await wire.answer() == (codec.PUBACK, 2)


async def test_an_organisation_leaves_some_connections_to_others() -> None:
    async with running(connections_max=8) as rig:
        mine = [await rig.connect(client_id=f"c{number}") for number in range(6)]
        for number in range(2):
            mine.append(await rig.wire())
            assert await mine[-1].begin(client_id=f"d{number}") == codec.UNAVAILABLE
        await neighbour_is_served(rig)


async def test_thousands_that_die_at_once_all_leave(rig: Rig) -> None:
    wires = [await rig.connect(client_id=f"c{n}") for n in range(90)]
    good = await rig.connect(token=OTHER_TOKEN)
    for wire in wires:
        wire.writer.transport.abort()
    good.publish(b'{"t": 1}', 2)
    assert await good.answer() == (codec.PUBACK, 2)
    await rig.until(lambda: rig.gateway.metrics.connections == 1)
    await rig.until(lambda: codes(rig).count("connection.lost") == 90)


async def test_websockets_without_a_handshake_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "SHAKING_MAX", 3)
    port = free_port()
    async with running(ws_port=port) as rig:
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(4)]
        async with asyncio.timeout(10):
            assert await silent[0][0].read(1) == b""
        async with open_websocket(f"ws://127.0.0.1:{port}/mqtt", subprotocols=["mqtt"]) as socket:
            await socket.send(codec.build_connect(codec.Connect(4, "c", user_name=TOKEN)))
            assert await socket.recv() == codec.build_connack(0)
        for _, writer in silent:
            writer.close()
        await neighbour_is_served(rig)


async def test_reading_what_is_stored_again_and_again_is_paced() -> None:
    async with running(device_messages_per_s=20) as rig:  # two hundred at once
        for number in range(90):
            mail = StoredMessage(f"me/{number}", b"1", 0, retain=True)
            rig.world.sessions.kept[1, mail.topic] = encode(mail)
            session = StoredSession(f"c{number}", 60, 0, {})
            rig.world.sessions.stored[1, session.client] = encode(session)
        wire = await rig.connect()
        wire.send(*(client_packets.build_subscribe(number, [("me/x", 1)]) for number in (1, 2, 3)))
        await rig.until(lambda: rig.gateway.metrics.paced == 1)
        other = await rig.connect(client_id="publisher")
        other.send(codec.build_publish("me/x", b"1", 1, 1))
        await rig.until(lambda: rig.gateway.metrics.paced == 2)
        await neighbour_is_served(rig)
