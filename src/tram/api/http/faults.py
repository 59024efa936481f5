"""All faults of a request at once, by field: the framework stops at the first one of a body."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, get_args, get_origin

import msgspec
from litestar.connection import ASGIConnection
from litestar.exceptions import ValidationException
from litestar.handlers import HTTPRouteHandler
from litestar.utils.scope.state import ScopeState

from tram.domain.bounds import is_day
from tram.registry.kernel.checks import days_in
from tram.runtime.errors import Fault

__all__ = ("faults_of_body", "faults_of_parameters", "faults_of_struct")

_FAULTS_MAX = 50
_PATH = re.compile(r" - at `\$(.*)`$")


def faults_of_struct(wanted: type[msgspec.Struct], given: Mapping[str, object]) -> list[Fault]:
    """Return one fault per field of ``given`` that does not fit the struct."""
    known = {field.encode_name: field for field in msgspec.structs.fields(wanted)}
    faults = [
        Fault(name, "field.unknown")
        for name in given
        if name not in known and _refuses_unknown(wanted)
    ]
    for name, field in known.items():
        if name not in given:
            if field.required:
                faults.append(Fault(name, "field.missing"))
            continue
        try:
            value = msgspec.convert(given[name], field.type, strict=False)
        except msgspec.ValidationError as error:
            faults.append(_fault(name, str(error), field.type))
        else:
            plain = msgspec.to_builtins(value, builtin_types=(date,))
            if not all(is_day(day) for day in days_in(plain)):
                faults.append(Fault(name, "day.beyond"))
    return faults[:_FAULTS_MAX]


def faults_of_body(connection: ASGIConnection[Any, Any, Any, Any]) -> tuple[Fault, ...]:
    """Return every fault of a JSON or form body already read; empty if the body is not at fault."""
    wanted = _wanted_struct(connection)
    if wanted is None:
        return ()
    state = ScopeState.from_scope(connection.scope)
    given = state.json if isinstance(state.json, dict) else state.form
    return tuple(faults_of_struct(wanted, given)) if isinstance(given, dict) else ()


def faults_of_parameters(error: ValidationException) -> tuple[Fault, ...]:
    """Return the faults that the framework found in path and query."""
    found = error.extra if isinstance(error.extra, list) else []
    return tuple(
        _fault(str(item.get("key", "data")), str(item.get("message", "")), None)
        for item in found[:_FAULTS_MAX]
    ) or (Fault("request", "request.unfit", {"problem": error.detail}),)


def _wanted_struct(connection: ASGIConnection[Any, Any, Any, Any]) -> type[msgspec.Struct] | None:
    handler = connection.scope.get("route_handler")
    if not isinstance(handler, HTTPRouteHandler) or handler.parsed_data_field is None:
        return None
    annotation = handler.parsed_data_field.annotation
    is_struct = isinstance(annotation, type) and issubclass(annotation, msgspec.Struct)
    return annotation if is_struct else None


def _refuses_unknown(wanted: type[msgspec.Struct]) -> bool:
    return wanted.__struct_config__.forbid_unknown_fields


def _fault(name: str, message: str, wanted: object) -> Fault:
    inside = _PATH.search(message)
    if get_origin(wanted) is Literal and inside is None:
        return Fault(name, "choice.unknown", {"choices": ", ".join(map(str, get_args(wanted)))})
    field = name + (inside.group(1) if inside else "")
    return Fault(field, "request.unfit", {"problem": _PATH.sub("", message) + "."})
