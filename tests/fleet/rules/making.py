"""Blocks and engines for tests of the rules."""

import msgspec

from tram.fleet.block.block import Block, BlockBuilder, BlockHeader, Message, decode_block
from tram.fleet.device.rows import Row
from tram.fleet.rules.arrays import ConditionEvent
from tram.fleet.rules.engine import Capacities, RuleEngine
from tram.fleet.rules.kinds import Rule, Spec
from tram.registry.kernel.changes import DevicePut, OrgPut

ORG = 1
NOW = 1_795_000_000_000
WITH_ROOM = Capacities()


def block(received: int, *messages: tuple[int, list[Row]], number: int = 1) -> Block:
    builder = BlockBuilder()
    for device, rows in messages:
        builder.add_message(Message(device, ORG, 0, False, 1, 1, 1), rows)
    return decode_block(builder.encode(BlockHeader("boot000000000001", number, received)))


def engine_of(
    *specs: dict | Spec, devices: int = 3, rooms: Capacities = WITH_ROOM, **given: object
) -> RuleEngine:
    engine = RuleEngine(rooms=rooms)
    puts = [DevicePut(number, ORG, None, "energy", 1) for number in range(1, devices + 1)]
    engine.set_facts(1, [OrgPut(ORG, [ORG]), *puts])
    engine.set_rules([rule(number, spec, **given) for number, spec in enumerate(specs, 1)])
    return engine


def rule(number: int, spec: dict | Spec, **given: object) -> Rule:
    spec = msgspec.convert(spec, Spec) if isinstance(spec, dict) else spec
    return Rule(id=number, version=1, org=ORG, spec=spec, **given)


def said(engine: RuleEngine, transitions) -> list[tuple]:
    rules = engine.binding.rules
    return [
        (rules[line["rule"]].id, ConditionEvent(line["kind"]).name, int(line["start"]), int(line["at"]),
         bool(line["retro"]))
        for line in transitions
    ]  # fmt: skip
