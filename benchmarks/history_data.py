"""A province's telemetry as the gateway would have written it: blocks in log order, from one seed.

Three groups of devices with eight metrics each, four smooth and four noisy, all with two decimals:
``year`` (a year long), ``month`` (the last month, 1,250 devices = 10,000 series) and ``many`` (the
last two days, the rest of 100,000 series). Devices of a group report together, as loggers that
follow the clock do; a block holds up to 250 messages and carries its own receipt time. One message
in 200 is lost for ever, one reading in 500 is taken while calibrating.
"""

import heapq
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tram.fleet.block import block as layout
from tram.fleet.block.block import BlockHeader, Protocol

__all__ = ("END_MS", "GROUPS", "METRICS", "Group", "blocks", "group", "planned_rows")

END_MS = 1_767_200_400_000
"""The end of the data: 2026-01-01 00:00 in Vietnam."""
METRICS = tuple(f"smooth_{k}" for k in range(4)) + tuple(f"noisy_{k}" for k in range(4))
FULL_READINGS = 100_000_000
MESSAGES_PER_BLOCK = 250
ORG = 2
_DAY_MS = 86_400_000
_LOST_SHARE = 1 / 200
_CALIBRATING_SHARE = 1 / 500
_BOOT = "benchmark0000001"

Floats = npt.NDArray[np.float64]


class Group(NamedTuple):
    """Devices numbered from ``first``, reporting ``steps`` times over ``days`` up to the end."""

    name: str
    first: int
    devices: int
    days: int
    steps: int

    def times(self) -> npt.NDArray[np.int64]:
        """Return when the group reports (epoch ms)."""
        start = END_MS - self.days * _DAY_MS
        ticks = np.arange(1, self.steps + 1, dtype=np.int64)
        return start + ticks * (self.days * _DAY_MS // self.steps)


_FULL = (
    Group("year", 1, 250, 365, 35_040),
    Group("month", 251, 1_250, 30, 1_440),
    Group("many", 1_501, 11_000, 2, 177),
)
GROUPS = tuple(one.name for one in _FULL)


def group(name: str, readings: int) -> Group:
    """Return a group so that all groups together make about ``readings`` readings."""
    full = next(one for one in _FULL if one.name == name)
    return full._replace(steps=max(2, round(full.steps * readings / FULL_READINGS)))


def planned_rows(readings: int) -> int:
    """Return how many readings the devices take (a few messages are lost)."""
    plans = (group(name, readings) for name in GROUPS)
    return sum(one.devices * one.steps * len(METRICS) for one in plans)


def blocks(readings: int, seed: int = 5) -> Iterator[bytes]:
    """Yield the blocks of the whole province in the order of their time."""
    random = np.random.default_rng(seed)
    fleets = [_Fleet(group(name, readings), random) for name in GROUPS]
    number = 0
    for at_ms, fleet in heapq.merge(
        *(fleet.ticks() for fleet in fleets), key=lambda pair: pair[0]
    ):
        for payload in fleet.report(at_ms, number):
            number += 1
            yield payload


class _Fleet:
    """The devices of one group and where their random walks are."""

    def __init__(self, plan: Group, random: np.random.Generator) -> None:
        self._plan = plan
        self._random = random
        self._walk: Floats = random.uniform(10, 60, (plan.devices, len(METRICS)))

    def ticks(self) -> Iterator[tuple[int, "_Fleet"]]:
        """Yield the group's times."""
        for at_ms in self._plan.times().tolist():
            yield at_ms, self

    def report(self, at_ms: int, number: int) -> Iterator[bytes]:
        """Yield the blocks of one round of messages."""
        plan, random = self._plan, self._random
        self._walk[:, :4] += random.normal(0, 0.05, (plan.devices, 4))
        values = self._walk.copy()
        values[:, 4:] += random.normal(0, 3.0, (plan.devices, 4))
        values = np.round(values, 2)
        sent_ms = at_ms + random.integers(0, 20, plan.devices)
        arrived_ms = sent_ms + random.integers(40, 1_500, plan.devices)
        order = np.argsort(arrived_ms, kind="stable")
        order = order[random.random(len(order)) >= _LOST_SHARE]
        for start in range(0, len(order), MESSAGES_PER_BLOCK):
            chosen = order[start : start + MESSAGES_PER_BLOCK]
            number += 1
            header = BlockHeader(_BOOT, number, int(arrived_ms[chosen[-1]]) + 20)
            yield self._encode(header, chosen, sent_ms[chosen], values[chosen])

    def _encode(
        self,
        header: BlockHeader,
        chosen: npt.NDArray[np.intp],
        sent_ms: npt.NDArray[np.int64],
        values: Floats,
    ) -> bytes:
        count, width = len(chosen), len(METRICS)
        rows = count * width
        calibrating = self._random.random(count) < _CALIBRATING_SHARE
        words = np.tile(np.arange(width, dtype=np.int32), count)
        nothing = pa.nulls(rows, pa.int64())
        readings = pa.RecordBatch.from_arrays(
            [
                pa.array(np.repeat(np.arange(count, dtype=np.uint32), width)),
                pa.DictionaryArray.from_arrays(pa.array(words), pa.array(METRICS)),
                pa.array(np.repeat(sent_ms, width)),
                pa.array(np.zeros(rows, np.uint8)),
                pa.array(values.ravel()),
                nothing,
                pa.nulls(rows, pa.utf8()),
                pa.array(np.repeat(calibrating.astype(np.uint8), width)),
                pa.array(np.zeros(rows, np.uint8)),
            ],
            schema=layout.READINGS,
        )
        messages = pa.RecordBatch.from_arrays(
            [
                pa.array(self._plan.first + chosen.astype(np.int64)),
                pa.array(np.full(count, ORG, np.int64)),
                pa.array(self._random.integers(1, 65_536, count).astype(np.uint16)),
                pa.array(np.zeros(count, np.bool_)),
                pa.array(np.ones(count, np.uint8)),
                pa.array(np.full(count, Protocol.MQTT, np.uint8)),
                pa.array(self._random.integers(0, 2**63, count).astype(np.uint64)),
                pa.array([""] * count, pa.utf8()),
            ],
            schema=layout.MESSAGES,
        )
        return layout.encode_batches(header, readings, messages)
