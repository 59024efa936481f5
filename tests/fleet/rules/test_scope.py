"""A rule is for the devices of its organisation and those below that match every part of its scope."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fleet.rules.making import NOW, block
from tram.fleet.device.rows import Row
from tram.fleet.rules.engine import RuleEngine
from tram.fleet.rules.kinds import Limit, Rule, RuleScope
from tram.registry.kernel.changes import DeviceGone, DevicePut, OrgPut

ABOVE = {1: [1], 2: [2, 1], 3: [3, 2, 1], 4: [4, 1]}
NUMBERS = range(1, 7)
SECTORS = ("energy", "safety")

places = st.tuples(
    st.sampled_from(list(ABOVE)),
    st.sampled_from([None, 5, 6]),
    st.sampled_from(SECTORS),
    st.integers(1, 2),
)
devices = st.fixed_dictionaries({}, optional=dict.fromkeys(NUMBERS, places))
changes = st.fixed_dictionaries({}, optional=dict.fromkeys(NUMBERS, st.none() | places))
scopes = st.builds(
    RuleScope,
    profile=st.sampled_from([None, None, 1]),
    zone=st.sampled_from([None, None, 5]),
    sector=st.sampled_from([None, None, *SECTORS, "traffic"]),
    devices=st.none() | st.lists(st.integers(1, 8), max_size=4),
)
rules = st.builds(
    Rule, id=st.just(1), version=st.just(1), org=st.sampled_from(list(ABOVE)),
    spec=st.just(Limit(metric="v", high=1.0)), scope=scopes,
)  # fmt: skip


def chosen(rule: Rule, there: dict[int, tuple]) -> set[int]:
    """Which devices the documentation says that a rule is for."""
    scope = rule.scope
    return {
        number
        for number, (org, zone, sector, profile) in there.items()
        if rule.org in ABOVE[org]
        and scope.profile in {None, profile}
        and scope.zone in {None, zone}
        and scope.sector in {None, sector}
        and (scope.devices is None or number in scope.devices)
    }


def put(number: int, place: tuple | None) -> DevicePut | DeviceGone:
    return DeviceGone(number) if place is None else DevicePut(number, *place)


def raised(engine: RuleEngine, seq: int) -> set[int]:
    """Let every device be beyond the limit, known or not; return for whom an alarm begins."""
    at = NOW + seq * 1_000
    sent = [(number, [Row("v", at, 2.0)]) for number in NUMBERS]
    found = engine.apply(seq, block(at, *sent))
    return set(found["device"].tolist())


@given(rules, devices, changes)
@settings(max_examples=60)
def test_a_rule_follows_its_devices_wherever_they_come_or_go(rule, there, changed) -> None:
    engine = RuleEngine()
    engine.set_facts(1, [*(OrgPut(org, above) for org, above in ABOVE.items())])
    engine.set_rules([rule])
    engine.set_facts(2, [put(number, place) for number, place in there.items()])
    before = chosen(rule, there)
    assert raised(engine, 1) == before

    retired = engine.set_facts(3, [put(number, place) for number, place in changed.items()])

    later = {n: place for n, place in (there | changed).items() if place is not None}
    after = chosen(rule, later)
    stays = {n for n in before & after if there[n][0] == later[n][0]}
    assert {one.device for one in retired} == before - stays, "with another owner it is over"
    assert raised(engine, 2) == after - stays


@given(rules, devices)
@settings(max_examples=40)
def test_a_new_version_begins_afresh_and_an_unchanged_one_goes_on(rule, there) -> None:
    engine = RuleEngine()
    facts = [put(number, place) for number, place in there.items()]
    engine.set_facts(1, [*(OrgPut(org, above) for org, above in ABOVE.items()), *facts])
    other = Rule(id=2, version=1, org=1, spec=Limit(metric="w", high=1.0))
    engine.set_rules([rule])
    open_now = raised(engine, 1)

    assert engine.set_rules([other, rule]) == []
    assert raised(engine, 2) == set()
    renewed = Rule(id=1, version=2, org=rule.org, spec=rule.spec, scope=rule.scope)
    ended = engine.set_rules([renewed, other])

    assert {(one.rule, one.version, one.device) for one in ended} == {(1, 1, d) for d in open_now}
    assert raised(engine, 3) == open_now
