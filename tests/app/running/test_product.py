"""The running product from outside: what a device sends, a person sees; operators see how it is."""

import socket
import sqlite3
import sys
import time
from pathlib import Path

import httpx

from tests.app.devices import Device
from tests.product import Product, wait_until


def test_a_reading_by_mqtt_shows_in_the_api(product: Product) -> None:
    device, token = product.seed_devices(1)[0]

    with Device(product, token) as sender, product.log_in() as person:
        sender.send({"pH": 7.25, "door": True, "note": "đã hiệu chuẩn"})

        wait_until(
            lambda: (
                product.latest(person, device)
                == {"pH": 7.25, "door": True, "note": "đã hiệu chuẩn"}
            ),
            "the reading shows",
        )


def test_a_reading_by_http_shows_in_the_api(product: Product) -> None:
    device, token = product.seed_devices(1)[0]

    answer = httpx.post(f"{product.http_url}/api/v1/{token}/telemetry", json={"pH": 6.5})

    assert answer.status_code == 200
    with product.log_in() as person:
        wait_until(lambda: product.latest(person, device) == {"pH": 6.5}, "the reading shows")


def test_a_revoked_token_closes_the_live_connection(product: Product) -> None:
    device, token = product.seed_devices(1)[0]

    with Device(product, token) as sender, product.log_in() as person:
        sender.send({"pH": 7})
        credential = person.get(f"/devices/{device}/credentials").json()["items"][0]["id"]

        start_s = time.monotonic()
        assert person.delete(f"/credentials/{credential}").status_code == 204

        assert sender.closed.wait(5)
        sys.stdout.write(f"closed {time.monotonic() - start_s:.2f} s after the revocation\n")


def test_passwords_are_kept_with_all_the_work_that_argon2id_is_advised_to_take(
    product: Product,
) -> None:
    with sqlite3.connect(product.data / "registry.db") as registry:
        kept = [row[0] for row in registry.execute("SELECT password_hash FROM people")]

    # RFC 9106, the second recommended option: 64 MiB, three passes, four lanes.
    assert {text.rpartition("$m=")[2].split("$")[0] for text in kept} == {"65536,t=3,p=4"}


def test_doctor_finds_nothing_wrong_with_a_running_product(product: Product) -> None:
    said = product.tram("doctor")

    for subject in (
        "folder",
        "keys",
        "nats",
        "gateway",
        "store",
        "alarms",
        "web",
        "work",
        "log",
        "registry",
        "jobs",
    ):
        assert f" {subject} " in said


def test_parts_answer_health_to_all_and_metrics_to_the_keyholder(product: Product) -> None:
    key = (product.data / "keys" / "ops.key").read_text()
    for role in ("gateway", "store", "alarms", "web", "work"):
        url = f"http://127.0.0.1:{product.ports[f'ops_{role}']}"

        assert httpx.get(f"{url}/health").status_code == 200
        assert httpx.get(f"{url}/metrics").status_code == 401
        metrics = httpx.get(f"{url}/metrics", headers={"Authorization": f"Bearer {key}"})
        assert "process_cpu_seconds_total" in metrics.text


def test_a_second_start_on_the_same_folder_is_refused(product: Product, tmp_path: Path) -> None:
    other = Product(product.data)

    out, err = other.spawn("up", "--data", str(product.data)).communicate(timeout=60)

    assert out == ""
    assert "Another Trạm is running" in err


def test_what_the_product_announces_is_true(product: Product) -> None:
    announced = product.announced

    assert set(announced["pids"]) == {"nats", "store", "alarms", "work", "web", "gateway"}
    assert httpx.get(f"{announced['web']}/health").status_code == 200
    assert Path(announced["log_ins"]).stat().st_mode & 0o077 == 0


def test_no_secret_is_written_to_a_log(product: Product) -> None:
    device, token = product.seed_devices(1)[0]
    httpx.post(f"{product.http_url}/api/v1/{token}/telemetry", json={"pH": 6.5})
    password = product.log_ins()["quantri"]
    with product.log_in() as person:
        wait_until(lambda: product.latest(person, device), "the reading shows")

    keys = [path.read_bytes() for path in (product.data / "keys").glob("*.seed")]
    for log in (product.data / "logs").iterdir():
        written = log.read_bytes()
        assert token.encode() not in written
        assert password.encode() not in written
        assert not any(key in written for key in keys)


def test_the_log_cannot_be_used_without_a_key(product: Product) -> None:
    with socket.create_connection(("127.0.0.1", product.ports["nats"]), timeout=5) as link:
        link.sendall(
            b'CONNECT {"verbose":false,"user":"web","pass":"web"}\r\nSUB tram.> 1\r\nPING\r\n'
        )
        answer = b""
        while part := link.recv(4096):
            answer += part

    assert b"Authorization Violation" in answer
    assert b"PONG" not in answer


def test_the_journal_is_verified_by_command_and_against_a_head_kept_elsewhere(
    product: Product,
) -> None:
    said = product.tram("audit", "verify")
    head = said.split("Head: ")[1].split()[0]
    number = head.partition(":")[0]

    assert "The audit is whole" in said
    assert "The audit is whole" in product.tram("audit", "verify", "--since", head)
    forged = product.tram("audit", "verify", "--since", f"{number}:{'0' * 64}", code=1)
    assert "it was rewritten" in forged
