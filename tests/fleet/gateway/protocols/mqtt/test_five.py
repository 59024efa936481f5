"""MQTT 5 and what both versions have beyond telemetry: sessions, limits, reasons, wills, the own space."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from prometheus_client import CollectorRegistry

from tests.fleet.gateway import client_packets
from tests.fleet.gateway.rig import TELEMETRY, TOKEN, Rig, Wire, World, running
from tram.fleet.block.block import EventKind
from tram.fleet.device_api.downlinks import RPC, Downlink
from tram.fleet.gateway import gateway as gateway_module
from tram.fleet.gateway.protocols.mqtt.packets import codec, reasons
from tram.fleet.gateway.protocols.mqtt.packets import properties as props
from tram.fleet.gateway.protocols.mqtt.packets.codec import Connect, Will
from tram.runtime.processes.process import free_port

CALLS = "v1/devices/me/rpc/request/+"


class Five:
    """A bare MQTT 5 connection of the test."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.send = wire.send
        self.granted: dict = {}

    async def begin(
        self, client_id: str = "c", *, clean: bool = True, **fields
    ) -> tuple[bool, int]:
        given = fields.pop("properties", {})
        token = fields.pop("token", TOKEN)
        connect = Connect(5, client_id, clean, user_name=token, properties=given)
        self.send(codec.build_connect(connect._replace(**fields)))
        first, body = await self.packet()
        assert first == codec.CONNACK
        present, code, self.granted = client_packets.parse_connack_5(body)
        return present, code

    async def packet(self) -> tuple[int, bytes]:
        async with asyncio.timeout(10):
            first = (await self.wire.reader.readexactly(1))[0]
            length = shift = 0
            while True:
                byte = (await self.wire.reader.readexactly(1))[0]
                length |= (byte & 0x7F) << shift
                shift += 7
                if byte < 0x80:
                    return first, await self.wire.reader.readexactly(length)

    async def subscribe(self, topic: str, options: int = 1, identifier: int = 0) -> int:
        given = {props.SUBSCRIPTION_ID: [identifier]} if identifier else {}
        self.send(client_packets.build_subscribe(9, [(topic, options)], given))
        first, body = await self.packet()
        assert first == codec.SUBACK
        return client_packets.parse_suback(body, five=True)[1][0]

    async def message(self) -> tuple[int, str, int, bytes, dict]:
        first, body = await self.packet()
        assert first & 0xF0 == codec.PUBLISH
        topic, packet_id, payload, properties = client_packets.parse_publish(
            first, body, five=True
        )
        return first, topic, packet_id, payload, properties

    async def told(self, topic: str, payload: bytes, qos: int = 1, **more) -> int:
        """Publish and return the reason code of the answer."""
        given = more.pop("properties", {})
        self.send(codec.build_publish(topic, payload, qos, 77, properties=given, **more))
        _, body = await self.packet()
        return codec.parse_ack(body, five=True)[1]

    async def end(self) -> int:
        """Return the reason of the server's DISCONNECT."""
        first, body = await self.packet()
        assert first == codec.DISCONNECT
        return codec.parse_disconnect(body)[0]


@asynccontextmanager
async def five(rig: Rig, client_id: str = "c", **fields) -> AsyncIterator[Five]:
    client = Five(await rig.wire())
    assert (await client.begin(client_id, **fields))[1] == 0
    yield client
    await client.wire.close()


# Connecting


async def test_connack_says_what_is_granted(rig: Rig) -> None:
    wants = {props.SESSION_EXPIRY: 0xFFFFFFFF}
    async with five(rig, "", properties=wants, keep_alive_s=0) as client:
        assert client.granted[props.ASSIGNED_CLIENT_ID]
        assert client.granted[props.SHARED_AVAILABLE] == 0
        assert client.granted[props.SERVER_KEEP_ALIVE] == 3600
        assert client.granted[props.SESSION_EXPIRY] == 7 * 86_400
        assert client.granted[props.RECEIVE_MAXIMUM] == 1024
        assert client.granted[props.TOPIC_ALIAS_MAXIMUM] == 16


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"token": "tr_wrong"}, 0x86),
        ({"token": None}, 0x87),
        ({"client_id": "c" * 300}, 0x85),
        ({"properties": {props.AUTHENTICATION_METHOD: "SCRAM"}}, 0x8C),
    ],
)
async def test_refusals_have_their_reason(rig: Rig, fields: dict, code: int) -> None:
    client = Five(await rig.wire())
    assert await client.begin(**fields) == (False, code)
    assert await client.wire.is_closed()


async def test_takeover_tells_the_older_connection_why(rig: Rig) -> None:
    async with five(rig) as older, five(rig):
        assert await older.end() == 0x8E


async def test_keep_alive_that_expires_is_told(rig: Rig) -> None:
    async with five(rig, keep_alive_s=1) as client:
        assert await client.end() == 0x8D


# Publishing


@pytest.mark.parametrize(
    ("topic", "payload", "code"),
    [
        (TELEMETRY, b'{"t": 1}', 0),
        (TELEMETRY, b"no json", 0x99),
        ("v1/devices/other/telemetry", b"{}", reasons.NOT_AUTHORIZED),
        ("other", b"{}", reasons.NOT_AUTHORIZED),
    ],
)
@pytest.mark.parametrize("qos", [1, 2])
async def test_message_is_answered_with_its_reason(
    rig: Rig, topic: str, payload: bytes, code: int, qos: int
) -> None:
    async with five(rig) as client:
        assert await client.told(topic, payload, qos) == code
        if code:
            await rig.until(lambda: any(e["kind"] == EventKind.REFUSED for e in rig.sink.events))


async def test_topic_alias_stands_for_its_topic(rig: Rig) -> None:
    async with five(rig) as client:
        alias = {props.TOPIC_ALIAS: 3}
        assert await client.told(TELEMETRY, b'{"t": 1}', properties=alias) == 0
        assert await client.told("", b'{"t": 2}', properties=alias) == 0
        assert rig.sink.values("t") == [1, 2]
        client.send(codec.build_publish("", b"{}", properties={props.TOPIC_ALIAS: 17}))
        assert await client.end() == reasons.TOPIC_ALIAS_INVALID


async def test_more_unanswered_messages_than_allowed_end_the_connection(rig: Rig) -> None:
    rig.sink.open.clear()
    async with five(rig) as client:
        for number in range(1, 1026):
            client.send(codec.build_publish(TELEMETRY, b'{"t":1}', 1, number, properties={}))
        assert await client.end() == reasons.RECEIVE_MAXIMUM_EXCEEDED
    rig.sink.open.set()


async def test_too_large_a_packet_ends_the_connection_with_its_reason(rig: Rig) -> None:
    async with five(rig) as client:
        client.send(codec.build_publish(TELEMETRY, b"x" * 140_000, 1, 1, properties={}))
        assert await client.end() == 0x95


async def test_pubrel_of_an_unknown_id_is_told(rig: Rig) -> None:
    async with five(rig) as client:
        client.send(codec.build_with_id(codec.PUBREL, 5))
        first, body = await client.packet()
        assert (first, codec.parse_ack(body, five=True)) == (codec.PUBCOMP, (5, 0x92))


# Subscribing


@pytest.mark.parametrize(
    ("topic", "code"),
    [
        (CALLS, 1),
        ("me/#", 1),
        ("v1/gateway/rpc", 1),
        ("$share/g/me/#", reasons.SHARED_UNAVAILABLE),
        ("#", reasons.NOT_AUTHORIZED),
        ("v1/devices/+/rpc", reasons.NOT_AUTHORIZED),
    ],
)
async def test_subscription_is_answered(rig: Rig, topic: str, code: int) -> None:
    async with five(rig) as client:
        assert await client.subscribe(topic, 2) == code


async def test_unsubscribe_says_what_was_there(rig: Rig) -> None:
    async with five(rig) as client:
        await client.subscribe("me/a")
        client.send(client_packets.build_unsubscribe(4, ["me/a", "me/b"], {}))
        _, body = await client.packet()
        assert client_packets.parse_suback(body, five=True) == (
            4,
            bytes((0, reasons.NO_SUBSCRIPTION)),
        )


async def test_own_space_passes_properties_and_obeys_options(rig: Rig) -> None:
    async with five(rig, "a") as writer, five(rig, "b") as reader:
        await reader.subscribe("me/+/x", 1 | 8, identifier=7)
        await writer.subscribe("me/#", 1 | 4)  # no local
        sent = {
            props.USER_PROPERTY: [("k", "v")],
            props.CONTENT_TYPE: "text/plain",
            props.MESSAGE_EXPIRY: 60,
            props.RESPONSE_TOPIC: "me/back",
            props.CORRELATION_DATA: b"1",
        }
        assert await writer.told("me/a/x", b"hello", properties=sent, retain=True) == 0
        first, topic, _, payload, got = await reader.message()
        assert (topic, payload, first & 1) == ("me/a/x", b"hello", 1)
        assert got.pop(props.SUBSCRIPTION_ID) == [7]
        assert 0 < got.pop(props.MESSAGE_EXPIRY) <= 60
        del sent[props.MESSAGE_EXPIRY]
        assert got == sent


async def test_retained_message_comes_with_a_new_subscription_and_goes_when_emptied(
    rig: Rig,
) -> None:
    async with five(rig) as client:
        assert await client.told("me/state", b"on", retain=True) == 0
        await client.subscribe("me/#")
        first, topic, _, payload, _ = await client.message()
        assert (first & 1, topic, payload) == (1, "me/state", b"on")
        assert await client.subscribe("me/other/#", 1 | 2 << 4) == 1  # none retained
        client.send(codec.build_publish("me/state", b"", 0, retain=True, properties={}))
        await rig.until(lambda: not any(rig.world.sessions.kept.values()))


async def test_two_devices_never_meet(rig: Rig) -> None:
    async with five(rig, "a") as mine, five(rig, "a", token="tr_second") as other:
        await other.subscribe("me/#")
        assert await mine.told("me/secret", b"x") == 0
        assert await other.wire.is_quiet()


# Limits of the client


async def test_clients_limits_are_kept(rig: Rig) -> None:
    limits = {
        props.RECEIVE_MAXIMUM: 2,
        props.MAXIMUM_PACKET_SIZE: 60,
        props.TOPIC_ALIAS_MAXIMUM: 1,
    }
    async with five(rig, "b", properties=limits) as reader, five(rig, "a") as writer:
        await reader.subscribe("me/#")
        await writer.told("me/t", b"x" * 100)  # too large for the reader
        for number in range(4):
            await writer.told("me/t", b"%d" % number)
        got = [await reader.message() for _ in range(2)]
        assert [(g[1], g[3]) for g in got] == [("me/t", b"0"), ("", b"1")]
        assert await reader.wire.is_quiet()
        reader.send(codec.build_with_id(codec.PUBACK, got[0][2]))
        assert (await reader.message())[3] == b"2"


# Sessions


async def test_kept_session_resends_in_order_and_a_clean_one_starts_anew(rig: Rig) -> None:
    lasting = {props.SESSION_EXPIRY: 600}
    async with five(rig, "kept", properties=lasting) as client, five(rig, "w") as writer:
        await client.subscribe("me/#")
        for number in range(3):
            await writer.told("me/n", b"%d" % number)
        first = await client.message()
        await client.wire.close()

        again = Five(await rig.wire())
        assert await again.begin("kept", clean=False, properties=lasting) == (True, 0)
        got = [await again.message() for _ in range(3)]
        assert [g[3] for g in got] == [b"0", b"1", b"2"]
        assert got[0][2] == first[2]
        assert got[0][0] & 8, "sent again, and marked so"
        await again.wire.close()

        fresh = Five(await rig.wire())
        assert await fresh.begin("kept", properties=lasting) == (False, 0)
        await writer.told("me/n", b"3")
        assert await fresh.wire.is_quiet()
        await fresh.wire.close()


async def test_session_and_its_queue_move_to_another_gateway() -> None:
    world = World()
    lasting = {props.SESSION_EXPIRY: 600}
    async with running(world=world) as first:
        async with five(first, "kept", properties=lasting) as client:
            await client.subscribe("me/#")
        async with five(first, "w") as writer:
            await first.until(lambda: world.sessions.stored)
            for number in range(3):
                assert await writer.told("me/n", b"%d" % number) == 0
    async with running(world=world) as second:
        client = Five(await second.wire())
        assert await client.begin("kept", clean=False, properties=lasting) == (True, 0)
        got = [await client.message() for _ in range(3)]
        assert [g[3] for g in got] == [b"0", b"1", b"2"]
        for one in got:
            client.send(codec.build_with_id(codec.PUBACK, one[2]))
        await second.until(lambda: not any(world.sessions.queues.values()))
        await client.wire.close()


async def test_client_that_moves_to_another_gateway_ends_at_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    # Two gateways are two processes; here they share one, and its metrics would meet.
    monkeypatch.setattr(gateway_module, "REGISTRY", CollectorRegistry(auto_describe=False))
    monkeypatch.setattr(CollectorRegistry, "register", lambda *_: None)
    monkeypatch.setattr(CollectorRegistry, "unregister", lambda *_: None)
    async with (
        running(world=world) as first,
        running(world=world) as second,
        five(first, "c") as older,
        five(second, "c"),
    ):
        assert await older.end() == 0x8E


# Downlinks


async def test_call_is_sent_again_until_it_is_answered(rig: Rig) -> None:
    rig.world.downlinks.put(
        Downlink(number=4, device=1, target=1, kind=RPC, body=b'{"method":"m"}')
    )
    async with five(rig) as client:
        await client.subscribe(CALLS)
        assert (await client.message())[1].endswith("/4")
    async with five(rig) as client:
        await client.subscribe(CALLS)
        _, topic, packet_id, payload, _ = await client.message()
        assert (topic, payload) == ("v1/devices/me/rpc/request/4", b'{"method":"m"}')
        client.send(codec.build_with_id(codec.PUBACK, packet_id))
        assert await client.told("v1/devices/me/rpc/response/4", b'{"ok":1}') == 0
    told = [(r.number, r.state, r.body) for r in rig.world.reports.reports]
    assert told == [(4, "delivered", b""), (4, "answered", b'{"ok":1}')]


# Wills


@pytest.mark.parametrize(
    ("leave", "said"),
    [
        (lambda client: client.wire.writer.transport.abort(), True),
        (lambda client: client.send(codec.build_disconnect(0x04)), True),
        (lambda client: client.send(codec.build_disconnect(0x00)), False),
    ],
)
async def test_will_is_said_unless_the_device_said_good_bye(
    rig: Rig, leave: Callable[[Five], None], said: bool
) -> None:
    will = Will(TELEMETRY, b'{"offline": 1}', 1, retain=False, properties={})
    async with five(rig, will=will) as client:
        leave(client)
        await rig.until(lambda: not rig.gateway.metrics.connections)
    async with five(rig, "after") as after:
        assert await after.told(TELEMETRY, b'{"t": 1}') == 0
    assert rig.sink.values("offline") == ([1] if said else [])
    await rig.until(lambda: not any(rig.world.sessions.left.values()))


async def test_will_is_said_by_the_next_boot_when_the_gateway_itself_dies() -> None:
    world, port = World(), free_port()
    will = Will(TELEMETRY, b'{"offline": 1}', 1, retain=False, properties={})
    async with running(world=world, mqtt_port=port) as rig, five(rig, will=will):
        await rig.until(lambda: any(world.sessions.left.values()))
        found = dict(world.sessions.left)  # what a kill leaves
    world.sessions.left = found
    async with running(world=world, mqtt_port=port) as rig:
        await rig.until(lambda: rig.sink.values("offline") == [1])
        await rig.until(lambda: not any(world.sessions.left.values()))


async def test_delayed_will_is_dropped_when_the_device_comes_back(rig: Rig) -> None:
    will = Will(TELEMETRY, b'{"w": 1}', 1, retain=False, properties={props.WILL_DELAY: 1})
    lasting = {props.SESSION_EXPIRY: 60}
    for client_id, comes_back in (("a", True), ("b", False)):
        async with five(rig, client_id, will=will, properties=lasting) as client:
            client.wire.writer.transport.abort()
        if comes_back:
            async with five(rig, client_id, properties=lasting):
                await asyncio.sleep(1.5)
        else:
            await rig.until(lambda: rig.sink.values("w"))
    assert rig.sink.values("w") == [1]
