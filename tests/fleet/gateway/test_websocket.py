"""MQTT over WebSocket: by paho, by MQTT.js' frames, and what is refused."""

import asyncio
import threading

import paho.mqtt.client as paho
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.fleet.gateway.rig import TELEMETRY, TOKEN, running
from tram.fleet.gateway.protocols.mqtt.packets import codec
from tram.runtime.processes.process import free_port

CONNECT = codec.build_connect(codec.Connect(4, "w", user_name=TOKEN))


async def test_paho_publishes_over_websocket() -> None:
    port = free_port()
    async with running(ws_port=port) as rig:

        def publish() -> None:
            client = paho.Client(paho.CallbackAPIVersion.VERSION2, transport="websockets")
            client.ws_set_options(path="/mqtt")
            client.username_pw_set(TOKEN)
            ready = threading.Event()
            client.on_connect = lambda *_: ready.set()
            client.connect("127.0.0.1", port)
            client.loop_start()
            assert ready.wait(10)
            for number in range(50):
                client.publish(TELEMETRY, f'{{"t": {number}}}', qos=1).wait_for_publish(10)
            client.disconnect()
            client.loop_stop()

        await asyncio.to_thread(publish)
        await rig.until(lambda: rig.sink.values("t") == list(range(50)))


async def test_packets_may_be_cut_over_frames_and_share_them() -> None:
    port = free_port()
    packets = CONNECT + codec.build_publish(TELEMETRY, b'{"t": 1}', 1, 7)
    async with (
        running(ws_port=port) as rig,
        connect(f"ws://127.0.0.1:{port}/mqtt", subprotocols=["mqtt"]) as socket,
    ):
        assert socket.subprotocol == "mqtt"
        for at in range(0, len(packets), 5):
            await socket.send(packets[at : at + 5])
        got = b""
        while len(got) < 8:
            got += await socket.recv()
        assert got == codec.build_connack(0) + codec.build_with_id(codec.PUBACK, 7)
        assert rig.sink.values("t") == [1]


async def test_text_frames_close_and_other_paths_are_not_found() -> None:
    port = free_port()
    async with running(ws_port=port):
        async with connect(f"ws://127.0.0.1:{port}/mqtt", subprotocols=["mqtt"]) as socket:
            await socket.send("text")
            with pytest.raises(ConnectionClosed):
                await socket.recv()
        with pytest.raises(InvalidStatus):
            await connect(f"ws://127.0.0.1:{port}/other", subprotocols=["mqtt"])
        streams = await asyncio.open_connection("127.0.0.1", port)
        streams[1].write(CONNECT)
        assert b"101" not in await streams[0].read()
        streams[1].close()
