"""What limits a statement: the viewer's scope, and what the question itself names."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tram.fleet.store.queries.questions import Selection
from tram.fleet.store.queries.scoping import (
    Scoped,
    bound,
    named_devices,
    owned_by,
    quoted_list,
    scoped,
)
from tram.fleet.store.state.dimensions import Dimensions
from tram.fleet.store.state.latest import LatestBoard
from tram.fleet.store.views import ScopeAsked
from tram.runtime.errors import Refused

__all__ = ("RowConditions", "limits_of", "lines_bound")

LINES_MAX = 1_000

METRICS_MAX = 64
"""Metrics that a statement names beside devices; of more it looks for their series alone."""
RANGES_MAX = 16
"""Ranges of series that a statement names; of more it names the series."""


class RowConditions(NamedTuple):
    """Conditions over org_id, device, metric (and series), and the values that they bind."""

    scope: str
    narrow: str
    devices: str
    params: dict[str, str]
    is_named: bool = False
    """Whether ``devices`` names them (``{devices:Array(Int64)}``)."""
    is_one_series: bool = False

    @property
    def both(self) -> str:
        """Return scope and narrowing as one condition."""
        return f"{self.narrow} AND {self.scope}"


def limits_of(
    selection: Selection,
    scopes: Sequence[ScopeAsked],
    series_index: LatestBoard,
    now_ms: int,
    known: Dimensions,
) -> RowConditions:
    """Return the limits of what is selected within some scopes.

    Rollups lie by metric first: where the question names devices only, their few metrics are named
    too, so that a statement reads their places and not all.
    """
    devices = selection.devices or ([selection.device] if selection.device else [])
    few = named_devices(scopes, devices, now_ms, known)
    if few is None:
        scope = scoped(scopes, now_ms, known.is_lent, is_few=bool(devices))
    else:
        scope = owned_by(scopes[0].org, known)
    wanted = devices if few is None else few
    series = [
        number
        for device in wanted
        for number in series_index.series_of.get(device, ())
        if not selection.metric or series_index.metric[number] == selection.metric
    ]
    metrics = {series_index.metric[number] for number in series}
    params = scope.params | {
        "metric": bound(selection.metric),
        "devices": str(wanted),
        "only_zone": str(-1 if selection.zone is None else selection.zone),
        "only_sector": bound(selection.sector or ""),
        "their_metrics": quoted_list(sorted(metrics)),
    }
    parts, plain = _place(selection), _place(selection)
    if devices:
        among = _among(series, metrics if len(metrics) <= METRICS_MAX else None, series_index)
        parts.append(among.condition)
        params |= among.params
        plain.append("device IN {devices:Array(Int64)}")
    if selection.metric:
        parts.append("metric = {metric:String}")
        plain.append("metric = {metric:String}")
    elif devices and len(metrics) <= METRICS_MAX:
        parts.append("metric IN {their_metrics:Array(String)}")
    narrow, of_devices = " AND ".join(parts) or "1", " AND ".join(plain) or "1"
    is_one = bool(devices) and len(series) == 1
    return RowConditions(scope.condition, narrow, of_devices, params, bool(devices), is_one)


def lines_bound(limit: int) -> str:
    """Return how many lines are listed, as a bound parameter.

    Raises:
        Refused: ``store.question`` for none or too many.
    """
    if not 1 <= limit <= LINES_MAX:
        raise Refused("store.question", f"Between 1 and {LINES_MAX} lines are listed at once.")
    return str(limit)


def _among(series: list[int], metrics: set[str] | None, series_index: LatestBoard) -> Scoped:
    """Return the condition that a row is of these series: as few ranges, or one by one.

    A list of ten thousand numbers takes longer to read than their rows. A range may hold series of
    other metrics: the statement names its metrics beside it.
    """
    numbers = np.sort(np.array(series, np.int64))
    if len(numbers):
        between = np.arange(numbers[0], numbers[-1] + 1)
        if metrics is not None:
            words = [place for place, word in enumerate(series_index.words) if word in metrics]
            between = between[np.isin(series_index.metric_ids[between], words)]
        edges = np.diff(np.isin(between, numbers).astype(np.int8), prepend=0, append=0)
        firsts, lasts = between[edges[:-1] == 1], between[edges[1:] == -1]
        if len(firsts) <= RANGES_MAX:
            pairs = enumerate(zip(firsts.tolist(), lasts.tolist(), strict=True))
            texts = [
                f"series BETWEEN {{from{k}:UInt32}} AND {{to{k}:UInt32}}"
                for k in range(len(firsts))
            ]
            params = {
                name: str(n) for k, (a, b) in pairs for name, n in ((f"from{k}", a), (f"to{k}", b))
            }
            return Scoped(f"({' OR '.join(texts)})", params)
    return Scoped("series IN {series:Array(UInt32)}", {"series": str(series)})


def _place(selection: Selection) -> list[str]:
    if selection.zone is None and selection.sector is None:
        return []
    condition = (
        "device IN (SELECT device FROM tram.dim_device FINAL WHERE gone = 0"
        " AND ({only_zone:Int64} = -1 OR zone = {only_zone:Int64})"
        " AND ({only_sector:String} = '' OR sector = {only_sector:String}))"
    )
    return [condition]
