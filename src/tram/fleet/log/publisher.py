"""Blocks become durable here: one JetStream message each, in order, never doubled.

Every message names the stream sequence that must be the last of its boot's subject. A refusal for
another sequence, a timeout and a disconnect all mean *doubt*: then the subject's last message is
read. If it is this block, it was stored; if not, it is sent again with the sequence just seen.
"""

from nats.js.errors import APIError, NotFoundError

from tram.fleet.block.block import decode_header
from tram.fleet.log.nats_connection import DOUBTS, NatsConnection
from tram.fleet.log.streams import BLOCK_SUBJECT, BLOCKS
from tram.runtime.clock import Clock
from tram.runtime.errors import Unavailable
from tram.runtime.logging import get_logger

__all__ = ("LogPublisher", "give_back")

DOUBT_S_MAX = 300.0
"""A boot whose doubt lasts longer ends: a purge (blocks older than 10 minutes) never meets it."""

_ANSWER_S = 5.0
_WAIT_S_FIRST = 0.02
_WAIT_S_MAX = 1.0
_ASK_AGAIN_S = 0.05
_ANOTHER_LAST = 10071
"""The subject has another last message than expected."""
_FULL = frozenset({10077, 10047, 10023, 10122})
"""Stream full, or its storage: the block was not stored and senders have to wait."""

log = get_logger()


class LogPublisher:
    """Publishes the blocks of one gateway boot; one at a time."""

    def __init__(self, link: NatsConnection, boot: str, clock: Clock) -> None:
        self._link = link
        self._subject = f"{BLOCK_SUBJECT}.{boot}"
        self._boot = boot
        self._clock = clock
        self._last_seq = 0
        self.full = False
        """Whether the log had no room at the last try."""

    async def put(self, number: int, payload: bytes) -> None:
        """Return when the block is on disk.

        Raises:
            Unavailable: ``log.boot_ended`` when it stayed in doubt for five minutes.
        """
        wait_s = _WAIT_S_FIRST
        while not await self._publish(number, payload):
            await self._clock.sleep(wait_s)
            wait_s = min(2 * wait_s, _WAIT_S_MAX)
            if not self.full and await self._is_stored(number):
                return

    async def _publish(self, number: int, payload: bytes) -> bool:
        """Try once; return whether the server confirmed it."""
        headers = {
            "Nats-Expected-Last-Subject-Sequence": str(self._last_seq),
            "Nats-Msg-Id": f"{self._boot}-{number}",
        }
        try:
            async with self._link.answer_within(_ANSWER_S):
                ack = await self._link.jetstream.publish(
                    self._subject, payload, timeout=2 * _ANSWER_S, headers=headers
                )
        except APIError as error:
            self.full = error.err_code in _FULL
            log.warning("block refused", number=number, code=error.err_code, full=self.full)
            return False
        except DOUBTS as error:
            self.full = False
            log.warning("block in doubt", number=number, error=type(error).__name__)
            return False
        self.full = False
        self._last_seq = ack.seq
        return True

    async def _is_stored(self, number: int) -> bool:
        """Resolve the doubt by the subject's last message; wait until the server can be asked."""
        start_s = self._clock.monotonic_s()
        while self._clock.monotonic_s() - start_s < DOUBT_S_MAX:
            try:
                async with self._link.answer_within(_ANSWER_S):
                    last = await self._link.jetstream.get_last_msg(BLOCKS, self._subject)
            except NotFoundError:
                self._last_seq = 0
                return False
            except DOUBTS:
                await self._clock.sleep(_ASK_AGAIN_S)
                continue
            self._last_seq = last.seq or 0
            return decode_header(last.data or b"").number == number
        raise Unavailable(
            "log.boot_ended",
            "The log could not be asked about a block for five minutes.",
            "The gateway starts anew; devices send again what was not acknowledged.",
        )


async def give_back(link: NatsConnection, boot: str, payload: bytes) -> bool:
    """Put a block into the log as the only one of its boot; False if it was there already.

    Raises:
        Unavailable: ``log.unavailable`` when the log does not take it now.
    """
    try:
        ack = await link.jetstream.publish(
            f"{BLOCK_SUBJECT}.{boot}",
            payload,
            headers={
                "Nats-Expected-Last-Subject-Sequence": "0",
                "Nats-Msg-Id": f"{boot}-1",
            },
        )
    except (APIError, *DOUBTS) as error:
        if isinstance(error, APIError) and error.err_code == _ANOTHER_LAST:
            return False
        raise Unavailable(
            "log.unavailable",
            "The log does not take the block now.",
            "Try again; it is not doubled.",
        ) from error
    return not ack.duplicate
