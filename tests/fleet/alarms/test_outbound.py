"""What one organisation keeps or sends to never holds up the notices of another."""

import asyncio
import contextlib
import ipaddress
import time
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import insert, select, update

from tests.fleet.alarms.conftest import KEY, MINUTE_MS, START_MS, Watch
from tests.fleet.alarms.test_pains import HOT
from tests.registry.world import House, refused
from tram.fleet.alarms.escalation_chains import EscalationStep, kept_steps
from tram.fleet.alarms.limits import DELIVERIES_KEPT_MS, WEBHOOKS_MAX
from tram.fleet.alarms.notices import escalation
from tram.fleet.alarms.notices.delivery import NoticeChannels, NoticeDispatcher
from tram.fleet.alarms.notices.webhook_client import CallRefused, WebhookCaller
from tram.fleet.alarms.tables import alarms, chains, contacts, notices, webhooks
from tram.fleet.alarms.views import Chain, Contact, Webhook
from tram.registry.people.mail_server import MailMessage, MailRefused, MailServer
from tram.runtime.clock import ManualClock

HOSTILE_URLS = (
    "https://a..b.vn/", f"https://{'a' * 70}.vn/", "https://１２７.0.0.1/", "https://a.vn:99999/",
    "https://[::1", "\x00", "https://\ud800.vn/".encode("utf-8", "replace").decode(), "",
)  # fmt: skip
HOSTILE_MAILS = ("a@", ".:@a", "a@[", "a", "a@a..vn", "a\r\nBcc: b@b.vn", f"{'a' * 70}@a.vn")


async def write(watch: Watch, *statements) -> None:
    async with watch.world.registry.database.write() as connection:
        for statement in statements:
            await connection.execute(statement)


def line(number: int, house: House, target: str, **given) -> dict:
    return {
        "key": f"old-{number}", "org_id": house.org, "alarm_id": None, "kind": "test",
        "person_id": house.person, "webhook_id": None, "target": target, "state": "waiting",
        "attempts": 0, "made_ms": START_MS, "next_ms": 0, "reason": "", "body": "", **given,
    }  # fmt: skip


async def log_of(watch: Watch, house: House) -> dict[str, tuple[str, str]]:
    return {n.key: (n.state, n.reason) for n in await watch.alarms.personal.notices(house.viewer)}


async def hook_of(watch: Watch, house: House, port: int, path: str = "x") -> int:
    new = Webhook(name=path, url=f"http://127.0.0.1:{port}/{path}", org=int(house.org))
    return await watch.alarms.setup.add_webhook(house.viewer, new)


@contextlib.asynccontextmanager
async def pumping(outbox: NoticeDispatcher) -> AsyncIterator[None]:
    relay = asyncio.create_task(outbox.run())
    try:
        yield
        assert not relay.done()
    finally:
        relay.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await relay


async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer with a byte now and then, for ever."""
    with contextlib.suppress(ConnectionError):
        for byte in b"HTTP/1.1 200 OK\r\n" + b"X: " * 10_000:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.05)
    writer.close()


@pytest.fixture
async def drip_port() -> AsyncIterator[int]:
    server = await asyncio.start_server(dripping, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def test_what_a_former_version_kept_ends_as_failed_and_stops_nobody(watch: Watch) -> None:
    red, blue = watch.world.red, watch.world.blue
    await watch.alarms.personal.set_contact(blue.viewer, Contact(email="xanh@example.org"))
    hook = await hook_of(watch, blue, watch.hook.port)
    kept = [{"org_id": red.org, "name": "x", "url": url} for url in HOSTILE_URLS]
    async with watch.world.registry.database.write() as connection:
        numbers = [
            (
                await connection.execute(insert(webhooks).values(one).returning(webhooks.c.id))
            ).scalar()
            for one in kept
        ]
        await connection.execute(
            insert(notices),
            [
                line(n, red, url, webhook_id=number, person_id=None)
                for n, (number, url) in enumerate(zip(numbers, HOSTILE_URLS, strict=True))
            ],
        )
        await connection.execute(
            insert(notices),
            [
                line(90, blue, "xanh@example.org"),
                line(91, blue, "x", webhook_id=hook, person_id=None)
                | {"target": f"http://127.0.0.1:{watch.hook.port}/x"},
            ],
        )
    await watch.deliver()

    assert [to for to, _ in watch.inbox.mails] == ["xanh@example.org"]
    assert len(watch.hook.calls) == 1
    log = await log_of(watch, red)
    assert {state for state, _ in log.values()} == {"failed"}
    assert all(reason for _, reason in log.values())


async def test_a_contact_that_no_letter_can_name_stops_no_other_notice(watch: Watch) -> None:
    red, blue = watch.world.red, watch.world.blue
    await watch.alarms.personal.set_contact(red.viewer, Contact(email="do@example.org"))
    await watch.alarms.personal.set_contact(blue.viewer, Contact(email="xanh@example.org"))
    for number, address in enumerate(HOSTILE_MAILS):
        with refused("alarm.setup_wrong") as refusal:
            await watch.alarms.personal.set_contact(red.viewer, Contact(email=address))
        assert {fault.field for fault in refusal.value.faults} == {"email"}
        theirs = line(100 + number, blue, "xanh@example.org")
        await write(
            watch,
            update(contacts).where(contacts.c.person_id == red.person).values(email=address),
            insert(notices).values([line(number, red, address), theirs]),
        )
        await watch.deliver()

    assert [to for to, _ in watch.inbox.mails] == ["xanh@example.org"] * len(HOSTILE_MAILS)
    log = await log_of(watch, red)
    assert {state for state, _ in log.values()} == {"failed"}
    assert all(reason.endswith(".") for _, reason in log.values())


async def test_names_make_no_headers_and_no_long_lines(watch: Watch) -> None:
    red = watch.world.red
    await watch.alarms.personal.set_contact(red.viewer, Contact(email="do@tr\u1ea1m.example"))
    server = MailServer("127.0.0.1", watch.inbox.port, "tram@example.org")
    subject = "Máy\r\nBcc: b@b.vn \u202etxt.exe " + "x" * 3_000
    await server.send(
        MailMessage(
            key="k", to="do@tr\u1ea1m.example", subject=subject, text="\u202e" + "y" * 3_000
        )
    )

    ((to, content),) = watch.inbox.mails
    assert to == "do@xn--trm-tgz.example"
    assert max(map(len, content.split("\r\n"))) <= 998
    assert not [row for row in content.splitlines() if row.lower().startswith("bcc")]
    assert "\u202e" not in content
    assert "=E2=80=AE" not in content


async def test_a_chain_may_name_only_what_is_there_and_in_reach(watch: Watch) -> None:
    red, blue = watch.world.red, watch.world.blue
    theirs = await hook_of(watch, blue, 1)
    wrong = [
        EscalationStep(people=[2**63]), EscalationStep(people=[1] * 300_000), EscalationStep(webhooks=[2**43]), EscalationStep(calendar=0),
        EscalationStep(after_s=10**30),
    ]  # fmt: skip
    with refused("alarm.setup_wrong") as refusal:
        await watch.alarms.setup.add_chain(red.viewer, Chain(name="", steps=wrong))
    assert {fault.field.partition("[")[0] for fault in refusal.value.faults} == {"steps", "name"}
    absent = [
        EscalationStep(people=[2**40, blue.person]), EscalationStep(webhooks=[theirs]), EscalationStep(webhooks=[2**40]),
        EscalationStep(calendar=2**40),
    ]  # fmt: skip
    with refused("alarm.setup_wrong") as refusal:
        await watch.alarms.setup.add_chain(red.viewer, Chain(name="x", steps=absent))

    assert sorted(fault.field for fault in refusal.value.faults) == [
        "steps[0].people", "steps[1].webhooks", "steps[2].webhooks", "steps[3].calendar",
    ]  # fmt: skip


def test_a_kept_chain_tells_those_that_there_can_be() -> None:
    kept = [{"people": [2**63, 7, *range(1, 300_000)], "webhooks": [-1, 3], "calendar": 2**70}]

    (step,) = kept_steps(kept)
    assert (step.people[0], step.webhooks, step.calendar) == (7, [3], None)
    assert len(step.people) <= 50


async def test_an_alarm_whose_chain_cannot_be_read_stands_and_others_are_told(
    watch: Watch,
) -> None:
    red, world = watch.world.red, watch.world
    await watch.alarms.personal.set_contact(red.viewer, Contact(email="do@example.org"))
    step = [EscalationStep(people=[red.person]), EscalationStep(after_s=60, people=[red.person])]
    made = [
        await watch.alarms.setup.add_chain(red.viewer, Chain(name=name, steps=step))
        for name in "ab"
    ]
    for chain in made:
        await watch.rule(HOT, chain=chain)
    await write(
        watch, update(chains).where(chains.c.id == made[0]).values(steps={"none": "at all"})
    )
    watch.send(red.devices[0], temp=31.0)
    await watch.judge()
    await watch.deliver()

    assert len(await watch.list()) == 2
    assert len(watch.inbox.mails) == 1
    assert (await watch.block_writer.committed())[1] == watch.consumer.engine.seq
    aside = await world.registry.set_aside.list(red.viewer)
    assert [(row.part, row.kind, row.org) for row in aside] == [("alarms", "telling", red.org)]

    await write(watch, update(alarms).values(next_ms=watch.clock.now_ms(), next_step=1))
    await watch.deliver()
    assert len(watch.inbox.mails) == 2
    aside = await world.registry.set_aside.list(red.viewer)
    assert {row.kind for row in aside} == {"telling", "alarm step"}
    await write(watch, update(chains).values(steps=[{}, {"people": [int(red.person)]}]))
    again = next(row.id for row in aside if row.kind == "alarm step")
    await world.registry.set_aside.try_again(red.viewer, again)
    await watch.deliver()
    assert len(watch.inbox.mails) == 3


async def test_what_waits_for_somebody_who_is_gone_is_withdrawn_with_the_reason(
    watch: Watch,
) -> None:
    red, blue = watch.world.red, watch.world.blue
    await watch.alarms.personal.set_contact(red.viewer, Contact(email="do@example.org"))
    hooks = [await hook_of(watch, red, watch.hook.port, path) for path in "ab"]
    url = f"http://127.0.0.1:{watch.hook.port}/a"
    await write(
        watch,
        insert(notices).values(
            [
                *(line(n, red, url, webhook_id=n, person_id=None) for n in hooks),
                line(10, red, "do@example.org"),
                line(11, blue, "xanh@example.org"),
            ]
        ),
        update(webhooks).where(webhooks.c.id == hooks[1]).values(removed_ms=1),
    )
    await watch.alarms.setup.remove(red.viewer, "webhook", hooks[0])
    assert (await log_of(watch, red))[f"old-{hooks[0]}"] == (
        "withdrawn", "The webhook was taken away.",
    )  # fmt: skip
    await watch.alarms.personal.set_contact(red.viewer, Contact(email=""))
    await watch.deliver()

    found = {**await log_of(watch, red), **await log_of(watch, blue)}
    assert {state for state, _ in found.values()} == {"withdrawn"}
    assert all(reason for _, reason in found.values())
    assert (watch.hook.calls, watch.inbox.mails) == ([], [])


async def test_dripping_receivers_of_one_hold_up_no_other_organisation(
    watch: Watch, drip_port: int
) -> None:
    red, blue = watch.world.red, watch.world.blue
    caller = WebhookCaller(watch.clock, KEY, (ipaddress.ip_network("127.0.0.0/8"),), total_s=1.0)
    mailer = MailServer("127.0.0.1", watch.inbox.port, "tram@example.org")
    outbox = NoticeDispatcher(
        watch.world.registry.database, watch.clock, NoticeChannels(mailer, caller, "http://t")
    )
    await watch.alarms.personal.set_contact(blue.viewer, Contact(email="xanh@example.org"))
    slow = [await hook_of(watch, red, drip_port, f"slow{n}") for n in range(16)]
    quick = await hook_of(watch, blue, watch.hook.port)
    lines = [
        line(n, red, f"http://127.0.0.1:{drip_port}/slow{n % 16}", person_id=None)
        | {"webhook_id": slow[n % 16]}
        for n in range(2_000)
    ]
    async with watch.world.registry.database.write() as connection:
        await connection.execute(insert(notices), lines)
    async with pumping(outbox):
        await asyncio.sleep(0.5)
        begun = time.monotonic()
        hook_url = f"http://127.0.0.1:{watch.hook.port}/x"
        await write(
            watch,
            insert(notices).values(
                [
                    line(5_000, blue, hook_url, person_id=None, webhook_id=quick),
                    line(5_001, blue, "xanh@example.org"),
                ]
            ),
        )
        async with asyncio.timeout(20):
            while not (watch.hook.calls and watch.inbox.mails):
                await asyncio.sleep(0.02)
        assert time.monotonic() - begun < 15
        async with asyncio.timeout(30):
            while not any(n[0] == "waiting" and "no answer" in n[1] for n in await tried(watch)):
                await asyncio.sleep(0.1)


async def tried(watch: Watch) -> list[tuple[str, str]]:
    async with watch.world.registry.database.read() as connection:
        found = await connection.execute(
            select(notices.c.state, notices.c.reason).where(notices.c.attempts > 0)
        )
        return [tuple(row) for row in found]


async def test_a_call_has_one_deadline_for_all_of_it(drip_port: int) -> None:
    caller = WebhookCaller(
        ManualClock(START_MS), KEY, (ipaddress.ip_network("127.0.0.0/8"),), total_s=0.3
    )
    with pytest.raises(CallRefused, match=r"no answer in 0\.3 s"):
        await caller.call(1, f"http://127.0.0.1:{drip_port}/", b"{}", "k")
    with pytest.raises(MailRefused):
        await MailServer("127.0.0.1", drip_port, "a@example.org", total_s=0.3).send(
            MailMessage(key="k", to="b@example.org", subject="x", text="x")
        )
    with pytest.raises(MailRefused):
        await MailServer("127.0.0.1", drip_port, "a@b.vn", security="tls", total_s=0.3).send(
            MailMessage(key="k", to="b@example.org", subject="x", text="x")
        )


async def test_a_flood_of_one_organisation_waits_for_itself(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    red, blue = watch.world.red, watch.world.blue
    monkeypatch.setattr(escalation, "_ROWS", 4)
    devices = [(await watch.world.device(red.org)).id for _ in range(12)]
    rule = await watch.rule(HOT)
    first = {
        "rule_version": 1, "sector": "other", "severity": 2, "state": 0, "held": "",
        "retro": False, "drill": False, "started_ms": 1, "episode_ms": 1, "raised_ms": 1,
        "acked_by": "", "count": 1, "next_step": 1, "log_seq": 1, "rule_id": rule.id,
    }  # fmt: skip
    rows = [{**first, "device_id": d, "org_id": red.org, "next_ms": 1} for d in devices]
    rows.append({**first, "device_id": blue.devices[0], "org_id": blue.org, "next_ms": 9})
    async with watch.world.registry.database.write() as connection:
        await connection.execute(
            insert(alarms), [{"id": 900 + n, **row} for n, row in enumerate(rows)]
        )
    await watch.escalation.once()

    async with watch.world.registry.database.read() as connection:
        due = select(alarms.c.org_id).where(alarms.c.next_ms.is_not(None))
        left = list((await connection.execute(due)).scalars())
    assert blue.org not in left
    assert left


async def test_every_list_of_an_organisation_ends_and_says_where(watch: Watch) -> None:
    red = watch.world.red
    for number in range(WEBHOOKS_MAX):
        await hook_of(watch, red, 1, f"h{number}")
    with refused("alarm.setup_full") as refusal:
        await hook_of(watch, red, 1, "one-more")

    assert str(WEBHOOKS_MAX) in refusal.value.sentence
    await watch.alarms.personal.set_contact(red.viewer, Contact(email="do@example.org"))
    with refused("alarm.setup_full"):
        for _ in range(30):
            await watch.alarms.personal.test(red.viewer)


async def test_a_webhook_that_cannot_be_called_is_not_kept(watch: Watch) -> None:
    for url in HOSTILE_URLS:
        with refused("alarm.setup_wrong") as refusal:
            await watch.alarms.setup.add_webhook(
                watch.world.red.viewer, Webhook(name="x", url=url)
            )
        assert {fault.field for fault in refusal.value.faults} == {"url"}


async def test_the_delivery_log_forgets(watch: Watch) -> None:
    red = watch.world.red
    await write(
        watch,
        insert(notices).values([line(1, red, "x", state="sent"), line(2, red, "x", state="sent")]),
        update(notices)
        .where(notices.c.key == "old-1")
        .values(made_ms=START_MS - DELIVERIES_KEPT_MS),
    )
    watch.clock.advance(MINUTE_MS)
    await watch.outbox._keep_order()

    assert list(await log_of(watch, red)) == ["old-2"]
