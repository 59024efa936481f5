"""Gateways ask the registry's role a rare question over NATS and wait for the answer."""

from collections.abc import Awaitable, Callable, Mapping

import msgspec

from tram.domain.ids import DeviceId, OrgId, ProfileId
from tram.fleet.device_api.interfaces import Device
from tram.fleet.log.nats_connection import DOUBTS, NatsConnection
from tram.fleet.log.streams import MESSAGE_BYTES_MAX, RPC_SUBJECT
from tram.runtime.errors import Refused, TramError, Unavailable, is_of_the_entry
from tram.runtime.logging import get_logger

__all__ = ("Answer", "RegistryRpcClient", "serve_registry_rpc")

ANSWER_S = 5.0
"""Longest wait for an answer."""
ANSWER_BYTES_MAX = MESSAGE_BYTES_MAX // 2
_RETRY_S = 2
_QUEUE = "desk"

Answer = Callable[[Device | None, bytes], Awaitable[bytes]]
"""Answers one kind of question; raises ``Refused`` or ``Unavailable``."""

log = get_logger()


class _Question(msgspec.Struct):
    device: tuple[int, int, int, bytes] | None
    body: bytes


class _Reply(msgspec.Struct):
    body: bytes = b""
    family: str = ""
    code: str = ""
    sentence: str = ""
    hint: str = ""


class RegistryRpcClient:
    """The gateway's side."""

    def __init__(self, link: NatsConnection) -> None:
        self._link = link

    async def ask(self, question: str, device: Device | None, body: bytes) -> bytes:
        """Return the answer to a question about a device, or of nobody yet.

        Raises:
            Refused: when the registry refuses.
            Unavailable: ``desk.silent`` when nobody answered in time.
        """
        who = (
            None
            if device is None
            else (device.device, device.org, device.profile, device.credential)
        )
        asked = msgspec.msgpack.encode(_Question(who, body))
        try:
            async with self._link.answer_within(ANSWER_S):
                message = await self._link.client.request(
                    f"{RPC_SUBJECT}.{question}", asked, timeout=2 * ANSWER_S
                )
        except DOUBTS:
            raise Unavailable(
                "desk.silent",
                "The registry did not answer in time.",
                "Try again; if it stays so, look at the role 'work'.",
                _RETRY_S,
            ) from None
        reply = msgspec.msgpack.decode(message.data, type=_Reply)
        if reply.family == "refused":
            raise Refused(reply.code, reply.sentence, reply.hint)
        if reply.family:
            raise Unavailable(reply.code, reply.sentence, reply.hint, _RETRY_S)
        return reply.body


async def serve_registry_rpc(link: NatsConnection, answers: Mapping[str, Answer]) -> None:
    """Answer questions by their kind from now on; one of all servers gets each question."""

    async def receive(subject: str, payload: bytes) -> bytes:
        kind = subject.removeprefix(f"{RPC_SUBJECT}.")
        answer = answers.get(kind)
        try:
            question = msgspec.msgpack.decode(payload, type=_Question)
            if answer is None:
                raise Refused("desk.unknown", "Nobody answers this kind of question.")  # noqa: TRY301  # one place encodes
            return _fitting(_Reply(await answer(_device(question), question.body)))
        except Refused as error:
            reply = _Reply(b"", "refused", error.code, error.sentence, error.hint)
        except TramError as error:
            reply = _Reply(b"", "unavailable", error.code, error.sentence, error.hint)
        except Exception as error:
            log.exception("a question could not be answered", kind=kind)
            reply = _failed(error)
        return msgspec.msgpack.encode(reply)

    await link.answer(f"{RPC_SUBJECT}.*", _QUEUE, receive)


def _fitting(reply: _Reply) -> bytes:
    """Return a reply's bytes.

    Raises:
        Refused: ``desk.too_large`` if the log would not carry it: nobody would answer then.
    """
    content = msgspec.msgpack.encode(reply)
    if len(content) > ANSWER_BYTES_MAX:
        raise Refused("desk.too_large", "The answer is too large.", "Ask for fewer keys.")
    return content


def _failed(error: Exception) -> _Reply:
    """Return the answer to a question that brought out a fault: asking again helps only at times."""
    if not is_of_the_entry(error):
        return _Reply(b"", "unavailable", "desk.busy", "The registry cannot answer now.", "")
    return _Reply(
        b"",
        "refused",
        "desk.failed",
        "The platform failed over this request; others are answered.",
        "Ask for something else; the operator finds the reason in the log of the role 'work'.",
    )


def _device(question: _Question) -> Device | None:
    if question.device is None:
        return None
    device, org, profile, credential = question.device
    return Device(DeviceId(device), OrgId(org), ProfileId(profile), credential)
