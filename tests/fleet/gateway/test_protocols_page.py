"""The page of protocols names tests that exist."""

import re

from tests.repository import ROOT, TESTS

GATEWAY = TESTS / "fleet" / "gateway"
NAMED = re.compile(r"`([\w/]+\.py)(?:::(\w+))?`")


def test_every_test_of_the_page_exists() -> None:
    page = (ROOT / "docs" / "protocols.md").read_text()
    named = NAMED.findall(page)
    missing = []
    for file, test in named:
        path = ROOT / file if "/" in file else next(GATEWAY.rglob(file), None)
        if path is None or not path.exists() or (test and f"def {test}(" not in path.read_text()):
            missing.append(f"{file}::{test}")
    assert not missing
    assert len(named) > 40
