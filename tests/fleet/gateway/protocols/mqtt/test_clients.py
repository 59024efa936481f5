"""Other people's clients against the gateway, and what Prometheus sees of it."""

import asyncio
import shutil
import threading

import paho.mqtt.client as paho
import pytest
from prometheus_client import REGISTRY, generate_latest

from tests.fleet.gateway.rig import OTHER_TOKEN, TELEMETRY, TOKEN, Rig


async def test_paho_publishes_with_every_quality_of_service(rig: Rig) -> None:
    def publish() -> list[int]:
        client = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id="paho")
        client.username_pw_set(TOKEN)
        client.connect("127.0.0.1", rig.mqtt_port)
        client.loop_start()
        infos = [client.publish(TELEMETRY, f'{{"t": {n}}}', qos=n % 3) for n in range(30)]
        for info in infos:
            info.wait_for_publish(10)
        client.disconnect()
        client.loop_stop()
        return [info.rc for info in infos]

    codes = await asyncio.to_thread(publish)

    assert codes == [0] * 30
    await rig.until(lambda: len(rig.sink.values("t")) == 30)
    assert rig.sink.values("t") == list(range(30))
    assert [message["qos"] for message in rig.sink.messages] == [0, 1, 2] * 10


async def test_paho_subscribes_and_keeps_its_connection(rig: Rig) -> None:
    granted: list[int] = []
    done = threading.Event()

    def talk() -> None:
        client = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id="paho")
        client.username_pw_set(TOKEN)

        def subscribed(_client, _data, _id, codes, _properties) -> None:
            granted.extend(code.value for code in codes)
            done.set()

        client.on_subscribe = subscribed
        client.connect("127.0.0.1", rig.mqtt_port, keepalive=1)
        client.loop_start()
        client.subscribe([("v1/devices/me/attributes", 1), ("other/#", 1)])
        done.wait(10)
        threading.Event().wait(2.5)
        assert client.is_connected()
        client.disconnect()
        client.loop_stop()

    await asyncio.to_thread(talk)

    assert granted == [1, 0x80]


async def test_paho_is_told_that_its_token_is_wrong(rig: Rig) -> None:
    reasons: list[str] = []
    done = threading.Event()

    def connect() -> None:
        client = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id="paho")
        client.username_pw_set("tr_wrong")

        def connected(_client, _data, _flags, code, _properties) -> None:
            reasons.append(str(code))
            done.set()

        client.on_connect = connected
        client.connect("127.0.0.1", rig.mqtt_port)
        client.loop_start()
        done.wait(10)
        client.disconnect()
        client.loop_stop()

    await asyncio.to_thread(connect)

    assert reasons == ["Bad user name or password"]


@pytest.mark.parametrize("qos", ["0", "1", "2"])
async def test_mosquitto_pub_line_of_the_page_works(rig: Rig, qos: str) -> None:
    program = shutil.which("mosquitto_pub")
    assert program, "Install mosquitto-clients."
    process = await asyncio.create_subprocess_exec(
        program,
        *("-h", "127.0.0.1", "-p", str(rig.mqtt_port), "-u", OTHER_TOKEN, "-q", qos),
        *("-t", TELEMETRY, "-m", '{"temperature": 21.5}'),
    )

    assert await process.wait() == 0
    await rig.until(lambda: rig.sink.values("temperature") == [21.5])
    assert rig.sink.messages[0]["device"] == 2


async def test_prometheus_sees_what_happened(rig: Rig) -> None:
    wire = await rig.connect()
    wire.publish(b'{"t": 1}')
    await wire.answer()
    wire.publish(b"bad")
    await wire.answer()
    refused = await rig.wire()
    await refused.begin(token="tr_wrong")

    lines = generate_latest(REGISTRY).decode().splitlines()

    for line in (
        "tram_gateway_connections 1.0",
        'tram_gateway_messages_total{protocol="mqtt",qos="1"} 1.0',
        'tram_gateway_refused_total{code="payload.not_json"} 1.0',
        'tram_gateway_connack_total{code="0"} 1.0',
        'tram_gateway_connack_total{code="4"} 1.0',
        'tram_gateway_closed_total{code="connect.refused"} 1.0',
        "tram_gateway_puback_seconds_count 1.0",
        'tram_gateway_puback_seconds_bucket{le="+Inf"} 1.0',
        "tram_gateway_pending_bytes 0.0",
    ):
        assert line in lines
    assert any(line.startswith("tram_gateway_blocks_total ") for line in lines)
    await refused.close()
    await wire.close()
