"""Routes, each said once: an address, the use case that answers it, and its words in the schema.

A room declares its routes in a table, and ``handlers_of`` makes the framework's handlers of it. What
a route takes is what its use case takes:

=====================================  =========================================================
parameter of the use case              comes from
=====================================  =========================================================
``services`` ``viewer`` ``session``    the application
``request``                            the framework, as it is
a name of the address                  the address
``FromQuery[…]`` ``AsOf`` ``Cursor``…  the query, with the use case's default
a struct, of a GET                     the query, a parameter for each field (``query_reader``)
a struct, of any other method          the body; it may be absent where the use case has a default
any other, which must have a default   nowhere: it is not for who asks over HTTP
=====================================  =========================================================

So nothing is opened that does not say so. A declaration that does not fit its use case raises
``TypeError``, which names route and parameter, before there is an application.
"""

import inspect
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from functools import partial
from inspect import Parameter
from typing import Any, cast, get_type_hints

import msgspec
from litestar.di import NamedDependency, Provide
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from tram.api.http.list_files import TableFile, table_of, with_every_format
from tram.api.http.paging import LIMIT_DEFAULT
from tram.api.http.parameters import PageLimit
from tram.api.http.query_reader import declare, mark_of, query_parameter, query_reader, struct_of

__all__ = ("Route", "delete", "get", "handlers_of", "post", "put", "tagged")

_OF_APPLICATION = frozenset({"services", "viewer", "session"})
_BODY = "data"
_WANTED = "wanted"
_NAMES = re.compile(r"\{(\w+):(\w+)\}")
_TYPES = {"int": int, "str": str}
# Marks for types that are known only when a table is read.
_NAMED: Any = NamedDependency
_OF_ADDRESS: Any = FromPath
_JSON: Any = JSONBody


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one address, and the use case that answers.

    ``description`` may be left to the docstring of a function that is there for the route alone.
    ``noun`` names the operation in the schema, after the method (``get_zone``); without it the last
    word of the address does, of a POST in the singular. ``files`` are the lists of the answer that
    are files as well: a table, or the name of a list whose rows have all their columns there.
    ``query`` reads the struct of a GET whose parameters are not its fields.
    """

    method: str
    path: str
    use_case: Callable[..., Any]
    summary: str
    description: str = ""
    _: KW_ONLY
    noun: str = ""
    files: Sequence[TableFile | str] = ()
    query: Callable[..., Awaitable[msgspec.Struct]] | None = None
    status: int | None = None
    media_type: str | None = None
    body_bytes_max: int | None = None
    tag: str = ""

    @property
    def operation(self) -> str:
        """Return the name of the operation, such as ``post_correction``."""
        last = self.path.rpartition("/")[2]
        named = _NAMES.fullmatch(last)
        word = named[1] if named else last.replace("-", "_")
        if self.method == "POST" and not named:
            word = word.removesuffix("s")
        return f"{self.method.lower()}_{self.noun or word}"

    def unfit(self, name: str, problem: str) -> TypeError:
        """Return the fault of a parameter, to be raised."""
        asked = getattr(self.use_case, "__name__", self.use_case)
        return TypeError(f"route {self.method} {self.path} of {asked}: `{name}` {problem}")


get, post, put, delete = (partial(Route, method) for method in ("GET", "POST", "PUT", "DELETE"))


def tagged(tag: str, *routes: Route) -> tuple[Route, ...]:
    """Return the routes under a heading of the schema."""
    return tuple(replace(route, tag=tag) for route in routes)


def handlers_of(routes: Sequence[Route]) -> list[HTTPRouteHandler]:
    """Return the handlers of these routes and of the files of their lists.

    Raises:
        TypeError: a declaration does not fit its use case.
    """
    handlers = []
    for route in routes:
        handler = _handler(route)
        handlers.append(handler)
        for file in route.files:
            part, table = (file, None) if isinstance(file, str) else (file.part, file)
            handlers.append(table_of(handler, part, table))
    return with_every_format(handlers)


def _handler(route: Route) -> HTTPRouteHandler:
    """Return the handler of a route: it gives its use case what came for it by name."""
    use_case, (parameters, name_of, dependencies) = route.use_case, _taken(route)

    async def handle(**given: object) -> object:
        """Ask the use case; a body that is absent leaves it its default."""
        if _BODY in given and given[_BODY] is None:
            del given[_BODY]
        return await use_case(**{name_of[name]: value for name, value in given.items()})

    handle.__name__ = route.operation
    handle.__doc__ = route.description or use_case.__doc__
    bound = {"request_max_body_size": route.body_bytes_max} if route.body_bytes_max else {}
    made = HTTPRouteHandler(
        route.path,
        http_method=cast("Any", route.method),
        summary=route.summary,
        tags=[route.tag] if route.tag else None,
        status_code=route.status,
        media_type=route.media_type,
        dependencies=dependencies,
        **cast("Any", bound),
    )
    answer = get_type_hints(use_case, include_extras=True).get("return")
    return made(declare(handle, parameters, answer))


def _taken(route: Route) -> tuple[list[Parameter], dict[str, str], dict[str, Provide]]:
    """Return what the handler takes, how the use case calls each, and what reads the query.

    Raises:
        TypeError: names what does not fit.
    """
    if not inspect.iscoroutinefunction(route.use_case):
        raise route.unfit("return", "cannot be awaited")
    hints = get_type_hints(route.use_case, include_extras=True)
    for name, kind in _NAMES.findall(route.path):
        if _TYPES.get(kind) is not hints.get(name):
            asked = hints.get(name, "missing")
            raise route.unfit(name, f"is {kind} in the address, {asked} in the use case")
    name_of: dict[str, str] = {}
    parameters = []
    dependencies = {}
    for name, one in inspect.signature(route.use_case).parameters.items():
        taken = _parameter(route, one.replace(annotation=hints[name]))
        if taken is None:
            continue
        if taken.name in name_of:
            raise route.unfit(name, f"would be {taken.name}, as `{name_of[taken.name]}` is")
        name_of[taken.name] = name
        parameters.append(taken)
        if taken.name == _WANTED and (struct := struct_of(hints[name])):
            dependencies[_WANTED] = Provide(route.query or query_reader(struct))
    return parameters, name_of, dependencies


def _parameter(route: Route, one: Parameter) -> Parameter | None:
    """Return what the handler takes for a parameter of the use case, None if it keeps its default.

    Raises:
        TypeError: there is nowhere that it could come from.
    """
    hint, default = one.annotation, one.default
    if mark_of(hint):
        shown = LIMIT_DEFAULT if hint == PageLimit else default
        return query_parameter(one.name, hint, shown)
    if one.name in _OF_APPLICATION:
        return _given(one.name, _NAMED[hint])
    if one.name == "request" or one.name in dict(_NAMES.findall(route.path)):
        return _given(one.name, hint if one.name == "request" else _OF_ADDRESS[hint])
    if struct := struct_of(hint):
        return _of_struct(route, struct, default)
    if default is Parameter.empty:
        raise route.unfit(one.name, "is neither in the address nor marked as of the query")
    return None


def _of_struct(route: Route, struct: type[msgspec.Struct], default: object) -> Parameter:
    if route.method == "GET":
        return _given(_WANTED, _NAMED[struct])
    if default is Parameter.empty:
        return _given(_BODY, _JSON[struct])
    return _given(_BODY, _JSON[struct | None], None)


def _given(name: str, annotation: object, default: object = Parameter.empty) -> Parameter:
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
