"""What an installation keeps beside its data: bounded logs, the first passwords, a passphrase file."""

import os
from pathlib import Path

import pytest

from tram.api.http.settings import WebSettings
from tram.app.installation.log_ins import LogIns
from tram.app.installation.passphrases import read_passphrase
from tram.app.installation.ports import INNER_PORTS, inner_ports, need_public_ports
from tram.app.installation.rotation import RotatingFile
from tram.app.installation.sealing import seal, unseal
from tram.app.installation.settings import Settings
from tram.fleet.gateway.settings import GatewaySettings
from tram.runtime.errors import Broken, Refused
from tram.runtime.processes.process import free_port


def test_a_log_keeps_its_newest_files_and_never_more(tmp_path: Path) -> None:
    path = tmp_path / "web.log"
    file = RotatingFile(path, bytes_max=10)

    for number in range(12):
        assert file.write(f"{number:04}\n".encode()) == 5

    kept = {one.name: one.read_text() for one in tmp_path.iterdir()}
    assert kept == {
        "web.log": "0010\n0011\n",
        "web.log.1": "0008\n0009\n",
        "web.log.2": "0006\n0007\n",
        "web.log.3": "0004\n0005\n",
    }
    assert file.tail() == "0011"
    file.close()
    again = RotatingFile(path, bytes_max=10)
    again.write(b"next\n")
    assert path.read_text() == "next\n", "what was there before counts"
    again.close()


def test_a_line_longer_than_a_file_is_kept_whole_and_a_full_disk_stops_nobody(
    tmp_path: Path,
) -> None:
    file = RotatingFile(tmp_path / "web.log", bytes_max=10)
    assert file.tail() == "it wrote nothing"

    file.write(b"x" * 50 + b"\n")
    assert file.tail() == "x" * 50
    file.close()

    if not os.access("/dev/full", os.W_OK):
        return
    full = RotatingFile(Path("/dev/full"))
    assert full.write(b"lost") == 4
    full.close()


def test_a_repeated_first_start_gives_the_same_passwords_to_their_owner_only(
    tmp_path: Path,
) -> None:
    path = tmp_path / "log-ins"
    first = LogIns(path)
    passwords = {login: first.password_for(login) for login in ("quản-trị", "demo")}

    again = LogIns(path)

    assert again.all() == passwords
    assert again.password_for("demo") == passwords["demo"]
    assert len(set(passwords.values())) == 2
    assert all(len(password) >= 12 for password in passwords.values())
    assert path.stat().st_mode & 0o077 == 0
    path.unlink()
    assert LogIns(path).all() == {}, "its owner took it away"


def test_a_passphrase_comes_from_a_file_without_its_line_break(tmp_path: Path) -> None:
    file = tmp_path / "passphrase"
    file.write_text("một câu dễ nhớ\n", encoding="utf-8")

    assert read_passphrase(file, twice=True) == "một câu dễ nhớ"


def test_a_passphrase_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    binary = tmp_path / "photo.jpg"
    binary.write_bytes(b"\xff\xd8\xff")

    for file, reason in (
        (tmp_path / "none", "No such file"),
        (binary, "UTF-8"),
        (tmp_path, "dir"),
    ):
        with pytest.raises(Refused, match=reason) as caught:
            read_passphrase(file, twice=False)
        assert caught.value.code == "passphrase.unreadable"
        assert caught.value.hint


def test_nobody_at_the_terminal_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path(os.devnull).open() as nothing:
        monkeypatch.setattr("sys.stdin", nothing)
        with pytest.raises(Refused, match="nobody to ask") as caught:
            read_passphrase(None, twice=False)
    assert "--passphrase-file" in caught.value.hint


def test_keys_that_were_cut_off_are_known_to_be_no_keys() -> None:
    sealed = seal({"hmac.key": b"secret"}, "một câu dễ nhớ")

    for length in (0, 8, 20, 36):
        with pytest.raises(Broken):
            unseal(sealed[:length], "một câu dễ nhớ")
    with pytest.raises(Refused, match="does not open"):
        unseal(sealed[:-1], "một câu dễ nhớ")


def test_every_port_that_is_taken_is_named_with_its_setting() -> None:
    import socket

    with (
        socket.create_server(("127.0.0.1", 0)) as web,
        socket.create_server(("127.0.0.1", 0)) as mqtt,
    ):
        taken = [one.getsockname()[1] for one in (web, mqtt)]
        settings = Settings(
            web=WebSettings(host="127.0.0.1", port=taken[0]),
            gateway=GatewaySettings(host="127.0.0.1", mqtt_port=taken[1], http_port=free_port()),
        )
        with pytest.raises(Refused) as caught:
            need_public_ports(settings)

    assert [fault.field for fault in caught.value.faults] == ["web.port", "gateway.mqtt_port"]
    assert all(str(port) in caught.value.sentence for port in taken)
    assert "TRAM_WEB_PORT, TRAM_GATEWAY_MQTT_PORT" in caught.value.hint
    need_public_ports(settings)


def test_parts_get_ports_that_no_connection_goes_out_from() -> None:
    ports = inner_ports()

    assert set(ports) == set(INNER_PORTS)
    assert len(set(ports.values())) == len(INNER_PORTS)
    assert all(20_000 <= port < 32_000 for port in ports.values())
