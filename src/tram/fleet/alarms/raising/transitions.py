"""What the engine says, as the registers take it: rule and device by number, times in epoch ms."""

from collections.abc import Iterable
from typing import NamedTuple

from tram.fleet.rules.arrays import Array, ConditionEvent
from tram.fleet.rules.binding import Retired
from tram.fleet.rules.kinds import Rule

__all__ = ("Transition", "retirements_of", "transitions_of")


class Transition(NamedTuple):
    """One transition of one rule for one device, and the block that brought it."""

    event: ConditionEvent
    rule: int
    version: int
    device: int
    start: int
    at: int
    value: float | None
    retro: bool
    seq: int


def transitions_of(transitions: Array, rules: list[Rule]) -> list[Transition]:
    """Return the engine's lines as happenings, in order."""
    found = []
    for line in transitions.tolist():
        seq, kind, rule, _, device, start, at, value, _, retro = line
        number = value if value == value else None  # noqa: PLR0124  # NaN is no value
        spoken = rules[rule]
        found.append(
            Transition(
                ConditionEvent(kind),
                spoken.id,
                spoken.version,
                device,
                start,
                at,
                number,
                bool(retro),
                seq,
            )
        )
    return found


def retirements_of(retired: Iterable[Retired], at: int, seq: int) -> list[Transition]:
    """Return the ends of episodes whose rule or device is no more."""
    return [
        Transition(
            ConditionEvent.CLEAR,
            one.rule,
            one.version,
            one.device,
            one.start,
            at,
            None,
            False,  # noqa: FBT003  # a field of the tuple
            seq,
        )
        for one in retired
    ]
