"""Everything that reads bytes from outside, for tests and for fuzzing by command."""

from collections.abc import Callable
from typing import Any

from tests.fleet.gateway import client_packets
from tram.fleet.device.decoders.device_json import decode_attributes, decode_telemetry
from tram.fleet.device.topics import compile_rules
from tram.fleet.gateway.protocols.mqtt.packets import codec
from tram.fleet.gateway.protocols.mqtt.packets.wire import read_length

RULES = compile_rules(
    [
        {"topic": "a", "decoder": "json"},
        {"topic": "b", "decoder": "senml"},
        {
            "topic": "c",
            "decoder": "json_paths",
            "metrics": {"t": "$.a.t", "u": "$['b'][0]"},
            "each": "$.items",
            "time": "$.ts",
            "time_unit": "iso",
        },
        {"topic": "d", "decoder": "csv", "columns": ["ts", "t", "-", "u"], "time_unit": "s"},
    ]
)


def codec_parsers() -> list[Callable[[bytes], Any]]:
    """Return what may raise nothing but ``Malformed``."""
    both = (
        codec.parse_subscribe,
        client_packets.parse_suback,
        codec.parse_unsubscribe,
        codec.parse_ack,
    )
    return [
        codec.parse_connect,
        client_packets.parse_connack,
        client_packets.parse_connack_5,
        codec.parse_disconnect,
        *(lambda raw, p=parse, f=five: p(raw, five=f) for parse in both for five in (False, True)),
        lambda raw: codec.split_publish(0x32, raw, 0, len(raw)),
        lambda raw: client_packets.parse_publish(0x30, raw, five=True),
        lambda raw: client_packets.parse_publish(0x32, raw, five=True),
        lambda raw: read_length(raw, 0),
    ]


def payload_decoders() -> list[Callable[[bytes], Any]]:
    """Return what may raise nothing but ``Refused``."""
    now_ms = 1_763_848_000_000
    return [
        decode_attributes,
        lambda raw: decode_telemetry(raw, now_ms),
        *(lambda raw, rule=rule: rule.decode(raw, now_ms) for rule in RULES),
    ]
