"""Backup while running, restore elsewhere: the same people, devices, readings and tokens."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.app.devices import Device
from tests.product import Product, wait_until

TABLES = ("organisations", "people", "devices", "credentials", "zones", "profiles")


@pytest.fixture
def passphrase(tmp_path: Path) -> list[str]:
    file = tmp_path / "passphrase"
    file.write_text("một câu dễ nhớ\n")
    return ["--passphrase-file", str(file)]


@pytest.fixture
def restored(tmp_path: Path) -> Iterator[Product]:
    product = Product(tmp_path / "restored" / "data")
    yield product
    product.stop()


def rows(product: Product, table: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(product.data / "registry.db")) as database:
        return database.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()


def readings(product: Product, device: int) -> dict[str, Any]:
    with product.log_in() as person:
        span = {"metric": "pH", "start_ms": 0, "end_ms": 4_000_000_000_000, "points": 500}
        series = person.get(f"/devices/{device}/readings", params=span)
        assert series.status_code == 200, series.text
        return {"times": series.json()["times"], "values": series.json()["values"]}


def test_a_restored_backup_is_the_same_installation(
    product: Product, restored: Product, passphrase: list[str], tmp_path: Path
) -> None:
    device, token = product.seed_devices(1)[0]
    backup = tmp_path / "backup.tar"
    with Device(product, token) as sender:
        for number in range(20):
            sender.send({"ts": 1_790_000_000_000 + number, "values": {"pH": 7 + number / 100}})
        product.tram("backup", "--out", str(backup), *passphrase)
    wait_until(lambda: len(readings(product, device)["values"]) == 20, "all readings show")
    before = readings(product, device)

    restored.tram("restore", str(backup), *passphrase)

    assert backup.stat().st_mode & 0o077 == 0
    assert [rows(restored, table) for table in TABLES] == [rows(product, t) for t in TABLES]
    audit = rows(restored, "audit")
    assert audit == rows(product, "audit")[: len(audit)]
    restored.start()
    wait_until(lambda: readings(restored, device) == before, "the readings are the same")
    with Device(restored, token) as sender:
        sender.send({"ts": 1_790_000_000_100, "values": {"pH": 9.5}})
        sender.send({"ts": 1_790_000_000_000, "values": {"pH": 7.0}})  # a double of an old one
    wait_until(lambda: len(readings(restored, device)["values"]) == 21, "the new reading shows")
    assert readings(restored, device)["values"][-1] == 9.5


def test_a_stopped_installation_can_be_backed_up_and_the_wrong_passphrase_restores_nothing(
    restored: Product, passphrase: list[str], tmp_path: Path
) -> None:
    source = Product(tmp_path / "source")
    _device, token = source.seed_devices(1)[0]
    backup = tmp_path / "backup.tar"
    (tmp_path / "wrong").write_text("một câu khác hẳn")

    source.tram("backup", "--out", str(backup), *passphrase)
    said = restored.tram(
        "restore", str(backup), "--passphrase-file", str(tmp_path / "wrong"), code=2
    )

    assert "does not open" in said
    assert not restored.data.exists()
    restored.tram("restore", str(backup), *passphrase)
    restored.start()
    url = f"{restored.http_url}/api/v1/{token}/telemetry"
    assert httpx.post(url, json={"pH": 7}).status_code == 200
