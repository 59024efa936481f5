"""Hostile values, and whole entries of a JSON schema with some of them inside."""

import json
import random
from typing import Any

__all__ = ("Values", "encode")

NUMBERS = (
    0, -1, 1, 2**31, 2**32, 2**43, 2**44, 2**53, 2**63 - 1, 2**63, 2**64, 10**19, 10**40,
    99_999_999_999_999_999_999, 253_402_300_799_999, 4_102_444_800_001, 0.5, -0.0, 1e15, 1e300,
    -1e300, 5e-324,
)  # fmt: skip
DAYS = ("9999-12-31", "0001-01-01", "1582-10-10", "2026-02-30", "2100-12-31", "tomorrow", "")
TEXTS = (
    "", " ", "\x00", "\x01", "\u202e abc", "a\u2028b", "line\nbreak\r\n", "\ud800", "\uffff",
    "①", "\N{GRINNING FACE}", "漢字", "e" + "\u0301" * 500, "Đ" * 300, "W" * 5_000,
    "=HYPERLINK(1)", "'; DROP TABLE people; --", "{{7*7}}", "<script>alert(1)</script>",
    "a@", ".:@a", "a@[", "a@b.vn\r\nBcc: c@d.vn", "https://a..b.vn/", "https://１２７.0.0.1/",
    "https://" + "a" * 70 + ".vn/", "https://a.vn:99999/", "http://[::ffff:127.0.0.1]/",
    "https://192.0.0.8/", "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/",
    "../../etc/passwd", "%00", "%ff", "NaN", "Infinity", "9" * 400, "9999-12-31", "null",
)  # fmt: skip
KNOWN_MAX = 60
"""Numbers up to it are likely those of rows that are there."""
_PLAIN = ("mực nước", "level", "x", "energy", "info", "Trạm bơm", "vi", "5G", "temp")


class Values:
    """Draws from one generator; the same seed gives the same values."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def number(self) -> float:
        """Return a number that somebody did not think of, or a plausible one."""
        if self.rng.random() < 0.5:
            return self.rng.randint(0, KNOWN_MAX)
        return self.rng.choice(NUMBERS)

    def text(self) -> str:
        """Return a text that somebody did not think of, or a plain one."""
        chance = self.rng.random()
        if chance < 0.4:
            return self.rng.choice(_PLAIN)
        if chance < 0.9:
            return self.rng.choice(TEXTS)
        return "".join(chr(self.rng.randrange(1, 0x1FFFF)) for _ in range(self.rng.randint(1, 60)))

    def anything(self, depth: int = 0) -> Any:  # noqa: ANN401  # any JSON
        """Return any JSON value."""
        kinds = (self.number, self.text, self._nothing, self._list, self._map)
        weights = (3, 3, 1, 1.5, 1.5) if depth <= 3 else (3, 3, 1, 0, 0)
        made = self.rng.choices(kinds, weights)[0]
        return made(depth) if made in {self._list, self._map} else made()

    def _nothing(self) -> Any:  # noqa: ANN401  # an empty value of any type
        return self.rng.choice((None, True, False, [], {}))

    def _list(self, depth: int) -> list[Any]:
        count = self.rng.choice((1, 2, 3, 300)) if depth == 0 else 2
        return [self.anything(depth + 1) for _ in range(count)]

    def _map(self, depth: int) -> dict[str, Any]:
        return {self.text(): self.anything(depth + 1) for _ in range(self.rng.randint(1, 4))}

    def of(self, schema: dict[str, Any], schemas: dict[str, Any], depth: int = 0) -> Any:  # noqa: ANN401
        """Return an entry of a JSON schema whose parts are now and then hostile."""
        while "$ref" in schema:
            schema = schemas[schema["$ref"].rpartition("/")[2]]
        if self.rng.random() < (0.02 if depth == 0 else 0.08):
            return self.anything()
        choices = schema.get("oneOf") or schema.get("anyOf")
        if choices and depth < 12:
            return self.of(self.rng.choice(choices), schemas, depth + 1)
        if "enum" in schema and self.rng.random() < 0.9:
            return self.rng.choice(schema["enum"])
        return self._plain(schema, schemas, depth)

    def _plain(self, schema: dict[str, Any], schemas: dict[str, Any], depth: int) -> Any:  # noqa: ANN401
        day = f"2026-{self.rng.randint(1, 12):02}-{self.rng.randint(1, 28):02}"
        match schema.get("type"):
            case "object":
                value: Any = self._object(schema, schemas, depth)
            case "array":
                count = self.rng.choice((0, 1, 1, 2, 3, 2_000 if depth < 2 else 3))
                items = schema.get("items", {})
                value = [self.of(items, schemas, depth + 1) for _ in range(count)]
            case "integer" | "number":
                value = self.number()
            case "boolean":
                value = self.rng.random() < 0.5
            case "string" if schema.get("format") == "date":
                value = self.rng.choice((*DAYS, day, day, day))
            case "string":
                value = self.text()
            case _:
                value = self.anything(depth)
        return value

    def _object(self, schema: dict[str, Any], schemas: dict[str, Any], depth: int) -> Any:  # noqa: ANN401
        required = set(schema.get("required", ()))
        entry: dict[str, Any] = {}
        for name, part in schema.get("properties", {}).items():
            chance = 0.97 if name in required else 0.5
            if self.rng.random() < chance:
                entry[name] = self.of(part, schemas, depth + 1)
        if self.rng.random() < 0.02:
            entry["unknown"] = self.anything()
        return entry


def encode(entry: object, rng: random.Random) -> bytes:
    """Return the JSON of an entry; now and then damaged, or nested thousands deep."""
    body = json.dumps(entry).encode("ascii")
    chance = rng.random()
    if chance < 0.02:
        depth = rng.choice((900, 5_000, 100_000))
        return b'{"a":' * depth + b"1" + b"}" * depth
    if chance < 0.04 and body:
        place = rng.randrange(len(body))
        return body[:place] + bytes([rng.randrange(256)]) + body[place + 1 :]
    return body
