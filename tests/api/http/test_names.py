"""No door keeps a text that nobody could read: every text of every writing route is tried."""

from collections.abc import Iterator
from typing import Any

from litestar import Litestar

from tests.api.province import Client, Province, log_in
from tests.api.walk import EXAMPLES, asks_about
from tram.api.http.session import API

SPOILT = "\u202e"
BROKEN = 500
NEVER_SHOWN = {"password", "code"}
COMPARED_ONLY = {f"{API}/documents/{{document}}/links/removal"}
"""What is typed here names what is there; it is not kept."""


def spoilt(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield a body with one of its texts spoilt, for each of them, and the field's name."""
    if isinstance(value, str):
        yield path, f"{value[:10]}{SPOILT}{value[10:]}"
    elif isinstance(value, dict):
        for key, item in value.items():
            for field, made in spoilt(item, key):
                yield field, {**value, key: made}
    elif isinstance(value, list):
        for at, item in enumerate(value):
            for field, made in spoilt(item, path):
                yield field, [*value[:at], made, *value[at + 1 :]]


async def test_no_route_keeps_a_text_that_turns_the_reading(
    client: Client, province: Province, app: Litestar
) -> None:
    await log_in(client, await province.person("system-admin", province.root.org))
    kept, broken, told = [], [], set()
    for ask in asks_about(app, province.a, 1, words="walk"):
        if (
            ask.body is None
            or ask.route in COMPARED_ONLY
            or (ask.method, ask.route) not in EXAMPLES
        ):
            continue
        for field, body in spoilt(ask.body):
            if field in NEVER_SHOWN:
                continue
            answer = await client.request(ask.method, ask.path, json=body, params=ask.query)
            if answer.status_code >= BROKEN:
                broken.append((ask.method, ask.route, field, answer.text))
            elif answer.is_success:
                kept.append((ask.method, ask.route, field))
            elif "U+202E" in answer.text:
                told.add((ask.route, field))

    assert kept == []
    assert broken == []
    assert {field for _, field in told} >= {"name", "reason", "note", "text", "purpose"}
    assert len(told) > 20
