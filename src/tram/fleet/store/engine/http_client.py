"""An engine at an address: a ClickHouse server.

One small client of ClickHouse's HTTP interface with the same SQL as the embedded engine; only the
DDL has its dialect (``has_alp``).
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager

import httpx
import pyarrow as pa

from tram.fleet.store.engine.engine import READ_MEMORY_BYTES_MAX, EngineError, Params
from tram.fleet.store.engine.streams import (
    ByteParts,
    Pipe,
    arrow_bytes,
    arrow_table,
    whole_reader,
)
from tram.runtime.errors import Refused

__all__ = ("HttpEngine",)

_READ_BYTES = 1 << 20
_CONNECT_S = 10.0
_UNLIMITED_S = 86_400.0
_KEPT_S = 2.0
"""An idle connection is left before a server closes it: ClickHouse does after 3 s or more."""


class HttpEngine:
    """Statements over HTTP; each request names its settings, so that there is no session."""

    has_alp = False
    """A server may not know the embedded engine's codec for numbers: ZSTD takes its place."""

    def __init__(self, url: str, key: str, query_seconds_max: int) -> None:
        self._seconds_max = query_seconds_max
        self._http = httpx.Client(
            base_url=url,
            headers={"X-ClickHouse-Key": key},
            timeout=httpx.Timeout(_CONNECT_S, read=_UNLIMITED_S, write=_UNLIMITED_S),
            limits=httpx.Limits(keepalive_expiry=_KEPT_S),
            trust_env=False,
        )
        try:
            self.query("SELECT 1 AS one")
        except EngineError as error:
            self._http.close()
            raise Refused(
                "store.server_away",
                f"The telemetry server at {url} does not answer as it should ({error.sentence}).",
                "Check its address and key.",
            ) from error

    def query(self, sql: str, params: Params | None = None) -> pa.Table:
        """Run a reading statement and return all of its rows."""
        settings = {"max_execution_time": str(self._seconds_max)}
        with self._posted(sql, params or {}, settings) as response:
            return _table(response.read())

    def stream(
        self, sql: str, format_: str, params: Params, token: str
    ) -> Generator[bytes, None, None]:
        """Run a reading statement under ``token`` and yield its bytes in the format."""
        settings = {"query_id": token, "max_execution_time": str(self._seconds_max)}
        with self._posted(sql, params, settings, format_) as response:
            yield from response.iter_raw(_READ_BYTES)

    def scan(self, sql: str, params: Params | None = None) -> Iterator[pa.Table]:
        """Run a statement of the store's own without limits; yield its rows in parts."""
        with self._posted(sql, params or {}, {}) as response:
            whole = whole_reader(Pipe(response.iter_raw(_READ_BYTES)))
            with pa.ipc.open_stream(whole) as stream:
                for batch in stream:
                    yield pa.Table.from_batches([batch])

    def export(
        self, sql: str, params: Sequence[Params], token: str
    ) -> Generator[bytes, None, None]:
        """Run a reading statement with each of ``params``; yield all rows as one Arrow stream."""
        sink = ByteParts()
        writer = None
        for one in params:
            with self._posted(sql, one, {"query_id": token}) as response:
                whole = whole_reader(Pipe(response.iter_raw(_READ_BYTES)))
                with pa.ipc.open_stream(whole) as stream:
                    writer = writer or pa.ipc.new_stream(sink, stream.schema)
                    for batch in stream:
                        writer.write_batch(batch)
                        yield from sink.take()
        if writer is not None:
            writer.close()
        yield from sink.take()

    def kill(self, token: str) -> None:
        """Stop the statement that runs under the token, if it still runs."""
        self.work("KILL QUERY WHERE query_id = {mark:String} ASYNC", {"mark": token})

    def command(self, sql: str) -> None:
        """Run a statement that changes tables; settings are the server's own."""
        if not sql.startswith("SET "):
            self.work(sql, {})

    def work(self, sql: str, params: Params) -> None:
        """Run a long statement of the store's own that changes tables, beside the others."""
        with self._posted(sql, params, {}, "") as response:
            response.read()

    def insert(self, table: str, rows: pa.Table) -> None:
        """Append rows to a table; returns when they are on disk."""
        if not rows.num_rows:
            return
        names = ", ".join(rows.column_names)  # our own schemas, never a caller's text
        query = {"query": f"INSERT INTO {table} ({names}) FORMAT ArrowStream"}
        try:
            response = self._http.post("/", params=query, content=arrow_bytes(rows))
        except httpx.TransportError as error:
            raise _away(error) from error
        _raise_for(response)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    @contextmanager
    def _posted(
        self, sql: str, params: Params, settings: dict[str, str], format_: str = "ArrowStream"
    ) -> Iterator[httpx.Response]:
        text = f"{sql} FORMAT {format_}" if format_ else sql
        query = {f"param_{name}": value for name, value in params.items()}
        query |= settings | {"max_memory_usage": str(READ_MEMORY_BYTES_MAX)}
        query["do_not_merge_across_partitions_select_final"] = "1"
        try:
            with self._http.stream("POST", "/", params=query, content=text.encode()) as response:
                _raise_for(response)
                yield response
        except httpx.TransportError as error:
            raise _away(error) from error


def _table(content: bytes) -> pa.Table:
    if not content:
        raise EngineError("store.engine", "The statement was stopped.")
    return arrow_table(content)


def _raise_for(response: httpx.Response) -> None:
    if not response.is_success:
        text = response.read().decode(errors="replace").strip().split("\n", 1)[0][:500]
        raise EngineError("store.engine", f"The engine said: {text}")


def _away(error: httpx.TransportError) -> EngineError:
    return EngineError("store.engine", f"The engine does not answer ({type(error).__name__}).")
