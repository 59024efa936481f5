"""A rule tried on the past: the same alarms as if it had been on, within seconds."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from msgspec import convert

from tram.domain.reading import Kind, Quality, Status
from tram.fleet.alarms.rulebook import trial
from tram.fleet.alarms.rulebook.trial import Trial, try_rule
from tram.fleet.alarms.views import RuleContent
from tram.fleet.rules.ready import exercise, is_ready, make_ready
from tram.fleet.store.queries.questions import LatestValues, Question, SeriesRange
from tram.fleet.store.views import Bucket, LatestValue, Series
from tram.registry.kernel.viewer import Viewer

MINUTE_MS, DAY_MS = 60_000, 86_400_000
NOW_MS = 1_795_000_000_000
MONTH = (NOW_MS - 30 * DAY_MS, NOW_MS)
ANYBODY = Viewer(None, 1, "someone", ())


@dataclass
class Past:
    """A store of few series: readings each minute, in slices when there are more than asked for."""

    rows: dict[tuple[int, str], list[tuple[int, Any, int]]] = field(default_factory=dict)
    questions: int = 0

    async def ask(self, _viewer: Viewer, question: Question) -> Any:
        if isinstance(question, LatestValues):
            return self.latest(question.device)
        return self.range(question)

    def latest(self, device: int) -> list[LatestValue]:
        return [
            LatestValue(metric, Kind.FLOAT, 0.0, Status.MEASURING, Quality.GOOD, NOW_MS, NOW_MS)
            for number, metric in self.rows
            if number == device
        ]

    def range(self, asked: SeriesRange) -> Series:
        self.questions += 1
        metric, points = asked.metric, asked.points
        start_ms, end_ms = asked.span.start_ms, asked.span.end_ms
        rows = [row for row in self.rows[asked.device, metric] if start_ms <= row[0] < end_ms]
        if len(rows) <= points:
            times, values, statuses = zip(*rows, strict=True) if rows else ((), (), ())
            return Series(metric, True, list(times), list(values), list(statuses))
        width = -(-(end_ms - start_ms) // points)
        slices: dict[int, list[float]] = {}
        for at_ms, value, _ in rows:
            slices.setdefault((at_ms - start_ms) // width * width + start_ms, []).append(value)
        buckets = [
            Bucket(at, min(some), max(some), some[-1], len(some), len(some))
            for at, some in slices.items()
        ]
        return Series(metric, False, buckets=buckets)


async def tried(past: Past, spec: dict, *devices: int, span=MONTH, **content) -> Trial:
    made = convert({"spec": spec, **content}, RuleContent)
    targets = [(device, f"Máy {device}") for device in devices or (1,)]
    return await try_rule(past, ANYBODY, made, targets, span)


def minutes(*gaps: tuple[int, int], value: float = 1.0) -> list[tuple[int, float, int]]:
    """A month of minutes without those of the gaps [first, last)."""
    return [
        (MONTH[0] + minute * MINUTE_MS, value, Status.MEASURING)
        for minute in range(30 * 1_440)
        if not any(first <= minute < last for first, last in gaps)
    ]


async def test_a_month_of_silence_is_searched_in_few_steps() -> None:
    past = Past({(1, "temp"): minutes((1_000, 1_121), (20_000, 20_010))})
    found = await tried(past, {"kind": "missing", "for_s": 900})

    assert (found.total, found.devices, found.is_partial) == (1, 1, False)
    assert past.questions <= 8, "slices, not every minute"
    alarm = found.alarms[0]
    off_ms = 4 * MINUTE_MS
    began_ms = MONTH[0] + 999 * MINUTE_MS + 900_000
    assert abs(alarm.start_ms - began_ms) <= off_ms
    assert abs(alarm.end_ms - (MONTH[0] + 1_121 * MINUTE_MS)) <= off_ms


async def test_a_trial_that_would_take_long_is_cut_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trial, "TRIAL_S", -1.0)
    past = Past({(n, "temp"): minutes() for n in (1, 2)})
    found = await tried(past, {"kind": "limit", "metric": "temp", "high": 0}, 1, 2)

    assert (found.total, found.devices, found.is_partial) == (1, 1, True)
    assert found.is_thinned


async def test_silence_matters_only_in_the_hours_of_the_rule() -> None:
    past = Past({(1, "temp"): minutes((0, 1_440 * 2))})
    hours = [{"days": list(range(7)), "start": 480, "end": 540}]
    found = await tried(past, {"kind": "missing", "for_s": 900}, hours=hours)

    assert found.total == 1
    minute = (found.alarms[0].start_ms + 7 * 3_600_000) // MINUTE_MS % 1_440
    assert 480 <= minute <= 481


async def test_calibration_in_the_past_raises_nothing() -> None:
    row = (NOW_MS - DAY_MS, 90.0, Status.CALIBRATING)
    past = Past({(1, "temp"): [row]})

    assert (await tried(past, {"kind": "limit", "metric": "temp", "high": 30})).total == 0


async def test_two_devices_are_compared_in_the_past() -> None:
    at_ms = NOW_MS - DAY_MS
    past = Past({(1, "inlet"): [(at_ms, 9.0, 0)], (2, "outlet"): [(at_ms - 1_000, 5.0, 0)]})
    spec = {
        "kind": "compare", "metric": "inlet", "other": "outlet", "other_device": 2,
        "op": "above", "high": 3,
    }  # fmt: skip
    found = await tried(past, spec)

    assert [(a.device, a.start_ms, a.value) for a in found.alarms] == [(1, at_ms, 4.0)]


def test_kernels_are_made_once_for_all() -> None:
    make_ready()

    assert is_ready()
    assert exercise().rows_judged == 3
