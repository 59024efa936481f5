"""One running product for the tests that only use it."""

from collections.abc import Iterator

import pytest
from tests.product import Product


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    running = Product(tmp_path_factory.mktemp("product")).start()
    yield running
    running.stop()
