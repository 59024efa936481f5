"""Counters of one gateway: plain integers on the hot path, metric families when asked."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from typing import Final

from prometheus_client import Metric
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.registry import Collector

__all__ = ("GatewayMetrics", "ProtocolMetrics")

PUBACK_SECONDS: Final = (0.005, 0.01, 0.02, 0.03, 0.06, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0)


class ProtocolMetrics:
    """What one protocol counts: messages accepted by QoS, and more where it says so."""

    def __init__(self, name: str, qos: Iterable[int] = (1,)) -> None:
        self.name = name
        self.accepted = dict.fromkeys(qos, 0)

    def families(self) -> Iterable[Metric]:
        """Return the families that this protocol has beside the gateway's."""
        return ()


class GatewayMetrics(Collector):
    """What one gateway counted since it started.

    The hot path adds to the public fields; no lock is needed, a gateway lives on one thread.
    """

    def __init__(self) -> None:
        self.connections = 0
        self.pending_bytes = 0
        self.blocks = 0
        self.turns_waited = 0
        self.paced = 0
        self.backlog_rows = 0
        self.protocols: dict[str, ProtocolMetrics] = {}
        self.accepted: dict[int, dict[int, int]] = {}
        """Messages by QoS, of each protocol (by its number)."""
        self.refused: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        """Faults of ours over a connection, by what raised and where."""
        self.closed: Counter[str] = Counter()
        self._puback_counts = [0] * (len(PUBACK_SECONDS) + 1)
        self._puback_sum_s = 0.0

    def add(self, number: int, metrics: ProtocolMetrics) -> None:
        """Count a protocol too, whose number stands in blocks."""
        self.protocols[metrics.name] = metrics
        self.accepted[number] = metrics.accepted

    def observe_acknowledged(self, messages: int, seconds: float) -> None:
        """Note how long a block's first message waited until the block was durable."""
        self._puback_counts[bisect_left(PUBACK_SECONDS, seconds)] += messages
        self._puback_sum_s += messages * seconds

    def collect(self) -> Iterable[Metric]:
        """Return the metric families for Prometheus."""
        yield GaugeMetricFamily(
            "tram_gateway_connections", "Open device connections.", self.connections
        )
        yield GaugeMetricFamily(
            "tram_gateway_pending_bytes", "Bytes accepted, not yet durable.", self.pending_bytes
        )
        yield CounterMetricFamily("tram_gateway_blocks", "Blocks made durable.", self.blocks)
        yield CounterMetricFamily(
            "tram_gateway_turns_waited",
            "Reads that waited for their organisation's next turn.",
            self.turns_waited,
        )
        yield CounterMetricFamily(
            "tram_gateway_paced", "Times that a device was slowed to its rate.", self.paced
        )
        yield CounterMetricFamily(
            "tram_gateway_backlog_rows", "Rows that came by the backlog lane.", self.backlog_rows
        )
        messages = CounterMetricFamily(
            "tram_gateway_messages", "Messages accepted.", labels=("protocol", "qos")
        )
        for protocol in self.protocols.values():
            for qos, count in protocol.accepted.items():
                messages.add_metric((protocol.name, str(qos)), count)
        yield messages
        for name, about, label, counts in (
            ("refused", "Messages and packets refused.", "code", self.refused),
            ("faults", "Faults of the platform that ended one connection.", "kind", self.faults),
            ("closed", "Connections that the gateway ended.", "code", self.closed),
        ):
            family = CounterMetricFamily(f"tram_gateway_{name}", about, labels=(label,))
            for value, count in counts.items():
                family.add_metric((value,), count)
            yield family
        for protocol in self.protocols.values():
            yield from protocol.families()
        yield self._puback_family()

    def _puback_family(self) -> Metric:
        buckets: list[tuple[str, float]] = []
        below = 0
        for count, bound in zip(self._puback_counts, (*PUBACK_SECONDS, "+Inf"), strict=True):
            below += count
            buckets.append((str(bound), below))
        return HistogramMetricFamily(
            "tram_gateway_puback_seconds",
            "From the first message of a block until the block is durable, per message.",
            buckets=buckets,
            sum_value=self._puback_sum_s,
        )
