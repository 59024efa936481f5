"""Whose fault an error is, and how it is said in one line; JSON that nests too deep for anybody."""

import asyncio
import errno

import pytest

from tram.runtime.errors import (
    Broken,
    Fault,
    Refused,
    Unavailable,
    is_of_the_entry,
    line_of,
    reason_of,
)
from tram.runtime.json_depth import DEPTH_MAX, check_depth


@pytest.mark.parametrize(
    ("error", "is_to_blame"),
    [
        (ValueError("x"), True),
        (Refused("a.b", "No."), True),
        (Broken("a.b", "Damaged."), True),
        (FileNotFoundError(errno.ENOENT, "gone"), True),
        (RecursionError(), True),
        (Unavailable("a.b", "Later."), False),
        (MemoryError(), False),
        (OSError(errno.ENOSPC, "full"), False),
        (OSError(errno.EMFILE, "files"), False),
        (asyncio.CancelledError(), False),
        (KeyboardInterrupt(), False),
        (ExceptionGroup("x", [ValueError(), TypeError()]), True),
        (ExceptionGroup("x", [ValueError(), OSError(errno.EIO, "disk")]), False),
        (ExceptionGroup("x", [ExceptionGroup("y", [MemoryError()])]), False),
    ],
)
def test_an_entry_is_to_blame_for_what_would_not_meet_the_next_one(
    error: BaseException, is_to_blame: bool
) -> None:
    assert is_of_the_entry(error) is is_to_blame


def test_a_reason_is_one_printable_line_of_bounded_length() -> None:
    assert reason_of(ValueError("a\nb\t\x00c")) == "ValueError: a b c"
    assert reason_of(Refused("a.b", "It is wrong.", "Mend it.")) == "It is wrong. Mend it."
    nested = ExceptionGroup("x", [ExceptionGroup("y", [KeyError("k")]), ValueError()])
    assert reason_of(nested) == "KeyError: 'k'"
    assert line_of("Trạm\u202e số\r\n1") == "Trạm số 1"
    assert line_of("ạ" * 1_000) == "ạ" * 300
    assert line_of(" " * 5_000 + "x") == "", "what comes after very much nothing is not looked for"


def test_a_fault_says_what_it_brings_and_hides_nothing_in_its_comparison() -> None:
    fault = Fault("name", "text.length", {"least": 1, "most": 5})

    assert "5" in fault.sentence
    assert fault == Fault("name", "text.length", {"least": 1, "most": 5})
    assert fault != Fault("name", "text.length", {"least": 1, "most": 6})
    assert len({fault, Fault("name", "text.length", {"most": 6})}) == 2


@pytest.mark.parametrize(
    "content",
    [
        b"[" * DEPTH_MAX + b"]" * DEPTH_MAX,
        b'{"a":' * DEPTH_MAX + b"1" + b"}" * DEPTH_MAX,
        b"[" + b"[]," * 10_000 + b"[]]",
        b'"' + b"[" * 1_000 + b'"',
        rb'["\"' + b"{" * 1_000 + b'"]',
        b'["' + b"[" * 100,  # cut off within a text: the decoder will say so
        b"]" * 1_000,
        b"",
    ],
)
def test_what_is_wide_or_only_looks_deep_passes(content: bytes) -> None:
    check_depth(content)


@pytest.mark.parametrize(
    "content",
    [
        b"[" * (DEPTH_MAX + 1) + b"]" * (DEPTH_MAX + 1),
        b'[{"a":' * 33 + b"1",
        b'"x",' + b"[" * 100_000,
        rb'["\\",' + b"[" * 64,
    ],
)
def test_what_nests_deeper_than_anybody_reads_is_refused(content: bytes) -> None:
    with pytest.raises(Refused) as caught:
        check_depth(content)

    assert caught.value.code == "request.too_deep"
    assert str(DEPTH_MAX) in caught.value.sentence
