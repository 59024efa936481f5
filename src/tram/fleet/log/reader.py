"""Reads a stream in order from any sequence, for as long as the process lives.

A reader keeps its own place (the store's checkpoint); the server keeps none. Consumers are made
for the moment and made anew whenever the connection or the server went away.
"""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import NamedTuple

from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from tram.fleet.log.nats_connection import DOUBTS, NatsConnection
from tram.fleet.log.streams import BLOCKS, epoch_of
from tram.runtime.errors import Broken
from tram.runtime.logging import get_logger

__all__ = ("LogReader", "StreamMessage", "StreamReader", "StreamState")

_BATCH = 512
_BATCH_BYTES = 33_554_432
_EXPIRES_S = 10.0
_HEARTBEAT_S = 1.0
_SILENT_S_MAX = 3.0
_INACTIVE_S = 30.0
_PAUSE_S = 0.2
_NANOSECONDS = 1_000_000_000
_TOKENS_OF_STREAM_REPLY = 9
_STREAM_SEQ_TOKEN = 5
_HEARTBEAT_STATUS = "100"
_MORE_STATUSES = ("404", "408")
_USED_UP = "Batch Completed"

log = get_logger()


class StreamMessage(NamedTuple):
    """One message of the stream and its sequence."""

    seq: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class StreamState:
    """How far a stream reaches; ``last_seq`` is 0 before the first message."""

    first_seq: int
    last_seq: int
    messages: int
    bytes: int
    bytes_max: int


class StreamReader:
    """An endless ordered reader of one stream."""

    def __init__(self, link: NatsConnection, stream: str) -> None:
        self._link = link
        self._stream = stream

    async def read(self, after_seq: int) -> AsyncIterator[StreamMessage]:
        """Yield every message above ``after_seq``, then wait for more, through any outage.

        Raises:
            Broken: ``log.made_anew`` if the stream never reached ``after_seq``.
        """
        seq = after_seq
        while True:
            try:
                async for entry in self._session(seq):
                    seq = entry.seq
                    yield entry
            except DOUBTS as error:
                log.info("log reading interrupted", stream=self._stream, error=repr(error))
            await asyncio.sleep(_PAUSE_S)

    async def state(self) -> StreamState:
        """Return how far the stream reaches now."""
        info = await self._link.jetstream.stream_info(self._stream)
        state = info.state
        return StreamState(
            state.first_seq,
            state.last_seq,
            state.messages,
            state.bytes,
            info.config.max_bytes or -1,
        )

    async def purge_below(self, seq: int) -> None:
        """Remove every message of the stream below ``seq``."""
        await self._link.jetstream.purge_stream(self._stream, seq=seq)

    async def _session(self, after_seq: int) -> AsyncIterator[StreamMessage]:
        """Read through one consumer until it fails; then the caller starts the next.

        The consumer counts what it sends. Its count tells messages that went astray from those that
        were replaced or removed in the stream, whose places are empty for good.
        """
        if after_seq > (await self.state()).last_seq:
            raise Broken(
                "log.made_anew",
                f"The stream {self._stream} ends before what was read from it: it was made anew.",
                "Start the reader again; it begins with the new stream.",
            )
        name = secrets.token_hex(8)
        config = ConsumerConfig(
            name=name,
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=after_seq + 1,
            ack_policy=AckPolicy.NONE,
            inactive_threshold=_INACTIVE_S,
            mem_storage=True,
        )
        await self._link.jetstream.add_consumer(self._stream, config)
        client = self._link.client
        inbox = client.new_inbox()
        subscription = await client.subscribe(
            inbox, pending_msgs_limit=-1, pending_bytes_limit=-1
        )  # bounded by the pull requests themselves
        came = 0
        try:
            while True:
                await self._pull(name, inbox)
                async for sent, entry in _batch(subscription):
                    came += 1
                    if sent != came:
                        raise OSError(f"the consumer sent {sent} messages, {came} came")
                    yield entry
        finally:
            if client.is_connected:
                await subscription.unsubscribe()

    async def _pull(self, consumer: str, inbox: str) -> None:
        request = {
            "batch": _BATCH,
            "max_bytes": _BATCH_BYTES,
            "expires": int(_EXPIRES_S * _NANOSECONDS),
            "idle_heartbeat": int(_HEARTBEAT_S * _NANOSECONDS),
        }
        await self._link.client.publish(
            f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{consumer}",
            json.dumps(request).encode(),
            inbox,
        )


class LogReader(StreamReader):
    """The reader of the block log."""

    def __init__(self, link: NatsConnection) -> None:
        super().__init__(link, BLOCKS)

    async def epoch(self) -> int:
        """Return the epoch of the block log, waiting until the server can be asked."""
        while True:
            try:
                return await epoch_of(self._link)
            except DOUBTS:
                await asyncio.sleep(_PAUSE_S)


async def _batch(subscription: Subscription) -> AsyncIterator[tuple[int, StreamMessage]]:
    """Yield the answers to one pull request, each with how many its consumer has sent.

    Raises:
        TimeoutError: if not even a beat came.
        OSError: if the server ended the consumer.
    """
    for_more = _BATCH
    while for_more:
        message = await subscription.next_msg(timeout=_SILENT_S_MAX)
        _end_if_cancelled()
        headers = message.headers or {}
        status = headers.get("Status") if not message.data else None
        if status is None:
            for_more -= 1
            seq, sent = _places(message)
            yield sent, StreamMessage(seq, message.data)
        elif status in _MORE_STATUSES or "MaxBytes" in headers.get("Description", ""):
            return
        elif headers.get("Description") == _USED_UP:
            if for_more < _BATCH:
                return
            # else the end of the request before, all of whose messages came
        elif status != _HEARTBEAT_STATUS:
            raise OSError(f"the consumer ended: {headers}")


def _end_if_cancelled() -> None:
    """Raise a cancellation that came together with a message: ``wait_for`` loses it (Python 3.11)."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _places(message: Msg) -> tuple[int, int]:
    """Read the sequences in the stream and of the consumer from the reply subject (``$JS.ACK.…``)."""
    tokens = message.reply.split(".")
    place = _STREAM_SEQ_TOKEN if len(tokens) == _TOKENS_OF_STREAM_REPLY else _STREAM_SEQ_TOKEN + 2
    return int(tokens[place]), int(tokens[place + 1])
