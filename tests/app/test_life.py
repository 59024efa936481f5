"""Start, stop and death of the product: nothing stays behind, nothing is lost."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.product import Product, wait_until
from tram.app.supervision.part_watch import RESTARTS_MAX


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    product = Product(tmp_path_factory.mktemp("life")).start()
    yield product
    product.stop()


@pytest.fixture(scope="module")
def device(living: Product) -> tuple[int, str]:
    return living.seed_devices(1)[0]


def are_gone(pids: dict[str, int]) -> bool:
    return not any(Path(f"/proc/{pid}/exe").exists() for pid in pids.values())


def send(product: Product, token: str, **values: float) -> int:
    url = f"{product.http_url}/api/v1/{token}/telemetry"
    try:
        return httpx.post(url, json=values, timeout=20).status_code
    except httpx.TransportError:
        return 0


def test_stop_and_start_keep_data_and_leave_no_process(
    living: Product, device: tuple[int, str]
) -> None:
    number, token = device
    assert send(living, token, pH=7.1) == 200
    pids = living.pids

    assert living.stop() == 0

    assert are_gone(pids)
    assert not (living.data / "run" / "state.json").exists()
    assert "Trạm is stopped" in living.tram("doctor")
    living.start()
    assert send(living, token, Temp=30.5) == 200
    with living.log_in() as person:
        wait_until(
            lambda: living.latest(person, number).items() >= {"pH": 7.1, "Temp": 30.5}.items(),
            "old and new readings show",
        )


def test_killing_the_supervisor_leaves_no_child_and_loses_nothing(
    living: Product, device: tuple[int, str]
) -> None:
    number, token = device
    assert send(living, token, pH=6.9) == 200
    pids = living.pids

    living.end(signal.SIGKILL)

    wait_until(lambda: are_gone(pids), "every child is gone")
    living.start()
    with living.log_in() as person:
        wait_until(lambda: living.latest(person, number)["pH"] == 6.9, "the reading is there")


@pytest.mark.parametrize("role", ["gateway", "store", "alarms", "web", "work", "nats"])
def test_a_killed_part_comes_back_on_the_same_ports(
    living: Product, device: tuple[int, str], role: str
) -> None:
    before = living.state

    living.wait_restarted(role, living.kill(role))

    assert living.state["ports"] == before["ports"]
    assert living.state["restarts"][role] == before["restarts"][role] + 1
    assert living.pids.items() >= {k: v for k, v in before["pids"].items() if k != role}.items()
    wait_until(lambda: send(living, device[1], flow=7) == 200, "devices can send again")


def health(product: Product, key: str = "") -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    answer = httpx.get(f"{product.web_url}/health", headers=headers, timeout=20)
    return answer.status_code, answer.text


def test_health_and_doctor_tell_a_part_that_hangs_from_one_that_restarts_again_and_again(
    living: Product,
) -> None:
    key = (living.data / "keys" / "ops.key").read_text().strip()
    wait_until(lambda: health(living) == (200, "ok\n"), "all is well")

    while living.state["restarts"]["alarms"] < RESTARTS_MAX:
        living.wait_restarted("alarms", living.kill("alarms"))
    # Not one that may hold the registry: others would rightly hang with it.
    os.kill(living.pids["gateway"], signal.SIGSTOP)

    wait_until(lambda: "gateway: hung" in health(living, key)[1], "the stopped part is told of")
    status, text = health(living)
    assert (status, text) == (503, "Not well: a part of this installation hangs.\n")
    told = living.tram("doctor", code=1)
    assert "hung: it has not answered for" in told
    assert "restarts again and again" in told
    figures = httpx.get(
        f"{living.web_url}/metrics", headers={"Authorization": f"Bearer {key}"}, timeout=20
    ).text
    assert 'tram_part_state{part="gateway",state="hung"} 1.0' in figures
    assert 'tram_part_restarts_total{part="alarms"}' in figures
    assert 'tram_part_beat_age_seconds{loop="readings stored",part="store"}' in figures
    assert "tram_set_aside 0.0" in figures
    os.kill(living.pids["gateway"], signal.SIGCONT)
    restarting = "Not well: a part of this installation is started again and again.\n"
    wait_until(lambda: health(living) == (503, restarting), "the stopped part goes on")
    # What lay with the log when it was stopped is confirmed first.
    wait_until(lambda: "gateway" not in health(living, key)[1], "the gateway is well")


def test_terminating_the_supervisor_stops_in_order(living: Product) -> None:
    pids = living.pids

    assert living.end(signal.SIGTERM) == 0

    assert are_gone(pids)
    living.start()
