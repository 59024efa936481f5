"""What waits for devices: in order, once, until it is delivered, taken back or over."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tram.domain.bounds import NUMBER_MAX
from tram.domain.ids import DeviceId
from tram.fleet.device_api.downlinks import Downlink, Pending, call_number
from tram.runtime.errors import Refused

EXPIRES_MS = 1_000


def downlink(number: int, target: int = 1, **given: object) -> Downlink:
    return Downlink(number, target, target, "rpc", b'{"method": "on"}', **given)


class Listener:
    """Hears of downlinks; one that is ``broken`` raises over each."""

    def __init__(self, *, is_broken: bool = False) -> None:
        self.heard: list[int] = []
        self.ended: list[Exception] = []
        self._is_broken = is_broken

    def downlink(self, downlink: Downlink) -> None:
        if self._is_broken:
            raise ValueError("this connection is broken")
        self.heard.append(downlink.number)

    def fail(self, error: Exception) -> None:
        self.ended.append(error)


targets = st.integers(1, 3)
numbers = st.integers(1, 6)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("put"), targets, numbers, st.sampled_from([0, EXPIRES_MS])),
        st.tuples(st.just("gone"), targets, numbers),
        st.tuples(st.just("forget"), targets, numbers),
    ),
    max_size=40,
)


@given(steps, st.integers(EXPIRES_MS - 1, EXPIRES_MS + 1))
def test_what_waits_is_what_was_put_and_neither_delivered_taken_back_nor_over(
    done: list[tuple], now_ms: int
) -> None:
    pending, expected = Pending(), {}
    for what, target, number, *more in done:
        if what == "put":
            pending.put(downlink(number, target, expires_ms=more[0]))
            expected[target, number] = more[0]
        elif what == "gone":
            pending.put(downlink(number, target, gone=True))
            expected.pop((target, number), None)
        else:
            pending.forget(target, number)
            expected.pop((target, number), None)

    for target in range(1, 5):
        waiting = [d.number for d in pending.of(DeviceId(target), now_ms)]
        assert waiting == sorted(
            number
            for (to, number), expires_ms in expected.items()
            if to == target and not (expires_ms and expires_ms <= now_ms)
        )


def test_each_connection_of_a_device_hears_of_what_comes_while_it_is_there() -> None:
    pending = Pending()
    first, second, other = Listener(), Listener(), Listener()
    pending.put(downlink(1))
    pending.watch(DeviceId(1), first)
    pending.watch(DeviceId(2), other)
    pending.put(downlink(2))
    pending.watch(DeviceId(1), second)
    pending.put(downlink(3))
    pending.unwatch(DeviceId(1), first)
    pending.put(downlink(4))
    pending.put(downlink(2, gone=True))
    pending.unwatch(DeviceId(1), first)  # a second time changes nothing
    pending.put(downlink(9, target=2))

    assert (first.heard, second.heard, other.heard) == ([2, 3], [3, 4], [9])


def test_a_connection_that_fails_over_a_downlink_ends_alone_and_the_downlink_waits() -> None:
    pending = Pending()
    before, broken, after = Listener(), Listener(is_broken=True), Listener()
    for listener in (before, broken, after):
        pending.watch(DeviceId(1), listener)

    pending.put(downlink(1))

    assert before.heard == after.heard == [1]
    assert [str(error) for error in broken.ended] == ["this connection is broken"]
    assert (before.ended, after.ended) == ([], [])
    assert [d.number for d in pending.of(DeviceId(1), 0)] == [1]


def test_a_connection_may_leave_while_others_are_told() -> None:
    pending = Pending()
    after = Listener()

    class Leaving(Listener):
        def downlink(self, downlink: Downlink) -> None:
            super().downlink(downlink)
            pending.unwatch(DeviceId(1), self)

    leaving = Leaving()
    for listener in (leaving, after):
        pending.watch(DeviceId(1), listener)
    pending.put(downlink(1))
    pending.put(downlink(2))

    assert (leaving.heard, after.heard) == ([1], [1, 2])


FORMS = {
    "call": (
        Downlink(7, 1, 1, "rpc", b'{"method": "on", "params": {"t": 1.0}}'),
        {"id": 7, "method": "on", "params": {"t": 1.0}},
    ),
    "attributes": (Downlink(7, 1, 1, "attributes", b'{"limit": 5}'), {"limit": 5}),
}


@pytest.mark.parametrize("case", FORMS)
def test_a_call_names_its_number_and_attributes_are_as_they_were_set(case: str) -> None:
    one, expected = FORMS[case]

    assert json.loads(one.numbered()) == expected
    behind = json.loads(Downlink(7, 2, 1, one.kind, one.body, name="Bơm").named())
    assert behind == {"device": "Bơm", "data": expected}


@given(st.integers(1, NUMBER_MAX))
def test_every_number_that_a_call_can_have_is_read(number: int) -> None:
    assert call_number(str(number)) == number


@pytest.mark.parametrize("digits", ["0", "00", str(NUMBER_MAX + 1), "9" * 14, "9" * 10_000])
def test_a_number_that_no_call_has_is_refused(digits: str) -> None:
    with pytest.raises(Refused) as refused:
        call_number(digits)

    assert refused.value.code == "call.unknown"
    assert len(str(refused.value)) < 200
