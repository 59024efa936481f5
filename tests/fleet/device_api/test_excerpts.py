"""What a device sent may stand on a page: short, printable, and recognisable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tram.fleet.device_api.excerpts import EXCERPT_CHARS_MAX, excerpt

SHOWN = {
    "text": (b'{"t": 21}', '{"t": 21}'),
    "Vietnamese": ("Đo tại bể 2".encode(), "Đo tại bể 2"),
    "nothing": (b"", ""),
    "not UTF-8": (b"\xff\xfet", r"\xff\xfet"),
    "controls": (b"a\x00b\r\nc\x1b[31m", r"a\x00b\r\nc\x1b[31m"),
    "direction": ("a\u202eb".encode(), r"a\u202eb"),
    "just fits": (b"x" * EXCERPT_CHARS_MAX, "x" * EXCERPT_CHARS_MAX),
    "does not fit": (b"x" * (EXCERPT_CHARS_MAX + 1), "x" * (EXCERPT_CHARS_MAX - 1) + "…"),
    "escapes do not fit": (b"\x00" * 60, (r"\x00" * 50)[:-1] + "…"),
    "a letter cut in half": (
        b"x" * (EXCERPT_CHARS_MAX - 1) + "ữ".encode(),
        "x" * (EXCERPT_CHARS_MAX - 1) + "…",
    ),
}


@pytest.mark.parametrize("case", SHOWN)
def test_the_beginning_of_a_payload_is_recognised(case: str) -> None:
    payload, expected = SHOWN[case]

    assert excerpt(payload) == expected


@given(st.binary(max_size=3 * EXCERPT_CHARS_MAX))
def test_any_bytes_are_shown_in_bounds_in_signs_that_can_be_printed(payload: bytes) -> None:
    text = excerpt(payload)

    assert text.isprintable()
    assert len(text) <= EXCERPT_CHARS_MAX
    text.encode()
