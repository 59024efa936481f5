"""The table of questions: for each struct the function that answers it, and where that runs."""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec
import pyarrow as pa

from tram.fleet.store.engine.engine import Engine
from tram.fleet.store.history.gap_ledger import Ledger
from tram.fleet.store.queries.limits import RowConditions, limits_of
from tram.fleet.store.queries.questions import Asker, Correction, Inquiry, Question, Selection
from tram.fleet.store.queries.scoping import READABLE, Scoped, readable
from tram.fleet.store.state.devices import DeviceBoard
from tram.fleet.store.state.dimensions import Dimensions
from tram.fleet.store.state.latest import LatestBoard
from tram.fleet.store.views import Revision
from tram.runtime.clock import Clock

__all__ = ("Handler", "Lane", "QueryContext", "answers", "handlers")

Function = TypeVar("Function", bound=Callable[..., object])


class Lane(Enum):
    """Where a question is answered, and whose turn it takes."""

    MEMORY = "at once, on the event loop"
    THREAD = "in a thread, in the turn of the asker's organisation"
    EXPORT = "as a stream, in a turn of the exports"


@dataclass(frozen=True, slots=True)
class QueryContext:
    """What questions are answered from; its arrays change on the event loop only."""

    engine: Engine
    latest: LatestBoard
    devices: DeviceBoard
    dimensions: Dimensions
    ledger: Ledger
    clock: Clock
    edge: Callable[[], int]
    """Until when rollups are complete, epoch ms."""
    revise: Callable[[int, Correction, Asker], Awaitable[Revision]]
    """Corrects a series, beside ingest."""

    def series_of(self, device: int, metric: str) -> int | None:
        """Return the number of a series, None if there is none."""
        latest = self.latest
        return next(
            (s for s in latest.series_of.get(device, ()) if latest.metric[s] == metric), None
        )

    def readable(self, asker: Asker, device: int, metric: str = "") -> Scoped:
        """Return the condition that a row of the device and metric may be read."""
        now_ms = self.clock.now_ms()
        return readable(asker.scopes, device, metric, now_ms, self.dimensions)

    def of_device(self, sql: str, asker: Asker, device: int, params: dict[str, str]) -> pa.Table:
        """Return what a statement about one device finds of what may be read."""
        scope = self.readable(asker, device)
        return self.engine.query(sql.replace(READABLE, scope.condition), scope.params | params)

    def limits(self, asker: Asker, selection: Selection) -> RowConditions:
        """Return what limits a question: its scopes, and the series of the devices it names."""
        now_ms = self.clock.now_ms()
        return limits_of(selection, asker.scopes, self.latest, now_ms, self.dimensions)


class Handler(NamedTuple):
    """How a kind of question is answered."""

    answer: Callable[[Any, Asker, QueryContext], object]
    """May be a coroutine function; a ``pa.Table`` stands for a list of structs with its columns."""
    lane: Lane
    inquiry: msgspec.json.Decoder[Inquiry[Any]]


_handlers: dict[str, Handler] = {}


def answers(
    question: type[Question[Any]], lane: Lane = Lane.THREAD
) -> Callable[[Function], Function]:
    """Register the function that answers a kind of question."""

    def register(answer: Function) -> Function:
        """Enter it under the question's name."""
        inquiry: Any = Inquiry
        decoder = msgspec.json.Decoder(inquiry[question])
        _handlers[question.__name__] = Handler(answer, lane, decoder)
        return answer

    return register


@cache
def handlers() -> dict[str, Handler]:
    """Return every handler by the name of its question; each module of this room brings its own."""
    for module in pkgutil.iter_modules([str(Path(__file__).parent)], f"{__package__}."):
        importlib.import_module(module.name)
    return _handlers
