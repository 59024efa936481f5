"""Strangers' requests begin at a pace; who has shown who they are does not wait for them."""

import asyncio
import time
from collections.abc import Iterable
from typing import Any

import pytest
from litestar import Litestar

from tests.web.serving.test_connections import ATTACKER, QUICK, UPGRADE, opened, page, served, take
from tram.api.http.errors import EXCEPTION_HANDLERS
from tram.api.http.form_request import FormRequest
from tram.api.http.session import SESSION_KEY
from tram.web.serving.entrance import AdmissionRate, Entrance

SLOW = AdmissionRate(at_once=2, per_s=20, wait_s_max=0.22)


class Door:
    """An application that notes who came in; a cookie ``good`` opens it."""

    def __init__(self) -> None:
        self.came: list[str] = []

    async def __call__(self, scope: Any, _receive: Any, send: Any) -> None:
        is_good = (b"cookie", b"good") in scope["headers"]
        scope["state"] = {SESSION_KEY: "somebody" if is_good else None}
        self.came.append(scope["client"][0])
        await send({"type": "http.response.start", "status": 200, "headers": []})


async def asked(
    entrance: Entrance,
    address: str,
    headers: Iterable[tuple[bytes, bytes]] = (),
    *,
    kind: str = "http",
    path: str = "/",
) -> dict[str, Any]:
    """Ask once; return the first thing that was answered."""
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": kind, "client": (address, 1), "headers": list(headers), "path": path}
    await entrance(scope, None, send)  # type: ignore[arg-type]  # nothing is received
    return sent[0]


async def test_strangers_of_one_address_begin_at_its_pace_and_the_rest_come_later() -> None:
    web_connections = Door()
    entrance = Entrance(web_connections, SLOW)
    started_s = time.monotonic()

    answers = await asyncio.gather(*(asked(entrance, "192.0.2.1") for _ in range(20)))

    took_s = time.monotonic() - started_s
    begun = [answer["status"] for answer in answers].count(200)
    assert 6 <= begun <= 10, "two at once, and the turns of a fifth of a second"
    assert answers[-1]["status"] == 429
    assert (b"retry-after", b"5") in answers[-1]["headers"]
    assert took_s > 0.15


async def test_nobody_waits_for_strangers_of_another_address() -> None:
    web_connections = Door()
    entrance = Entrance(web_connections, SLOW)
    flood = [asyncio.create_task(asked(entrance, "2001:db8::1")) for _ in range(20)]
    await asyncio.sleep(0)

    other = await asked(entrance, "2001:db8:1::1")
    same_subscriber = await asked(entrance, "2001:db8::ffff")
    their_view = await asked(entrance, "2001:db8::ffff", kind="websocket")

    watcher = await asked(entrance, "2001:db8::2", path="/health")

    assert (other["status"], watcher["status"]) == (200, 200)
    assert same_subscriber["status"] == 429
    assert their_view == {"type": "websocket.close", "code": 1013, "reason": ""}
    assert len(web_connections.came) <= 4, "the flood still waits"
    await asyncio.gather(*flood)


@pytest.mark.parametrize(("cookie", "status"), [(b"good", 200), (b"bad", 429)])
async def test_who_has_shown_who_they_are_goes_ahead(cookie: bytes, status: int) -> None:
    entrance = Entrance(Door(), SLOW)
    await asked(entrance, "192.0.2.1", [(b"cookie", cookie)])
    flood = [asyncio.create_task(asked(entrance, "192.0.2.1")) for _ in range(20)]
    await asyncio.sleep(0)

    answer = await asked(entrance, "192.0.2.1", [(b"cookie", cookie)])

    assert answer["status"] == status
    await asyncio.gather(*flood)


async def test_half_a_body_and_a_live_view_of_nobody_cost_no_fault(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    app = Litestar(
        [page, take],
        request_class=FormRequest,
        exception_handlers=EXCEPTION_HANDLERS,
        logging_config=None,
    )
    async with served(QUICK, app) as (_, port):
        half = await opened(
            port, ATTACKER, b"POST /take HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc"
        )
        await asyncio.sleep(0.1)
        half[1].transport.abort()
        nobody = await opened(port, ATTACKER, (UPGRADE % b"/see").replace(b"Cookie", b"X"))
        refused = await nobody[0].read()
        nobody[1].close()

    assert refused.startswith(b"HTTP/1.1 403")
    assert refused.endswith(b"Live views are for those who are logged in.\n"), "at the door"
    logged = capsys.readouterr()
    assert "request broke" not in logged.out + logged.err
    assert [r.getMessage() for r in caplog.records if r.levelname == "ERROR"] == []
