"""What a declared route takes, and that one which does not fit its use case stops the start."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

import msgspec
import pytest
from litestar import Litestar
from litestar.di import Provide
from litestar.params import QueryParameter
from litestar.testing import TestClient

from tram.api.http.errors import EXCEPTION_HANDLERS
from tram.api.http.list_files import TableFile
from tram.api.http.parameters import PageLimit
from tram.api.http.route_table import Route, delete, get, handlers_of, post, put, tagged
from tram.api.routes import every_route


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked, of the query or in a body."""

    word: str = "none"
    state: Literal["old", "new"] = "new"
    start_ms: Annotated[int, QueryParameter(description="Required.")] = 0


class Needed(msgspec.Struct, frozen=True, kw_only=True):
    """What must be asked, all of it."""

    start_ms: Annotated[int, QueryParameter(description="Required.")]
    end_ms: Annotated[int, QueryParameter(description="Required.")]
    kind: Literal["gap", "fill"] = "gap"


class Shelf(msgspec.Struct, frozen=True):
    """A list, so that it has files."""

    items: list[Asked]


async def echo(
    services: str,
    number: int,
    scope: Annotated[str, QueryParameter(name="scope")] = "all",
    limit: PageLimit = 500,
    hidden: str = "kept",
) -> list[Any]:
    return [services, number, scope, limit, hidden]


async def ask(services: str, wanted: Asked) -> list[Any]:
    return [services, wanted.word, wanted.state, wanted.start_ms]


async def need(wanted: Needed) -> list[Any]:
    return [wanted.start_ms, wanted.end_ms]


async def write(number: int, form: Asked) -> list[Any]:
    return [number, form.word]


DEFAULT = Asked(word="default")


async def may_write(form: Asked = DEFAULT) -> str:
    return form.word


async def shelf() -> Shelf:
    return Shelf([Asked(word="one")])


def client(*routes: Route) -> TestClient[Litestar]:
    async def provide_services() -> str:
        return "ours"

    return TestClient(
        Litestar(
            handlers_of(tagged("things", *routes)),
            dependencies={"services": Provide(provide_services)},
            exception_handlers=EXCEPTION_HANDLERS,
        )
    )


def test_address_query_and_services_reach_the_use_case_and_nothing_else_does() -> None:
    with client(get("/things/{number:int}", echo, "One", "A thing.")) as asking:
        answer = asking.get("/things/7", params={"scope": "here", "hidden": "seen"})
        assert answer.json() == ["ours", 7, "here", 50, "kept"]
        assert asking.get("/things/7", params={"limit": "9"}).json()[3] == 9
        refused = asking.get("/things/7", params={"limit": "9000"})
    assert (refused.status_code, refused.json()["faults"][0]["field"]) == (422, "limit")


def test_a_struct_of_a_get_is_read_from_the_query() -> None:
    with client(get("/things", ask, "Things", "By word.")) as asking:
        assert asking.get("/things").json() == ["ours", "none", "new", 0]
        given = {"word": "x", "state": "old", "start_ms": "5"}
        assert asking.get("/things", params=given).json() == ["ours", "x", "old", 5]


def test_all_that_is_missing_or_wrong_in_the_query_is_named_at_once() -> None:
    with client(get("/things", need, "Things", "Of a span.")) as asking:
        refused = asking.get("/things", params={"end_ms": "5", "kind": "third"})
        assert asking.get("/things", params={"start_ms": "1", "end_ms": "5"}).json() == [1, 5]
    faults = {fault["field"]: fault["code"] for fault in refused.json()["faults"]}
    assert refused.status_code == 422
    assert faults == {"start_ms": "field.missing", "kind": "choice.unknown"}


def test_a_struct_of_another_method_is_the_body_which_may_be_absent_with_a_default() -> None:
    routes = (
        put("/things/{number:int}", write, "Write", "All of it."),
        post("/things", may_write, "Make", "A thing.", status=202),
    )
    with client(*routes) as asking:
        assert asking.put("/things/3", json={"word": "x"}).json() == [3, "x"]
        assert asking.put("/things/3").status_code == 422
        assert asking.post("/things").text == "default"
        made = asking.post("/things", json={"word": "given"})
    assert (made.status_code, made.text) == (202, "given")


def test_a_list_of_the_answer_is_a_file_of_the_columns_that_the_table_names() -> None:
    file = TableFile("shelf", "Download the shelf", "word state")
    with client(get("/shelf", shelf, "Shelf", "All.", files=(file,))) as asking:
        found = asking.get("/shelf.csv")
        schema = asking.app.openapi_schema.to_schema()
    assert found.text == "\ufeffword,state\r\none,new\r\n"
    operations = {path: schema["paths"][path]["get"] for path in schema["paths"]}
    assert operations["/shelf"]["operationId"] == "ShelfGetShelf"
    assert operations["/shelf"]["tags"] == ["things"]
    assert operations["/shelf.csv"]["summary"] == "Download the shelf"


async def two_bodies(form: Asked, other: Needed) -> None: ...


async def unmarked(search: str) -> None: ...


def at_once(number: int) -> None: ...


@pytest.mark.parametrize(
    ("route", "named"),
    [
        (get("/things/{number:int}", shelf, "", ""), "GET /things/{number:int}.*shelf.*`number`"),
        (delete("/things/{number:str}", write, "", ""), "DELETE /things.*`number` is str"),
        (get("/things/{number:uuid}", echo, "", ""), "GET /things.*`number` is uuid"),
        (get("/things", echo, "", ""), "GET /things .*echo: `number` is neither"),
        (get("/things", unmarked, "", ""), "GET /things .*unmarked: `search` is neither"),
        (post("/things", two_bodies, "", ""), "POST /things .*two_bodies: `other` .*`form`"),
        (get("/things/{number:int}", at_once, "", ""), "at_once.*cannot be awaited"),
        (get("/shelf", shelf, "", "", files=("drawers",)), "/shelf.*drawers"),
        (get("/shelf", shelf, "", "", files=(TableFile("s", "", "word x"),)), "/shelf.*no x"),
    ],
)
def test_a_declaration_that_does_not_fit_names_route_and_parameter(
    route: Route, named: str
) -> None:
    with pytest.raises(TypeError, match=named):
        handlers_of([route])


@pytest.mark.parametrize("words", [lambda route: route.summary, lambda route: route.tag])
def test_every_route_has_its_words(words: Callable[[Route], str]) -> None:
    assert [route.path for route in every_route() if not words(route)] == []


def test_only_a_function_of_a_route_s_own_lends_it_its_docstring() -> None:
    lent: dict[str, Callable[..., Awaitable[Any]]] = {
        route.path: route.use_case for route in every_route() if not route.description
    }
    strange = [path for path, by in lent.items() if not by.__module__.endswith("_routes")]
    assert strange == []
