"""What a person gets wrong at the command line: one clear sentence with the remedy, exit code 2."""

import json
import socket
from pathlib import Path

import pytest

from tests.product import Product


def refusal(product: Product, *arguments: str) -> str:
    """Run a command that is refused; return its sentence, which must be the only output."""
    process = product.spawn(*arguments)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 2, out + err
    assert out == ""
    assert err.startswith("tram: ")
    assert err.count("\n") == 1
    return err


def test_a_taken_port_names_its_setting(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        product = Product(tmp_path / "data", settings={"TRAM_WEB_PORT": port})

        sentence = refusal(product, "up", "--data", str(product.data))

    assert f"port {port}" in sentence
    assert "web.port" in sentence


def test_all_wrong_settings_are_named_at_once(tmp_path: Path) -> None:
    product = Product(tmp_path / "data", settings={"TRAM_WEB_PORT": "eighty"})
    product.data.mkdir()
    (product.data / "tram.toml").write_text("[gateway]\nflush_ms = 0\n[web]\ncolour = 'red'\n")

    sentence = refusal(product, "up", "--data", str(product.data))

    assert "TRAM_WEB_PORT" in sentence
    assert "gateway.flush_ms" in sentence
    assert "web.colour" in sentence


def test_a_folder_of_a_newer_format_is_not_touched(tmp_path: Path) -> None:
    product = Product(tmp_path)
    (tmp_path / "format").write_text(json.dumps({"format": 99}))

    assert "format 99" in refusal(product, "up", "--data", str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["format"]


def test_an_unwritable_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    product = Product(tmp_path / "file" / "data")

    sentence = refusal(product, "up", "--data", str(product.data))

    assert "cannot be written" in sentence
    assert "--data" in sentence


@pytest.mark.parametrize("command", ["backup", "list"])
def test_a_command_on_nothing_makes_nothing(tmp_path: Path, command: str) -> None:
    product = Product(tmp_path / "data")
    (tmp_path / "passphrase").write_text("một câu dễ nhớ")
    arguments = {
        "backup": [
            "--out",
            str(tmp_path / "b"),
            "--passphrase-file",
            str(tmp_path / "passphrase"),
        ],
        "list": [],
    }
    words = ["devices", "list"] if command == "list" else [command]

    sentence = refusal(product, *words, *arguments[command], "--data", str(product.data))

    assert "holds no Trạm" in sentence
    assert not product.data.exists()


def test_a_restore_never_touches_a_folder_with_content(tmp_path: Path) -> None:
    product = Product(tmp_path / "data")
    product.data.mkdir()
    (product.data / "mine").write_text("")
    (tmp_path / "passphrase").write_text("một câu dễ nhớ")

    sentence = refusal(
        product,
        "restore",
        str(tmp_path / "backup"),
        "--passphrase-file",
        str(tmp_path / "passphrase"),
        "--data",
        str(product.data),
    )

    assert "not empty" in sentence
    assert [path.name for path in product.data.iterdir()] == ["mine"]


def test_settings_print_a_file_that_can_be_used(tmp_path: Path) -> None:
    product = Product(tmp_path / "data")
    process = product.spawn("settings")
    printed = process.communicate(timeout=60)[0]
    product.data.mkdir()
    (product.data / "tram.toml").write_text(printed)

    assert "[gateway]" in printed
    assert "mqtt_port = 1883" in printed
    assert "1 devices" in product.tram(
        "devices", "seed", "--n", "1", "--tokens", str(tmp_path / "t")
    )
    assert "Thiết bị mô phỏng" in product.tram("devices", "list")


def test_doctor_names_every_fault_with_its_remedy(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        product = Product(tmp_path / "data", settings={"TRAM_GATEWAY_MQTT_PORT": port})
        assert "holds no Trạm yet" in product.tram("doctor", code=1)
        assert not product.data.exists()
        product.seed_devices(1)
        (product.data / "keys" / "hmac.key").chmod(0o644)

        said = product.tram("doctor", code=1)

    assert "Other users may read hmac.key" in said
    assert "chmod 600" in said
    assert f"port {port} on 127.0.0.1 is taken" in said
    assert "gateway.mqtt_port" in said
    assert "fine  store" in said
