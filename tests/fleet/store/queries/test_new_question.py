"""What a new question needs: a struct and a handler, and nothing else."""

from typing import Any

import pytest

from tests.fleet.store.conftest import NORTH, OpenWorld, viewer
from tram.fleet.store.engine.engine import EngineError
from tram.fleet.store.queries.handlers import Lane, QueryContext, answers, handlers
from tram.fleet.store.queries.questions import Asker, Question
from tram.registry.kernel.viewer import Scope, Viewer
from tram.runtime.errors import Refused, Unavailable


async def test_a_struct_and_a_handler_are_enough(
    open_world: OpenWorld,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Echo(Question[list[Any]], frozen=True):
        words: list[str]
        times: int = 1

    monkeypatch.setitem(handlers(), Echo.__name__, None)  # what is entered here is taken out again

    @answers(Echo, Lane.MEMORY)
    def echo(question: Echo, asker: Asker, _context: QueryContext) -> list[Any]:
        return [*question.words * question.times, asker.org, *asker.scopes]

    reads, writes = frozenset({"device.read"}), frozenset({"device.write"})
    who = Viewer(1, NORTH, "two", (Scope(NORTH, 7, None, reads), Scope(NORTH, None, "x", writes)))
    async with open_world() as world:
        answer = await world.client.ask(who, Echo(["Đèn"], 2))

    assert answer[:3] == ["Đèn", "Đèn", NORTH]
    assert answer[3:] == [{"org": NORTH, "zone": 7, "sector": None}]


async def test_what_a_handler_raises_reaches_who_asked(
    open_world: OpenWorld,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Failing(Question[int], frozen=True):
        is_engine: bool

    monkeypatch.setitem(handlers(), Failing.__name__, None)

    @answers(Failing)
    def fail(question: Failing, _asker: Asker, _context: QueryContext) -> int:
        if question.is_engine:
            raise EngineError("engine.failed", "There is no such table.")
        raise Refused("store.question", "Not today.", "Tomorrow.")

    async with open_world() as world:
        with pytest.raises(Refused) as refused:
            await world.client.ask(viewer(NORTH), Failing(is_engine=False))
        with pytest.raises(Unavailable) as failed:
            await world.client.ask(viewer(NORTH), Failing(is_engine=True))

    assert (refused.value.sentence, refused.value.hint) == ("Not today.", "Tomorrow.")
    assert (failed.value.code, failed.value.sentence) == (
        "store.failed",
        "There is no such table.",
    )
