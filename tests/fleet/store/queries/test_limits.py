"""How a question's devices and scope become conditions of a statement."""

from types import SimpleNamespace

import numpy as np

from tram.fleet.store.queries.limits import RANGES_MAX, RowConditions, limits_of
from tram.fleet.store.queries.questions import Selection
from tram.fleet.store.views import ScopeAsked

METRICS = ("t", "h")


def series_index(devices: int) -> SimpleNamespace:
    """Return two metrics for each device, numbered one after the other."""
    return SimpleNamespace(
        series_of={device: [2 * device, 2 * device + 1] for device in range(devices)},
        metric=[METRICS[number % 2] for number in range(2 * devices)],
        words=list(METRICS),
        metric_ids=np.arange(2 * devices) % 2,
    )


def known(fitting: set[int], *, is_lent: bool = False) -> SimpleNamespace:
    """Return what the store knows of devices and of organisation 7 with 8 below it."""
    return SimpleNamespace(
        is_lent=lambda _org, _now_ms: is_lent,
        subtree=lambda org: [org, org + 1],
        fitting=lambda _scope, devices: [device for device in devices if device in fitting],
    )


def limits(
    devices: list[int], lookup: SimpleNamespace, known: SimpleNamespace, metric: str = "", scopes=1
) -> RowConditions:
    selection = Selection(devices=devices, metric=metric)
    return limits_of(selection, [ScopeAsked(7, None, None)] * scopes, lookup, 0, known)


def test_neighbours_are_one_range_also_of_one_metric_among_others() -> None:
    found = limits(list(range(3, 9)), series_index(20), known(set(range(20))), "h")

    assert found.narrow == (
        "(series BETWEEN {from0:UInt32} AND {to0:UInt32}) AND metric = {metric:String}"
    )
    assert (found.params["from0"], found.params["to0"]) == ("7", "17")
    assert found.scope == "org_id IN {scope_orgs:Array(Int64)}"
    assert found.params["scope_orgs"] == "[7, 8]"


def test_a_hole_makes_two_ranges_and_devices_out_of_scope_none() -> None:
    found = limits([1, 2, 3, 5, 6], series_index(9), known({1, 2, 5}))

    ranges = [(found.params[f"from{k}"], found.params[f"to{k}"]) for k in range(2)]
    assert ranges == [("2", "5"), ("10", "11")]
    assert found.narrow.count("BETWEEN") == 2
    assert found.params["devices"] == "[1, 2, 5]"
    assert found.params["their_metrics"] == "['h', 't']"


def test_scattered_devices_are_named_and_nobody_is_nothing() -> None:
    far = list(range(0, 4 * RANGES_MAX, 2))

    scattered = limits(far, series_index(200), known(set(far)))
    nobody = limits(far, series_index(200), known(set()))

    assert "series IN {series:Array(UInt32)}" in scattered.narrow
    assert scattered.params["series"].startswith("[0, 1, 4, 5")
    assert nobody.params["series"] == nobody.params["devices"] == "[]"


def test_loans_and_several_scopes_are_joined_in_the_statement() -> None:
    lent = limits([1], series_index(3), known({1}, is_lent=True))
    both = limits([1], series_index(3), known({1}), scopes=2)

    assert "tram.dim_grant" in lent.scope
    assert both.scope.count("tram.dim_org") == 2
    assert limits([1], series_index(3), known({1}), "t").is_one_series
