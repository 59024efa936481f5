"""What surrounds the alarms: groups, calendars, webhooks and where they may lead, tests, saved filters."""

import ipaddress
import json

import pytest

from tests.fleet.alarms.conftest import KEY, START_MS, Hook, Watch
from tests.registry.world import refused
from tram.fleet.alarms.escalation_chains import EscalationStep
from tram.fleet.alarms.notices.webhook_client import CallRefused, WebhookCaller, secret_of, sign
from tram.fleet.alarms.views import Calendar, Chain, Contact, Webhook
from tram.fleet.rules.kinds import Hours
from tram.registry.kernel.viewer import Scope, Viewer
from tram.registry.sharing.views import NewGroup
from tram.runtime.clock import ManualClock

HOT = {"kind": "limit", "metric": "temp", "high": 30}
PRIVATE = (
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
    "224.0.0.1", "[::1]", "[fe80::1]", "[fc00::1]", "[::ffff:127.0.0.1]", "localhost",
    "[64:ff9b::a00:1]", "[64:ff9b:1::a00:1]", "[2002:a00:1::1]", "[2001::1]", "192.0.0.8", "198.18.0.1",
)  # fmt: skip


async def test_a_rule_for_a_group_follows_the_group(watch: Watch) -> None:
    red, registry = watch.world.red, watch.world.registry
    first, second = red.devices[0], (await watch.world.device(red.org)).id
    group = await registry.groups.create(
        red.viewer, NewGroup(org=red.org, name="Bơm", devices=[first])
    )
    await watch.rule(HOT, scope={"group": int(group.id)})

    async def alarmed() -> list[int]:
        watch.send(first, temp=40.0)
        watch.send(second, temp=40.0)
        await watch.judge()
        return sorted(alarm.device for alarm in await watch.list(state="open"))

    assert await alarmed() == [first]
    await registry.groups.change(
        red.viewer, group.id, NewGroup(org=red.org, name="Bơm", devices=[first, second])
    )
    await watch.judge()
    assert await alarmed() == sorted([first, second])


async def test_a_group_of_others_is_no_group(watch: Watch) -> None:
    blue = watch.world.blue
    group = await watch.world.registry.groups.create(
        blue.viewer, NewGroup(org=blue.org, name="Xanh", devices=blue.devices[:1])
    )

    with refused("alarm.rule_wrong"):
        await watch.rule(HOT, scope={"group": int(group.id)})


async def test_a_webhooks_secret_is_shown_to_who_may_write_its_owners_rules(watch: Watch) -> None:
    """Who writes rules of one house and reads those of the whole province knows one secret only."""
    world = watch.world
    for house in (world.red, world.blue):
        hook = Webhook(name="Sổ trực", url="https://hooks.example/x", org=int(house.org))
        await watch.alarms.setup.add_webhook(house.viewer, hook)
    reads = Scope(world.root, None, None, frozenset({"rule.read"}))
    viewer = Viewer(None, world.red.org, "someone", (*world.red.viewer.scopes, reads))

    shown = {hook.org: hook.secret for hook in await watch.alarms.setup.webhooks(viewer)}

    assert shown[world.red.org]
    assert shown[world.blue.org] == ""


@pytest.mark.parametrize(("opens", "inside", "told"), [
    (0, True, 1), (0, False, 0), (120, True, 0), (120, False, 1),
])  # fmt: skip
async def test_a_step_is_taken_while_its_calendar_is_open_or_shut(
    watch: Watch, opens: int, inside: bool, told: int
) -> None:
    red = watch.world.red
    minute = (watch.clock.now_ms() // 60_000 + 7 * 60 + opens) % 1440
    hours = [Hours(days=list(range(7)), start=minute, end=(minute + 60) % 1440)]
    calendar = await watch.alarms.setup.add_calendar(
        red.viewer, Calendar(name="Ca trực", hours=hours, holidays=[])
    )
    await watch.alarms.personal.set_contact(red.viewer, Contact(email="truc@example.org"))
    step = EscalationStep(people=[red.person], calendar=calendar, inside=inside)
    chain = await watch.alarms.setup.add_chain(red.viewer, Chain(name="x", steps=[step]))
    await watch.rule(HOT, chain=chain)
    watch.send(red.devices[0], temp=40.0)
    await watch.judge()
    await watch.deliver()

    assert len(watch.inbox.mails) == told


@pytest.mark.parametrize("host", PRIVATE)
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_webhook_never_leads_into_a_private_network(
    hook: Hook, host: str, scheme: str
) -> None:
    with pytest.raises(CallRefused, match="private network"):
        await WebhookCaller(ManualClock(START_MS), KEY).call(
            1, f"{scheme}://{host}:{hook.port}/x", b"{}", "key"
        )

    assert hook.calls == []


async def test_a_private_network_may_be_allowed_by_name(hook: Hook) -> None:
    url, clock = f"http://127.0.0.1:{hook.port}/x", ManualClock(START_MS)
    with pytest.raises(CallRefused):
        await WebhookCaller(clock, KEY, (ipaddress.ip_network("10.0.0.0/8"),)).call(
            1, url, b"", "k"
        )
    allowed = WebhookCaller(clock, KEY, (ipaddress.ip_network("127.0.0.0/8"),))
    await allowed.call(1, url, b"{}", "k")

    ((headers, body),) = hook.calls
    at_s = clock.now_ms() // 1000
    assert headers["x-tram-signature"] == sign(secret_of(KEY, 1), at_s, body)


async def test_the_test_button_reaches_oneself_and_a_webhook(watch: Watch) -> None:
    red, personal = watch.world.red, watch.alarms.personal
    with refused("alarm.no_contact"):
        await personal.test(red.viewer)
    await personal.set_contact(red.viewer, Contact(email="truc@example.org"))
    url = f"http://127.0.0.1:{watch.hook.port}/x"
    hook = await watch.alarms.setup.add_webhook(red.viewer, Webhook(name="x", url=url))
    keys = {await personal.test(red.viewer), await personal.test(red.viewer, hook)}
    with refused("alarm.setup_unknown"):
        await personal.test(watch.world.blue.viewer, hook)
    await watch.deliver()

    assert [to for to, _ in watch.inbox.mails] == ["truc@example.org"]
    assert [json.loads(body)["kind"] for _, body in watch.hook.calls] == ["test"]
    log = await personal.notices(red.viewer)
    assert {(n.key, n.state) for n in log} == {(key, "sent") for key in keys}


async def test_saved_filters_are_ones_own(watch: Watch) -> None:
    red, blue, personal = watch.world.red, watch.world.blue, watch.alarms.personal
    number = await personal.save_filter(red.viewer, "Khẩn", "severity=major")
    number = await personal.save_filter(red.viewer, "Khẩn", "severity=critical")
    await personal.remove_filter(blue.viewer, number)

    assert [(f.name, f.query) for f in await personal.filters(red.viewer)] == [
        ("Khẩn", "severity=critical")
    ]
    assert await personal.filters(blue.viewer) == []
    await personal.remove_filter(red.viewer, number)
    assert await personal.filters(red.viewer) == []
