"""Parameters of the query: by their marks in a use case, and as the fields of a struct."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from inspect import Parameter, Signature
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from litestar.constants import RESERVED_KWARGS
from litestar.params import QueryParameter

from tram.api.http.faults import faults_of_struct
from tram.runtime.errors import Refused

__all__ = ("declare", "mark_of", "query_parameter", "query_reader", "struct_of")

_ANNOTATED: Any = Annotated
"""For types that are known only when a use case is read."""


def mark_of(hint: object) -> QueryParameter | None:
    """Return the mark of a type that is read from the query, such as ``FromQuery[int]``."""
    marks = getattr(hint, "__metadata__", ())
    return next((mark for mark in marks if isinstance(mark, QueryParameter)), None)


def query_parameter(name: str, hint: object, default: object) -> Parameter:
    """Return the parameter of a handler that reads one of the query.

    It has the name that its mark gives, else its own, but where the framework keeps that name for
    itself.
    """
    mark = mark_of(hint) or QueryParameter()
    shown = mark.name or name
    if shown in RESERVED_KWARGS:
        name, mark = f"{shown}_asked", replace(mark, name=shown)
    else:
        name = shown
    annotation = _ANNOTATED[_plain(hint), mark]
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def query_reader(wanted: type[msgspec.Struct]) -> Callable[..., Awaitable[msgspec.Struct]]:
    """Return a dependency that reads a struct from the query, each field from a parameter.

    What the type of a field forbids is named with everything else that is wrong. So is a required
    field that is missing, if it is marked with ``QueryParameter``.
    """
    hints = get_type_hints(wanted, include_extras=True)
    field_of: dict[str, str] = {}
    parameters = []
    for field in msgspec.structs.fields(wanted):
        hint, default = hints[field.name], field.default
        if field.required and (mark := mark_of(hint)):
            hint, default = _ANNOTATED[get_args(hint)[0] | None, mark], None
        elif field.required:
            default = Parameter.empty
        parameters.append(query_parameter(field.name, hint, default))
        field_of[parameters[-1].name] = field.name

    async def read(**given: object) -> msgspec.Struct:
        """Read what is wanted from the query."""
        named = {field_of[name]: value for name, value in given.items() if value is not None}
        try:
            return msgspec.convert(named, wanted)
        except msgspec.ValidationError:
            faults = tuple(faults_of_struct(wanted, named))
        hint = "Mend the fields named under faults."
        raise Refused("request.invalid", "Some fields are missing or wrong.", hint, faults)

    return declare(read, parameters, wanted)


def declare(
    function: Callable[..., Any], parameters: Sequence[Parameter], answer: object
) -> Callable[..., Any]:
    """Return the function, which takes anything, with the signature that the framework reads."""
    named: Any = function
    named.__signature__ = Signature(parameters, return_annotation=answer)
    named.__annotations__ = {one.name: one.annotation for one in parameters} | {"return": answer}
    return function


def struct_of(hint: object) -> type[msgspec.Struct] | None:
    """Return the struct of a type that is one, or one or nothing; None of any other."""
    kinds = [kind for kind in (hint, *get_args(hint)) if isinstance(kind, type)]
    return next((kind for kind in kinds if issubclass(kind, msgspec.Struct)), None)


def _plain(hint: object) -> object:
    """Return what the framework is to read: bounds and choices are looked at afterwards."""
    plain = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    return type(get_args(plain)[0]) if get_origin(plain) is Literal else plain
