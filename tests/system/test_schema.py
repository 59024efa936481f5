"""The interface keeps its own description, asked at random by a program with a limited token."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error

from tests.product import Product

API = "/api/platform/v1"
READS = ["device.read", "zone.read", "org.read", "inventory.read"]


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    product = Product(Path(tmp_path_factory.mktemp("schema")) / "data", demo=False)
    try:
        yield product.start()
    finally:
        product.stop()


@pytest.mark.timeout(600)
def test_no_operation_breaks_and_a_token_that_reads_changes_nothing(product: Product) -> None:
    with product.log_in() as admin:
        new = {"name": "schemathesis", "permissions": READS, "days": 1}
        secret = admin.post("/me/tokens", json=new).json()["secret"]
    bearer = {"Authorization": f"Bearer {secret}"}
    document = httpx.get(f"{product.web_url}{API}/schema/openapi.json", headers=bearer).json()
    schema = schemathesis.openapi.from_dict(document)
    answers: list[tuple[str, int]] = []

    for result in schema.get_all_operations():
        _ask(result.ok(), product.web_url, bearer, answers)

    statuses = Counter(status for _, status in answers)
    print(f"schemathesis: {len(answers)} requests, by status {dict(sorted(statuses.items()))}")  # noqa: T201  # the summary is the evidence
    changed = {name for name, status in answers if status < 300 and not name.startswith("GET ")}
    assert len(answers) > 100
    assert statuses[200] > 20
    assert changed == set()


def _ask(operation: Any, url: str, bearer: dict[str, str], answers: list[tuple[str, int]]) -> None:
    """Send a few generated requests; one that breaks the server fails here."""

    @settings(
        max_examples=1,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case: schemathesis.Case) -> None:
        response = case.call(base_url=url, headers=bearer)
        case.validate_response(response, checks=[not_a_server_error])
        answers.append((f"{case.method} {case.path}", response.status_code))

    ask()
