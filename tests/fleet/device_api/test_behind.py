"""A gateway device speaks for those behind it: by their names, all of a message or none."""

import itertools
import json

import msgspec
import pytest

from tests.fleet.device_api.station import NOW_MS, Station, sent_by
from tests.fleet.gateway.rig import FIRST, SECOND
from tram.fleet.device_api.behind import DEVICES_MAX
from tram.fleet.device_api.interfaces import Device
from tram.runtime.errors import Refused, Unavailable

BEHIND_ORG = 11


def with_registry(station: Station) -> list[tuple[int, str, str]]:
    """Teach the desk to number devices from 100; return the list of what it was asked."""
    asked: list[tuple[int, str, str]] = []
    numbers: dict[str, int] = {}
    following = itertools.count(100)

    def behind(device: Device, body: bytes) -> bytes:
        form = json.loads(body)
        asked.append((device.device, form["name"], form["type"]))
        number = numbers.setdefault(form["name"], next(following))
        return json.dumps({"device": number, "org": BEHIND_ORG, "profile": 1}).encode()

    station.desk.answers["behind"] = behind
    return asked


async def take(station: Station, verb: str, content: object) -> None:
    """Say something for devices behind the first one, as its connection does."""
    payload = content if isinstance(content, bytes) else json.dumps(content).encode()
    taken = getattr(station.api.behind, verb)(FIRST, sent_by(), payload, NOW_MS)
    if taken is not station.blocks.open:
        await taken


async def test_values_count_for_the_device_that_they_are_of() -> None:
    station = Station()
    asked = with_registry(station)
    content = {"Bơm": [{"ts": NOW_MS - 1, "values": {"p": 2.5}}], "Van": [{"open": True}]}

    await take(station, "telemetry", content)
    await take(station, "telemetry", content)

    once = [(100, "p", NOW_MS - 1, 2.5), (101, "open", NOW_MS, 1)]
    assert station.values() == once * 2
    assert station.senders() == [(100, BEHIND_ORG), (101, BEHIND_ORG)] * 2
    assert asked == [(FIRST.device, "Bơm", ""), (FIRST.device, "Van", "")], "asked for once"


async def test_facts_count_for_the_device_that_they_are_of() -> None:
    station = Station()
    with_registry(station)

    await take(station, "attributes", {"Bơm": {"model": "A"}, "Van": {"size": 80}})

    assert station.events() == [(100, "model", '"A"'), (101, "size", "80")]


@pytest.mark.parametrize("verb", ["telemetry", "attributes"])
@pytest.mark.parametrize("bad", [{}, [], "x", {"t": None}, 7])
async def test_one_wrong_device_keeps_back_all_others_of_the_message(
    verb: str, bad: object
) -> None:
    station = Station()
    with_registry(station)
    names = ("Một", "Hai", "Ba")

    for wrong in names:
        content = {name: bad if name == wrong else {"t": 1} for name in names}
        for _ in range(2):  # asking for the names, and knowing them
            with pytest.raises(Refused):
                await take(station, verb, content)

    assert station.blocks.open.builder.is_empty


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"", "payload.not_json"),
        (b'{"A": [', "payload.not_json"),
        (b'{"\xff": [{"t": 1}]}', "payload.not_json"),
        (b"{}", "payload.wrong"),
        (b"[]", "payload.wrong"),
        (b'"A"', "payload.wrong"),
        (b"null", "payload.wrong"),
        (
            json.dumps({str(n): [{"t": 1}] for n in range(DEVICES_MAX + 1)}).encode(),
            "payload.wrong",
        ),
    ],
)
@pytest.mark.parametrize("verb", ["telemetry", "attributes"])
async def test_what_names_no_devices_or_too_many_is_refused_before_the_registry_is_asked(
    verb: str, payload: bytes, code: str
) -> None:
    station = Station()
    asked = with_registry(station)

    with pytest.raises(Refused) as refused:
        await take(station, verb, payload)

    assert refused.value.code == code
    assert asked == []


async def test_as_many_devices_as_a_message_may_name_are_taken() -> None:
    station = Station()
    with_registry(station)

    await take(station, "telemetry", {f"Cảm biến {n}": [{"t": n}] for n in range(DEVICES_MAX)})

    assert [row[3] for row in station.values()] == list(range(DEVICES_MAX))


@pytest.mark.parametrize(
    "name",
    ["", "   ", "x" * 201, "a\nb", "a\x00b", "\u202eBơm", "a\u0301\u0301\u0301\u0301\u0301"],
)
async def test_a_name_that_cannot_stand_on_a_page_makes_no_device(name: str) -> None:
    station = Station()
    asked = with_registry(station)
    link = msgspec.json.encode({"device": name})

    with pytest.raises(Refused) as refused:
        await station.api.behind.connect(FIRST, link)
    with pytest.raises(Refused):
        await take(station, "telemetry", {name: [{"t": 1}]})

    assert refused.value.code == "payload.wrong"
    assert asked == []


async def test_a_device_that_is_announced_has_the_profile_that_its_gateway_names() -> None:
    station = Station()
    asked = with_registry(station)

    await station.api.behind.connect(FIRST, '{"device": "Bơm", "type": "Máy bơm"}'.encode())
    await take(station, "telemetry", {"Bơm": [{"t": 1}]})
    await station.api.behind.disconnect(FIRST, '{"device": "Bơm"}'.encode())
    with pytest.raises(Refused):
        await station.api.behind.connect(FIRST, '{"device": "X", "type": "\u2028"}'.encode())

    assert asked == [(FIRST.device, "Bơm", "Máy bơm")]
    assert station.senders() == [(100, BEHIND_ORG)]


async def test_two_gateways_may_call_different_devices_by_one_name() -> None:
    station = Station()
    asked = with_registry(station)
    link = b'{"device": "A"}'

    await station.api.behind.connect(FIRST, link)
    await station.api.behind.connect(SECOND, link)

    assert [device for device, *_ in asked] == [FIRST.device, SECOND.device]


async def test_a_gateway_that_connects_again_has_its_names_asked_anew() -> None:
    station = Station()
    asked = with_registry(station)
    for gateway in (FIRST, SECOND):
        await station.api.behind.connect(gateway, b'{"device": "A"}')

    station.api.behind.forget(FIRST)
    for gateway in (FIRST, SECOND):
        await station.api.behind.connect(gateway, b'{"device": "A"}')

    assert [device for device, *_ in asked] == [FIRST.device, SECOND.device, FIRST.device]


async def test_while_the_registry_is_away_nothing_of_a_message_is_taken() -> None:
    station = Station()
    await_names = with_registry(station)
    await take(station, "telemetry", {"Biết": [{"t": 1}]})
    del station.desk.answers["behind"]

    with pytest.raises(Unavailable):
        await take(station, "telemetry", {"Biết": [{"t": 2}], "Chưa": [{"t": 3}]})
    await take(station, "telemetry", {"Biết": [{"t": 4}]})

    assert [row[3] for row in station.values()] == [1, 4]
    assert len(await_names) == 1


ASKED = {
    "one shared": ({"key": "k"}, {"sharedKeys": "k"}, {"value": 1}),
    "one that is not there": ({"key": "none"}, {"sharedKeys": "none"}, {"value": None}),
    "one of the device's own": ({"key": "k", "client": True}, {"clientKeys": "k"}, {"value": 2}),
    "several": ({"keys": ["k", "m"]}, {"sharedKeys": "k,m"}, {"values": {"k": 1}}),
    "all": ({}, {"sharedKeys": ""}, {"values": {"k": 1}}),
}


@pytest.mark.parametrize("case", ASKED)
async def test_attributes_of_a_device_behind_come_back_under_its_name(case: str) -> None:
    question, expected, answer = ASKED[case]
    station = Station()
    with_registry(station)
    heard: list[tuple[int, dict]] = []

    def attributes(device: Device, body: bytes) -> bytes:
        heard.append((device.device, json.loads(body)))
        wanted = json.loads(body)
        values = {"k": 2 if "clientKeys" in wanted else 1}
        found = {} if "none" in wanted.values() else values
        return json.dumps({"client" if "clientKeys" in wanted else "shared": found}).encode()

    station.desk.answers["attributes"] = attributes
    payload = json.dumps({"id": 9, "device": "Bơm", **question}).encode()

    told = json.loads(await station.api.behind.ask_attributes(FIRST, payload))

    assert heard == [(100, expected)]
    assert told == {"id": 9, "device": "Bơm", **answer}


async def test_an_answer_of_a_device_behind_is_reported_by_its_gateway() -> None:
    station = Station()

    await station.api.behind.answer_call(FIRST, '{"device": "Bơm", "id": 8, "data": [1]}'.encode())
    await station.api.behind.answer_call(FIRST, '{"device": "Bơm", "id": 9}'.encode())

    assert [(r.number, r.device, r.state, r.body) for r in station.world.reports.reports] == [
        (8, FIRST.device, "answered", b"[1]"),
        (9, FIRST.device, "answered", b"null"),
    ]


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b'{"id": 8}',
        b'{"device": "A"}',
        b'{"device": "A", "id": 0}',
        b'{"device": "A", "id": "8"}',
        b'{"device": "A", "id": 8796093022208}',
        b'{"device": 4, "id": 8}',
        b'{"device": "\xff", "id": 8}',
        b"[" * 100_000,
    ],
)
async def test_an_answer_that_names_no_call_is_refused_and_nothing_reported(
    payload: bytes,
) -> None:
    station = Station()

    with pytest.raises(Refused) as refused:
        await station.api.behind.answer_call(FIRST, payload)

    assert refused.value.code == "payload.wrong"
    assert station.world.reports.reports == []


async def test_devices_are_offered_for_claiming_each_with_its_own_secret() -> None:
    station = Station()
    with_registry(station)
    offered: list[tuple[int, object]] = []
    station.desk.answers["claim"] = lambda device, body: (
        offered.append((device.device, json.loads(body))) or b"{}"
    )
    first, second = {"secretKey": "s" * 8}, {"secretKey": "t" * 8, "durationMs": 60_000}

    await station.api.behind.claim(FIRST, msgspec.json.encode({"Bơm": first, "Van": second}))

    assert offered == [(100, first), (101, second)]
    for wrong in (b"{}", b"[]", json.dumps({str(n): {} for n in range(DEVICES_MAX + 1)}).encode()):
        with pytest.raises(Refused):
            await station.api.behind.claim(FIRST, wrong)
    assert len(offered) == 2
