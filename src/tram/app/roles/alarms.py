"""The role ``alarms``: judges rules over the log, keeps alarms, tells people."""

import asyncio
import contextlib
import ipaddress

from tram.app.composition.engines import open_registry
from tram.app.installation.installation import Installation
from tram.app.roles.inspectors import inspector_of
from tram.fleet.alarms.notices.delivery import NoticeChannels, NoticeDispatcher
from tram.fleet.alarms.notices.escalation import Escalation
from tram.fleet.alarms.notices.webhook_client import WebhookCaller
from tram.fleet.alarms.raising.consumer import ConsumerPorts, RulesConsumer
from tram.fleet.alarms.raising.transition_writer import READER, TransitionWriter
from tram.fleet.alarms.rulebook.rulebook import RuleBook
from tram.fleet.alarms.settings import AlarmsSettings
from tram.fleet.log.nats_connection import DOUBTS, open_link
from tram.fleet.log.reader import LogReader
from tram.fleet.log.reading_marks import MarkSender
from tram.registry.people.mail_server import mail_server_of
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused
from tram.runtime.ops_port import OpsPort
from tram.runtime.until_stopped import work_until

__all__ = ("run",)

END_EVERY_S = 5.0


async def run(installation: Installation, stop: asyncio.Event) -> None:
    """Work until stopped.

    Raises:
        TramError: if the registry is newer than this program, or a setting is wrong.
    """
    settings, clock = installation.settings.alarms, installation.clock
    sending = _sending(installation, settings)
    link = await open_link(installation.log_access("alarms"), "alarms")
    registry = await open_registry(installation)
    database = registry.database
    reader = LogReader(link)
    ports = ConsumerPorts(
        reader,
        registry.outbox,
        RuleBook(database, clock).active,
        MarkSender(link, READER).send,
        registry.set_aside.note,
    )
    consumer = RulesConsumer(
        installation.folder.rules,
        ports,
        TransitionWriter(database, clock),
        clock,
    )
    consumer.inspector = inspector_of(
        installation, "alarms", await reader.epoch(), installation.folder.rules
    )
    outbox = NoticeDispatcher(database, clock, sending)
    consumer.wake = outbox.wake
    ops = OpsPort(installation.port("ops_alarms"), installation.keys.ops, consumer.problem)
    try:
        async with link, ops:
            await work_until(
                stop,
                consumer.run(),
                outbox.run(),
                Escalation(database, clock).run(outbox.wake),
                _watch_end(reader, consumer, clock),
            )
    finally:
        await registry.close()


async def _watch_end(log: LogReader, consumer: RulesConsumer, clock: Clock) -> None:
    """Know how far the log reaches, also while nothing of it comes."""
    while True:
        with contextlib.suppress(*DOUBTS):
            consumer.know_end((await log.state()).last_seq)
        await clock.sleep(END_EVERY_S)


def _sending(installation: Installation, settings: AlarmsSettings) -> NoticeChannels:
    mailer = mail_server_of(installation.settings.mail)
    try:
        networks = tuple(ipaddress.ip_network(n) for n in settings.webhook_networks.split())
    except ValueError as error:
        raise Refused(
            "settings.wrong",
            f"alarms.webhook_networks is wrong: {error}.",
            "Write networks such as 10.1.0.0/16, separated by blanks.",
        ) from error
    caller = WebhookCaller(installation.clock, installation.keys.hmac, networks)
    return NoticeChannels(mailer, caller, settings.public_url.rstrip("/"))
