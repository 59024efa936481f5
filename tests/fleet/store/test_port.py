"""The port: key, bound parameters, reading only, whole results, no orphaned statements."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator

import httpx
import msgspec
import pyarrow as pa
import pytest
import pytest_asyncio

from tests.fleet.store.conftest import KEY, World, opened
from tram.fleet.store.queries.handlers import Handler, Lane
from tram.fleet.store.queries.questions import (
    Aggregates,
    Asker,
    Inquiry,
    LatestValues,
    Question,
    Selection,
    SeriesRange,
    TimeSpan,
)
from tram.fleet.store.serving.client import KEPT_S, StoreClient
from tram.fleet.store.serving.server import IDLE_S, QUESTIONS_MAX, Port, StorePages, listen
from tram.runtime.errors import Refused, Unavailable

ASKED = '{"asker": {"org": 2, "scopes": []}, "question": %s}'
NO_SPAN = '{"device": 10, "metric": "t", "span": {"start_ms": 5, "end_ms": 5}, "points": 0}'

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with opened(tmp_path_factory.mktemp("port")) as world:
        await world.settled()
        yield world


@pytest_asyncio.fixture(loop_scope="module")
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{world.port}",
        headers={"X-ClickHouse-Key": KEY},
        trust_env=False,
    ) as client:
        yield client


@pytest.mark.parametrize(
    "path", ["/", "/tram/status", "/questions/LatestValues", "/tram/export", "/nothing"]
)
@pytest.mark.parametrize("key", ["", "wrong"])
async def test_nothing_is_answered_without_the_key(http, path: str, key: str) -> None:
    answer = await http.post(path, content=b"SELECT 1", headers={"X-ClickHouse-Key": key})

    assert answer.status_code == 401
    assert answer.content == b""


async def test_health_needs_no_key(http) -> None:
    answer = await http.get("/health", headers={"X-ClickHouse-Key": ""})

    assert (answer.status_code, answer.text) == (200, "ok\n")


async def test_an_idle_connection_stays_open(world: World) -> None:
    """A question sent in the moment of closing would be lost: readings seem to be away."""
    reader, writer = await asyncio.open_connection("127.0.0.1", world.port)
    question = b"GET /health HTTP/1.1\r\nHost: store\r\n\r\n"
    try:
        for idle_s in (6.0, 0.0):
            writer.write(question)
            answer = await reader.readuntil(b"ok\n")
            assert answer.startswith(b"HTTP/1.1 200")
            await asyncio.sleep(idle_s)
    finally:
        writer.close()
    assert 2 * KEPT_S < IDLE_S


async def test_an_answer_does_not_wait_for_the_clients_word() -> None:
    """Without the option every small answer takes 40 ms longer."""
    with listen(0) as listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def test_parameters_are_bound_never_read_as_sql(world: World) -> None:
    table = await world.client.sql(
        "SELECT {text:String} AS text, {many:Array(Int64)} AS many, {n:Int32} + 1 AS n",
        {"text": "'; DROP TABLE tram.readings --", "many": [1, 2], "n": 41},
    )

    assert table.to_pylist() == [
        {"text": "'; DROP TABLE tram.readings --", "many": [1, 2], "n": 42}
    ]


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO tram.probe VALUES (1)",
        "DROP TABLE tram.readings",
        "TRUNCATE TABLE tram.readings",
        "SET readonly = 0",
        "SELECT 1; DROP TABLE tram.readings",
        "SELECT 1 SETTINGS readonly = 0",
        "SELECT 1 INTO OUTFILE '/tmp/out.csv'",
        "SELECT file('/etc/passwd')",
        "SELECT `file`('/etc/passwd')",
        "SELECT \"file\" /* a */ ('/etc/passwd')",
        "SELECT `\\x66ile`('/etc/passwd')",
        "SELECT * FROM file('/etc/passwd', 'LineAsString')",
        "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
        "SELECT * FROM remote('127.0.0.1', 'system', 'one')",
        "SELECT $a$ ' $a$, file('/etc/passwd'), $a$ ' $a$",
        "KILL QUERY WHERE 1 = 1",
        "USE system",
        "SELECT 1 FORMAT Native",
        "SELECT",
        "",
    ],
)
async def test_only_one_reading_statement_is_accepted(world: World, sql: str) -> None:
    with pytest.raises(Refused):
        await world.client.sql(sql)


async def test_words_inside_texts_and_comments_are_no_statements(world: World) -> None:
    table = await world.client.sql("SELECT 'file(); KILL' AS a -- SETTINGS\n, 'it''s' AS b;")

    assert table.to_pylist() == [{"a": "file(); KILL", "b": "it's"}]


async def test_settings_outside_the_list_are_refused(http) -> None:
    answer = await http.post("/", params={"readonly": "0"}, content=b"SELECT 1")

    assert answer.status_code == 400
    assert answer.json()["code"] == "sql.setting"


async def test_formats_are_as_asked(http) -> None:
    arrow = await http.post("/", content=b"SELECT 1 AS a")
    lines = await http.get("/", params={"query": "SELECT 1 AS a FORMAT JSONEachRow"})
    csv = await http.post("/", params={"default_format": "CSV"}, content=b"SELECT 1 AS a")

    assert pa.ipc.open_stream(arrow.content).read_all().to_pylist() == [{"a": 1}]
    assert lines.json() == {"a": 1}
    assert csv.text == "1\n"


@pytest.mark.parametrize("count", [0, 1, 65_409, 200_000])
async def test_result_is_whole(world: World, count: int) -> None:
    table = await world.client.sql(
        "SELECT number, toString(number) AS text FROM numbers({n:UInt64})", {"n": count}
    )

    assert table.column_names == ["number", "text"]
    assert table["number"].to_pylist() == list(range(count))


async def test_statement_ends_when_the_client_leaves_or_its_time_is_up(world: World, http) -> None:
    endless = b"SELECT sum(sipHash64(number)) FROM numbers(1000000000000)"

    with pytest.raises(httpx.ReadTimeout):
        await http.post("/", content=endless, timeout=0.5)
    answer = await http.post("/", content=endless, params={"max_execution_time": "0.3"})

    assert answer.status_code == 400
    assert "cancelled" in answer.json()["sentence"]
    async with asyncio.timeout(10):
        while (await running_statements(world)) > 0:
            await asyncio.sleep(0.05)
    tables = await asyncio.gather(*(world.client.sql("SELECT 1 AS a") for _ in range(20)))
    assert {table["a"][0].as_py() for table in tables} == {1}  # nothing left over of the killed


async def test_result_cut_in_the_middle_is_an_error_not_a_short_table(world: World, http) -> None:
    endless = b"SELECT number FROM numbers(1000000000000)"

    with pytest.raises(httpx.RemoteProtocolError):
        await http.post("/", content=endless, params={"max_execution_time": "0.3"})


async def running_statements(world: World) -> int:
    table = await world.client.sql(
        "SELECT count() AS n FROM system.processes WHERE query LIKE '%numbers%1000000000000%'"
        " AND query NOT LIKE '%system.processes%'"
    )
    return table["n"][0].as_py()


async def test_more_questions_than_sessions_are_all_answered(world: World) -> None:
    tables = await asyncio.gather(
        *(world.client.sql("SELECT {n:Int64} AS n", {"n": n}) for n in range(40))
    )

    assert [table["n"][0].as_py() for table in tables] == list(range(40))


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/questions/nothing", "{}"),
        ("/questions/LatestValues", "["),
        ("/questions/LatestValues", '{"question": {"device": 10}}'),
        ("/questions/LatestValues", ASKED % '{"device": "x"}'),
        ("/questions/SeriesRange", ASKED % NO_SPAN),
        ("/questions/RecentEvents", ASKED % '{"device": 10, "limit": 0}'),
        ("/questions/RecentMessages", ASKED % '{"device": 10, "limit": 100000}'),
        ("/tram/export", '"relative"'),
        ("/tram/export", "[]"),
        ("/tram/nothing", ""),
    ],
)
async def test_wrong_question_is_refused_with_its_reason(http, path: str, body: str) -> None:
    answer = await http.post(path, content=body)

    assert answer.status_code == 400
    assert answer.json()["code"] == "store.question"
    assert answer.json()["sentence"]


async def test_second_process_on_the_folder_is_refused_in_one_sentence(world: World) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from tram.fleet.store.engine.engine import ChdbEngine\n"
        "from tram.runtime.errors import Refused\n"
        "try: ChdbEngine(Path(sys.argv[1]), 1)\n"
        "except Refused as error: print(error.code)\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, str(world.folder), stdout=subprocess.PIPE
    )
    output, _ = await process.communicate()

    assert output.decode().strip() == "store.in_use"


async def test_absent_store_is_unavailable() -> None:
    client = StoreClient("http://127.0.0.1:1", KEY)

    with pytest.raises(Unavailable) as error:
        await client.status()
    await client.close()

    assert error.value.code == "store.away"


class SlowAnswers:
    """A store whose questions about the past end when they are let."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, int]] = []
        self.free = asyncio.Event()

    async def answer(self, handler: Handler, inquiry: Inquiry) -> object:
        self.begun.append((type(inquiry.question).__name__, inquiry.asker.org))
        if handler.lane is not Lane.MEMORY:
            await self.free.wait()
        return []

    async def operate(self, name: str, body: bytes) -> object:
        raise NotImplementedError


async def test_one_organisations_questions_leave_turns_for_the_others() -> None:
    slow = SlowAnswers()
    pages = StorePages(lambda: None, slow.answer, slow.operate)
    port = Port(pages, None, KEY, 30)  # no statement is run
    transport = httpx.ASGITransport(port)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://store", headers={"X-ClickHouse-Key": KEY}
    ) as client:

        async def ask(question: Question, org: int) -> int:
            path = f"/questions/{type(question).__name__}"
            body = msgspec.json.encode(Inquiry(Asker(org, []), question))
            return (await client.post(path, content=body)).status_code

        aggregates = Aggregates(Selection(metric="t"), TimeSpan(0, 1))
        many = [asyncio.create_task(ask(aggregates, 1)) for _ in range(20)]
        while len(slow.begun) < QUESTIONS_MAX // 2:
            await asyncio.sleep(0.01)
        other = asyncio.create_task(ask(SeriesRange(1, "t", TimeSpan(0, 1), 1), 2))
        assert await ask(LatestValues(1), 1) == 200
        while ("SeriesRange", 2) not in slow.begun:
            await asyncio.sleep(0.01)
        assert slow.begun.count(("Aggregates", 1)) == QUESTIONS_MAX // 2
        slow.free.set()

        assert await asyncio.gather(other, *many) == [200] * 21
    port.close()
