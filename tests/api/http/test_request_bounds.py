"""Every field of every request has a bound: a number, a day, a text or a list without one is a fault.

Registers are made for what these types hold; what lies beyond is refused at the door.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec.inspect as kinds
from litestar.routes import HTTPRoute

from tram.api.routes import api_routers

# Fields whose bound is not their type's, each with its reason.
ELSEWHERE = {
    "CallForm.params": "JSON for a device: its characters are counted by the register of downlinks",
    "SharedAttributes.values": "the same",
    "TopicRules.topics": "each is compiled, which names what is wrong",
    "TargetEdit.value": "a decimal: above 0 and at most VALUE_MAX in the register of targets",
    "NewTarget.value": "the same",
}
_BOUNDED = (kinds.LiteralType, kinds.EnumType, kinds.BoolType, kinds.NoneType)
Found = Iterator[str]


def request_types() -> dict[str, Any]:
    """The type of the body of every route that takes one, by the name of its function."""
    return {
        one.handler_name: one.parsed_fn_signature.parameters["data"].annotation
        for router in api_routers()
        for route in router.routes
        if isinstance(route, HTTPRoute)
        for one in route.route_handlers
        if "data" in one.parsed_fn_signature.parameters
    }


class Walk:
    """Finds what has no bound below a type; each struct is looked at once."""

    def __init__(self) -> None:
        self._seen: set[type] = set()
        self._ways: dict[type, Callable[[Any, str], Found]] = {
            kinds.Metadata: self._metadata,
            kinds.StructType: self._struct,
            kinds.UnionType: lambda kind, path: self._all(kind.types, path),
            kinds.TupleType: lambda kind, path: self._all(kind.item_types, path),
            kinds.IntType: self._number,
            kinds.FloatType: self._number,
            kinds.StrType: self._text,
            kinds.DictType: self._map,
        }

    def loose(self, kind: kinds.Type, path: str) -> Found:
        way = self._ways.get(type(kind))
        if way is not None:
            yield from way(kind, path)
        elif isinstance(kind, kinds.CollectionType):
            yield from self._list(kind, path)
        elif not isinstance(kind, _BOUNDED):
            yield f"{path}: {type(kind).__name__}"

    def _metadata(self, kind: kinds.Metadata, path: str) -> Found:
        if kind.extra != {"bounds": "day"}:
            yield from self.loose(kind.type, path)

    def _struct(self, kind: kinds.StructType, _path: str) -> Found:
        if kind.cls in self._seen:
            return
        self._seen.add(kind.cls)
        for field in kind.fields:
            yield from self.loose(field.type, f"{kind.cls.__name__}.{field.encode_name}")

    def _all(self, some: tuple[kinds.Type, ...], path: str) -> Found:
        for one in some:
            yield from self.loose(one, path)

    @staticmethod
    def _number(kind: kinds.IntType | kinds.FloatType, path: str) -> Found:
        if (kind.ge is None and kind.gt is None) or (kind.le is None and kind.lt is None):
            yield f"{path}: number"

    @staticmethod
    def _text(kind: kinds.StrType, path: str) -> Found:
        if kind.max_length is None:
            yield f"{path}: text"

    def _list(self, kind: kinds.CollectionType, path: str) -> Found:
        if kind.max_length is None:
            yield f"{path}: list"
        yield from self.loose(kind.item_type, path)

    def _map(self, kind: kinds.DictType, path: str) -> Found:
        if kind.max_length is None:
            yield f"{path}: map"
        yield from self._all((kind.key_type, kind.value_type), path)


def test_every_field_of_every_request_is_bounded() -> None:
    walk, wanted = Walk(), request_types()
    assert len(wanted) > 50

    found = [
        place
        for name, annotation in wanted.items()
        for place in walk.loose(kinds.type_info(annotation), name)
        if place.partition(":")[0] not in ELSEWHERE
    ]
    assert not found, "\n".join(sorted(found))
