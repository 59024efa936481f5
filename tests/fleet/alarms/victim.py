"""The process that the crash test kills: rules, alarms and outbox over a real log."""

import asyncio
import ipaddress
import os
import sys
import threading
from pathlib import Path

from tests.fleet.alarms.conftest import KEY, Ports
from tests.provinces import QUANG_NGAI
from tram.fleet.alarms.alarms import Alarms
from tram.fleet.alarms.notices.delivery import NoticeChannels, NoticeDispatcher
from tram.fleet.alarms.notices.escalation import Escalation
from tram.fleet.alarms.notices.webhook_client import WebhookCaller
from tram.fleet.alarms.raising import consumer
from tram.fleet.alarms.raising.transition_writer import TransitionWriter
from tram.fleet.log.nats_connection import NatsAccess, open_link
from tram.fleet.log.reader import LogReader
from tram.registry.people.mail_server import MailServer
from tram.registry.registry import Registry
from tram.runtime.clock import SystemClock


def end_with_the_test() -> None:
    """The other end of stdin is the test's own: it shuts even when the test is killed."""
    sys.stdin.buffer.read()
    os._exit(1)


async def main(url: str, seed: str, folder: Path) -> None:
    clock = SystemClock()
    link = await open_link(NatsAccess(url, seed), "alarms")
    registry = await Registry.open(
        f"sqlite+aiosqlite:///{folder / 'r.db'}", clock, KEY, QUANG_NGAI
    )
    database = registry.database
    ports = Ports(LogReader(link), registry, Alarms(database, clock, KEY))
    caller = WebhookCaller(clock, KEY, (ipaddress.ip_network("127.0.0.0/8"),))
    outbox = NoticeDispatcher(
        database, clock, NoticeChannels(MailServer("", 25, "x@y"), caller, "")
    )
    consumer.SNAPSHOT_S = 0.5
    rules = consumer.RulesConsumer(folder, ports, TransitionWriter(database, clock), clock)
    rules.wake = outbox.wake
    async with asyncio.TaskGroup() as group:
        group.create_task(rules.run())
        group.create_task(outbox.run())
        group.create_task(Escalation(database, clock).run(outbox.wake))


if __name__ == "__main__":
    threading.Thread(target=end_with_the_test, daemon=True).start()
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
