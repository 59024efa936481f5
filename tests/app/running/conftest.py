"""One running product, with every door open, for the tests that only use it; it ends with them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fleet.gateway.certificates import Authority
from tests.product import Product
from tram.runtime.processes.process import free_ports


@pytest.fixture(scope="package")
def authority() -> Authority:
    """Who signs for the product of these tests and for devices."""
    return Authority("Devices of a maker")


@pytest.fixture(scope="package")
def product(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Product]:
    certificate: Path = tmp_path_factory.mktemp("certificates") / "server.pem"
    authority.issue("localhost", certificate)
    mqtts_port, wss_port = free_ports(2)
    doors = {
        "TRAM_GATEWAY_MQTTS_PORT": str(mqtts_port),
        "TRAM_GATEWAY_WSS_PORT": str(wss_port),
        "TRAM_GATEWAY_TLS_CERTIFICATE": str(certificate),
    }
    running = Product(tmp_path_factory.mktemp("product"), settings=doors).start()
    yield running
    running.stop()
