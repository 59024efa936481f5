"""The scene: a running product with an attacker's organisation and a neighbour's."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from tests.product import API, Product

__all__ = ("PASSWORD", "Party", "Person", "Scene", "log_in", "open_scene")

PASSWORD = "một câu đủ dài để nhớ"
NEIGHBOURS = 50
HOSTILE_DEVICES = 20
WORDS_MAX = 1_500
SETTINGS = {"TRAM_ALARMS_WEBHOOK_NETWORKS": "127.0.0.0/8"}
"""Webhooks may go to this machine, where the run's own receivers listen."""


@dataclass(frozen=True)
class Person:
    """Somebody who may log in."""

    login: str
    role: str


@dataclass
class Party:
    """One organisation with its people and devices (number and token)."""

    org: int
    people: list[Person] = field(default_factory=list)
    devices: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class Scene:
    """Where the product listens, and both parties; plain, so that another process may have it too."""

    web_url: str
    ports: dict[str, int]
    data: Path
    hostile: Party
    neighbour: Party

    @property
    def api(self) -> str:
        """Address of the programming interface."""
        return f"{self.web_url}{API}"

    def restarts(self) -> dict[str, int]:
        """Return how often each part was started again, as the supervisor notes it."""
        state = json.loads((self.data / "run" / "state.json").read_text())
        found: dict[str, int] = state["restarts"]
        return found

    def last_words(self, part: str) -> str:
        """Return the end of a part's log."""
        with contextlib.suppress(OSError):
            return (self.data / "logs" / f"{part}.log").read_text(errors="replace")[-WORDS_MAX:]
        return ""


@contextlib.contextmanager
def open_scene(folder: Path, *, neighbours: int = NEIGHBOURS) -> Iterator[Scene]:
    """Start a product in a new folder and put both parties into it; stop it at the end."""
    with Product(folder, settings=SETTINGS) as product, product.log_in() as admin:
        root = _made(admin.get("/organisations"))["items"][0]["id"]
        hostile = _party(admin, root, "Ke Pha", ("enterprise", "enterprise", "operator-planner"))
        hostile.people.append(_person(admin, root, "giu-du-lieu", "ict-officer"))
        neighbour = _party(admin, root, "Hang Xom", ("enterprise", "enterprise", "cooperative"))
        for party, count in ((hostile, HOSTILE_DEVICES), (neighbour, neighbours)):
            party.devices += [_device(admin, party.org, number) for number in range(count)]
        _made(admin.put("/operators/1", json={"org": hostile.org}))
        yield Scene(product.web_url, product.ports, folder, hostile, neighbour)


async def log_in(client: httpx.AsyncClient, login: str) -> int:
    """Log a person in on a client of the interface; return the status of the answer."""
    answer = await client.post("/session", json={"login": login, "password": PASSWORD})
    if answer.is_success:
        client.headers["X-CSRF-Token"] = answer.json()["csrf"]
    return answer.status_code


def _party(admin: httpx.Client, root: int, name: str, roles: tuple[str, ...]) -> Party:
    code = name.replace(" ", "").upper()
    form = {"parent": root, "name": name, "kind": "enterprise", "code": code}
    party = Party(_made(admin.post("/organisations", json=form))["id"])
    for number, role in enumerate(roles):
        party.people.append(_person(admin, party.org, f"{code.lower()}-{number}", role))
    return party


def _person(admin: httpx.Client, org: int, login: str, role: str) -> Person:
    form = {"org": org, "login": login, "name": login, "password": PASSWORD}
    person = _made(admin.post("/people", json=form))["id"]
    _made(admin.post(f"/people/{person}/roles", json={"role": role, "org": org}))
    return Person(login, role)


def _device(admin: httpx.Client, org: int, number: int) -> tuple[int, str]:
    form = {"name": f"may {number}", "org": org, "profile": 1, "sector": "energy"}
    made = _made(admin.post("/devices", json=form))
    device = made.get("device", made)
    return device["id"], made["token"]


def _made(answer: httpx.Response) -> dict:
    assert answer.is_success, f"{answer.request.url}: {answer.status_code} {answer.text}"
    return answer.json() if answer.content else {}
