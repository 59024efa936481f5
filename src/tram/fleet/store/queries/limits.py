"""What limits a statement: the viewer's scope, and what the question itself names."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from tram.fleet.store.queries.scoping import bound, quoted, scoped
from tram.fleet.store.views import Asked

__all__ = ("Limits", "LoansOf", "limits_of")

LoansOf = Callable[[int], bool]
"""Whether anything is lent to an organisation or those above it now."""


class Limits(NamedTuple):
    """Conditions over org_id, device, metric (and series), and the values that they bind."""

    scope: str
    narrow: str
    devices: str
    params: dict[str, str]

    @property
    def both(self) -> str:
        """Return scope and narrowing as one condition."""
        return f"{self.narrow} AND {self.scope}"


def limits_of(asked: Asked, series: Sequence[int] | None, now_ms: int, is_lent: LoansOf) -> Limits:
    """Return the limits of a question; ``series`` are those of the devices that it names."""
    devices = asked.devices or ([asked.device] if asked.device else [])
    scope = scoped(asked.scopes, now_ms, is_lent, is_few=bool(devices))
    params = scope.params | {
        "metric": bound(asked.metric),
        "devices": str(devices),
        "series": str(list(series or ())),
        "only_zone": str(-1 if asked.zone is None else asked.zone),
        "only_sector": bound(asked.sector or ""),
        "metrics": f"[{', '.join(quoted(metric) for metric in asked.metrics)}]",
    }
    parts, plain = _place(asked), _place(asked)
    if devices:
        parts.append("series IN {series:Array(UInt32)}")
        plain.append("device IN {devices:Array(Int64)}")
    for metric in ("metric = {metric:String}",) if asked.metric else ():
        parts.append(metric)
        plain.append(metric)
    return Limits(scope.condition, " AND ".join(parts) or "1", " AND ".join(plain) or "1", params)


def _place(asked: Asked) -> list[str]:
    if asked.zone is None and asked.sector is None:
        return []
    condition = (
        "device IN (SELECT device FROM tram.dim_device FINAL WHERE gone = 0"
        " AND ({only_zone:Int64} = -1 OR zone = {only_zone:Int64})"
        " AND ({only_sector:String} = '' OR sector = {only_sector:String}))"
    )
    return [condition]
