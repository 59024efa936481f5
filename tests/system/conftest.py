"""One running product for the tests that only stop and kill its parts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.product import Product


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    product = Product(Path(tmp_path_factory.mktemp("system")) / "data")
    try:
        yield product.start()
    finally:
        product.stop()
