"""Rules, alarms and what surrounds them, one of each for a party of the tests."""

from tests.api.party import Party
from tram.fleet.alarms.alarms import Alarms
from tram.fleet.alarms.console.alarm_filter import AlarmFilter
from tram.fleet.alarms.escalation_chains import EscalationStep
from tram.fleet.alarms.raising.transition_writer import TransitionWriter
from tram.fleet.alarms.raising.transitions import Transition
from tram.fleet.alarms.views import (
    Calendar,
    Chain,
    NewMaintenance,
    NewRule,
    RuleContent,
    Webhook,
)
from tram.fleet.rules.arrays import ConditionEvent
from tram.fleet.rules.kinds import Hours, Limit
from tram.registry.kernel.viewer import Viewer
from tram.registry.registry import Registry
from tram.runtime.clock import ManualClock

__all__ = ("give_alarms",)

HOUR_MS = 3_600_000


async def give_alarms(registry: Registry, own: Viewer, party: Party, now_ms: int) -> None:
    """Give a party a rule with an open alarm, a chain, calendar, webhook, window and drill."""
    clock = ManualClock(now_ms)
    alarms = Alarms(registry.database, clock, b"a key of thirty-two bytes, really")
    mark, org = party.mark, int(party.org)
    content = RuleContent(spec=Limit(metric="omega", high=0))
    new = NewRule(name=f"{mark} luật", severity="info", content=content, org=org, enabled=True)
    rule = await alarms.rules.create(own, new)
    raised = Transition(
        ConditionEvent.RAISE, rule.id, 1, int(party.devices[0].id), now_ms, now_ms, 1.0, retro=False,
        seq=int(party.org),
    )  # fmt: skip
    await TransitionWriter(registry.database, clock).commit(1, raised.seq, [raised])
    setup = alarms.setup
    span = (now_ms - HOUR_MS, now_ms + HOUR_MS)
    work = NewMaintenance(
        from_ms=span[0], until_ms=span[1], reason=mark, device=party.devices[1].id
    )
    hook = Webhook(name=mark, url=f"https://{mark.lower()}.example/x", org=org)
    party.things |= {
        "rule": rule.id,
        "chain": await setup.add_chain(
            own, Chain(name=mark, steps=[EscalationStep(after_s=0)], org=org)
        ),
        "calendar": await setup.add_calendar(
            own, Calendar(name=mark, hours=[Hours(days=[0])], org=org)
        ),
        "webhook": await setup.add_webhook(own, hook),
        "window": await setup.add_window(own, work),
        "drill": await setup.start_drill(own, until_ms=span[1], reason=mark),
        "filter_id": await alarms.personal.save_filter(own, mark, "state=all"),
    }
    opened = await alarms.console.page(own, AlarmFilter())
    party.things["alarm"] = opened.items[0].id
    party.things["incident"] = opened.items[0].incident or 1
