"""The log on a server that somebody else runs."""

import json
from pathlib import Path

from tests.app.devices import Device
from tests.nats_process import NatsProcess
from tests.product import Product, wait_until


def test_a_product_uses_the_servers_that_its_settings_name(tmp_path: Path) -> None:
    product = Product(tmp_path / "data")
    needed = json.loads(product.tram("log", "users"))
    outside = NatsProcess(tmp_path, more={"authorization": needed["authorization"]})
    outside.start()
    product.environment["TRAM_LOG_URL"] = f"nats://127.0.0.1:{outside.port}"
    try:
        with product:
            assert "nats" not in product.pids
            number, token = product.seed_devices(1)[0]
            with Device(product, token) as device:
                device.send({"t": 21.5})
            with product.log_in() as person:
                wait_until(lambda: product.latest(person, number) == {"t": 21.5}, "it is stored")
    finally:
        outside.kill()
