"""Messages that came before: sent again with DUP, or under the same idempotency key.

The answer depends only on messages earlier in the log, so that a replay decides the same.
"""

from collections import OrderedDict
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from tram.fleet.store.columns import Messages
from tram.fleet.store.engine.engine import Engine

__all__ = ("DUPLICATE_MS", "MessageVerdict", "Repeats")

DUPLICATE_MS = 600_000
"""How long before a message with DUP its first sending is looked for."""
KEY_MS = 86_400_000
"""How long an idempotency key is remembered."""
KEYS_MAX = 500_000
"""Most idempotency keys remembered at once; beyond it the oldest are forgotten."""

Key = tuple[int, str]
_Mark = tuple[int, int, int]


class MessageVerdict(NamedTuple):
    """Which messages are new, and which keys to remember once they are in the tables."""

    is_new: npt.NDArray[np.bool_]
    keys: dict[Key, int]


class Repeats:
    """Decides which messages repeat earlier ones; remembers keys in memory, the rest by table."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._keys: OrderedDict[Key, int] = OrderedDict()

    def load(self, epoch: int, seq: int, received_at_ms: int) -> None:
        """Remember the keys of the day up to a place in the log."""
        found = self._engine.query(
            "SELECT device, idempotency_key, received_at_ms FROM tram.messages"
            " WHERE idempotency_key != '' AND received_at_ms > {start:Int64}"
            " AND (log_epoch != {epoch:Int64} OR log_seq <= {seq:Int64})"
            " ORDER BY received_at_ms DESC LIMIT {many:UInt32}",
            {
                "start": str(received_at_ms - KEY_MS),
                "epoch": str(epoch),
                "seq": str(seq),
                "many": str(KEYS_MAX),
            },
        )
        for line in reversed(found.to_pylist()):
            self._keys[line["device"], line["idempotency_key"]] = line["received_at_ms"]

    def decide(self, messages: Messages, epoch: int) -> MessageVerdict:
        """Return which messages of a batch are new."""
        is_new = np.ones(len(messages), np.bool_)
        self._find_duplicates(messages, epoch, is_new)
        keys = self._find_keys(messages, is_new)
        return MessageVerdict(is_new, keys)

    def remember(self, keys: dict[Key, int]) -> None:
        """Keep the keys of a batch that is in the tables now."""
        for key, at_ms in keys.items():
            self._keys[key] = at_ms
            self._keys.move_to_end(key)
        while len(self._keys) > KEYS_MAX:
            self._keys.popitem(last=False)

    def _find_keys(self, messages: Messages, is_new: npt.NDArray[np.bool_]) -> dict[Key, int]:
        keys: dict[Key, int] = {}
        if not pc.any(pc.not_equal(messages.idempotency_key, "")).as_py():
            return keys
        for line, text in enumerate(messages.idempotency_key.to_pylist()):
            if not text or not is_new[line]:
                continue
            key = (int(messages.device[line]), text)
            at_ms = int(messages.received_at_ms[line])
            before = keys.get(key, self._keys.get(key))
            if before is not None and at_ms - before <= KEY_MS:
                is_new[line] = False
            else:
                keys[key] = at_ms
        return keys

    def _find_duplicates(
        self, messages: Messages, epoch: int, is_new: npt.NDArray[np.bool_]
    ) -> None:
        asking = messages.duplicate & (messages.packet_id != 0)
        if not asking.any():
            return
        seen = self._seen_before(messages, asking, epoch)
        concerned = np.isin(messages.device, messages.device[asking])
        for line in np.flatnonzero(concerned).tolist():
            mark = _mark(messages, line)
            at_ms = int(messages.received_at_ms[line])
            before = seen.get(mark)
            if asking[line] and before is not None and at_ms - before <= DUPLICATE_MS:
                is_new[line] = False
            else:
                seen[mark] = at_ms

    def _seen_before(
        self, messages: Messages, asking: npt.NDArray[np.bool_], epoch: int
    ) -> dict[_Mark, int]:
        """Return when the messages of the asking devices came, from the table."""
        devices = np.unique(messages.device[asking]).tolist()
        found = self._engine.query(
            "SELECT device, packet_id, fingerprint, max(received_at_ms) AS at_ms"
            " FROM tram.messages WHERE device IN {devices:Array(Int64)}"
            " AND received_at_ms >= {start:Int64} AND packet_id != 0"
            " AND (log_epoch != {epoch:Int64} OR log_seq < {seq:Int64})"
            " GROUP BY device, packet_id, fingerprint",
            {
                "devices": str(devices),
                "start": str(int(messages.received_at_ms[asking].min()) - DUPLICATE_MS),
                "epoch": str(epoch),
                "seq": str(int(messages.seq[0])),
            },
        )
        columns = [column.to_pylist() for column in found.columns]
        return {
            (device, packet, mark): at for device, packet, mark, at in zip(*columns, strict=True)
        }


def _mark(messages: Messages, line: int) -> _Mark:
    return (
        int(messages.device[line]),
        int(messages.packet_id[line]),
        int(messages.fingerprint[line]),
    )
