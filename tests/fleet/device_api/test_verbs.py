"""What a device states goes into the block whole or not at all; what it asks is answered."""

import json

import pytest

from tests.fleet.device_api.station import NOW_MS, Station, sent_by
from tests.fleet.gateway.rig import FIRST, SECOND
from tram.fleet.block.block import EventKind
from tram.fleet.device_api.downlinks import Downlink
from tram.runtime.errors import Fault, Refused, Unavailable

TELEMETRY = {
    "flat": (b'{"t": 21.5, "n": 3}', [("t", NOW_MS, 21.5), ("n", NOW_MS, 3)]),
    "timed": (b'{"ts": 1795000000123, "values": {"t": 1.5}}', [("t", NOW_MS + 123, 1.5)]),
    "several times": (
        b'[{"ts": 1795000000001, "values": {"t": 1}}, {"ts": 1795000000002, "values": {"t": 2}}]',
        [("t", NOW_MS + 1, 1), ("t", NOW_MS + 2, 2)],
    ),
    "text": ('{"trạng thái": "mở"}'.encode(), [("trạng thái", NOW_MS, "mở")]),
}


@pytest.mark.parametrize("case", TELEMETRY)
def test_values_are_in_the_block_as_they_were_sent(case: str) -> None:
    payload, expected = TELEMETRY[case]
    station = Station()

    for _ in range(2):  # the second time every key is known, which is another way through the code
        assert station.api.telemetry(sent_by(), payload, NOW_MS) is station.blocks.open

    assert station.values() == [(FIRST.device, *row) for row in expected] * 2
    assert station.senders() == [(FIRST.device, FIRST.org)] * 2
    assert station.counts.accepted[1][1] == 2
    assert station.blocks.open.bytes == 2 * len(payload)


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"", "payload.not_json"),
        (b'{"t": 1', "payload.not_json"),
        (b"[]", "payload.wrong"),
        (b'{"t": null}', "payload.wrong"),
        (b'[{"t": 1}, {"": 2}]', "payload.wrong"),
        (b'{"ts": 1795000000000, "values": {}}', "payload.wrong"),
    ],
)
def test_a_message_with_a_fault_leaves_nothing_of_itself_in_the_block(
    payload: bytes, code: str
) -> None:
    station = Station()

    with pytest.raises(Refused) as refused:
        station.api.telemetry(sent_by(), payload, NOW_MS)

    assert refused.value.code == code
    assert station.blocks.open.builder.is_empty
    assert not station.counts.accepted


def test_facts_are_events_of_their_own_and_one_message() -> None:
    station = Station()

    station.api.attributes(sent_by(), '{"hãng": "Sông Đà", "cấu hình": {"n": 1}}'.encode(), NOW_MS)

    assert station.events() == [
        (FIRST.device, "hãng", '"Sông Đà"'),
        (FIRST.device, "cấu hình", '{"n":1}'),
    ]
    kinds = {event["kind"] for event in station.block().events.to_pylist()}
    assert kinds == {EventKind.ATTRIBUTE}
    assert station.senders() == [(FIRST.device, FIRST.org)]


def test_a_fact_that_is_wrong_keeps_back_those_beside_it() -> None:
    station = Station()

    with pytest.raises(Refused):
        station.api.attributes(sent_by(), b'{"model": "A", "serial": null}', NOW_MS)

    assert station.blocks.open.builder.is_empty


RULES = {
    "topics": [
        {"topic": "sensor/+/json", "decoder": "json"},
        {"topic": "sensor/#", "decoder": "csv", "columns": ["t", "h"]},
    ]
}


def with_rules(station: Station, rules: dict) -> list[int]:
    """Teach the desk a profile; return the list of who asked for it."""
    asked: list[int] = []

    def profile(device, _body):
        asked.append(device.device)
        return json.dumps(rules).encode()

    station.desk.answers["profile"] = profile
    return asked


async def test_a_free_topic_is_read_by_the_first_rule_of_the_profile_that_matches() -> None:
    station = Station()
    asked = with_rules(station, RULES)
    payload = b'{"t": 4.5}'

    first = station.api.free(FIRST, "sensor/a/json", sent_by(), payload, NOW_MS)
    await first  # the profile is asked for
    at_once = station.api.free(SECOND, "sensor/b/json", sent_by(SECOND), payload, NOW_MS)

    station.api.free(SECOND, "sensor/b", sent_by(SECOND), b"1.5,60", NOW_MS)

    assert at_once is station.blocks.open
    assert [(device, metric, value) for device, metric, _, value in station.values()] == [
        (FIRST.device, "t", 4.5),
        (SECOND.device, "t", 4.5),
        (SECOND.device, "t", 1.5),
        (SECOND.device, "h", 60),
    ]
    assert asked == [FIRST.device], "devices of one profile share what was asked"


async def test_a_topic_that_no_rule_takes_is_refused_by_its_name() -> None:
    station = Station()
    with_rules(station, {"topics": [{"topic": "sensor/+/json", "decoder": "json"}]})

    for topic in ("sensor/json", "sensor/a/b/json", "x" * 5_000):
        station.clock.advance(10_001)  # so that the profile is asked for each time
        with pytest.raises(Refused) as refused:
            await station.api.free(FIRST, topic, sent_by(), b'{"t": 1}', NOW_MS)
        assert refused.value.code == "topic.unknown"
        assert topic[:100] in refused.value.sentence
        assert len(refused.value.sentence) < 200
    assert station.blocks.open.builder.is_empty


async def test_a_changed_profile_is_read_anew_after_ten_seconds() -> None:
    station = Station()
    asked = with_rules(station, {"topics": []})
    with pytest.raises(Refused):
        await station.api.free(FIRST, "up", sent_by(), b'{"t": 1}', NOW_MS)
    with_rules(station, {"topics": [{"topic": "up", "decoder": "json"}]})

    station.clock.advance(9_999)
    with pytest.raises(Refused):
        station.api.free(FIRST, "up", sent_by(), b'{"t": 1}', NOW_MS)
    station.clock.advance(2)
    await station.api.free(FIRST, "up", sent_by(), b'{"t": 1}', NOW_MS)

    assert len(asked) == 1
    assert [row[1] for row in station.values()] == ["t"]


async def test_an_answer_to_a_call_is_reported_and_the_call_waits_no_more() -> None:
    station = Station()
    pending = station.world.downlinks
    pending.put(Downlink(5, FIRST.device, FIRST.device, "rpc", b'{"method": "on"}'))

    await station.api.answer_call(FIRST, "5", b'{"ok": true}')

    (report,) = station.world.reports.reports
    assert (report.number, report.device, report.state) == (5, FIRST.device, "answered")
    assert (report.body, report.at_ms) == (b'{"ok": true}', NOW_MS)
    assert list(pending.of(FIRST.device, NOW_MS)) == []


@pytest.mark.parametrize("digits", ["0", "8796093022208", "9" * 5_000])
async def test_an_answer_to_a_call_that_cannot_be_is_refused(digits: str) -> None:
    station = Station()

    with pytest.raises(Refused) as refused:
        await station.api.answer_call(FIRST, digits, b"{}")

    assert refused.value.code == "call.unknown"
    assert station.world.reports.reports == []


async def test_questions_reach_the_registry_with_the_device_that_asks() -> None:
    station = Station()
    heard: list[tuple] = []

    def answering(question: str):
        return lambda device, body: heard.append((question, device, body)) or b'"ok"'

    for question in ("attributes", "rpc", "claim", "provision"):
        station.desk.answers[question] = answering(question)

    assert await station.api.ask_attributes(FIRST, b"") == b'"ok"'
    assert await station.api.call_server(FIRST, b'{"method": "m"}') == b'"ok"'
    await station.api.claim(FIRST, b"")
    assert await station.api.provision(b'{"k": 1}') == b'"ok"'

    assert heard == [
        ("attributes", FIRST, b"{}"),  # nothing asked for means everything
        ("rpc", FIRST, b'{"method": "m"}'),
        ("claim", FIRST, b"{}"),
        ("provision", None, b'{"k": 1}'),
    ]


async def test_a_registry_that_starts_again_is_waited_for_and_one_that_is_away_is_not() -> None:
    station = Station()
    left = [Unavailable("desk.silent", "Nobody is there.")] * 3

    def later(_device, _body):
        if left:
            raise left.pop()
        return b"{}"

    station.desk.answers["rpc"] = later
    assert await station.api.call_server(FIRST, b"{}") == b"{}"

    del station.desk.answers["rpc"]
    begun_ms = station.clock.now_ms()
    with pytest.raises(Unavailable):
        await station.api.call_server(FIRST, b"{}")
    assert 10_000 < station.clock.now_ms() - begun_ms <= 11_000


def test_a_refusal_is_told_with_every_fault_its_remedy_and_what_came() -> None:
    station = Station()
    faults = (
        Fault("temp", "payload.null"),
        Fault("", "payload.values", {"most": 1000}),
    )

    station.api.refuse(
        FIRST, Refused("payload.wrong", "Two faults.", "Mend it.", faults), b"\x00{"
    )
    station.api.refuse(SECOND, Refused("topic.unknown", "Nothing there."), b"")

    (_, code, detail), second = station.events()
    assert code == "payload.wrong"
    assert detail.startswith(f"temp: {faults[0].sentence}; {faults[1].sentence} Mend it.")
    assert detail.endswith(r"Received: \x00{")
    assert second == (SECOND.device, "topic.unknown", "Nothing there.")
    assert station.counts.refused == {"payload.wrong": 1, "topic.unknown": 1}
