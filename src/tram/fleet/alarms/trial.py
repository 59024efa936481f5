"""A rule on the past, before it is switched on: the same engine, over the readings that are there.

Devices are read one by one, in blocks of minutes in the order of their times, so that what comes out
is what the rule would have raised had it been on.
"""

import asyncio
from typing import Any, Protocol

import msgspec

from tram.domain.ids import DeviceId, OrgId
from tram.fleet.alarms.rulebook import check_content
from tram.fleet.alarms.views import RuleContent
from tram.fleet.device.rows import Row
from tram.fleet.gateway.block import BlockBuilder, BlockHeader, Message, decode_block
from tram.fleet.rules.arrays import Event
from tram.fleet.rules.engine import Engine
from tram.fleet.rules.kinds import Missing, Rule
from tram.fleet.rules.ruleset import inputs_of
from tram.registry.changes import DevicePut, OrgPut
from tram.registry.checks import Checked
from tram.registry.viewer import Viewer
from tram.runtime.errors import Refused

__all__ = ("TRIAL_DEVICES_MAX", "PastSource", "Trial", "TrialAlarm", "try_rule")

TRIAL_DEVICES_MAX = 200
TRIAL_POINTS_MAX = 5_000
TRIAL_S = 10.0
"""After this long no further device is begun: somebody waits for the page."""
LISTED_MAX = 500
_BLOCK_ROWS = 2_000
_METRICS_OF_DEVICE = 3
_HEARTBEAT_MS = 30_000
_BEATS_MAX = 100_000


class Past(Protocol):
    """One metric over a span, as the store answers."""

    @property
    def raw(self) -> bool:
        """Return whether these are the readings themselves."""
        ...

    @property
    def times(self) -> list[int]:
        """Return the times of readings."""
        ...

    @property
    def values(self) -> list[Any]:
        """Return the values of readings."""
        ...

    @property
    def buckets(self) -> list[Any]:
        """Return slices with low, high and last, where it was too much."""
        ...


class PastSource(Protocol):
    """The store's question about the past."""

    async def range(  # noqa: PLR0913, PLR0917  # the question has these parts
        self, viewer: Viewer, device: int, metric: str, start_ms: int, end_ms: int, points: int
    ) -> Past:
        """Return a metric of a device in [start_ms, end_ms)."""
        ...

    async def latest(self, viewer: Viewer, device: int) -> list[Any]:
        """Return the newest value of every metric of a device."""
        ...


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


async def try_rule(
    source: PastSource,
    viewer: Viewer,
    content: RuleContent,
    targets: list[tuple[int, str]],
    span: tuple[int, int],
) -> Trial:
    """Judge the past of the first 200 targets (number and name), or of fewer when it takes long.

    Raises:
        Refused: ``alarm.rule_wrong`` for a rule that could not be kept either.
    """
    checked = Checked()
    check_content(content, checked)
    checked.done(Refused("alarm.rule_wrong", "The rule cannot be tried like this."))
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
        found += await asyncio.to_thread(_judge, content, device, name, rows, span)
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
    source: PastSource, viewer: Viewer, content: RuleContent, device: int, span: tuple[int, int]
) -> tuple[list[tuple[int, str, Any]], bool]:
    rows: list[tuple[int, str, Any]] = []
    thinned = False
    metrics = list(inputs_of(_rule(content)))
    if not metrics:  # the silence of a whole device: any of its metrics breaks it
        known = await source.latest(viewer, device)
        metrics = [value.metric for value in known][:_METRICS_OF_DEVICE]
    for metric in metrics:
        series = await source.range(viewer, device, metric, *span, TRIAL_POINTS_MAX)
        if series.raw:
            rows += [(t, metric, v) for t, v in zip(series.times, series.values, strict=True)]
            continue
        thinned = True
        for bucket in series.buckets:
            for step, value in enumerate((bucket.low, bucket.high, bucket.last)):
                rows.append((bucket.start_ms + step, metric, value))
    rows.sort(key=lambda row: row[0])
    return rows, thinned


def _rule(content: RuleContent) -> Rule:
    return Rule(id=1, version=1, org=1, spec=content.spec, hours=content.hours)


def _judge(
    content: RuleContent,
    device: int,
    name: str,
    rows: list[tuple[int, str, Any]],
    span: tuple[int, int],
) -> list[TrialAlarm]:
    engine = Engine()
    engine.set_facts(1, [OrgPut(1, [1]), DevicePut(device, 1, None, "", 1)])
    engine.set_rules([_rule(content)])
    opened: dict[int, TrialAlarm] = {}
    done: list[TrialAlarm] = []
    is_silence = isinstance(content.spec, Missing)
    for seq, (received_ms, some) in enumerate(_blocks(rows, span, is_silence=is_silence), 1):
        for line in engine.apply(seq, _block(device, received_ms, some)).tolist():
            kind, start, at, value = Event(line[1]), line[5], line[6], line[7]
            if kind is Event.RAISE:
                opened[start] = TrialAlarm(
                    device=device, device_name=name, start_ms=start, end_ms=None,
                    value=value if value == value else None,  # noqa: PLR0124  # NaN is no value
                )  # fmt: skip
            elif kind is Event.CLEAR and start in opened:
                done.append(msgspec.structs.replace(opened.pop(start), end_ms=at))
    return [*done, *opened.values()]


def _blocks(
    rows: list[tuple[int, str, Any]], span: tuple[int, int], *, is_silence: bool
) -> list[tuple[int, list[tuple[int, str, Any]]]]:
    """Cut the past into blocks; a rule about silence also needs the time in between."""
    if not is_silence:
        return [
            (part[-1][0], part)
            for start in range(0, len(rows), _BLOCK_ROWS)
            if (part := rows[start : start + _BLOCK_ROWS])
        ]
    beat_ms = max(_HEARTBEAT_MS, (span[1] - span[0]) // _BEATS_MAX)
    blocks: list[tuple[int, list[tuple[int, str, Any]]]] = []
    place = 0
    for now_ms in range(span[0], span[1], beat_ms):
        part = []
        while place < len(rows) and rows[place][0] <= now_ms:
            part.append(rows[place])
            place += 1
        blocks.append((now_ms, part))
    return blocks


def _block(device: int, received_ms: int, rows: list[tuple[int, str, Any]]) -> Any:  # noqa: ANN401  # a block
    builder = BlockBuilder()
    moments: dict[int, list[Row]] = {}
    for at_ms, metric, value in rows:
        moments.setdefault(at_ms, []).append(Row(metric, at_ms, value))
    for some in moments.values():
        builder.add_message(
            Message(
                DeviceId(device), OrgId(1), 0, duplicate=False, qos=1, protocol=1, fingerprint=1
            ),
            some,
        )
    return decode_block(builder.encode(BlockHeader("trial00000000000", 1, received_ms)))
