"""Letters leave whatever others wait beside them; chores of the role work go on after one that raises."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from aiosmtpd.controller import Controller
from sqlalchemy import select

from tests.registry.world import World
from tram.jobs.chores import repeat
from tram.registry.people.mail_sending import send_letters
from tram.registry.people.mails import queue_mail
from tram.registry.people.settings import MailSettings
from tram.registry.people.tables import mails
from tram.runtime.clock import SystemClock
from tram.runtime.processes.process import free_port


class Box:
    """A mail server that answers for one domain only after a long time."""

    def __init__(self) -> None:
        self.arrived: list[str] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: object) -> str:  # noqa: N802  # aiosmtpd's name
        if envelope.rcpt_tos[0].endswith("@slow.example"):
            await asyncio.sleep(30)
        self.arrived.append(envelope.rcpt_tos[0])
        return "250 OK"


@contextlib.asynccontextmanager
async def running(work: Callable[[], object]) -> AsyncIterator[None]:
    task = asyncio.create_task(work())
    try:
        yield
        assert not task.done()
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_letters_that_cannot_leave_hold_up_no_other(world: World) -> None:
    registry, box, port = world.registry, Box(), free_port()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    hostile = ["a@", ".:@a", "a@[", "a\r\nBcc: b@b.vn"]
    slow = [f"p{number}@slow.example" for number in range(600)]
    given_up = [("failed", True)] * len(hostile)

    async def ended() -> list[tuple[str, bool]]:
        async with registry.database.read() as connection:
            found = await connection.execute(select(mails).where(mails.c.to.in_(hostile)))
            return [(row.state, bool(row.note)) for row in found]

    async with registry.database.write() as connection:
        for to in [*hostile, *slow, "quick@x.example"]:
            await queue_mail(connection, 0, to, "Máy\r\nBcc: b@b.vn", "x")
    settings = MailSettings(host="127.0.0.1", port=port, security="none", sender="tram@x.example")
    try:
        async with (
            running(lambda: send_letters(registry.mails, registry.set_aside, settings)),
            asyncio.timeout(20),
        ):
            while "quick@x.example" not in box.arrived or await ended() != given_up:
                await asyncio.sleep(0.05)
    finally:
        server.stop()

    assert await ended() == given_up


async def test_a_chore_that_raises_is_counted_and_comes_again(world: World) -> None:
    calls: list[int] = []

    async def chore() -> None:
        calls.append(len(calls))
        if len(calls) == 1:
            raise ValueError("what is kept cannot be read")

    async with running(
        lambda: repeat("tidying", 0.01, chore, world.registry.set_aside, SystemClock())
    ):
        async with asyncio.timeout(10):
            while len(calls) < 3:
                await asyncio.sleep(0.01)
    (row,) = await world.registry.set_aside.list(world.system)

    assert (row.part, row.kind, row.key, row.times) == ("work", "loop", "tidying", 1)
