"""Every number in a request's body that names something: found in the interface's own description.

A field that is a whole number must be known here, as what it names or as no name at all: so a new
field is walked, or looked at, from its first day.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from litestar import Litestar

from tests.api.province import Party
from tests.api.walk import JSON, Ask, asks_about

NAMES = {
    "org": "org", "to_org": "org", "parent": "device", "device": "device", "devices": "device",
    "other_device": "device", "group": "group", "chain": "chain", "calendar": "calendar",
    "webhook": "webhook", "webhooks": "webhook", "person": "person", "people": "person",
    "alarms": "alarm", "authority": "org", "operator": "operator", "operators": "operator",
}  # fmt: skip
"""What a field names, by the word under which a party has one."""
OPEN = {"profile", "zone", "document", "target", "station", "round", "version", "zones"}
"""Fields that name what the whole province shares."""
PLAIN = {
    "after_s", "base_value", "clear_s", "count", "days", "devices_max", "dwell_s", "end", "end_ms",
    "for_s", "from_ms", "id", "lasts_s", "least", "max_age_s", "overlap_s", "per_s", "place",
    "quiet_end", "quiet_start", "start", "start_ms", "stations_4g", "stations_5g", "until_ms",
    "valid_s", "window_s",
}  # fmt: skip
"""Fields that name nothing; ``id`` of a thing that is made is not read."""


@dataclass(frozen=True)
class Reference:
    """One place of a request that names something, and the request with any number there."""

    ask: Ask
    place: tuple[str, ...]
    is_list: bool
    spec: JSON | None = None

    @property
    def field(self) -> str:
        """Return the field's name."""
        return self.place[-1]

    def naming(self, number: int) -> JSON:
        """Return the body with a number in this place."""
        body = copy.deepcopy(self.ask.body or {})
        at = body
        for step in self.place[:-1]:
            if isinstance(at.get(step), list):
                at = at[step][0]
                continue
            if step == "spec" and self.spec is not None:
                at[step] = dict(self.spec)
            at = at.setdefault(step, {})
        at[self.field] = [number] if self.is_list else number
        return body

    def __str__(self) -> str:
        return f"{self.ask.method} {self.ask.route} {'.'.join(self.place)}"


def references_of(app: Litestar, party: Party, zone: int) -> list[Reference]:
    """Return every place of every body that names something."""
    described = app.openapi_schema.to_schema()
    paths, schemas = described["paths"], described["components"]["schemas"]
    found = []
    for ask in asks_about(app, party, zone):
        if ask.body is None:
            continue
        about = paths.get(ask.route, {}).get(ask.method.lower(), {})
        schema = about.get("requestBody", {}).get("content", {}).get("application/json", {})
        for place, is_list, spec in _numbers(schema.get("schema", {}), schemas, ()):
            if place[-1] in NAMES:
                found.append(Reference(ask, place, is_list, spec))
    return found


def _numbers(
    schema: JSON, schemas: JSON, place: tuple[str, ...], spec: JSON | None = None
) -> Iterator[tuple[tuple[str, ...], bool, JSON | None]]:
    """Yield each whole number of a schema: where it stands, whether in a list, under which kind."""
    schema = _resolved(schema, schemas)
    for choice in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
        inner = _resolved(choice, schemas)
        kinds = inner.get("properties", {}).get("kind", {})
        kind = kinds.get("const") or next(iter(kinds.get("enum", ())), None)
        made = _least(inner, schemas, kind) if kind else spec
        yield from _numbers(choice, schemas, place, made)
    if schema.get("type") == "array":
        items = _resolved(schema.get("items", {}), schemas)
        if items.get("type") == "integer":
            yield place, True, spec
        else:
            yield from _numbers(items, schemas, place, spec)
    elif schema.get("type") == "integer" and place:
        yield place, False, spec
    for name, inner in schema.get("properties", {}).items():
        yield from _numbers(inner, schemas, (*place, name), spec)


def _least(schema: JSON, schemas: JSON, kind: str) -> JSON:
    """Return the least body of one kind of a rule."""
    plain: dict[str, Any] = {"metric": "zeta", "other": "zeta", "when": "zeta > 1"}
    plain |= {"polygon": [[0, 0], [1, 0], [1, 1]], "hours": [{"days": [0]}]}
    wanted = schema.get("required", [])
    return {"kind": kind} | {name: plain.get(name, 60) for name in wanted if name != "kind"}


def _resolved(schema: JSON, schemas: JSON) -> JSON:
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    return schema


def unknown_numbers(app: Litestar) -> set[str]:
    """Return the fields of bodies that are whole numbers and not known here."""
    described = app.openapi_schema.to_schema()
    paths, schemas = described["paths"], described["components"]["schemas"]
    found: set[str] = set()
    for methods in paths.values():
        for about in methods.values():
            content = (
                about.get("requestBody", {}).get("content", {}) if isinstance(about, dict) else {}
            )
            schema = content.get("application/json", {}).get("schema", {})
            found |= {place[-1] for place, _, _ in _numbers(schema, schemas, ())}
    return found - set(NAMES) - OPEN - PLAIN
