"""The condition of a rule as a formula that reads the same in every language."""

from tram.fleet.alarms.views import RuleContent
from tram.fleet.rules.kinds import (
    AggregateWindow,
    Compare,
    Expression,
    Geofence,
    Limit,
    Missing,
    Rate,
    Schedule,
    Stuck,
)

__all__ = ("condition_text",)


_Bounded = Limit | Schedule | Rate | AggregateWindow | Compare


def condition_text(content: RuleContent) -> str:
    """Return the condition of a rule, with how long it must hold: ``COD > 63 (≥ 10 s)``."""
    spec = content.spec
    match spec:
        case Stuck():
            return f"{spec.metric} ± {spec.tolerance:g} (≥ {spec.for_s} s)"
        case Missing():
            return f"{spec.metric or '∗'} = ∅ (≥ {spec.for_s} s)"
        case Geofence():
            sign = "∉" if spec.must_be == "inside" else "∈"
            text = f"({spec.lon}, {spec.lat}) {sign} [{len(spec.polygon)}]"
        case Expression():
            text = spec.when
        case _:
            text = _bound(spec)
    return f"{text} (≥ {spec.dwell_s} s)" if spec.dwell_s else text


def _bound(spec: _Bounded) -> str:
    what = spec.metric
    match spec:
        case Rate():
            what = f"Δ{what}/{spec.per_s} s"
        case AggregateWindow():
            what = f"{spec.aggregate}({what}, {spec.window_s} s)"
        case Compare():
            other = "" if spec.other_device is None else f"#{spec.other_device} "
            what = f"{what} − {other}{spec.other}"
        case _:
            pass
    above, below = f"{what} > {spec.high:g}", f"{what} < {spec.low:g}"
    return {"above": above, "below": below}.get(spec.op, f"{below} ∨ {above}")
