"""Further doors of a whole product: certificates, WebSocket over TLS, self-registration, two gateways."""

import json
from pathlib import Path
from typing import Any

import httpx
import paho.mqtt.client as paho
import pytest

from tests.app.devices import TELEMETRY
from tests.app.running.test_downlinks import Talker
from tests.fleet.gateway.certificates import Authority
from tests.product import Product, wait_until


def enrolment(product: Product, person: httpx.Client, **more: str) -> dict[str, Any]:
    """Let devices register themselves beside one that is there."""
    home = person.get(f"/devices/{product.seed_devices(1)[0][0]}").json()
    form = {"name": "Lô", "org": home["org"], "sector": "energy", "profile": home["profile"]}
    answer = person.post("/enrolments", json=form | more)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def send(client: paho.Client, port: int, values: dict[str, float]) -> None:
    """Connect by name, as TLS asks for, and publish once."""
    client.connect("localhost", port)
    client.loop_start()
    try:
        wait_until(client.is_connected, "the device is connected")
        client.publish(TELEMETRY, json.dumps(values), qos=1).wait_for_publish(30)
    finally:
        client.disconnect()
        client.loop_stop()


def found(person: httpx.Client, name: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = person.get("/devices", params={"search": name}).json()["items"]
    return items


def test_a_certificate_of_a_known_authority_makes_its_device_at_the_tls_listener(
    product: Product, authority: Authority, tmp_path: Path
) -> None:
    authority.write(tmp_path / "ca.pem")
    authority.issue("SN-X509-1", tmp_path / "device.pem")
    with product.log_in() as person:
        enrolment(product, person, certificate=(tmp_path / "ca.pem").read_text())
        port = int(product.environment["TRAM_GATEWAY_MQTTS_PORT"])

        def once(value: float) -> bool:
            client = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id="x")
            client.tls_set(str(tmp_path / "ca.pem"), str(tmp_path / "device.pem"))
            try:
                send(client, port, {"x": value})
            except (AssertionError, OSError):
                return False
            return True

        wait_until(lambda: once(1.5), "the gateway has heard of the authority", 60)
        assert once(2.5), "the same certificate is the same device"
        (device,) = found(person, "SN-X509-1")
        wait_until(lambda: product.latest(person, device["id"]) == {"x": 2.5}, "it is one device")


def test_a_device_publishes_over_a_websocket_in_tls(
    product: Product, authority: Authority, tmp_path: Path
) -> None:
    authority.write(tmp_path / "ca.pem")
    device, token = product.seed_devices(1)[0]
    client = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id="w", transport="websockets")
    client.ws_set_options(path="/mqtt")
    client.tls_set(str(tmp_path / "ca.pem"))
    client.username_pw_set(token)
    send(client, int(product.environment["TRAM_GATEWAY_WSS_PORT"]), {"w": 7})
    with product.log_in() as person:
        wait_until(lambda: product.latest(person, device) == {"w": 7}, "the value shows")


def test_a_device_registers_itself_over_http(product: Product) -> None:
    with product.log_in() as person:
        made = enrolment(product, person)
        asked = {
            "deviceName": "SN-HTTP-1",
            "provisionDeviceKey": made["key"],
            "provisionDeviceSecret": made["secret"],
        }
        answer = httpx.post(f"{product.http_url}/api/v1/provision", json=asked)
        assert answer.json()["status"] == "SUCCESS", answer.text
        token = answer.json()["credentialsValue"]

        def sent() -> bool:
            url = f"{product.http_url}/api/v1/{token}/telemetry"
            return httpx.post(url, json={"h": 3}).status_code == httpx.codes.OK

        wait_until(sent, "the gateway knows the new device")
        (device,) = found(person, "SN-HTTP-1")
        wait_until(lambda: product.latest(person, device["id"]) == {"h": 3}, "the value shows")
        wrong = httpx.post(
            f"{product.http_url}/api/v1/provision", json=asked | {"provisionDeviceSecret": "no"}
        )
        assert wrong.json()["status"] != "SUCCESS"


def test_a_device_behind_a_gateway_asks_for_its_attributes_and_is_offered(
    product: Product,
) -> None:
    _, token = product.seed_devices(1)[0]
    with product.log_in() as person, Talker(product, token) as talker:
        talker.subscribe("v1/gateway/attributes/response", "v1/gateway/attributes")
        talker.send("v1/gateway/connect", {"device": "Van 9"})
        talker.send("v1/gateway/attributes", {"Van 9": {"firmware": "2.0"}})
        (behind,) = found(person, "van 9")
        person.post(f"/devices/{behind['id']}/attributes/shared", json={"values": {"mode": "eco"}})
        assert talker.next() == (
            "v1/gateway/attributes",
            {"device": "Van 9", "data": {"mode": "eco"}},
        )

        asked = {"id": 5, "device": "Van 9", "client": False, "key": "mode"}
        talker.send("v1/gateway/attributes/request", asked)
        told = {"id": 5, "device": "Van 9", "value": "eco"}
        assert talker.next() == ("v1/gateway/attributes/response", told)

        talker.send("v1/gateway/claim", {"Van 9": {"secretKey": "on its plate"}})
        org = person.get(f"/devices/{behind['id']}").json()["org"]
        claim = {"code": "on its plate", "device": behind["code"] or str(behind["id"]), "org": org}
        answer = person.post("/claims", json=claim)
        assert answer.json() == {"device": behind["id"]}, answer.text


def test_the_will_of_a_device_is_said_when_its_gateway_is_killed(product: Product) -> None:
    device, token = product.seed_devices(1)[0]
    client = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id="mortal")
    client.username_pw_set(token)
    client.will_set(TELEMETRY, json.dumps({"offline": 1}), qos=1)
    client.connect("127.0.0.1", product.ports["mqtt"])
    client.loop_start()
    try:
        wait_until(client.is_connected, "the device is connected")
        client.publish(TELEMETRY, json.dumps({"t": 1}), qos=1).wait_for_publish(30)
    finally:
        gateway = product.kill("gateway")
        client.loop_stop()
    product.wait_restarted("gateway", gateway)
    with product.log_in() as person:
        wait_until(lambda: "offline" in product.latest(person, device), "its will is said")


@pytest.fixture
def second(product: Product) -> Any:
    closed = {"TRAM_GATEWAY_MQTTS_PORT": "0", "TRAM_GATEWAY_WSS_PORT": "0"}
    beside = product.beside("gateway", closed).start()
    yield beside
    beside.kill()


def test_a_client_that_comes_to_another_gateway_ends_its_older_connection(
    product: Product, second: Any
) -> None:
    _, token = product.seed_devices(1)[0]
    ended: list[int] = []
    older = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id="mover", protocol=paho.MQTTv5)
    older.username_pw_set(token)
    older.on_disconnect = lambda _client, _data, _flags, reason, _properties: (
        ended.append(reason.value),
        older.loop_stop(),
    )
    older.connect("127.0.0.1", product.ports["mqtt"])
    older.loop_start()
    wait_until(older.is_connected, "the first gateway lets it in")
    newer = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id="mover", protocol=paho.MQTTv5)
    newer.username_pw_set(token)
    newer.connect("127.0.0.1", second.mqtt_port)
    newer.loop_start()
    try:
        wait_until(lambda: ended, "the first connection ends")
        assert ended[0] == 0x8E, "session taken over"
        wait_until(newer.is_connected, "the second gateway lets it in")
    finally:
        for client in (older, newer):
            client.disconnect()
            client.loop_stop()
