"""Hostile but ordinary requests over every route: what stands in each place of a well-formed one.

``requests_about`` takes the leak walk's request of a route and puts something else into one of its
places: a part of the path, a parameter, a header, a cookie, a field of the form or of the body.
"""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode

import httpx
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from tests.api.walk import SESSION_ENDS, Ask

__all__ = ("BODIES", "HEADERS", "TEXTS", "VALUES", "Hostile", "names_of", "requests_about", "send")

DEPTH: Final = 6_000
TEXTS: Final = (
    b"9223372036854775808", b"18446744073709551616", b"99999999999999999999", b"-1", b"0",
    b"9223372036854775807", b"8796093022208", b"4503599627370497", b"1e308", b"1e999", b"NaN",
    b"-inf", b"0.1", b"9999-12-31", b"0001-01-01", b"31/12/9999", b"1/1/1", b"2025-02-30",
    b"253402300799999", b"-62135596800000", b"9" * 400, b"9" * 5_000, b"", b" ", b"\x00",
    b"a\x00b", b"\x01", b"\xff\xfe", b"\xed\xa0\x80", "\u202e\u2066".encode(), "①😀".encode(),
    "１２".encode(), "١".encode(), b"%", b"_", b"%25%00", b"'\"><script>", b"{{7*7}}", b"..%2f..",
    b"../../etc/passwd", b"x" * 20_000, b"a " * 500, b"[" * 2_000, b"*", b"eyJhIjoxfQ==", b"null",
    b"true", b"vi-VN", b"0x10", b"1_000", b"+1", b"1;2", b"1,2,3,4", b"-181,-91,181,91",
    b"NaN,NaN,NaN,NaN", b"1e308,1e308", b"2025-13", b"24:00", b"9999-12-31T23:59",
)  # fmt: skip
"""What stands in a path, a parameter, a header, a cookie or a form's field, before encoding."""
VALUES: Final[tuple[Any, ...]] = (
    2**63, 2**64, -(2**63) - 1, 2**53, 2**44, 2**43, -1, 0, 1e308, -1e308, 5e-324, 0.5, 10**20,
    253402300799999, -62135596800001, None, True, "", " ", "99999999999999999999", "9999-12-31",
    "0001-01-01", "NaN", "\x00", "a\x00b", "\x1f", "\u202e", "①😀", "x" * 100_000, "\ud800",
    [], {}, [[]], [0] * 100_000, [2**63], ["\x00"], [None], {"": 0}, {"a": {"b": {"c": [1]}}},
    {"id": 2**63}, [{}], "a" * 300, "=1+1", "../x", ["x"] * 1_001, [1e308],
)  # fmt: skip
"""What stands in a field of a JSON body."""
BODIES: Final = (
    b"", b"null", b"[]", b"0", b'""', b"{}", b"{", b"\xff\xfe{}", b"\xef\xbb\xbf{}", b"NaN",
    b"[" * DEPTH, b"[" * DEPTH + b"]" * DEPTH, b'{"a":' * DEPTH + b"1" + b"}" * DEPTH,
    b'{"name":' + b"[" * DEPTH + b"]" * DEPTH + b"}", b'{"a":1,"a":2,"a":"x"}',
    b'{"\\ud800":"\\udfff"}', b'{"a":1e99999}', b'{"a":' + b"9" * 5_000 + b"}", b'{"a":"\xff"}',
    b'{"' + b"k" * 70_000 + b'":1}', b"[" + b"{}," * 50_000 + b"{}]",
)  # fmt: skip
"""What stands where a JSON object is wanted."""
FORMS: Final = (
    (b"application/x-www-form-urlencoded", b"&=&&=%00&%ff=%zz&" + b"a=1&" * 2_000),
    (b"multipart/form-data", b"x"),
    (b"multipart/form-data; boundary=", b"--\r\n\r\n--"),
    (
        b"multipart/form-data; boundary=b",
        b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--",
    ),
    (b"multipart/form-data; boundary=b", b"--b\r\n" + b"A: b\r\n" * 2_000 + b"\r\nx\r\n--b--"),
    (
        b"multipart/form-data; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="csrf"; filename="\xff"\r\n\r\nx\r\n--b--\r\n',
    ),
    (b"application/json", b"\xff"),
    (b"application/json; charset=utf-16", b"{}"),
    (b"text/plain", b"{}"),
    (b"application/x-msgpack", b"\x81\xa1a\x01"),
    (b"\xff/\xff", b"{}"),
    (b"", b"{}"),
)
HEADERS: Final = (
    "authorization", "cookie", "x-csrf-token", "origin", "sec-fetch-site", "accept", "host",
    "accept-language", "accept-encoding", "if-none-match", "if-modified-since", "range", "referer",
    "user-agent", "x-forwarded-for", "x-forwarded-proto", "content-type", "hx-request",
    "hx-current-url", "hx-target", "content-length",
)  # fmt: skip
COMMON: Final = (
    "cursor", "limit", "search", "sort", "as_of", "from", "until", "start_ms", "end_ms", "device",
    "org", "zone", "sector", "bbox", "zoom", "step", "metric", "state", "by", "points", "lang",
)  # fmt: skip
"""Parameters that many routes know."""
_NO_PARAMETERS: Final = frozenset(
    {
        "request",
        "socket",
        "services",
        "viewer",
        "session",
        "screen",
        "page",
        "data",
        "wanted",
        "state",
    }
    | {"alarm_filter", "scope", "headers", "cookies", "body", "query"}
)


@dataclass(frozen=True)
class Hostile:
    """One request, ready to send: the path with its query is encoded already."""

    method: str
    route: str
    target: str
    place: str
    headers: dict[str, bytes] = field(default_factory=dict)
    content: bytes | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.route} ({self.place}): {self.target[:90]}"


async def send(client: httpx.AsyncClient, hostile: Hostile) -> int:
    """Send one request; return its status."""
    request = client.build_request(
        hostile.method, hostile.target, headers=hostile.headers, content=hostile.content
    )
    return (await client.send(request)).status_code


def names_of(app: Litestar) -> dict[tuple[str, str], list[str]]:
    """Return the query parameters that each route of the application knows."""
    return {
        (method, route.path_format): sorted(_parameters(handler) - set(route.path_parameters))
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in handler.http_methods
    }


def _parameters(handler: HTTPRouteHandler) -> set[str]:
    found = set(handler.parsed_fn_signature.parameters)
    for provider in handler.resolve_dependencies().values():
        found |= set(provider.parsed_fn_signature.parameters)
    return found - _NO_PARAMETERS


def requests_about(
    ask: Ask, names: list[str], csrf: str, chance: random.Random, count: int
) -> Iterator[Hostile]:
    """Yield so many hostile forms of one request, each in a place drawn by chance."""
    if (ask.method, ask.route) in SESSION_ENDS:
        return
    places = [_in_query, _in_header]
    places += [_in_path] * (2 if "{" in ask.route else 0)
    places += [_in_query] * (2 if ask.query or names else 0)
    places += [_in_form] * (4 if ask.form is not None else 0)
    places += [_in_body] * (6 if ask.body is not None else 0)
    places += [_whole] * (2 if ask.method != "GET" else 0)
    for _ in range(count):
        yield chance.choice(places)(ask, names, csrf, chance)


def _in_path(ask: Ask, _names: list[str], csrf: str, chance: random.Random) -> Hostile:
    name = chance.choice(re.findall(r"\{(\w+)\}", ask.route))
    text = chance.choice(TEXTS)
    before = ask.route.split("{" + name + "}")[0].count("/")
    parts = ask.path.split("/")
    parts[before] = re.sub(r"^[^.]*", lambda _: quote(text, safe=""), parts[before], count=1)
    return _sent(ask, "/".join(parts), ask.query, f"path {name}", csrf)


def _in_query(ask: Ask, names: list[str], csrf: str, chance: random.Random) -> Hostile:
    known = [*ask.query, *names]
    name = chance.choice(known) if known and chance.random() < 0.8 else chance.choice(COMMON)
    pairs: list[tuple[str, Any]] = [
        (key, value) for key, value in ask.query.items() if key != name
    ]
    pairs += [(name, chance.choice(TEXTS)) for _ in range(chance.choice((1, 1, 1, 2)))]
    return _sent(ask, ask.path, pairs, f"query {name}", csrf)


def _in_header(ask: Ask, _names: list[str], csrf: str, chance: random.Random) -> Hostile:
    name = chance.choice(HEADERS)
    text = re.sub(rb"[\x00\r\n]", b"", chance.choice(TEXTS))[:8_000]
    if name == "cookie":
        text = b"; ".join(b"%s=%s" % (key, text) for key in (b"tram_login", b"tram_lang", b"x"))
    if name == "authorization":
        text = b"Bearer " + text
    sent = _sent(ask, ask.path, ask.query, f"header {name}", csrf)
    return Hostile(**{**vars(sent), "headers": {**sent.headers, name: text}})


def _in_form(ask: Ask, _names: list[str], csrf: str, chance: random.Random) -> Hostile:
    fields = {key: str(value).encode() for key, value in (ask.form or {}).items()}
    name = chance.choice([*fields, "name", "id", "org", "day"])
    fields[name] = chance.choice(TEXTS)
    content = urlencode({**fields, "csrf": csrf}).encode()
    sent = _sent(ask, ask.path, ask.query, f"form {name}", csrf)
    headers = {**sent.headers, "content-type": b"application/x-www-form-urlencoded"}
    return Hostile(**{**vars(sent), "headers": headers, "content": content})


def _in_body(ask: Ask, _names: list[str], csrf: str, chance: random.Random) -> Hostile:
    body = json.loads(json.dumps(ask.body))
    place, holder = "", body
    while True:  # go down by chance, then put something else there
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        key: Any = chance.choice(keys) if keys else "more"
        if chance.random() < 0.05 and isinstance(holder, dict):
            key = "unknown"
        place += f".{key}"
        below = holder.get(key) if isinstance(holder, dict) else (holder[key] if keys else None)
        if isinstance(below, dict | list) and below and chance.random() < 0.7:
            holder = below
            continue
        if isinstance(holder, list) and not keys:
            holder.append(chance.choice(VALUES))
        else:
            holder[key] = chance.choice(VALUES)
        break
    return _with_body(ask, json.dumps(body).encode(), f"body {place}", csrf)


def _whole(ask: Ask, _names: list[str], csrf: str, chance: random.Random) -> Hostile:
    if chance.random() < 0.7:
        return _with_body(ask, chance.choice(BODIES), "body", csrf)
    media, content = chance.choice(FORMS)
    sent = _sent(ask, ask.path, ask.query, f"media {media!r}", csrf)
    headers = {**sent.headers, "content-type": media}
    return Hostile(**{**vars(sent), "headers": headers, "content": content})


def _with_body(ask: Ask, content: bytes, place: str, csrf: str) -> Hostile:
    sent = _sent(ask, ask.path, ask.query, place, csrf)
    headers = {**sent.headers, "content-type": b"application/json"}
    return Hostile(**{**vars(sent), "headers": headers, "content": content})


def _sent(ask: Ask, path: str, query: Any, place: str, csrf: str) -> Hostile:
    text = urlencode(query)
    target = f"{path}?{text}" if text else path
    return Hostile(ask.method, ask.route, target, place, {"x-csrf-token": csrf.encode()})
