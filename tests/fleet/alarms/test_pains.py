"""Each pain that users of other platforms report about alarms and rules, as a test (docs/rules.md)."""

import json

import pytest

from tests.fleet.alarms.conftest import MINUTE_MS, Watch
from tests.registry.world import refused
from tram.fleet.alarms.escalation_chains import EscalationStep
from tram.fleet.alarms.limits import FLOOD_MAX
from tram.fleet.alarms.notices import escalation
from tram.fleet.alarms.views import Chain, Contact, NewMaintenance, Webhook
from tram.fleet.device.rows import Row
from tram.registry.kernel.viewer import Scope, Viewer
from tram.runtime.errors import Unavailable

HOT = {"kind": "limit", "metric": "temp", "high": 30, "hysteresis": 2}


async def chain_of(watch: Watch, *steps: dict, viewer: Viewer | None = None) -> int:
    red = watch.world.red
    made = [EscalationStep(**{"people": [red.person], **step}) for step in steps or ({},)]
    new = Chain(name="Trực", steps=made, org=int(red.org))
    return await watch.alarms.setup.add_chain(viewer or red.viewer, new)


async def person_with_mail(watch: Watch, **given) -> None:
    await watch.alarms.personal.set_contact(
        watch.world.red.viewer, Contact(email="truc@example.org", **given)
    )


async def test_an_alarm_is_one_row_however_often_it_comes_and_goes(watch: Watch) -> None:
    device = watch.world.red.devices[0]
    await watch.rule(HOT)
    for value in (31.0, 20.0, 33.0, 20.0, 35.0):
        watch.send(device, temp=value)
        await watch.judge()

    alarms = await watch.list()

    assert [(a.state, a.count, a.value) for a in alarms] == [("active", 3, 35.0)]


async def test_hysteresis_keeps_a_value_at_the_limit_from_flapping(watch: Watch) -> None:
    device = watch.world.red.devices[0]
    await watch.rule(HOT)
    for value in (30.1, 29.9, 30.1, 29.9):
        watch.send(device, temp=value)
    await watch.judge()

    assert [(a.state, a.count) for a in await watch.list()] == [("active", 1)]


async def test_one_rule_may_say_or(watch: Watch) -> None:
    """TB 11803: alarm rules cannot do OR."""
    device = watch.world.red.devices[0]
    await watch.rule({"kind": "expression", "when": "temp > 30 or smoke == 1"})
    watch.send(device, temp=20.0, smoke=True)
    await watch.judge()

    assert [a.state for a in await watch.list()] == ["active"]


async def test_an_alarm_ends_only_after_the_value_was_good_for_long_enough(watch: Watch) -> None:
    """TB 11803: … nor de-escalate by duration."""
    device = watch.world.red.devices[0]
    await watch.rule({**HOT, "clear_s": 120})
    watch.send(device, temp=31.0)
    watch.send(device, MINUTE_MS, temp=20.0)
    watch.send(device, MINUTE_MS, temp=20.0)
    await watch.judge()
    still = [a.state for a in await watch.list()]
    watch.send(device, MINUTE_MS, temp=20.0)
    await watch.judge()

    assert (still, [a.state for a in await watch.list()]) == (["active"], ["cleared"])


async def test_a_device_that_never_sent_is_missed(watch: Watch) -> None:
    """TB 7908: a new device is never checked."""
    await watch.rule({"kind": "missing", "for_s": 60})
    await watch.judge()
    watch.silence(80)
    await watch.judge()

    missed = {a.device for a in await watch.list()}

    assert missed == set(watch.world.red.devices)


async def test_silence_is_raised_on_time(watch: Watch) -> None:
    """TB 6821: alarm 30 times late."""
    device = watch.world.red.devices[0]
    await watch.rule({"kind": "missing", "for_s": 60}, scope={"devices": [device]})
    watch.send(device, temp=20.0)
    await watch.judge()
    heard_ms = watch.clock.now_ms()
    watch.silence(120)
    await watch.judge()

    alarm = (await watch.list())[0]

    assert 60_000 < alarm.started_ms - heard_ms <= 71_000


async def test_one_metric_of_a_device_can_be_missed_alone(watch: Watch) -> None:
    """TB 14013: no inactivity per sensor."""
    device = watch.world.red.devices[0]
    await watch.rule({"kind": "missing", "metric": "ph", "for_s": 60})
    watch.send(device, temp=20.0, ph=7.0)
    await watch.judge()
    for _ in range(9):
        watch.send(device, 10_000, temp=20.0)
    await watch.judge()

    assert [(a.device, a.state) for a in await watch.list()] == [(device, "active")]


async def test_a_dead_gateway_process_makes_no_device_silent(watch: Watch) -> None:
    """TB 12890, 13808: states wrong after a restart."""
    device = watch.world.red.devices[0]
    await watch.rule({"kind": "missing", "for_s": 60})
    watch.send(device, temp=20.0)
    await watch.judge()
    watch.clock.advance(3_600_000)
    watch.block({})
    await watch.judge()

    assert await watch.list() == []


async def test_a_silent_gateway_raises_one_alarm_not_all(watch: Watch) -> None:
    red = watch.world.red
    gateway = red.devices[0]
    children = [(await watch.world.device(red.org)).id for _ in range(20)]
    for child in children:
        await watch.alarms.setup.set_parent(red.viewer, child, gateway)
    await person_with_mail(watch)
    await watch.rule(
        {"kind": "missing", "for_s": 60}, chain=await chain_of(watch),
        scope={"devices": [gateway, *children]},
    )  # fmt: skip
    await watch.judge()
    watch.silence(90)
    await watch.judge()
    await watch.deliver()
    watch.clock.advance(60_000)
    await watch.deliver()

    shown = await watch.list()
    held = await watch.list(held=True)

    assert [a.device for a in shown] == [gateway]
    assert {a.device for a in held} == set(children)
    assert {a.incident for a in held} == {shown[0].incident}
    assert len(watch.inbox.mails) == 1


async def test_late_data_tells_what_was_and_wakes_nobody(watch: Watch) -> None:
    """TB 14239: no recalculation after data came late or was corrected."""
    device = watch.world.red.devices[0]
    await person_with_mail(watch)
    await watch.rule(HOT, chain=await chain_of(watch))
    now_ms = watch.clock.now_ms()
    old = [Row("temp", now_ms - 3 * 86_400_000 + n * MINUTE_MS, 31.0) for n in range(3)]
    watch.block({device: old})
    await watch.judge()
    await watch.deliver()

    assert [(a.retro, a.state) for a in await watch.list()] == [(True, "active")]
    assert watch.inbox.mails == []
    watch.send(device, temp=32.0)
    await watch.judge()
    await watch.deliver()
    assert [a.retro for a in await watch.list()] == [False]
    assert len(watch.inbox.mails) == 1


async def test_a_corrected_reading_takes_its_alarm_back(watch: Watch) -> None:
    device = watch.world.red.devices[0]
    await watch.rule(HOT)
    watch.send(device, temp=90.0)
    await watch.judge()
    at_ms = watch.clock.now_ms()
    watch.block({device: [Row("temp", at_ms, 20.0)]})
    await watch.judge()

    alarm = (await watch.list())[0]
    detail = await watch.alarms.console.one(watch.world.red.viewer, alarm.id)

    assert alarm.state == "cleared"
    assert detail.events[0].kind == "revoked"


async def test_calibration_raises_nothing(watch: Watch) -> None:
    device = watch.world.red.devices[0]
    await watch.rule(HOT)
    watch.block({device: [Row("temp", watch.clock.now_ms(), 90.0, status=1)]})
    await watch.judge()

    assert await watch.list() == []


async def test_work_that_was_announced_is_quiet_and_what_outlives_it_is_told(
    watch: Watch,
) -> None:
    red = watch.world.red
    device = red.devices[0]
    await person_with_mail(watch)
    await watch.rule(HOT, chain=await chain_of(watch))
    now_ms = watch.clock.now_ms()
    await watch.alarms.setup.add_window(
        red.viewer,
        NewMaintenance(
            from_ms=now_ms, until_ms=now_ms + 600_000, reason="Thay đầu đo", device=device
        ),
    )
    watch.send(device, temp=31.0)
    await watch.judge()
    await watch.deliver()
    assert [a.held for a in await watch.list(held=True)] == ["maintenance"]
    assert watch.inbox.mails == []

    watch.clock.advance(600_000)
    await watch.deliver()
    await watch.deliver()
    assert [a.held for a in await watch.list()] == [""]
    assert len(watch.inbox.mails) == 1


async def test_long_work_does_not_hide_the_end_of_shorter_work(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(escalation, "_ROWS", 2)
    red, now_ms = watch.world.red, watch.clock.now_ms()
    devices = [(await watch.world.device(red.org)).id for _ in range(5)]
    await watch.rule(HOT)
    for number, device in enumerate(devices):
        until_ms = now_ms + (7_200_000 if number < 4 else 600_000)
        window = NewMaintenance(
            from_ms=now_ms, until_ms=until_ms, reason="Thay đầu đo", device=device
        )
        await watch.alarms.setup.add_window(red.viewer, window)
    watch.block({device: [Row("temp", now_ms + 1, 40.0)] for device in devices})
    await watch.judge()
    watch.clock.advance(601_000)
    for _ in range(3):
        await watch.escalation.once()
        watch.clock.advance(5_000)

    assert [a.device for a in await watch.list()] == devices[4:]
    assert len(await watch.list(held=True)) == 4


async def test_a_flood_is_held_back_and_said_so(watch: Watch) -> None:
    red = watch.world.red
    await person_with_mail(watch)
    await watch.rule(HOT, chain=await chain_of(watch))
    devices = [(await watch.world.device(red.org)).id for _ in range(FLOOD_MAX + 7)]
    watch.clock.advance(1_000)
    at_ms = watch.clock.now_ms()
    watch.block({device: [Row("temp", at_ms, 40.0)] for device in devices})
    await watch.judge()
    await watch.deliver()
    assert len(watch.inbox.mails) == FLOOD_MAX
    watch.clock.advance(600_000)
    await watch.deliver()

    assert len(watch.inbox.mails) == FLOOD_MAX + 1
    assert "7 c" in watch.inbox.mails[-1][1] or "=37" in watch.inbox.mails[-1][1]
    assert len(await watch.list()) == FLOOD_MAX + 7


async def test_escalation_goes_on_until_somebody_acknowledges(watch: Watch) -> None:
    device = watch.world.red.devices[0]
    await person_with_mail(watch)
    chain = await chain_of(
        watch, {}, {"after_s": 300, "people": [watch.world.red.person]}, {"after_s": 600}
    )
    await watch.rule(HOT, chain=chain)
    watch.send(device, temp=31.0)
    await watch.judge()
    await watch.deliver()
    watch.clock.advance(301_000)
    await watch.deliver()
    assert len(watch.inbox.mails) == 2
    await watch.act((await watch.list())[0].id, "ack", note="Đang đến")
    watch.clock.advance(600_000)
    await watch.deliver()

    assert len(watch.inbox.mails) == 2


async def test_quiet_hours_wait_but_the_urgent_does_not(watch: Watch) -> None:
    device = watch.world.red.devices[0]
    minute = (watch.clock.now_ms() + 7 * 3_600_000) // 60_000 % 1440
    await person_with_mail(watch, quiet_start=minute, quiet_end=(minute + 60) % 1440)
    chain = await chain_of(watch)
    await watch.rule(HOT, chain=chain, severity="warning")
    watch.send(device, temp=31.0)
    await watch.judge()
    await watch.deliver()
    assert watch.inbox.mails == []
    await watch.rule({**HOT, "high": 50}, chain=chain, severity="critical")
    watch.send(device, temp=60.0)
    await watch.judge()
    await watch.deliver()
    assert len(watch.inbox.mails) == 1
    watch.clock.advance(3_600_000)
    await watch.deliver()

    assert len(watch.inbox.mails) == 2


async def test_a_drill_never_leaves_the_house(watch: Watch) -> None:
    red, blue = watch.world.red, watch.world.blue
    device = red.devices[0]
    await person_with_mail(watch)
    await watch.alarms.personal.set_contact(blue.viewer, Contact(email="ngoai@example.org"))
    hook = await watch.alarms.setup.add_webhook(
        red.viewer, Webhook(name="Ngoài", url=f"http://127.0.0.1:{watch.hook.port}/x")
    )
    keeper = Scope(watch.world.root, None, None, red.viewer.scopes[0].permissions)
    chain = await chain_of(
        watch, {"people": [red.person, blue.person], "webhooks": [hook]},
        viewer=Viewer(None, watch.world.root, "Sở", (keeper,)),
    )  # fmt: skip
    await watch.rule(HOT, chain=chain)
    await watch.alarms.setup.start_drill(
        red.viewer, until_ms=watch.clock.now_ms() + 600_000, reason="Diễn tập PCCC"
    )
    watch.send(device, temp=31.0)
    await watch.judge()
    await watch.deliver()

    assert [to for to, _ in watch.inbox.mails] == ["truc@example.org"]
    assert watch.hook.calls == []
    assert (await watch.list())[0].drill


async def test_a_dead_receiver_delays_nobody_else_and_is_tried_again(watch: Watch) -> None:
    """ChirpStack 364, Orion 3539: one dead endpoint starves the others."""
    red = watch.world.red
    await person_with_mail(watch)
    watch.hook.status = 500
    hook = await watch.alarms.setup.add_webhook(
        red.viewer, Webhook(name="Hỏng", url=f"http://127.0.0.1:{watch.hook.port}/x")
    )
    await watch.rule(HOT, chain=await chain_of(watch, {"webhooks": [hook]}))
    watch.send(red.devices[0], temp=31.0)
    await watch.judge()
    await watch.deliver()
    assert (len(watch.inbox.mails), len(watch.hook.calls)) == (1, 1)
    watch.hook.status = 200
    watch.clock.advance(10_000)
    await watch.deliver()

    keys = {headers["idempotency-key"] for headers, _ in watch.hook.calls}
    assert (len(watch.hook.calls), len(keys)) == (2, 1)
    assert json.loads(watch.hook.calls[-1][1])["link"].startswith("http://tram.example/alarms/")
    log = await watch.alarms.personal.notices(red.viewer)
    assert {(n.state, n.attempts) for n in log} == {("sent", 1), ("sent", 2)}


async def test_judging_waits_out_an_outage_says_so_and_loses_nothing(watch: Watch) -> None:
    """TB 5238, 9625: the queue stops silently until a restart, what came meanwhile is lost."""
    await watch.rule(HOT)
    await watch.judge()
    consumer, write = watch.consumer, watch.block_writer.commit
    said: list[str | None] = []

    async def away(*given) -> bool:
        said.append(consumer.problem())
        if len(said) < 4:
            raise Unavailable("registry.away", "The registry does not answer.")
        return await write(*given)

    watch.block_writer.commit = away
    watch.send(watch.world.red.devices[0], temp=31.0)
    await watch.judge()

    assert said[0] is None
    assert all("registry does not answer" in sentence for sentence in said[1:])
    assert consumer.problem() is None
    assert [a.state for a in await watch.list()] == ["active"]


async def test_every_part_goes_on_after_a_restart(watch: Watch) -> None:
    """Orion-LD 529, 1708: subscriptions are dead after a restart."""
    device = watch.world.red.devices[0]
    await person_with_mail(watch)
    await watch.rule(HOT, chain=await chain_of(watch, {}, {"after_s": 300}))
    watch.send(device, temp=31.0)
    await watch.judge()
    await watch.deliver()
    watch.renew()
    watch.clock.advance(301_000)
    await watch.deliver()
    watch.send(device, temp=20.0)
    await watch.judge()
    await watch.deliver()

    assert len(watch.inbox.mails) == 3, "told, escalated after the restart, told of the end"
    assert [(a.state, a.count) for a in await watch.list()] == [("cleared", 1)]


async def test_shelving_needs_a_reason_and_an_end(watch: Watch) -> None:
    device = watch.world.red.devices[0]
    await watch.rule(HOT)
    watch.send(device, temp=31.0)
    await watch.judge()
    alarm = (await watch.list())[0].id
    with refused("alarm.deed_wrong"):
        await watch.act(alarm, "shelve")
    await watch.act(
        alarm, "shelve", note="Chờ phụ tùng", until_ms=watch.clock.now_ms() + 3_600_000
    )

    assert [a.held for a in await watch.list(held=True)] == ["shelved"]
    watch.clock.advance(3_600_001)
    await watch.deliver()
    assert [a.held for a in await watch.list()] == [""]


async def test_no_other_organisation_sees_or_touches_an_alarm(watch: Watch) -> None:
    blue = watch.world.blue.viewer
    await watch.rule(HOT)
    watch.send(watch.world.red.devices[0], temp=31.0)
    watch.send(watch.world.blue.devices[0], temp=31.0)
    await watch.judge()

    alarms = await watch.list()

    assert [a.device for a in alarms] == [watch.world.red.devices[0]]
    assert await watch.list(blue) == []
    assert (await watch.alarms.console.counts(blue)).open == 0
    with refused("alarm.unknown"):
        await watch.alarms.console.one(blue, alarms[0].id)
