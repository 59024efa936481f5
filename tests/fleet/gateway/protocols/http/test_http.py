"""The device HTTP port: what is answered to what, and when."""

import asyncio

import httpx
import pytest

from tests.fleet.gateway.rig import FIRST, TOKEN, Rig, running
from tram.fleet.block.block import EventKind, Protocol
from tram.fleet.gateway.protocols.http import listener as door_module

PATH = f"/api/v1/{TOKEN}/telemetry"
GOOD = b"POST %b HTTP/1.1\r\nHost: t\r\nContent-Length: %d\r\n%b\r\n%b"


def post(payload: bytes, head: bytes = b"", path: str = PATH) -> bytes:
    return GOOD % (path.encode(), len(payload), head, payload)


class Raw:
    """A bare HTTP connection of the test."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        async with asyncio.timeout(10):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.rstrip().split("\r\n")
            fields = dict(line.lower().split(": ", 1) for line in lines)
            body = await self.reader.readexactly(int(fields.get("content-length", 0)))
        return int(first.split()[1]), fields, body

    async def is_closed(self) -> bool:
        async with asyncio.timeout(10):
            rest = await self.reader.read()
        self.writer.close()
        return not rest


async def raw(rig: Rig) -> Raw:
    return Raw(*await asyncio.open_connection("127.0.0.1", rig.http_port))


async def test_answer_waits_until_the_block_is_on_disk(rig: Rig) -> None:
    rig.sink.open.clear()
    async with httpx.AsyncClient(base_url=rig.url) as client, asyncio.TaskGroup() as group:
        request = group.create_task(client.post(PATH, content=b'{"t": 1}'))
        await rig.until(lambda: rig.sink.under_way)
        assert not request.done()
        rig.sink.open.set()
    answer = await request

    assert (answer.status_code, answer.content) == (200, b"")
    assert rig.sink.values("t") == [1]
    (message,) = rig.sink.messages
    assert (message["device"], message["org"]) == (FIRST.device, FIRST.org)
    assert (message["protocol"], message["packet_id"]) == (Protocol.HTTP, 0)


@pytest.mark.parametrize(
    ("request_parts", "status", "code"),
    [
        ((method, path, content, headers), status, code)
        for method, path, content, headers, status, code in [
            ("POST", PATH, b'{"t": 1}', {}, 200, None),
            ("POST", PATH + "?x=1", b'[{"ts": 5, "values": {"t": 1}}]', {}, 200, None),
            ("POST", f"/api/v1/{TOKEN}/attributes", b'{"model": "A"}', {}, 200, None),
            ("GET", f"/api/v1/{TOKEN}/attributes?clientKeys=a", b"", {}, 200, None),
            ("GET", "/health", b"", {}, 200, None),
            ("POST", PATH, b'{"t": 1}', {"Idempotency-Key": "k" * 128}, 200, None),
            (
                "POST",
                PATH,
                b'{"t": 1}',
                {"Idempotency-Key": "k" * 129},
                400,
                "idempotency_key.wrong",
            ),
            ("POST", PATH, b'{"t": 1}', {"Idempotency-Key": ""}, 400, "idempotency_key.wrong"),
            ("POST", PATH, b"{}", {"Content-Encoding": "gzip"}, 415, "request.encoded"),
            ("POST", PATH, b"not JSON", {}, 400, "payload.not_json"),
            ("POST", PATH, b"", {}, 400, "payload.not_json"),
            ("POST", PATH, b'{"a": null, "b": null}', {}, 400, "payload.wrong"),
            ("POST", PATH, b" " * 65_537, {}, 413, "payload.too_large"),
            ("POST", "/api/v1/tr_wrong/telemetry", b"{}", {}, 401, "token.unknown"),
            ("POST", f"/api/v1/{'x' * 300}/telemetry", b"{}", {}, 401, "token.unknown"),
            ("POST", "/api/v1//telemetry", b"{}", {}, 401, "token.unknown"),
            ("GET", PATH, b"", {}, 405, "method.wrong"),
            ("PUT", PATH, b"{}", {}, 405, "method.wrong"),
            ("DELETE", f"/api/v1/{TOKEN}/attributes", b"", {}, 405, "method.wrong"),
            ("GET", "/", b"", {}, 404, "path.unknown"),
            ("POST", f"/api/v1/{TOKEN}", b"{}", {}, 404, "path.unknown"),
            ("POST", f"/api/v1/{TOKEN}/nothing", b"{}", {}, 404, "path.unknown"),
            ("POST", f"/api/v1/{TOKEN}/telemetry/", b"{}", {}, 404, "path.unknown"),
            ("GET", PATH + "x" * 20_000, b"", {}, 431, "request.head_too_large"),
            ("GET", PATH, b"", {"X": "x" * 20_000}, 431, "request.head_too_large"),
        ]
    ],
)
async def test_request_is_answered(rig, request_parts, status, code) -> None:
    method, path, content, headers = request_parts
    async with httpx.AsyncClient(base_url=rig.url) as client:
        answer = await client.request(method, path, content=content, headers=headers)

    assert answer.status_code == status
    if code is not None:
        problem = answer.json()
        assert answer.headers["content-type"] == "application/problem+json"
        assert (problem["code"], problem["status"]) == (code, status)
        assert problem["detail"]
        assert TOKEN not in answer.text
    if status == 405:
        assert "POST" in answer.headers["allow"]


async def test_every_fault_of_a_payload_is_answered_and_noted(rig: Rig) -> None:
    async with httpx.AsyncClient(base_url=rig.url) as client:
        answer = await client.post(PATH, content=b'{"a": null, "b": null, "c": 1}')

    faults = answer.json()["faults"]
    assert [fault["field"] for fault in faults] == ["a", "b"]
    await rig.until(lambda: rig.sink.events)
    (event,) = rig.sink.events
    assert (event["kind"], event["code"]) == (EventKind.REFUSED, "payload.wrong")
    assert rig.gateway.metrics.refused == {"payload.wrong": 1}
    assert not rig.sink.messages


async def test_idempotency_key_travels_with_the_message(rig: Rig) -> None:
    async with httpx.AsyncClient(base_url=rig.url) as client:
        for _ in range(2):
            await client.post(PATH, content=b'{"t": 1}', headers={"Idempotency-Key": "order 7"})

    first, second = rig.sink.messages
    assert first["idempotency_key"] == second["idempotency_key"] == "order 7"
    assert first["fingerprint"] == second["fingerprint"]


async def test_disk_that_takes_too_long_is_503_with_retry_after(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door_module, "WAIT_S", 0.1)
    rig.sink.open.clear()
    async with httpx.AsyncClient(base_url=rig.url) as client:
        answer = await client.post(PATH, content=b'{"t": 1}')
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert answer.json()["code"] == "log.slow"

        rig.sink.open.set()
        again = await client.post(PATH, content=b'{"t": 2}')
        assert again.status_code == 200

    assert rig.sink.values("t") == [1, 2], "what was accepted is not thrown away"


async def test_identity_that_is_behind_is_503_not_401(rig: Rig) -> None:
    rig.identity.is_behind = True
    async with httpx.AsyncClient(base_url=rig.url) as client:
        answer = await client.post("/api/v1/tr_wrong/telemetry", content=b"{}")

    assert (answer.status_code, answer.json()["code"]) == (503, "identity.behind")


async def test_token_is_looked_up_once_per_connection_and_401_after_revocation(rig: Rig) -> None:
    async with httpx.AsyncClient(base_url=rig.url) as client:
        for _ in range(3):
            assert (await client.post(PATH, content=b'{"t": 1}')).status_code == 200
        assert rig.identity.look_ups == 1

        rig.identity.revoke(TOKEN)
        await rig.until(lambda: not rig.gateway._connections._leaving)

        assert (await client.post(PATH, content=b'{"t": 1}')).status_code == 401


async def test_one_connection_may_speak_for_several_devices(rig: Rig) -> None:
    async with httpx.AsyncClient(base_url=rig.url) as client:
        for token in (TOKEN, "tr_second", TOKEN):
            await client.post(f"/api/v1/{token}/telemetry", content=b'{"t": 1}')

    assert [message["device"] for message in rig.sink.messages] == [1, 2, 1]


async def test_pipelined_requests_are_answered_in_their_order(rig: Rig) -> None:
    connection = await raw(rig)
    connection.writer.write(
        b"".join(
            [
                post(b'{"t": 1}'),
                post(b"{}", path="/nowhere"),
                post(b"bad"),
                post(b'{"t": 2}'),
                post(b'{"t": 3}', head=b"Connection: close\r\n"),
                post(b'{"t": 4}'),
            ]
        )
    )

    statuses = [(await connection.answer())[0] for _ in range(5)]
    assert statuses == [200, 404, 400, 200, 200]
    assert await connection.is_closed()
    assert rig.sink.values("t") == [1, 2, 3], "after Connection: close nothing is read"


async def test_chunked_body_and_expect_are_understood(rig: Rig) -> None:
    connection = await raw(rig)
    connection.writer.write(
        b"POST %b HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n"
        b"Expect: 100-continue\r\n\r\n" % PATH.encode()
    )
    assert (await connection.reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100")
    connection.writer.write(b'4\r\n{"t"\r\n4\r\n: 1}\r\n0\r\n\r\n')

    assert (await connection.answer())[0] == 200
    assert rig.sink.values("t") == [1]
    connection.writer.close()


async def test_chunks_over_the_limit_are_413_before_the_end_of_the_body() -> None:
    async with running(payload_bytes_max=1000) as rig:
        connection = await raw(rig)
        connection.writer.write(
            b"POST %b HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n" % PATH.encode()
        )
        connection.writer.write(b"400\r\n" + b"x" * 1024 + b"\r\n")

        status, fields, _ = await connection.answer()
        assert (status, fields["connection"]) == (413, "close")
        assert await connection.is_closed()


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x00",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
    ],
)
async def test_what_is_no_request_is_400_and_closed(rig: Rig, request_bytes: bytes) -> None:
    connection = await raw(rig)
    connection.writer.write(request_bytes)

    status, _, body = await connection.answer()
    assert (status, b"request.malformed" in body) == (400, True)
    assert await connection.is_closed()


@pytest.mark.parametrize(
    ("head", "is_kept"),
    [
        (b"HTTP/1.1\r\n", True),
        (b"HTTP/1.1\r\nConnection: close\r\n", False),
        (b"HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n", False),
        (b"HTTP/1.0\r\n", False),
        (b"HTTP/1.0\r\nConnection: keep-alive\r\n", True),
    ],
)
async def test_connection_is_kept_as_the_client_asks(rig, head: bytes, is_kept: bool) -> None:
    connection = await raw(rig)
    connection.writer.write(b"GET /health " + head + b"\r\n")

    status, fields, _ = await connection.answer()
    assert (status, fields["connection"]) == (200, "keep-alive" if is_kept else "close")
    if not is_kept:
        assert await connection.is_closed()
    connection.writer.close()


async def test_half_a_request_is_408_and_an_idle_connection_is_closed(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door_module, "REQUEST_S", 0.1)
    monkeypatch.setattr(door_module, "IDLE_S", 0.1)
    half, idle = await raw(rig), await raw(rig)
    half.writer.write(b"POST / HTTP/1.1\r\nConte")
    idle.writer.write(b"GET /health HTTP/1.1\r\n\r\n")
    assert (await idle.answer())[0] == 200

    status, _, body = await half.answer()
    assert (status, b"request.late" in body) == (408, True)
    assert await half.is_closed()
    assert await idle.is_closed()


async def test_health_is_503_while_the_log_takes_no_blocks(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tram.fleet.gateway.block_writer.SLOW_PUT_S", 0.0)
    rig.sink.open.clear()
    async with httpx.AsyncClient(base_url=rig.url) as client, asyncio.TaskGroup() as group:
        request = group.create_task(client.post(PATH, content=b'{"t": 1}'))
        await rig.until(lambda: rig.sink.under_way)
        health = await client.get("/health")
        rig.sink.open.set()

    assert (health.status_code, health.json()["code"]) == (503, "gateway.waiting")
    assert (await request).status_code == 200


async def test_full_intake_makes_http_wait_and_loses_nothing() -> None:
    async with running(pending_bytes_max=65_536) as rig, httpx.AsyncClient() as client:
        rig.sink.open.clear()
        async with asyncio.TaskGroup() as group:
            requests = [
                group.create_task(
                    client.post(rig.url + PATH, content=b'{"t": %d}%b' % (n, b" " * 9000))
                )
                for n in range(40)
            ]
            await rig.until(lambda: rig.gateway.metrics.pending_bytes > 65_536)
            assert rig.gateway.metrics.accepted[Protocol.HTTP][1] < 20
            rig.sink.open.set()
        assert {(await request).status_code for request in requests} == {200}

    assert sorted(rig.sink.values("t")) == list(range(40))
