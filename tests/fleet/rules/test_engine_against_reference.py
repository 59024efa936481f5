"""On random streams with late, doubled and revised readings the engine says what plain code says."""

import operator

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fleet.rules.making import NOW, block, engine_of, said
from tests.fleet.rules.reference import COMPARISONS, DAY, Reference
from tram.fleet.device.rows import Row
from tram.fleet.rules.engine import Capacities

MINUTE = 60_000
bounds = st.fixed_dictionaries(
    {
        "op": st.sampled_from(["above", "below", "outside"]),
        "high": st.sampled_from([3.0, 5.0]),
        "low": st.sampled_from([1.0, 2.0]),
        "hysteresis": st.sampled_from([0.0, 1.0]),
    }
)
dwells = st.fixed_dictionaries(
    {"dwell_s": st.sampled_from([0, 60, 180]), "clear_s": st.sampled_from([0, 60, 120])}
)
hours = st.lists(
    st.fixed_dictionaries(
        {
            "days": st.lists(st.integers(0, 6), min_size=1, max_size=7),
            "start": st.integers(0, 1439),
            "end": st.integers(0, 1440),
        }
    ),
    min_size=1,
    max_size=6,
)


def kind(name, *parts, **fields):
    merged = st.tuples(*parts, st.fixed_dictionaries(fields))
    return merged.map(lambda found: {"kind": name} | {k: v for p in found for k, v in p.items()})


metrics = st.sampled_from(["a", "b"])
expressions = st.tuples(st.sampled_from(sorted(COMPARISONS)), st.sampled_from([2, 4])).map(
    lambda found: {
        "when": f"(a {found[0]} {found[1]} and not b > 3) or a / b > 2",
        "python": lambda a, b: _expected(COMPARISONS[found[0]], found[1], a, b),
    }
)


def _expected(compare, number, a, b):
    ratio = a / b  # a division by zero leaves nothing to say, wherever it stands
    return (compare(a, number) and not b > 3) or operator.gt(ratio, 2)


specs = st.one_of(
    kind("limit", bounds, dwells, metric=metrics),
    kind("schedule", bounds, dwells, metric=metrics, hours=hours),
    kind("rate", bounds, dwells, metric=metrics, per_s=st.sampled_from([60, 300])),
    kind("stuck", metric=metrics, for_s=st.sampled_from([60, 240]),
         tolerance=st.sampled_from([0.0, 1.0])),
    kind("missing", metric=st.sampled_from(["", "a"]), for_s=st.sampled_from([10, 60])),
    kind("window", bounds, dwells, metric=metrics, window_s=st.sampled_from([120, 1200]),
         aggregate=st.sampled_from(["mean", "max", "min", "sum", "count"]),
         least=st.integers(1, 3)),
    kind("compare", bounds, dwells, metric=st.just("a"), other=st.just("b"),
         max_age_s=st.sampled_from([60, 600])),
    kind("geofence", dwells, lon=st.just("a"), lat=st.just("b"),
         polygon=st.just([(1.0, 1.0), (4.0, 1.0), (4.0, 4.0), (1.0, 4.0)]),
         must_be=st.sampled_from(["inside", "outside"]), max_age_s=st.sampled_from([60, 600])),
    st.tuples(kind("expression", dwells, max_age_s=st.sampled_from([60, 600])), expressions).map(
        lambda found: found[0] | found[1]
    ),
)  # fmt: skip
values = st.one_of(st.integers(0, 7).map(float), st.none())
readings = st.tuples(st.sampled_from(["a", "a", "b"]), st.integers(0, 40), values)
messages = st.lists(readings, min_size=1, max_size=4)
blocks = st.lists(
    st.tuples(
        st.sampled_from([0, 1_000, 10_000, 29_000, MINUTE, 20 * MINUTE]),
        st.lists(messages, max_size=4),
    ),
    min_size=1,
    max_size=25,
)


def seen(spec: dict) -> dict:
    """The rule as the reference takes it."""
    inputs = {
        "compare": ["a", "b"],
        "geofence": ["a", "b"],
        "expression": ["a", "b"],
    }
    return spec | {"inputs": inputs.get(spec["kind"], [])}


chosen_rules = st.lists(specs, min_size=1, max_size=4)
delays = st.sampled_from([0, DAY - 20 * MINUTE])


@given(chosen=chosen_rules, stream=blocks, behind=delays)
def test_the_engine_says_what_plain_code_says(chosen, stream, behind) -> None:
    must_say_the_same(chosen, stream, behind, Capacities())


@settings(max_examples=40)
@given(chosen=chosen_rules, stream=blocks, behind=delays)
def test_it_says_the_same_where_every_list_of_the_kernels_is_too_short(
    chosen, stream, behind
) -> None:
    must_say_the_same(chosen, stream, behind, Capacities(out=1, dirty=1, episodes=1))


def must_say_the_same(chosen, stream, behind, rooms: Capacities) -> None:
    engine = engine_of(
        *({k: v for k, v in spec.items() if k != "python"} for spec in chosen),
        devices=1,
        rooms=rooms,
    )
    reference = Reference([seen(spec) | {"id": n} for n, spec in enumerate(chosen, 1)])
    received = NOW + behind
    for seq, (later, sent) in enumerate(stream, 1):
        received += later
        times = [[(m, NOW + step * MINUTE, v) for m, step, v in message] for message in sent]
        expected = reference.block(received, times)
        rows = [
            (1, [Row(m, t, "text" if v is None else v) for m, t, v in message])
            for message in times
        ]
        found = said(engine, engine.apply(seq, block(received, *rows)))
        assert by_rule(found) == by_rule(expected), (seq, later, sent)


def by_rule(lines: list[tuple]) -> dict[int, list[tuple]]:
    sorted_out: dict[int, list[tuple]] = {}
    for line in lines:
        sorted_out.setdefault(line[0], []).append(line[1:])
    return sorted_out
