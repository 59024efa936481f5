"""Other people's clients: aiomqtt, gmqtt, mosquitto's programs, MQTT.js; both versions of MQTT."""

import asyncio
import shutil
import subprocess

import aiomqtt
import gmqtt
import pytest
from gmqtt.mqtt.constants import MQTTv50, MQTTv311
from playwright.async_api import async_playwright

from tests.fleet.gateway.rig import TELEMETRY, TOKEN, Rig, running
from tests.repository import TESTS
from tram.fleet.device_api.downlinks import RPC, Downlink
from tram.runtime.processes.process import free_port

CALLS = "v1/devices/me/rpc/request/+"
VENDOR = TESTS / "browser" / "vendor"


def call(number: int) -> Downlink:
    return Downlink(
        number=number, device=1, target=1, kind=RPC, body=b'{"method":"m","params":{}}'
    )


@pytest.mark.parametrize("version", [aiomqtt.ProtocolVersion.V311, aiomqtt.ProtocolVersion.V5])
async def test_aiomqtt_publishes_and_answers_a_call(
    rig: Rig, version: aiomqtt.ProtocolVersion
) -> None:
    async with (
        asyncio.timeout(30),
        aiomqtt.Client(
            "127.0.0.1", rig.mqtt_port, username=TOKEN, identifier="aio", protocol=version
        ) as client,
    ):
        await client.subscribe(CALLS, qos=1)
        for qos in range(3):
            await client.publish(TELEMETRY, f'{{"t": {qos}}}', qos=qos)
        rig.world.downlinks.put(call(8))
        async for message in client.messages:
            assert str(message.topic) == "v1/devices/me/rpc/request/8"
            await client.publish("v1/devices/me/rpc/response/8", '{"ok":1}', qos=1)
            break
    await rig.until(lambda: rig.sink.values("t") == [0, 1, 2])
    assert [r.state for r in rig.world.reports.reports] == ["delivered", "answered"]


@pytest.mark.parametrize("version", [MQTTv311, MQTTv50])
async def test_gmqtt_publishes_and_receives(rig: Rig, version: int) -> None:
    got: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()
    client = gmqtt.Client("gm")
    client.set_auth_credentials(TOKEN, None)

    async def received(_client, topic, payload, _qos, _properties) -> int:
        got.put_nowait((topic, payload))
        return 0

    client.on_message = received
    async with asyncio.timeout(30):
        await client.connect("127.0.0.1", rig.mqtt_port, version=version)
        client.subscribe("me/#", qos=1)
        await asyncio.sleep(0.3)
        client.publish("me/hello", b"x", qos=1)
        client.publish(TELEMETRY, b'{"t": 5}', qos=1)
        assert await got.get() == ("me/hello", b"x")
        await rig.until(lambda: rig.sink.values("t") == [5])
        await client.disconnect()


@pytest.mark.parametrize("version", ["mqttv311", "mqttv5"])
async def test_mosquittos_programs_publish_and_subscribe(rig: Rig, version: str) -> None:
    programs = [shutil.which(f"mosquitto_{name}") for name in ("pub", "sub")]
    assert all(programs), "apt-get install mosquitto-clients"
    pub, sub = programs
    door = ["-h", "127.0.0.1", "-p", str(rig.mqtt_port), "-u", TOKEN, "-V", version]
    listening = await asyncio.create_subprocess_exec(
        *(sub, *door, "-t", "me/#", "-q", "1", "-C", "2", "-i", "sub"), stdout=subprocess.PIPE
    )
    await rig.until(lambda: rig.gateway.metrics.connections == 1)
    await asyncio.sleep(0.5)
    for topic, body, qos in (
        (TELEMETRY, '{"t": 3}', "2"),
        ("me/a", "one", "1"),
        ("me/b", "two", "1"),
    ):
        sending = await asyncio.create_subprocess_exec(
            *(pub, *door, "-t", topic, "-m", body, "-q", qos, "-i", "pub")
        )
        assert await sending.wait() == 0
    out, _ = await asyncio.wait_for(listening.communicate(), 20)
    assert out == b"one\ntwo\n"
    assert rig.sink.values("t") == [3]


SCRIPT = """
([url, version, token]) => new Promise((resolve, reject) => {
  const client = mqtt.connect(url, {protocolVersion: version, username: token, clientId: 'js'});
  client.on('error', reject);
  client.on('connect', () => client.subscribe('me/#', {qos: 1}, () => {
    client.publish('v1/devices/me/telemetry', '{"t": 9}', {qos: 1});
    client.publish('me/x', 'hello', {qos: 1});
  }));
  client.on('message', (topic, payload) => {
    client.end(false, {}, () => resolve([topic, payload.toString()]));
  });
})
"""


@pytest.mark.parametrize("version", [4, 5])
async def test_mqtt_js_publishes_and_receives_in_a_browser(version: int) -> None:
    chromium = shutil.which("chromium")
    assert chromium, "Chromium is missing: apt-get install chromium"
    port = free_port()
    async with (
        running(ws_port=port) as rig,
        async_playwright() as playwright,
        await playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"]
        ) as browser,
    ):
        page = await browser.new_page()
        await page.add_script_tag(path=next(VENDOR.glob("mqtt/*/mqtt.min.js")))
        got = await page.evaluate(SCRIPT, [f"ws://127.0.0.1:{port}/mqtt", version, TOKEN])
        assert got == ["me/x", "hello"]
        await rig.until(lambda: rig.sink.values("t") == [9])
