"""The way back: calls, attributes, devices behind a gateway, kept sessions, over every restart."""

import json
import queue
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.properties import PacketTypes, Properties

from tests.product import Product, wait_until

RPC = "v1/devices/me/rpc/request/+"


class Talker:
    """A device on paho, with what it received."""

    def __init__(
        self, product: Product, token: str, *, five: bool = False, kept: bool = False
    ) -> None:
        self.received: queue.Queue[paho.MQTTMessage] = queue.Queue()
        protocol = paho.MQTTv5 if five else paho.MQTTv311
        clean = {} if five else {"clean_session": not kept}
        self.client = paho.Client(
            paho.CallbackAPIVersion.VERSION2, client_id="talker", protocol=protocol, **clean
        )
        self.client.username_pw_set(token)
        self.client.on_message = lambda _client, _data, message: self.received.put(message)
        self.product, self.five, self.kept = product, five, kept

    def __enter__(self) -> "Talker":
        more: dict[str, Any] = {}
        if self.five:
            properties = Properties(PacketTypes.CONNECT)
            properties.SessionExpiryInterval = 3600 if self.kept else 0
            more = {"clean_start": not self.kept, "properties": properties}
        self.client.connect("127.0.0.1", self.product.ports["mqtt"], **more)
        self.client.loop_start()
        wait_until(self.client.is_connected, "the device connects")
        return self

    def __exit__(self, *_: object) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def subscribe(self, *topics: str) -> None:
        done: queue.Queue[Any] = queue.Queue()
        self.client.on_subscribe = lambda _c, _d, _m, codes, _p: done.put(codes)
        self.client.subscribe([(topic, 1) for topic in topics])
        assert all(not code.is_failure for code in done.get(timeout=20))

    def next(self) -> tuple[str, Any]:
        message = self.received.get(timeout=30)
        return message.topic, json.loads(message.payload)

    def send(self, topic: str, body: Any, *, retain: bool = False) -> None:
        self.client.publish(topic, json.dumps(body), qos=1, retain=retain).wait_for_publish(30)


def listed(person: Any, device: int) -> dict[int, dict[str, Any]]:
    answer = person.get(f"/devices/{device}/downlinks")
    assert answer.status_code == 200, answer.text
    return {item["id"]: item for item in answer.json()["items"]}


def call(person: Any, device: int, method: str, **more: Any) -> int:
    answer = person.post(f"/devices/{device}/rpc", json={"method": method, **more})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def test_call_waits_for_a_sleeping_device_over_restarts_and_is_answered(product: Product) -> None:
    device, token = product.seed_devices(1)[0]
    with product.log_in() as person:
        number = call(person, device, "setLed", params={"on": True})
        for role in ("gateway", "work"):
            product.wait_restarted(role, product.kill(role))
        assert listed(person, device)[number]["state"] == "queued"

        with Talker(product, token) as talker:
            talker.subscribe(RPC)
            topic, body = talker.next()
            assert topic == f"v1/devices/me/rpc/request/{number}"
            assert body == {"method": "setLed", "params": {"on": True}}
            talker.send(f"v1/devices/me/rpc/response/{number}", {"ok": 1})
            wait_until(
                lambda: listed(person, device)[number]["state"] == "answered", "the answer shows"
            )
        assert json.loads(listed(person, device)[number]["answer"]) == {"ok": 1}

        with Talker(product, token) as talker:
            talker.subscribe(RPC)
            second = call(person, device, "again", oneway=True)
            assert talker.next()[0].endswith(f"/{second}"), "the answered call did not come again"


def test_attributes_go_both_ways(product: Product) -> None:
    device, token = product.seed_devices(1)[0]
    with product.log_in() as person, Talker(product, token, five=True) as talker:
        talker.subscribe("v1/devices/me/attributes", "v1/devices/me/attributes/response/+")
        talker.send("v1/devices/me/attributes", {"firmware": "1.2"})
        values = {"interval": 60, "mode": "eco"}
        person.post(f"/devices/{device}/attributes/shared", json={"values": values})
        assert talker.next() == ("v1/devices/me/attributes", values)

        def asked() -> Any:
            talker.send("v1/devices/me/attributes/request/7", {"clientKeys": "firmware"})
            topic, body = talker.next()
            assert topic == "v1/devices/me/attributes/response/7"
            return body

        wait_until(lambda: asked() == {"client": {"firmware": "1.2"}}, "the fact is stored")
        talker.send("v1/devices/me/attributes/request/8", {"sharedKeys": "interval,none"})
        assert talker.next()[1] == {"shared": {"interval": 60}}


def test_devices_behind_a_gateway_are_made_read_and_called(product: Product) -> None:
    gateway, token = product.seed_devices(1)[0]
    with product.log_in() as person, Talker(product, token) as talker:
        talker.subscribe("v1/gateway/rpc", "v1/gateway/attributes")
        talker.send("v1/gateway/connect", {"device": "Bơm 1"})
        talker.send(
            "v1/gateway/telemetry", {"Bơm 1": [{"ts": 1763848000000, "values": {"p": 2.5}}]}
        )
        found = person.get("/devices", params={"search": "bom 1"}).json()["items"]
        child = next(item["id"] for item in found if item["id"] != gateway)
        wait_until(lambda: product.latest(person, child) == {"p": 2.5}, "its value shows")

        number = call(person, child, "stop")
        assert talker.next() == (
            "v1/gateway/rpc",
            {"device": "Bơm 1", "data": {"id": number, "method": "stop", "params": None}},
        )
        talker.send("v1/gateway/rpc", {"device": "Bơm 1", "id": number, "data": {"done": True}})
        wait_until(lambda: listed(person, child)[number]["state"] == "answered", "it answered")


def test_kept_session_gets_what_was_queued_before_a_restart(product: Product) -> None:
    _, token = product.seed_devices(1)[0]
    with Talker(product, token, kept=True) as talker:
        talker.subscribe("me/notes/#")
    writer = Talker(product, token, five=True)
    writer.client._client_id = b"writer"
    with writer:
        for number in range(5):
            writer.send("me/notes/a", number)
        writer.send("me/last", {"kept": 1}, retain=True)
    product.wait_restarted("nats", product.kill("nats"))
    product.wait_restarted("gateway", product.kill("gateway"))

    with Talker(product, token, kept=True) as talker:
        assert [talker.next()[1] for _ in range(5)] == list(range(5))
        talker.subscribe("me/last")
        assert talker.next() == ("me/last", {"kept": 1})


def test_free_topics_are_read_as_the_profile_says(product: Product) -> None:
    device, token = product.seed_devices(1)[0]
    with product.log_in() as person:
        profile = person.get(f"/devices/{device}").json()["profile"]
        rules = [
            {"topic": "tele/+/SENSOR", "decoder": "json_paths", "metrics": {"t": "$.AM.Temp"}},
            {"topic": "log/csv", "decoder": "csv", "columns": ["ts", "pH"], "time_unit": "iso"},
            {"topic": "senml", "decoder": "senml"},
        ]
        put = person.put(f"/profiles/{profile}/topics", json={"topics": rules})
        assert put.status_code == 200, put.text
        with Talker(product, token) as talker:
            talker.send("tele/x/SENSOR", {"AM": {"Temp": 21.5}})
            line = talker.client.publish("log/csv", "2026-01-31T08:00:00+07:00,7.1", qos=1)
            line.wait_for_publish(30)
            talker.send("senml", [{"bn": "dev:", "n": "level", "v": 3}])
        wanted = {"t": 21.5, "pH": 7.1, "dev:level": 3}
        wait_until(lambda: product.latest(person, device) == wanted, "the values show")
        person.put(f"/profiles/{profile}/topics", json={"topics": []})
