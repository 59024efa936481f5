"""The mail server of the settings: what leaves, in which form, and what is said when it does not."""

import asyncio
import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import SimpleNamespace

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from tests.registry.world import refused
from tram.registry.people.mail_server import (
    MailMessage,
    MailRefused,
    MailServer,
    mail_server_of,
)
from tram.registry.people.settings import MailSettings
from tram.runtime.processes.process import free_port

LETTER = MailMessage(
    key="tram-letter-7-1", to="an@x.example", subject="Lời mời", text="Chào An,\n\nTrạm số 1."
)


class Postbox:
    """Takes every letter but those to somebody unknown, or when it has no room."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.signed_in: list[str] = []

    def handler(self) -> SimpleNamespace:
        """Return the two answers by the names that aiosmtpd asks for."""
        return SimpleNamespace(handle_RCPT=self.recipient, handle_DATA=self.data)

    async def recipient(self, *given: object) -> str:
        _, _, envelope, address, _ = given
        if address.startswith("nobody"):
            return "550 no such mailbox"
        if address.startswith("full"):
            return "452 mailbox full, come again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def data(self, _server: object, _session: object, envelope: object) -> str:
        assert max(len(line) for line in envelope.content.split(b"\r\n")) <= 998
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    def authenticate(self, *given: object) -> AuthResult:
        data = given[-1]
        self.signed_in.append(data.login.decode())
        return AuthResult(success=data.password == b"right")


@pytest.fixture
def box() -> Postbox:
    return Postbox()


@pytest.fixture
def server(box: Postbox) -> Iterator[MailServer]:
    port = free_port()
    running = Controller(
        box.handler(), hostname="127.0.0.1", port=port, authenticator=box.authenticate,
        auth_require_tls=False, auth_exclude_mechanism=["PLAIN"],
    )  # fmt: skip
    running.start()
    yield MailServer("127.0.0.1", port, "tram@so.example")
    running.stop()


async def reason(server: MailServer, letter: MailMessage = LETTER) -> MailRefused:
    """Return why a letter did not leave."""
    with pytest.raises(MailRefused) as caught:
        await server.send(letter)
    return caught.value


def with_(server: MailServer, **given: object) -> MailServer:
    return MailServer(server.host, server.port, server.sender, **given)


async def test_a_letter_arrives_whole_and_says_that_a_program_wrote_it(
    server: MailServer, box: Postbox
) -> None:
    await server.send(LETTER)

    (arrived,) = box.letters
    assert (arrived["to"], arrived["from"]) == ("an@x.example", "tram@so.example")
    assert arrived["subject"] == "Lời mời"
    assert arrived.get_content().splitlines() == LETTER.text.splitlines()
    assert arrived["auto-submitted"] == "auto-generated"
    assert arrived["message-id"] == "<tram-letter-7-1@tram>"


async def test_names_in_a_letter_forge_no_header_and_no_long_line(
    server: MailServer, box: Postbox
) -> None:
    subject = "Máy\r\nBcc: spy@x.example\u2028" + "ạ" * 400
    letter = MailMessage(
        key="k", to="an@trạm.example", subject=subject, text="x" * 5_000 + "\n.\n\u202eABC"
    )

    await server.send(letter)

    (arrived,) = box.letters
    assert arrived["bcc"] is None
    assert arrived["to"].endswith("@xn--trm-tgz.example")
    assert arrived["subject"].startswith("Máy Bcc: spy@x.example ạ")
    assert len(arrived["subject"]) <= 200
    lines = arrived.get_content().splitlines()
    assert lines[:2] == ["x" * 5_000, "."]
    assert lines[2] == "[U+202E]ABC"


async def test_a_refusal_for_good_is_told_from_one_for_now(server: MailServer) -> None:
    for to, is_final in (("nobody@x.example", True), ("full@x.example", False)):
        letter = MailMessage(key="k", to=to, subject="x", text="x")
        refusal = await reason(server, letter)
        assert refusal.is_final is is_final, to


@pytest.mark.parametrize("to", ["", "an", "an@", "a b@x.example", "an@[127.0.0.1]"])
async def test_an_address_that_no_letter_can_name_is_refused_before_anybody_is_called(
    to: str,
) -> None:
    silent = MailServer("203.0.113.1", 25, "tram@so.example", total_s=0.1)

    refusal = await reason(silent, MailMessage(key="k", to=to, subject="x", text="x"))

    assert refusal.is_final


async def test_user_and_password_are_given_where_they_are_set(
    server: MailServer, box: Postbox
) -> None:
    await with_(server, user="tram", password="right").send(LETTER)
    assert box.signed_in == ["tram"]

    refusal = await reason(with_(server, user="tram", password="wrong"))

    assert not refusal.is_final, "the operator will mend it"
    assert len(box.letters) == 1


async def test_a_server_without_tls_is_not_trusted_with_letters_that_need_it(
    server: MailServer, box: Postbox
) -> None:
    for security in ("starttls", "tls"):
        refusal = await reason(with_(server, security=security, total_s=5))
        assert not refusal.is_final
    assert box.letters == []


async def test_no_server_a_dead_one_and_one_that_says_nothing_are_said_plainly() -> None:
    assert "mail.host" in str(await reason(MailServer("", 25, "tram@so.example")))
    assert str(await reason(MailServer("127.0.0.1", free_port(), "tram@so.example")))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        async with asyncio.timeout(20):
            refusal = await reason(MailServer("127.0.0.1", port, "t@so.example", total_s=0.2))
    assert not refusal.is_final
    assert len(str(refusal)) <= 300


def test_the_sender_is_an_address_before_anything_runs() -> None:
    assert mail_server_of(MailSettings(host="mail.example")).sender == "tram@mail.example"
    assert mail_server_of(MailSettings(sender="not an address")).host == ""

    with refused("settings.wrong") as caught:
        mail_server_of(MailSettings(host="mail.example", sender="Trạm <a@b.example>"))

    assert "mail.sender" in caught.value.sentence
    assert caught.value.hint
