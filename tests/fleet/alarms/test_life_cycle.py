"""Whatever comes in whatever order, an alarm is in the state that the documentation says."""

from dataclasses import dataclass, field
from random import Random

from tests.fleet.alarms.conftest import MINUTE_MS, Watch
from tram.fleet.alarms.console.alarm_filter import AlarmFilter

ALARMS, STEPS = 12, 8
DEEDS = ("up", "up", "down", "down", "ack", "ack", "clear", "shelve", "comment")


@dataclass
class Told:
    """One rule and one device as docs/rules.md says it; ``rows`` are [state, count, held], newest last."""

    is_beyond: bool = False
    rows: list[list] = field(default_factory=list)

    @property
    def newest(self) -> list | None:
        return self.rows[-1] if self.rows and self.rows[-1][0] != "over" else None

    def happen(self, deed: str) -> None:
        if deed == "up" and not self.is_beyond:
            self.is_beyond = True
            self._begin()
        elif deed == "down" and self.is_beyond:
            self.is_beyond = False
            if self.newest is not None:
                self.newest[0] = "over" if self.newest[0] == "acked" else "cleared"
        elif deed == "ack" and self.newest is not None:
            self.newest[0] = "over" if self.newest[0] == "cleared" else "acked"
        elif deed == "clear" and self.newest is not None:
            self.newest[0] = "over"
        elif deed == "shelve" and self.newest is not None:
            self.newest[2] = "shelved"

    def _begin(self) -> None:
        if self.newest is None:
            self.rows.append(["active", 1, ""])
        else:  # it was over in itself, but nobody had seen it
            self.newest[:2] = "active", self.newest[1] + 1


async def all_alarms(watch: Watch, **wanted: int) -> list:
    """Return every alarm, the oldest first; those that something keeps quiet have a list of their own."""
    pages = [
        await watch.alarms.console.page(
            watch.world.red.viewer, AlarmFilter(state="all", held=held, **wanted), limit=200
        )
        for held in (False, True)
    ]
    assert [page.next_after for page in pages] == [None, None]
    return sorted((item for page in pages for item in page.items), key=lambda item: item.id)


async def happen(watch: Watch, rule: int, deed: str) -> None:
    """Let one thing happen: a reading comes, or somebody does something to the newest alarm."""
    if deed in ("up", "down"):
        watch.send(watch.world.red.devices[0], **{f"m{rule}": 2.0 if deed == "up" else 0.0})
        return
    found = await all_alarms(watch, rule=rule)
    if found and found[-1].state != "over":
        until_ms = watch.clock.now_ms() + 60 * MINUTE_MS
        given = {"note": "Chờ phụ tùng", "until_ms": until_ms} if deed == "shelve" else {}
        await watch.act(
            found[-1].id, deed, **given | ({"note": "Đã gọi"} if deed == "comment" else {})
        )


async def test_any_order_of_what_happens_gives_the_documented_states(watch: Watch) -> None:
    random = Random(1)
    told: dict[int, Told] = {}
    for number in range(1, ALARMS + 1):
        rule = await watch.rule({"kind": "limit", "metric": f"m{number}", "high": 1})
        assert rule.id == number, "its metric has the rule's number"
        told[number] = Told()
    for step in range(STEPS):
        for rule, expected in told.items():
            deed = random.choice(DEEDS)
            await happen(watch, rule, deed)
            expected.happen(deed)
        if step % 4 == 3:
            watch.renew()  # the log is read again from its beginning
        await watch.judge()
        found: dict[int, list] = {rule: [] for rule in told}
        for alarm in await all_alarms(watch):
            found[alarm.rule].append([alarm.state, alarm.count, alarm.held])
        assert found == {rule: expected.rows for rule, expected in told.items()}

    rows = [row for expected in told.values() for row in expected.rows]
    assert {state for state, *_ in rows} == {"active", "acked", "cleared", "over"}
    waiting = [(state, held) for state, _, held in rows if state != "over"]
    counts = await watch.alarms.console.counts(watch.world.red.viewer)
    assert counts.open == sum(held == "" for _, held in waiting)
    assert counts.held == sum(held != "" for _, held in waiting)
    assert counts.unacked == sum(state != "acked" and held == "" for state, held in waiting)
