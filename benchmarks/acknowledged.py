"""What devices were promised, and whether the store holds it.

``lost`` counts acknowledged messages whose reading is not in the store. ``doubled`` counts readings
that the store holds more than once: same series (device and metric), same device time, revision 0.
``revised`` counts readings that came again with another value, which no loader here ever sends.
``disordered`` counts readings that stand in the log before one that their device sent earlier.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from tram.fleet.log.nats_connection import NatsAccess, open_link
from tram.fleet.log.reader import LogReader
from tram.fleet.store.serving.client import StoreClient
from tram.fleet.store.views import StoreStatus
from tram.runtime.errors import TramError

__all__ = (
    "ACKNOWLEDGED",
    "Acknowledged",
    "Verdict",
    "check",
    "log_end",
    "open_store",
    "wait_until_stored",
)

Acknowledged = npt.NDArray[np.void]
"""One line per acknowledged message, in the fields of ``ACKNOWLEDGED``."""

ACKNOWLEDGED = np.dtype([("device", np.int64), ("seq", np.int64), ("ts", np.int64)])

_SEQ_BITS = 40
_POLL_S = 0.2
_EXAMPLES = 5

_STORED = """
SELECT device, i, observed_at_ms
FROM tram.readings AS r INNER JOIN tram.series AS s ON r.series = s.series
WHERE metric = {metric:String} AND device BETWEEN {first:Int64} AND {last:Int64}
ORDER BY device, log_epoch, log_seq, row_no
"""
_TWICE = """
SELECT toInt64(sum(lines - times)) AS doubled, toInt64(sum(revisions)) AS revised FROM (
    SELECT r.series AS series, countIf(revision = 0) AS lines,
           uniqExactIf(observed_at_ms, revision = 0) AS times, countIf(revision > 0) AS revisions
    FROM tram.readings AS r INNER JOIN tram.series AS s ON r.series = s.series
    WHERE device BETWEEN {first:Int64} AND {last:Int64} GROUP BY series
)
"""


class Verdict(msgspec.Struct, frozen=True):
    """Whether the promise was kept; ``examples`` name a few of the lost."""

    acked: int
    stored: int
    lost: int
    doubled: int
    revised: int
    disordered: int = 0
    examples: list[str] = []

    @property
    def is_kept(self) -> bool:
        """Nothing acknowledged is missing, nothing is there twice, the order is the device's."""
        return not (self.lost or self.doubled or self.revised or self.disordered)


@contextlib.asynccontextmanager
async def open_store(data: Path, port: int) -> AsyncIterator[StoreClient]:
    """Ask a running product's store as an operator."""
    key = (data / "keys" / "store.key").read_text(encoding="ascii")
    store = StoreClient(f"http://127.0.0.1:{port}", key)
    try:
        yield store
    finally:
        await store.close()


async def log_end(data: Path, port: int) -> int:
    """Return the sequence of the last block in a running product's log, as the log itself says.

    What was acknowledged before this call lies at or below it.
    """
    seed = (data / "keys" / "nats-ops.seed").read_text(encoding="ascii")
    link = await open_link(NatsAccess(f"nats://127.0.0.1:{port}", seed), "ops")
    try:
        return (await LogReader(link).state()).last_seq
    finally:
        await link.close()


async def wait_until_stored(store: StoreClient, seq: int, seconds: float = 60.0) -> StoreStatus:
    """Wait until the store has inserted every block up to ``seq``; return its status.

    Raises:
        TimeoutError: if blocks are still waiting after ``seconds``.
    """
    async with asyncio.timeout(seconds):
        while True:
            with contextlib.suppress(TramError):  # it is starting
                status = await store.status()
                if status.checkpoint_seq >= seq:
                    return status
            await asyncio.sleep(_POLL_S)


async def check(store: StoreClient, acknowledged: Acknowledged) -> Verdict:
    """Compare what these devices were promised with what the store holds of them."""
    first, last = int(acknowledged["device"].min()), int(acknowledged["device"].max())
    span = {"first": first, "last": last}
    rows = await store.sql(_STORED, {**span, "metric": "seq"})
    device, seq, ts = (rows.column(n).to_numpy() for n in range(3))
    disordered = int(((np.diff(seq) < 0) & (np.diff(device) == 0)).sum())
    order = np.argsort(keys := (device << _SEQ_BITS) + seq)
    keys, times = keys[order], ts[order]
    wanted = (acknowledged["device"] << _SEQ_BITS) + acknowledged["seq"]
    found = np.zeros(len(wanted), dtype=bool)
    if len(keys):
        place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        found = (keys[place] == wanted) & (times[place] == acknowledged["ts"])
    twice = (await store.sql(_TWICE, span)).to_pylist()[0]
    return Verdict(
        acked=len(wanted),
        stored=len(keys),
        lost=int((~found).sum()),
        doubled=int(twice["doubled"]),
        revised=int(twice["revised"]),
        disordered=disordered,
        examples=[str(line) for line in acknowledged[~found][:_EXAMPLES]],
    )
