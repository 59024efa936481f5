"""A rule on the past, before it is switched on: the same engine, over the readings that are there.

Devices are read one by one, in blocks in the order of their times, so that what comes out is what
the rule would have raised had it been on. All of it happens beside the event loop.
"""

import asyncio
import math
from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from tram.domain.ids import DeviceId, OrgId
from tram.domain.reading import Status
from tram.fleet.alarms.limits import TRIAL_DEVICES_MAX, TRIAL_POINTS_MAX, TRIAL_S
from tram.fleet.alarms.rulebook.rule_checks import check_content
from tram.fleet.alarms.views import RuleContent
from tram.fleet.block.block import Block, BlockBuilder, BlockHeader, Message, decode_block
from tram.fleet.device.rows import Row
from tram.fleet.rules.arrays import Array, ConditionEvent
from tram.fleet.rules.kinds import Compare, Missing, Rule
from tram.fleet.rules.ruleset import inputs_of
from tram.fleet.store.queries.questions import (
    LatestValues,
    SeriesRange,
    TimeSpan,
)
from tram.fleet.store.serving.client import StoreClient
from tram.fleet.store.views import Series
from tram.registry.kernel.changes import DevicePut, OrgPut
from tram.registry.kernel.checks import Checked
from tram.registry.kernel.viewer import Viewer
from tram.runtime.errors import Refused
from tram.runtime.processes.thread_pools import DOCUMENTS

if TYPE_CHECKING:
    from tram.fleet.rules.engine import RuleEngine

__all__ = ("Trial", "TrialAlarm", "try_rule")

LISTED_MAX = 500
_BLOCK_ROWS = 2_000
_METRICS_OF_DEVICE = 3
_SLICES_OF_SILENCE = 4
"""A long past is cut so that a silence to be found is this many slices long, if it can be."""
_PARTS_MAX = 8
_BEAT_MS = 60_000
_FOREVER_MS = 2**62


class PastRow(NamedTuple):
    """One reading of the past."""

    at_ms: int
    device: int
    metric: str
    value: Any
    status: int = Status.MEASURING


class TrialAlarm(msgspec.Struct, frozen=True, kw_only=True):
    """An alarm that would have been; ``end_ms`` is None if it would be active still."""

    device: int
    device_name: str
    start_ms: int
    end_ms: int | None
    value: float | None


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule would have raised.

    ``is_thinned``: some pasts were too long to read whole and were judged by their extremes.
    ``is_partial``: the rule is for more devices than were judged.
    """

    alarms: list[TrialAlarm]
    total: int
    devices: int
    readings: int
    is_thinned: bool
    is_partial: bool
    from_ms: int
    until_ms: int


def _make_ready() -> None:
    """Load the engine with its compiler: a process that tries no rule starts without them."""
    from tram.fleet.rules.ready import make_ready  # noqa: PLC0415

    make_ready()


async def try_rule(
    source: StoreClient,
    viewer: Viewer,
    content: RuleContent,
    targets: list[tuple[int, str]],
    span: tuple[int, int],
) -> Trial:
    """Judge the past of the first 200 targets (number and name), or of fewer when it takes long.

    Whoever comes before the kernels are made, in the first seconds of an installation, waits.

    Raises:
        Refused: ``alarm.rule_wrong`` for a rule that could not be kept either.
    """
    checked = Checked()
    check_content(content, checked)
    checked.done(Refused("alarm.rule_wrong", "The rule cannot be tried like this."))
    await DOCUMENTS.run(_make_ready)
    start_ms, until_ms = span
    found: list[TrialAlarm] = []
    readings, judged, is_thinned = 0, 0, False
    clock = asyncio.get_running_loop()
    end_s = clock.time() + TRIAL_S
    for device, name in targets[:TRIAL_DEVICES_MAX]:
        if judged and clock.time() > end_s:
            break
        judged += 1
        rows, thinned = await _past(source, viewer, content, device, span)
        readings += len(rows)
        is_thinned = is_thinned or thinned
        found += await DOCUMENTS.run_for(viewer.org, _judge, content, device, name, rows, span)
    found.sort(key=lambda alarm: alarm.start_ms, reverse=True)
    return Trial(
        alarms=found[:LISTED_MAX],
        total=len(found),
        devices=judged,
        readings=readings,
        is_thinned=is_thinned,
        is_partial=judged < len(targets),
        from_ms=start_ms,
        until_ms=until_ms,
    )


async def _past(
    source: StoreClient, viewer: Viewer, content: RuleContent, device: int, span: tuple[int, int]
) -> tuple[list[PastRow], bool]:
    spec = content.spec
    series = [(device, metric) for metric in inputs_of(_rule(content))]
    if isinstance(spec, Compare) and spec.other_device is not None:
        series[1] = (spec.other_device, spec.other)
    if not series:  # the silence of a whole device: any of its metrics breaks it
        known = await source.ask(viewer, LatestValues(device))
        series = [(device, value.metric) for value in known][:_METRICS_OF_DEVICE]
    rows: list[PastRow] = []
    is_thinned = False
    for number, metric in series:
        for part in _parts(spec, span):
            question = SeriesRange(number, metric, TimeSpan(*part), TRIAL_POINTS_MAX)
            past = await source.ask(viewer, question)
            is_thinned = is_thinned or not past.raw
            rows += _rows(past, number, metric, is_silence=isinstance(spec, Missing))
    rows.sort(key=lambda row: row.at_ms)
    return rows, is_thinned


def _parts(spec: object, span: tuple[int, int]) -> list[tuple[int, int]]:
    """Cut a span so that even a thinned part shows the silences that are sought."""
    if not isinstance(spec, Missing):
        return [span]
    slices = (span[1] - span[0]) * _SLICES_OF_SILENCE / (spec.for_s * 1_000)
    count = min(max(1, math.ceil(slices / TRIAL_POINTS_MAX)), _PARTS_MAX)
    borders = [span[0] + (span[1] - span[0]) * n // count for n in range(count + 1)]
    return list(pairwise(borders))


def _rows(past: Series, device: int, metric: str, *, is_silence: bool) -> Iterator[PastRow]:
    if past.raw:
        for at_ms, value, status in zip(past.times, past.values, past.statuses, strict=True):
            yield PastRow(at_ms, device, metric, value, status)
        return
    starts = [bucket.start_ms for bucket in past.buckets]
    width_ms = min((b - a for a, b in pairwise(starts)), default=1)
    for bucket in past.buckets:
        if is_silence:
            yield PastRow(bucket.start_ms, device, metric, 0.0)
            yield PastRow(bucket.start_ms + width_ms - 1, device, metric, 0.0)
        elif bucket.good:
            for step, value in enumerate((bucket.low, bucket.high, bucket.last)):
                yield PastRow(bucket.start_ms + step, device, metric, value)


def _rule(content: RuleContent) -> Rule:
    return Rule(id=1, version=1, org=1, spec=content.spec, hours=content.hours)


def _judge(
    content: RuleContent, device: int, name: str, rows: list[PastRow], span: tuple[int, int]
) -> list[TrialAlarm]:
    from tram.fleet.rules.engine import RuleEngine  # noqa: PLC0415  # as above

    engine = RuleEngine(step_ms_max=_FOREVER_MS)
    devices = {device, *(row.device for row in rows)}
    puts = [DevicePut(number, 1, None, "", 1) for number in sorted(devices)]
    engine.set_facts(1, [OrgPut(1, [1]), *puts])
    engine.set_rules([_rule(content)])
    opened: dict[int, TrialAlarm] = {}
    done: list[TrialAlarm] = []
    for said in _transitions(engine, content, rows, span):
        for line in said.tolist():
            if line[4] != device:
                continue
            kind, start, at, value = ConditionEvent(line[1]), line[5], line[6], line[7]
            if kind is ConditionEvent.RAISE:
                opened[start] = TrialAlarm(
                    device=device, device_name=name, start_ms=start, end_ms=None,
                    value=None if math.isnan(value) else value,
                )  # fmt: skip
            elif kind is ConditionEvent.CLEAR and start in opened:
                done.append(msgspec.structs.replace(opened.pop(start), end_ms=at))
    return [*done, *opened.values()]


def _transitions(
    engine: "RuleEngine", content: RuleContent, rows: list[PastRow], span: tuple[int, int]
) -> Iterator[Array]:
    if not isinstance(content.spec, Missing):
        for seq, start in enumerate(range(0, len(rows), _BLOCK_ROWS), 1):
            part = rows[start : start + _BLOCK_ROWS]
            yield engine.apply(seq, _block(part[-1].at_ms, part))
        return
    silence_ms, is_always = content.spec.for_s * 1_000, not content.hours
    engine.wait(span[0])
    last_ms = span[0]
    for seq, run in enumerate(_runs(rows, silence_ms), 1):
        yield from _silence(engine, last_ms + silence_ms, run[0].at_ms, is_always=is_always)
        for row in run:
            yield engine.apply(seq, _block(row.at_ms, [row]))
        last_ms = run[-1].at_ms
    yield from _silence(engine, last_ms + silence_ms, span[1], is_always=is_always)


def _runs(rows: list[PastRow], silence_ms: int) -> Iterator[tuple[PastRow, ...]]:
    """Yield the first and the last of the rows between two silences: the others change nothing."""
    first = 0
    for place in range(1, len(rows) + 1):
        if place == len(rows) or rows[place].at_ms - rows[place - 1].at_ms > silence_ms:
            yield (rows[first], rows[place - 1]) if place - first > 1 else (rows[first],)
            first = place


def _silence(
    engine: "RuleEngine", due_ms: int, end_ms: int, *, is_always: bool
) -> Iterator[Array]:
    """Let time pass until somebody speaks; a rule with hours is asked again every minute."""
    for now_ms in range(due_ms + 1_000, end_ms, _BEAT_MS):
        said = engine.wait(now_ms)
        yield said
        if is_always or len(said):
            return


def _block(received_ms: int, rows: list[PastRow]) -> Block:
    builder = BlockBuilder()
    for (_, device), some in groupby(rows, key=lambda row: (row.at_ms, row.device)):
        sender = Message(
            DeviceId(device), OrgId(1), 0, duplicate=False, qos=1, protocol=1, fingerprint=1
        )
        builder.add_message(
            sender, [Row(row.metric, row.at_ms, row.value, row.status) for row in some]
        )
    return decode_block(builder.encode(BlockHeader("trial00000000000", 1, received_ms)))
