"""Free topics: which decoder of a profile reads which topic, and how."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tram.fleet.device.decoder import Decode, installed_decoders
from tram.runtime.errors import Fault, Refused

__all__ = ("TopicRule", "compile_rules", "matches", "rule_of")

RULES_MAX: Final = 50


@dataclass(frozen=True, slots=True)
class TopicRule:
    """Messages of topics that match ``topic_filter`` are read by ``decode``."""

    topic_filter: str
    decode: Decode


def compile_rules(rules: Sequence[Mapping[str, Any]]) -> tuple[TopicRule, ...]:
    """Return the rules of ``[{"topic", "decoder", …options}]``.

    Raises:
        Refused: ``topic_rule.wrong`` with every fault.
    """
    decoders = installed_decoders()
    faults: list[Fault] = []
    done: list[TopicRule] = []
    for place, rule in enumerate(rules[:RULES_MAX]):
        field = f"[{place}]"
        topic, decoder = rule.get("topic"), str(rule.get("decoder"))
        if not isinstance(topic, str) or not topic or topic.startswith(("v1/", "$", "/")):
            faults.append(Fault(f"{field}.topic", "topic.filter"))
        elif decoder not in decoders:
            faults.append(
                Fault(f"{field}.decoder", "decoder.unknown", {"choices": ", ".join(decoders)})
            )
        else:
            try:
                done.append(TopicRule(topic, decoders[decoder].build(rule)))
            except ValueError as error:
                faults.append(Fault(field, "decoder.wrong", {"problem": str(error)}))
    if len(rules) > RULES_MAX:
        faults.append(Fault("", "topic.rules", {"most": RULES_MAX}))
    if faults:
        raise Refused(
            "topic_rule.wrong",
            "A rule of a free topic is wrong: " + "; ".join(f.sentence for f in faults),
            "",
            tuple(faults),
        )
    return tuple(done)


def rule_of(rules: Sequence[TopicRule], topic: str) -> TopicRule | None:
    """Return the first rule that matches a topic."""
    for rule in rules:
        if matches(rule.topic_filter, topic):
            return rule
    return None


def matches(topic_filter: str, topic: str) -> bool:
    """Tell whether a topic is one of those that a filter asks for (4.7)."""
    if topic_filter == topic:
        return True
    wanted, given = topic_filter.split("/"), topic.split("/")
    if topic.startswith("$") and wanted[0] in ("+", "#"):
        return False  # 4.7.2-1
    for place, level in enumerate(wanted):
        if level == "#":
            return True
        if place >= len(given) or level not in ("+", given[place]):
            return False
    return len(wanted) == len(given)
