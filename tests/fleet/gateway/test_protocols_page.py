"""The page of protocols names tests that exist, and what is registered."""

import re

from tests.repository import ROOT, TESTS
from tram.fleet.device.decoder import installed_decoders
from tram.fleet.gateway.protocol import installed_protocols

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


def test_every_listener_of_a_registered_protocol_has_its_row() -> None:
    page = (ROOT / "docs" / "protocols.md").read_text()
    table = page.partition("## Listeners")[2].partition("## MQTT")[0].splitlines()
    listed = [line.split(" | ")[:2] for line in table if line.startswith("| ")][1:]

    registered = [
        [f"| {row.spoken}", ", ".join(f"`{name}`" for name in row.settings)]
        for protocol in installed_protocols()
        for row in protocol.rows
    ]

    assert sorted(listed) == sorted(registered)


def test_every_registered_decoder_is_listed() -> None:
    page = (ROOT / "docs" / "protocols.md").read_text()
    (row,) = (line for line in page.splitlines() if line.startswith("| free topics"))

    listed = re.findall(r"`(\w+)`", row.split(" | ")[1])

    assert set(listed) == set(installed_decoders())
