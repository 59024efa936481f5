"""What a newcomer sees after one command: the table, the log-ins, a fleet that is alive."""

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.product import Product, wait_until


def overview(product: Product, login: str) -> dict[str, Any]:
    with product.log_in(login) as person:
        answer = person.get("/overview")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def online(product: Product, login: str) -> dict[str, int]:
    return {line["sector"]: line["online"] for line in overview(product, login)["sectors"]}


def read_table(process: subprocess.Popen[str]) -> str:
    """Read until both paste-ready lines were printed."""
    assert process.stdout is not None
    table = ""
    while "mosquitto_pub" not in table:
        line = process.stdout.readline()
        assert line, table + process.communicate()[1]
        table += line
    return table


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    product = Product(tmp_path_factory.mktemp("demo"), demo=True)
    yield product
    product.stop()


@pytest.fixture(scope="module")
def table(demo: Product) -> str:
    demo.process = demo.spawn("up", "--demo", "--data", str(demo.data))
    table = read_table(demo.process)
    demo.announced = demo.state
    return table


def test_one_command_gives_a_living_province_and_a_line_to_paste(
    demo: Product, table: str
) -> None:
    product = demo
    assert product.web_url in table
    people = {"quantri", "moitruong", "banquanly", "nhamaya"}
    operators = {"mang.a", "mang.b", "mang.c"}
    assert set(product.log_ins()) == people | operators
    assert all(password in table for password in product.log_ins().values())
    lines = [line for line in table.splitlines() if line.startswith("  ")]
    curl, mosquitto = (line for line in lines if "-u tr_" in line or "/tr_" in line)
    for command in (curl, mosquitto):
        subprocess.run(command, shell=True, check=True, timeout=30, capture_output=True)
    with product.log_in() as person:
        spare = person.get("/devices", params={"search": "MP-ENV-001"}).json()["items"][0]["id"]
        wait_until(lambda: product.latest(person, spare).get("pH") == 7.2, "the pasted line shows")
    wait_until(lambda: sum(online(product, "quantri").values()) > 150, "most devices are online")
    everyone = online(product, "quantri")
    assert all(count > 0 for count in everyone.values())
    assert online(product, "moitruong").keys() >= {"environment"}
    assert sum(online(product, "nhamaya").values()) < sum(everyone.values())


def test_a_second_demo_start_makes_nothing_twice(demo: Product, table: str) -> None:
    before = demo.demo_tokens()
    with demo.log_in() as person:
        assert person.get("/devices").json()["total"] == len(before)
    demo.stop()
    demo.demo = True

    demo.start()

    assert demo.demo_tokens() == before
    with demo.log_in() as person:
        assert person.get("/devices").json()["total"] == len(before)
    assert "(mô phỏng)" in demo.tram("devices", "list", "--search", "mo phong")
