"""Bytes that look like bodies of packets and payloads, some whole, most of them damaged."""

import random
from collections.abc import Iterator

from tests.fleet.gateway import client_packets
from tram.fleet.gateway.protocols.mqtt.packets import codec
from tram.fleet.gateway.protocols.mqtt.packets import properties as props

_SEEDS = [
    codec.build_connect(codec.Connect(4, "c", user_name="token"))[2:],
    codec.build_connect(
        codec.Connect(
            5,
            "c",
            will=codec.Will("t", b"x", 1, retain=True, properties={props.WILL_DELAY: 5}),
            user_name="u",
            password=b"p",
            properties={props.SESSION_EXPIRY: 9, props.USER_PROPERTY: [("a", "b")]},
        )
    )[2:],
    codec.build_publish("v1/devices/me/telemetry", b'{"t": 1.5}', 1, 7)[2:],
    codec.build_publish("a/b", b"x", 1, 7, properties={props.TOPIC_ALIAS: 3})[2:],
    client_packets.build_subscribe(9, [("me/#", 1), ("v1/devices/me/rpc/request/+", 1)])[2:],
    client_packets.build_subscribe(9, [("me/#", 1)], {props.SUBSCRIPTION_ID: [4]})[2:],
    codec.build_with_id(codec.PUBACK, 3, 0x87, {props.REASON_STRING: "no"})[2:],
    b'{"ts": 1763848000000, "values": {"temperature": 21.5, "on": true, "n": 3}}',
    b'[{"temperature": 1}, {"ts": 1, "values": {"s": "x"}}]',
    b'[{"bn": "urn:", "bt": 1.7e9, "n": "t", "v": 2}, {"n": "u", "vb": true}]',
    b'{"ts": "2026-01-31T08:00:00", "items": [{"a": {"t": 1}, "b": [2]}]}',
    b"1700000000,1.5,x,7\n1700000001,2,,8",
]


def samples(rng: random.Random, many: int) -> Iterator[bytes]:
    """Yield the whole ones, then so many damaged ones."""
    yield from _SEEDS
    for _ in range(many):
        body = bytearray(rng.choice(_SEEDS))
        for _ in range(rng.randrange(1, 4)):
            kind = rng.randrange(4)
            at = rng.randrange(len(body) + 1)
            if kind == 0 and at < len(body):
                body[at] = rng.randrange(256)
            elif kind == 1:
                del body[at:]
            elif kind == 2:
                body[at:at] = rng.randbytes(rng.randrange(1, 5))
            elif at < len(body):
                del body[at]
        yield bytes(body)
