"""A device as its maker would write it."""

import json
import threading

import paho.mqtt.client as mqtt

from tests.product import Product, wait_until

TELEMETRY = "v1/devices/me/telemetry"


class Device:
    """Another maker's MQTT client, signed in with a device's token."""

    def __init__(self, product: Product, token: str) -> None:
        self.closed = threading.Event()
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv311)
        self.client.username_pw_set(token)
        self.client.on_disconnect = lambda *_: self.closed.set()
        self.client.connect("127.0.0.1", product.ports["mqtt"])
        self.client.loop_start()
        wait_until(self.client.is_connected, "the device is connected")

    def send(self, payload: object) -> None:
        sent = self.client.publish(TELEMETRY, json.dumps(payload), qos=1)
        sent.wait_for_publish(timeout=10)
        assert sent.is_published()

    def __enter__(self) -> "Device":
        return self

    def __exit__(self, *_: object) -> None:
        self.client.disconnect()
        self.client.loop_stop()
