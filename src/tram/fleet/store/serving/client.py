"""The only way anybody reads telemetry: typed questions to the store's port, each with its Viewer."""

from collections.abc import Iterator
from typing import Any, Self, cast, get_args

import httpx
import msgspec
import pyarrow as pa

from tram.fleet.store.engine.moved import Home, MoveReport
from tram.fleet.store.engine.statements import FORMATS
from tram.fleet.store.engine.streams import Pipe, arrow_table, whole_reader
from tram.fleet.store.queries.questions import Answer, Asker, Inquiry, Question
from tram.fleet.store.views import Failure, ScopeAsked, StoreStatus
from tram.registry.kernel.viewer import Viewer
from tram.runtime.errors import Broken, Refused, TramError, Unavailable

__all__ = ("KEPT_S", "StoreClient")

_SECONDS_MAX = 35.0
"""Longest wait for an answer; the store stops a query on its own before that."""
_HEARD_SECONDS_MAX = 4.0
"""Longer than the store waits for a change of the registry."""
_EXPORT_SECONDS_MAX = 14_400.0
_EXPORT_WAIT_S_MAX = 120.0
"""Longest wait for the next part of an export."""
_READ_BYTES = 1 << 20
KEPT_S = 15.0
"""An idle connection is left well before the port closes it (``port.IDLE_S``): a question never
meets the closing."""
_LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=KEPT_S)


class StoreClient:
    """Asks the store's port at ``url`` (``http://127.0.0.1:port``) with its key."""

    def __init__(self, url: str, key: str) -> None:
        self._url, self._key = url, key
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={"X-ClickHouse-Key": key},
            timeout=_SECONDS_MAX,
            limits=_LIMITS,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_how: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def heard(self, version: int) -> None:
        """Return once the store knows the registry change of this number.

        Raises:
            Unavailable: ``store.behind`` after 2 seconds, ``store.away``.
        """
        body = msgspec.json.encode(version)
        await self._post("/tram/heard", {}, body, _HEARD_SECONDS_MAX)

    async def ask(self, viewer: Viewer, question: Question[Answer]) -> Answer:
        """Return the answer to a question, within the viewer's scopes.

        Raises:
            Refused: ``store.question`` and what the question itself refuses.
            Unavailable: ``store.busy``, ``store.failed``, ``store.away``.
        """
        response = await self._post(_path_of(question), {}, _inquiry(viewer, question))
        kind = question.answer_type()
        if response.headers["content-type"] == FORMATS["ArrowStream"]:
            return _as_answer(arrow_table(response.content), kind)
        return msgspec.json.decode(response.content, type=kind)

    def stream(
        self, viewer: Viewer, question: Question[Iterator[pa.RecordBatch]]
    ) -> Iterator[pa.RecordBatch]:
        """Yield an answer that comes as a stream; blocks its thread."""
        headers = {"X-ClickHouse-Key": self._key}
        timeout = httpx.Timeout(_SECONDS_MAX, read=_EXPORT_WAIT_S_MAX)
        with (
            httpx.Client(
                base_url=self._url, headers=headers, timeout=timeout, trust_env=False
            ) as http,
            http.stream(
                "POST", _path_of(question), content=_inquiry(viewer, question)
            ) as response,
        ):
            if not response.is_success:
                response.read()
                raise _error(response)
            whole = whole_reader(Pipe(response.iter_raw(_READ_BYTES)))
            with pa.ipc.open_stream(whole) as stream:
                yield from stream

    async def status(self) -> StoreStatus:
        """Return where the store stands (for operators)."""
        response = await self._post("/tram/status", {}, b"")
        return msgspec.json.decode(response.content, type=StoreStatus)

    async def export(self, folder: str) -> None:
        """Have the store write all its tables at one checkpoint into an empty folder."""
        body = msgspec.json.encode(folder)
        await self._post("/tram/export", {}, body, _EXPORT_SECONDS_MAX)

    async def move(self, home: Home) -> MoveReport:
        """Have the store move its tables to a server; it starts again on it."""
        body = msgspec.json.encode(home)
        response = await self._post("/tram/move", {}, body, _EXPORT_SECONDS_MAX)
        return msgspec.json.decode(response.content, type=MoveReport)

    async def sql(self, sql: str, params: dict[str, Any] | None = None) -> pa.Table:
        """Run a reading statement with bound ``{name:Type}`` parameters (operators only)."""
        query = {f"param_{name}": str(value) for name, value in (params or {}).items()}
        response = await self._post("/", query, sql.encode())
        return arrow_table(response.content) if response.content else pa.table({})

    async def _post(
        self, path: str, query: dict[str, str], body: bytes, seconds_max: float = _SECONDS_MAX
    ) -> httpx.Response:
        try:
            response = await self._http.post(path, params=query, content=body, timeout=seconds_max)
        except httpx.TransportError as error:
            raise Unavailable(
                "store.away", f"The telemetry store does not answer ({type(error).__name__})."
            ) from error
        if response.is_success:
            return response
        raise _error(response)


def _path_of(question: Question[Any]) -> str:
    return f"/questions/{type(question).__name__}"


def _inquiry(viewer: Viewer, question: Question[Any]) -> bytes:
    scopes = [
        ScopeAsked(scope.org, scope.zone, scope.sector)
        for scope in viewer.scopes
        if question.permission in scope.permissions
    ]
    asker = Asker(viewer.org, scopes, viewer.person, viewer.name)
    return msgspec.json.encode(Inquiry(asker, question))


def _as_answer(table: pa.Table, kind: type[Answer]) -> Answer:
    """Return columns as what was asked for; of thousands of lines in half the time of JSON."""
    if kind is pa.Table:
        return cast("Answer", table)
    columns = [
        column.to_pylist() if pa.types.is_string(column.type) else column.to_numpy().tolist()
        for column in table.columns
    ]
    (line,) = get_args(kind)
    return cast("Answer", [line(*values) for values in zip(*columns, strict=True)])


def _error(response: httpx.Response) -> TramError:
    try:
        failure = msgspec.json.decode(response.content, type=Failure)
    except msgspec.DecodeError:
        return Broken("store.answer", f"The store answered {response.status_code} without reason.")
    if failure.family == "refused":
        return Refused(failure.code, failure.sentence, failure.hint)
    if failure.family == "unavailable":
        return Unavailable(failure.code, failure.sentence, failure.hint, failure.retry_after_s)
    return Broken(failure.code, failure.sentence, failure.hint)
