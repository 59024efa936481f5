"""One running product for the tests that only stop and kill its parts."""

from collections.abc import Callable, Iterator

import pytest
from benchmarks.crash import Devices

from tests.product import Beside, Product

DEVICES = 220
"""Enough for every test of this folder together."""


@pytest.fixture(scope="package")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    product = Product(tmp_path_factory.mktemp("system") / "data")
    try:
        yield product.start()
    finally:
        product.stop()


@pytest.fixture(scope="package")
def second(product: Product) -> Iterator[Beside]:
    """A second gateway on the same product."""
    beside = product.beside("gateway")
    try:
        yield beside.start()
    finally:
        beside.kill()


@pytest.fixture(scope="package")
def take(product: Product) -> Callable[[int], Devices]:
    """Give devices that no other test has used: their sequence numbers begin at 1."""
    unused = product.seed_devices(DEVICES)

    def some(count: int) -> Devices:
        assert len(unused) >= count, "raise DEVICES"
        return [unused.pop() for _ in range(count)]

    return some
