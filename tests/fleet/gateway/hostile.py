"""Generators of hostile devices: what they say over MQTT 3.1.1 and 5, HTTP and WebSocket."""

import random
from collections.abc import Callable, Iterator

from tests.fleet.gateway import client_packets
from tests.fleet.gateway.rig import TELEMETRY, TOKEN
from tram.fleet.gateway.protocols.mqtt.packets import codec
from tram.fleet.gateway.protocols.mqtt.packets import properties as props
from tram.fleet.gateway.protocols.mqtt.packets.codec import Connect, Will

__all__ = ("http_bytes", "mqtt_packets")

NUMBERS = (
    "0", "1", "-1", "5", "8796093022207", "8796093022208", "9223372036854775807", "9223372036854775808",
    "18446744073709551616", "99999999999999999999", "1e308", "1e309", "-0.0", "9" * 400, "9" * 5_000,
)  # fmt: skip
TEXTS = (
    "", " ", "a", "t", "ts", "values", "A", "\\u0000", "\\u0001", "\\ud800", "\\u202e", "é", "e\\u0301",
    "x" * 200, "k" * 129, "x" * 5_000, "🙂", "①", "\\n", "'; --", "../..", "=1+1",
)  # fmt: skip
TIMES = (
    "0", "-1", "1700000000000", "4102444800000", "4102444800001", "253402300799999",
    "1000000000000000000", '"now"', "1.5", "null", "true", "1e300",
)  # fmt: skip
NOUNS = (
    "telemetry", "attributes", "attributes/request/1", "attributes/request/" + "9" * 25, "rpc/request/7",
    "rpc/response/1", "rpc/response/9223372036854775808", "rpc/response/99999999999999999999",
    "rpc/response/", "rpc/response/" + "1" * 5_000, "claim", "#", "", "a" * 3_000,
)  # fmt: skip
BEHIND = (
    "telemetry", "attributes", "connect", "disconnect", "attributes/request", "rpc", "claim",
)  # fmt: skip
FILTERS = (
    "me/#", "me/+", "#", "+", "v1/devices/me/#", "v1/devices/me/rpc/request/+", "v1/gateway/+",
    "$share/a/me/#", "me/" + "+/" * 200 + "#", "v1/devices/me/attributes/response/+",
)  # fmt: skip


def value(rng: random.Random, depth: int = 0) -> str:  # noqa: PLR0911  # one kind each
    """Return JSON, mostly plain."""
    kind = rng.randrange(12)
    if kind < 4:
        return rng.choice(NUMBERS)
    if kind < 8:
        return f'"{rng.choice(TEXTS)}"'
    if kind == 8:
        return rng.choice(("true", "false", "null"))
    if kind == 9 and depth < 3:
        return f"[{','.join(value(rng, depth + 1) for _ in range(rng.randrange(4)))}]"
    if kind == 10:
        nested = rng.choice((5, 31, 33, 400, 3_000))
        return "[" * nested + "1" + "]" * nested
    return document(rng, depth + 1) if depth < 3 else "1"


def document(rng: random.Random, depth: int = 0) -> str:
    """Return a JSON object."""
    pairs = (f'"{rng.choice(TEXTS)}": {value(rng, depth)}' for _ in range(rng.randrange(4)))
    return "{" + ", ".join(pairs) + "}"


def payload(rng: random.Random) -> bytes:  # noqa: PLR0911  # one form each
    """Return the payload of a message, mostly JSON of the device API."""
    match rng.randrange(8):
        case 0:
            return rng.randbytes(rng.randrange(60))
        case 1:
            return f'{{"ts": {rng.choice(TIMES)}, "values": {document(rng)}}}'.encode()
        case 2:
            parts = f"[{document(rng)}, {document(rng)}]"
            return f'{{"{rng.choice(TEXTS)}": {parts}, "A": {parts}}}'.encode()
        case 3:
            about = f'"device": "{rng.choice(TEXTS)}", "id": {rng.choice(NUMBERS)}'
            return f'{{{about}, "key": {value(rng)}, "keys": [{value(rng)}], "data": {value(rng)}}}'.encode()
        case 4:
            named = f'"secretKey": {value(rng)}, "durationMs": {rng.choice(NUMBERS)}'
            return f'{{{named}, "method": {value(rng)}, "clientKeys": {value(rng)}}}'.encode()
        case 5:
            return b""
        case _:
            return document(rng).encode()


def topic(rng: random.Random) -> str:
    """Return a topic to publish to."""
    match rng.randrange(6):
        case 0 | 1:
            return f"v1/devices/me/{rng.choice(NOUNS)}"
        case 2:
            return f"v1/gateway/{rng.choice(BEHIND)}"
        case 3:
            return f"me/{rng.choice(('in', 'a/b', '', 'x' * 500))}"
        case 4:
            return rng.choice(("free/topic", "/provision/request", "$SYS/a", "", "+/#", "🙂"))
        case _:
            return TELEMETRY


def properties(rng: random.Random) -> dict:
    """Return properties of a PUBLISH."""
    some = {
        props.MESSAGE_EXPIRY: rng.choice((0, 1, 2**32 - 1)),
        props.TOPIC_ALIAS: rng.choice((0, 1, 16, 17, 65_535)),
        props.USER_PROPERTY: [("k", "v" * rng.choice((0, 1_000)))] * rng.choice((1, 100)),
        props.CONTENT_TYPE: "x" * rng.choice((0, 5_000)),
        props.RESPONSE_TOPIC: "me/answer",
        props.CORRELATION_DATA: rng.randbytes(8),
        props.SUBSCRIPTION_ID: [1],
    }
    return {key: some[key] for key in some if rng.randrange(6) == 0}


def connect(rng: random.Random, level: int) -> bytes:
    """Return CONNECT of the hostile device."""
    will = None
    if rng.randrange(3) == 0:
        given = {props.WILL_DELAY: rng.choice((0, 2**32 - 1))} if level == 5 else None
        will = Will(topic(rng) or "a", payload(rng), rng.randrange(3), rng.random() < 0.5, given)
        if "+" in will.topic:
            will = will._replace(topic="me/will")
    given = {}
    if level == 5 and rng.random() < 0.5:
        given = {
            props.SESSION_EXPIRY: rng.choice((0, 1, 2**32 - 1)),
            props.RECEIVE_MAXIMUM: rng.choice((1, 65_535)),
            props.MAXIMUM_PACKET_SIZE: rng.choice((1, 20, 2**32 - 1)),
            props.TOPIC_ALIAS_MAXIMUM: rng.choice((0, 65_535)),
        }
    name = rng.choice(("", "c", "c\u202e", "c\x01", "x" * 256, "x" * 300))
    user = rng.choice((TOKEN, TOKEN, TOKEN, TOKEN, "provision", "unknown", "", None))
    clean, alive_s = rng.random() < 0.5, rng.choice((0, 1, 65_535))
    return codec.build_connect(Connect(level, name, clean, alive_s, will, user, None, given))


def packet(rng: random.Random, *, five: bool) -> bytes:  # noqa: PLR0911  # one kind each
    """Return any packet but CONNECT."""
    number = rng.choice((1, 2, 3, 65_535))
    match rng.randrange(12):
        case 0:
            filters = [(rng.choice(FILTERS), rng.choice((0, 1, 2, 4, 8, 0x14))) for _ in range(3)]
            return client_packets.build_subscribe(number, filters, {} if five else None)
        case 1:
            return client_packets.build_unsubscribe(
                number, [rng.choice(FILTERS)], {} if five else None
            )
        case 2:
            kinds = (codec.PUBACK, codec.PUBREC, codec.PUBREL, codec.PUBCOMP)
            return codec.build_with_id(rng.choice(kinds), number)
        case 3:
            return codec.build_packet(codec.PINGREQ)
        case 4:
            return codec.build_packet(rng.randrange(256), rng.randbytes(rng.randrange(12)))
        case 5:
            good = codec.build_publish(TELEMETRY, b'{"t": 1}', 1, number)
            return good[: rng.randrange(1, len(good))]
        case 6 if five:
            given = {props.SESSION_EXPIRY: rng.choice((0, 2**32 - 1))}
            return codec.build_disconnect(rng.choice((0, 4, 0x81)), given)
        case _:
            qos = rng.randrange(3)
            given = properties(rng) if five else None
            return codec.build_publish(
                topic(rng), payload(rng), qos, number, retain=rng.random() < 0.3, properties=given
            )


def mqtt_packets(rng: random.Random, many: int) -> Iterator[bytes]:
    """Yield what a hostile device sends over one connection."""
    five = rng.random() < 0.5
    if rng.randrange(20):
        yield connect(rng, 5 if five else 4)
    for _ in range(rng.randrange(1, many)):
        yield packet(rng, five=five)


def http_bytes(rng: random.Random) -> bytes:
    """Return what a hostile device sends over one connection of the HTTP door."""
    build: tuple[Callable[[random.Random], bytes], ...] = (_request, _request, _request, _half)
    return b"".join(rng.choice(build)(rng) for _ in range(rng.randrange(1, 5)))


def _request(rng: random.Random) -> bytes:
    nouns = ("telemetry", "attributes", "rpc", "claim", "attributes/updates", "x", "rpc/x", "")
    numbered = f"rpc/{rng.choice(NUMBERS)}"
    noun = rng.choice((*nouns, numbered, numbered))
    token = rng.choice((TOKEN, TOKEN, TOKEN, "unknown", "%00", "\xff", "x" * 300))
    method = rng.choice(("POST", "POST", "POST", "GET", "PUT", "BREW"))
    body = payload(rng)
    query = rng.choice(("", "?timeout=1", "?timeout=" + "9" * 30, "?clientKeys=a&sharedKeys=%00"))
    fields = [f"Content-Length: {rng.choice((len(body), len(body), len(body), 10**20, -1))}"]
    if rng.randrange(4) == 0:
        more = (
            "Content-Encoding: gzip",
            "Expect: 100-continue",
            "Idempotency-Key: \x01",
            "Upgrade: h2c",
        )
        fields.append(rng.choice(more))
    head = f"{method} /api/v1/{token}/{noun}{query} HTTP/1.1\r\n" + "\r\n".join(fields)
    return head.encode("latin-1", "replace") + b"\r\n\r\n" + body


def _half(rng: random.Random) -> bytes:
    whole = _request(rng)
    return whole[: rng.randrange(len(whole))]
