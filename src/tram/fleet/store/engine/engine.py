"""The engine behind the store, and its embedded form: chDB, owned by one process.

Never fork once it is open (the child hangs); start processes anew instead. Sessions are not shared
between threads at one moment: statements on a shared session wait for each other. The engine's own
errors are RuntimeErrors (``ChdbError`` is one, but streams raise the plain class).
"""

import queue
import threading
from collections import defaultdict
from collections.abc import Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol, cast

import pyarrow as pa
from chdb import session

from tram.fleet.store.engine.splice import spliced
from tram.fleet.store.engine.streams import arrow_bytes, arrow_table
from tram.runtime.errors import Refused, TramError, Unavailable
from tram.runtime.processes.process import die_at_once_of_crashes, folder_lock

__all__ = ("ChdbEngine", "Engine", "EngineError", "Params")

Params = Mapping[str, str]
"""Statement parameters by name, each in the engine's text form; always bound by the engine."""

READERS = 16
"""Statements that may read at one moment; more wait for a free session."""
READ_MEMORY_BYTES_MAX = 2_147_483_648
"""Memory of one reading statement; beyond it the statement fails, not the process."""
READER_WAIT_S = 10.0
INSERTERS = 2
"""Tables that may take rows at one moment: readings, and what is worked out from them."""
_PART_OF = "concat(database, '.', table) = '"
_NAMED = "concat(database, '.', name) = '"
_AS_GIVEN = "SET optimize_on_insert = 0"
"""Rows that replace each other meet in merges; looking for them at once costs a third of all."""
_BY_PARTITION = "SET do_not_merge_across_partitions_select_final = 1"
"""Of every replacing table the partition follows from the key: no row has another elsewhere."""


_EXPORT_SETTINGS = (
    f"max_memory_usage = {READ_MEMORY_BYTES_MAX}",
    "max_block_size = 16384",
    "max_threads = 2",
    "readonly = 1",
)


class EngineError(TramError):
    """The engine refused or failed a statement; ``sentence`` is what it said."""


class Engine(Protocol):
    """What the store asks of a ClickHouse-like engine. All calls block; use threads."""

    has_alp: bool
    """Whether tables may use the codec ALP."""

    def query(self, sql: str, params: Params | None = None) -> pa.Table:
        """Run a reading statement and return all of its rows."""
        ...

    def stream(
        self, sql: str, format_: str, params: Params, token: str
    ) -> Generator[bytes, None, None]:
        """Run a reading statement under ``token`` and yield its bytes in the format."""
        ...

    def scan(self, sql: str, params: Params | None = None) -> Iterator[pa.Table]:
        """Run a statement of the store's own without limits; yield its rows in parts."""
        ...

    def export(
        self, sql: str, params: Sequence[Params], token: str
    ) -> Generator[bytes, None, None]:
        """Run a reading statement with each of ``params``; yield all rows as one Arrow stream.

        It runs under ``token`` without a time limit.
        """
        ...

    def kill(self, token: str) -> None:
        """Stop the statement that runs under the token, if it still runs."""
        ...

    def command(self, sql: str) -> None:
        """Run a statement that changes tables."""
        ...

    def work(self, sql: str, params: Params) -> None:
        """Run a long statement of the store's own that changes tables, beside the others."""
        ...

    def insert(self, table: str, rows: pa.Table) -> None:
        """Append rows to a table; returns when they are on disk."""
        ...

    def close(self) -> None:
        """Release the folder."""
        ...


class _Written(NamedTuple):
    """How many rows a table holds; of one that replaces rows, the number of its newest part."""

    rows: int
    newest: int = -1

    def has_grown_since(self, before: "_Written") -> bool:
        """Return whether rows are not to be counted, and there is a part that was not before."""
        return self.newest > before.newest


class _Session(Protocol):
    """What we use of a chDB session, typed."""

    def query(self, sql: str, fmt: str = "CSV", *, params: dict[str, str] | None = None) -> Any:  # noqa: ANN401  # chDB's result
        ...

    def send_query(self, sql: str, fmt: str, params: dict[str, str]) -> Any:  # noqa: ANN401  # chDB's stream
        ...

    def send_insert(self, query: str, fmt: str) -> Any:  # noqa: ANN401  # chDB's inserter
        ...

    def close(self) -> None: ...


class ChdbEngine:
    """chDB on one folder; a second owner is refused."""

    has_alp = True

    def __init__(self, folder: Path, query_seconds_max: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = _owner_lock(folder)
        self._path = path = str(folder / "chdb")
        self._seconds_max = query_seconds_max
        try:
            self._inserters: queue.LifoQueue[_Session] = queue.LifoQueue()
            for _ in range(INSERTERS):
                inserter = _session(path)
                inserter.query(_AS_GIVEN)
                self._inserters.put(inserter)
            self._inserting: dict[str, threading.Lock] = defaultdict(threading.Lock)
            self._is_replacing: dict[str, bool] = {}
            self._commander = _session(path)
            self._worker = _session(path)
            self._worker.query(_BY_PARTITION)
            self._readers: queue.LifoQueue[_Session] = queue.LifoQueue()
            self._tokens: dict[int, str] = {}
            self._running: dict[str, str] = {}
            self._killing = threading.Lock()
            for number in range(READERS):
                self._readers.put(self._reader(f"tram-reader-{number}"))
            # chDB 26.9 arranges that a crash waits five minutes for a reporter that it does not have.
            die_at_once_of_crashes()
        except RuntimeError as error:
            self._lock.close()
            raise Refused(
                "store.unreadable",
                f"The telemetry store in {folder} cannot be opened ({_first_line(error)}).",
                "Restore the folder from a backup.",
            ) from error

    def query(self, sql: str, params: Params | None = None) -> pa.Table:
        """Run a reading statement and return all of its rows."""
        reader = self._take()
        try:
            content = _whole(reader, sql, params or {})
        except RuntimeError as error:
            raise _engine_error(error) from error
        finally:
            self._readers.put(reader)
        return arrow_table(content)

    def stream(
        self, sql: str, format_: str, params: Params, token: str
    ) -> Generator[bytes, None, None]:
        """Run a reading statement under ``token`` and yield its bytes in the format."""
        reader = self._take()
        self._running[token] = self._tokens[id(reader)]
        is_clean = False
        try:
            yield from self._chunks(reader, sql, format_, params)
            is_clean = True
        except RuntimeError as error:
            raise _engine_error(error) from error
        finally:
            with self._killing:  # a late kill must not meet the session's next statement
                self._running.pop(token, None)
            self._readers.put(reader if is_clean else self._replaced(reader))

    def scan(self, sql: str, params: Params | None = None) -> Iterator[pa.Table]:
        """Run a statement of the store's own without limits; yield its rows in parts."""
        reader = _session(self._path)
        try:
            with reader.send_query(sql, "ArrowStream", params=dict(params or {})) as result:
                for chunk in result:
                    yield arrow_table(bytes(chunk.bytes()))
        except RuntimeError as error:
            raise _engine_error(error) from error
        finally:
            reader.close()

    def export(
        self, sql: str, params: Sequence[Params], token: str
    ) -> Generator[bytes, None, None]:
        """Run a reading statement with each of ``params``; yield all rows as one Arrow stream."""
        reader = _session(self._path)
        try:
            for setting in (f"log_comment = '{token}'", *_EXPORT_SETTINGS):  # our own token
                reader.query(f"SET {setting}")
            self._running[token] = token
            empty = True
            for part in spliced(_all_chunks(reader, sql, params)):
                empty = False
                yield part
            if empty:
                yield _whole(reader, sql, params[0])
        except RuntimeError as error:
            raise _engine_error(error) from error
        finally:
            with self._killing:
                self._running.pop(token, None)
            reader.close()

    def kill(self, token: str) -> None:
        """Stop the statement that runs under the token, if it still runs."""
        sql = "KILL QUERY WHERE Settings['log_comment'] = {mark:String} ASYNC"
        with self._killing:
            mark = self._running.get(token)
            if mark is not None:
                self._run(sql, {"mark": mark})

    def command(self, sql: str) -> None:
        """Run a statement that changes tables."""
        self._run(sql, {})

    def work(self, sql: str, params: Params) -> None:
        """Run a long statement of the store's own that changes tables, beside the others."""
        try:
            self._worker.query(sql, params=dict(params))
        except RuntimeError as error:
            raise _engine_error(error) from error

    def insert(self, table: str, rows: pa.Table) -> None:
        """Append rows to a table; returns when they are on disk."""
        if not rows.num_rows:
            return
        names = ", ".join(rows.column_names)  # our own schemas, never a caller's text
        statement = f"INSERT INTO {table} ({names})"
        content = arrow_bytes(rows)
        with self._inserting[table]:
            inserter = self._inserters.get()
            try:
                before = self._written(inserter, table)
                with inserter.send_insert(statement, "ArrowStream") as insert:
                    insert.append(content)
                    insert.finish()
                after = self._written(inserter, table)
            except RuntimeError as error:
                raise _engine_error(error) from error
            finally:
                self._inserters.put(inserter)
        if after.rows - before.rows < rows.num_rows and not after.has_grown_since(before):
            raise EngineError(
                "store.insert",
                f"Of {rows.num_rows} rows {after.rows - before.rows} were written to {table};"
                " is there space left on the disk?",
            )

    def _written(self, inserter: _Session, table: str) -> "_Written":
        """Return what a table holds now.

        Measured on chDB 26.9: an insert that fails for want of space still ends without an error
        and says that every row was written. So the rows are counted, from the parts' own numbers.
        """
        if table not in self._is_replacing:
            sql = f"SELECT engine FROM system.tables WHERE {_NAMED}{table}'"  # noqa: S608  # ours
            found = inserter.query(sql)
            self._is_replacing[table] = "Replacing" in str(found)
        if not self._is_replacing[table]:
            sql = f"SELECT count() FROM {table}"  # noqa: S608  # our own names
            return _Written(int(str(inserter.query(sql))))
        sql = f"SELECT max(max_block_number) FROM system.parts WHERE active AND {_PART_OF}{table}'"  # noqa: S608  # likewise
        return _Written(0, int(str(inserter.query(sql))))

    def close(self) -> None:
        """Release the folder."""
        while not self._readers.empty():
            self._readers.get().close()
        while not self._inserters.empty():
            self._inserters.get().close()
        self._commander.close()
        self._worker.close()
        self._lock.close()

    def _reader(self, mark: str) -> _Session:
        reader = _session(self._path)
        reader.query(f"SET log_comment = '{mark}'")
        reader.query(f"SET max_execution_time = {self._seconds_max}")
        reader.query(f"SET max_memory_usage = {READ_MEMORY_BYTES_MAX}")
        reader.query(_BY_PARTITION)
        reader.query("SET readonly = 1")
        self._tokens[id(reader)] = mark
        return reader

    def _replaced(self, reader: _Session) -> _Session:
        """Return a new session: after a cut stream the old one begins with what was left over.

        Measured on chDB 26.9: the next statement's result then starts with a chunk of the one
        that was killed.
        """
        mark = self._tokens.pop(id(reader))
        reader.close()
        return self._reader(mark)

    def _take(self) -> _Session:
        try:
            return self._readers.get(timeout=READER_WAIT_S)
        except queue.Empty:
            raise Unavailable(
                "store.busy", f"{READERS} statements are running already.", retry_after_s=5
            ) from None

    @staticmethod
    def _chunks(reader: _Session, sql: str, format_: str, params: Params) -> Iterator[bytes]:
        with reader.send_query(sql, format_, params=dict(params)) as result:
            chunks = (bytes(chunk.bytes()) for chunk in result)
            if format_ != "ArrowStream":
                yield from chunks
                return
            empty = True
            for part in spliced(chunks):
                empty = False
                yield part
        if empty:  # an empty result streams nothing, not even its schema
            yield _whole(reader, sql, params)

    def _run(self, sql: str, params: Params) -> None:
        try:
            self._commander.query(sql, params=dict(params))
        except RuntimeError as error:
            raise _engine_error(error) from error


def _session(path: str) -> _Session:
    return cast("_Session", session.Session(path))  # type: ignore[no-untyped-call]


def _all_chunks(reader: _Session, sql: str, params: Sequence[Params]) -> Iterator[bytes]:
    for one in params:
        with reader.send_query(sql, "ArrowStream", params=dict(one)) as result:
            yield from (bytes(chunk.bytes()) for chunk in result)


def _whole(reader: _Session, sql: str, params: Params) -> bytes:
    """Return a result with its schema; a stopped statement may return nothing without an error."""
    content = bytes(reader.query(sql, "ArrowStream", params=dict(params)).bytes())
    if not content:
        raise EngineError("store.engine", "The statement was stopped.")
    return content


def _owner_lock(folder: Path) -> IO[str]:
    try:
        return folder_lock(folder / "owner.lock")
    except Refused:
        raise Refused(
            "store.in_use",
            f"Another process has the telemetry store in {folder} open.",
            "Ask that process through its port, or stop it first.",
        ) from None


def _engine_error(error: RuntimeError) -> EngineError:
    return EngineError("store.engine", f"The engine said: {_first_line(error)}")


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0][:500]
