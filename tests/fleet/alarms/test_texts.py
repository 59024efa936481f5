"""What a notice says: a name can add no line, no header and no turn of the reading to it."""

from aiosmtpd.controller import Controller

from tests.fleet.alarms.conftest import Inbox
from tram.fleet.alarms.notices.texts import subject_and_text
from tram.registry.people.mail_server import MailMessage, MailServer
from tram.runtime.processes.process import free_port

LOOPBACK = "127.0.0.1"
OLD = "Bơm\r\nBcc: all@example.vn\u2028\u202eexe\x00\x1b[31m\ud800"
ABOUT = {
    "rule": OLD, "device": OLD, "org": OLD, "severity": 2, "value": float("nan"), "drill": True,
    "link": "https://iot.example/alarms/1", "synthetic": True, "started_ms": 253_402_300_799_999,
}  # fmt: skip


def test_names_are_one_line_and_every_time_has_words() -> None:
    for kind in ("alarm", "clear", "digest", "test"):
        for locale in ("vi", "en"):
            subject, text = subject_and_text(kind, {**ABOUT, "held": 3}, locale)

            assert subject.isprintable()
            assert all(line.isprintable() for line in text.split("\n"))
            assert "\nBcc" not in text
    _, text = subject_and_text("alarm", ABOUT, "vi")
    assert "Bơm Bcc: all@example.vn [U+202E]exe␀␛[31m[U+D800]" in text
    assert "Từ: 253402300799999 ms" in text


async def test_a_mail_with_an_old_name_arrives() -> None:
    inbox = Inbox()
    server = Controller(inbox, hostname=LOOPBACK, port=free_port())
    server.start()
    try:
        subject, text = subject_and_text("alarm", ABOUT, "en")
        letter = MailMessage(key="k1", to="a@example.vn", subject=subject + OLD, text=text + OLD)
        await MailServer(LOOPBACK, server.port, "tram@example.vn", security="none").send(letter)
    finally:
        server.stop()

    ((to, content),) = inbox.mails
    head = content.partition("\r\n\r\n")[0]
    assert to == "a@example.vn"
    assert "\nBcc:" not in head
