"""Every registered question, asked by strangers: none tells them anything.

Questions are made from the fields that they have, so that a new one cannot be forgotten.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pyarrow as pa
import pytest
import pytest_asyncio

from tests.fleet.store.conftest import (
    NORTH,
    NOW_MS,
    ORGS,
    READ,
    SOUTH,
    World,
    opened,
    timed,
    viewer,
)
from tram.fleet.block.block import EventKind
from tram.fleet.store.engine.tables import QUARANTINE
from tram.fleet.store.queries.handlers import Lane, handlers
from tram.fleet.store.queries.questions import Correction, Question, Selection, TimeSpan
from tram.fleet.store.views import Series, StateSummary
from tram.registry.kernel.changes import DevicePut
from tram.registry.kernel.viewer import Scope, Viewer
from tram.runtime.errors import Refused

MINUTE_MS = 60_000
BEGIN_MS = NOW_MS - 120 * MINUTE_MS
QUESTIONS = {question.__name__: question for question in Question.__subclasses__()}
FIELDS: dict[str, Any] = {
    "device": 10,
    "metric": "t",
    "points": 1_000,
    "selection": Selection(metric="t", device=10),
    "since_ms": 0,
    "span": TimeSpan(BEGIN_MS - BEGIN_MS % 86_400_000, NOW_MS + 1),
}
"""What a question with such a field is about; a new name of a field needs a line here."""
CORRECTION = Correction(
    device=10,
    metric="t",
    operation="invalidate",
    reason="broken",
    span=TimeSpan(BEGIN_MS, BEGIN_MS + 3 * MINUTE_MS),
)
ALL = READ | {"device.write"}
OWNER = Viewer(7, NORTH, "Lan", (Scope(NORTH, None, None, ALL),))
STRANGERS = [
    Viewer(1, NORTH, "no scope", ()),
    Viewer(1, NORTH, "no permission", (Scope(NORTH, None, None, frozenset({"org.read"})),)),
    Viewer(1, NORTH, "of nothing", (Scope(99, None, None, ALL),)),
    Viewer(1, SOUTH, "neighbour", (Scope(SOUTH, None, None, ALL),)),
    Viewer(1, NORTH, "other zone", (Scope(NORTH, 99, None, ALL),)),
    Viewer(1, NORTH, "other sector", (Scope(NORTH, None, "safety", ALL),)),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def told(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A store in which one device of the north gives every question something to answer."""
    changes = [*ORGS, DevicePut(10, NORTH, 7, "energy", 1, 60)]
    async with opened(tmp_path_factory.mktemp("told"), changes=changes) as world:
        await world.settled()
        for minute in (*range(30), *range(90, 100)):
            world.blocks.message(10, timed("t", 1.0, BEGIN_MS + minute * MINUTE_MS))
        world.blocks.event(10, EventKind.ATTRIBUTE, "model", '"x"')
        world.blocks.event(10, EventKind.REFUSED, "payload.not_json", "line 1")
        world.blocks.send()
        await world.settled()
        store = world.store._opened
        place = store.ingest.checkpoint
        for _ in range(2):  # what is expected is known only after the first
            await asyncio.to_thread(store.history.roll, place.epoch, place.seq, NOW_MS)
        await world.client.ask(OWNER, CORRECTION)
        aside = {"device": 10, "metric": "t", "org_id": NORTH, "received_at_ms": NOW_MS}
        row = {
            field.name: 0 if pa.types.is_integer(field.type) else "" for field in QUARANTINE.schema
        }
        await asyncio.to_thread(
            store.engine.insert,
            QUARANTINE.full_name,
            pa.Table.from_pylist([row | aside], schema=QUARANTINE.schema),
        )
        yield world


def sample(kind: type[Question[Any]]) -> Question[Any]:
    """Return a question about what there is."""
    needed = [field.name for field in msgspec.structs.fields(kind) if field.required]
    return kind(**{name: FIELDS[name] for name in needed})


async def lines(world: World, who: Viewer, name: str) -> int:
    """Return how much the answer to a question tells."""
    question = sample(QUESTIONS[name])
    if handlers()[name].lane is Lane.EXPORT:
        batches = await asyncio.to_thread(lambda: list(world.client.stream(who, question)))
        return sum(batch.num_rows for batch in batches)
    return told_by(await world.client.ask(who, question))


def told_by(answer: Any) -> int:
    match answer:
        case Series():
            return len(answer.times) + len(answer.buckets)
        case StateSummary():
            counts = (answer.total, *answer.by_sector.values())
            return sum(sum(msgspec.structs.astuple(one)) for one in counts)
        case _:
            return len(answer)


def test_every_question_is_answered() -> None:
    assert set(handlers()) == set(QUESTIONS)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", sorted(set(handlers()) - {Correction.__name__}))
async def test_no_question_tells_strangers_anything(told: World, name: str) -> None:
    assert await lines(told, OWNER, name) > 0
    for who in STRANGERS:
        assert await lines(told, who, name) == 0, who.name


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("who", [*STRANGERS, viewer(NORTH)])
async def test_nobody_else_corrects(told: World, who: Viewer) -> None:
    with pytest.raises(Refused) as error:
        await told.client.ask(who, CORRECTION)
    assert error.value.code == "revision.invalid"
