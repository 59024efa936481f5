"""C21–C25: what was asked for, what is planned, what is requested."""

import re

from tram.report.checks.case import Case, RuleOutcome, broken, kept
from tram.report.checks.finding_wording import Unglossed, joined, wording
from tram.report.formats import day_short

__all__ = (
    "answer_days",
    "one_kind_each",
    "plan_covers_request",
    "rules_in_force",
    "steps_answered",
)

_STEPS = ("build", "issue", "carry-out")
_KINDS = ("rule", "money", "referral", "training")
_ZONE_KINDS = ("khu công nghiệp", "cụm công nghiệp", "khu kinh tế")
_PLAN = re.compile(r"[“\"](Kế hoạch[^”\"]+)[”\"]")
_REQUEST_UNKNOWN = broken("request.unknown")


def steps_answered(case: Case) -> RuleOutcome:
    """C21: each step that was asked for (build, issue, carry out a plan) is done."""
    request = case.sources.request
    if request is None:
        return _REQUEST_UNKNOWN
    states = {
        task.step: task.state for task in case.sources.tasks if task.document_key == request.key
    }
    found = [(step, states.get(step, "assigned")) for step in request.asks if step in _STEPS]
    holds = bool(found) and all(state == "done" for _, state in found)
    steps = [
        joined((wording(f"step.{step}"), wording(f"state.{state}")), ": ") for step, state in found
    ]
    return RuleOutcome(holds, wording("request.steps", steps=joined(steps, "; ")))


def plan_covers_request(case: Case) -> RuleOutcome:
    """C22: the plan's title covers the kinds of zones that the request names."""
    request = case.sources.request
    if request is None:
        return _REQUEST_UNKNOWN
    titles = [title for text in case.texts("3") for title in _PLAN.findall(text)]
    asked = [kind for kind in _ZONE_KINDS if kind in request.subject]
    dropped = [kind for kind in asked if titles and not any(kind in title for title in titles)]
    if titles and not dropped:
        return kept("plan.covers", asked=Unglossed(f": {', '.join(asked)}"))
    if not titles:
        return broken("plan.unnamed")
    return broken("plan.drops", asked=", ".join(asked), dropped=", ".join(dropped))


def answer_days(case: Case) -> RuleOutcome:
    """C23: the days between request and answer, for information."""
    request = case.sources.request
    if request is None or request.issued_on is None:
        return _REQUEST_UNKNOWN
    days = (case.letter.as_of - request.issued_on).days
    dates = f"{day_short(request.issued_on)} – {day_short(case.letter.as_of)}"
    return kept("request.days", dates=dates, days=days)


def rules_in_force(case: Case) -> RuleOutcome:
    """C24: a request for a new rule is compared with the rules in force."""
    asked = [r for r in case.sources.recommendations if r.existing and r.state == "sent"]
    if not asked:
        return kept("recommendations.new")
    found = "; ".join(f"{r.code}: {', '.join(r.existing)}" for r in asked)
    return broken("recommendations.in_force", found=found)


def one_kind_each(case: Case) -> RuleOutcome:
    """C25: one recommendation asks for one kind of thing."""
    mixed = [r for r in case.sources.recommendations if len(r.kinds) > 1 and r.state == "sent"]
    if not mixed:
        return kept("recommendations.one_kind")
    kinds = {kind for r in case.sources.recommendations for kind in r.kinds}
    named = joined((wording(f"kind.{kind}") for kind in _KINDS if kind in kinds), ", ")
    codes = ", ".join(r.code for r in mixed)
    return broken("recommendations.mixed", kinds=named, codes=codes)
