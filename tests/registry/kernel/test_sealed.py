"""Sealed secrets: only the same key, for the same purpose and thing, opens them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tram.registry.kernel.sealed import Seal

KEY = b"a key of thirty-two bytes, really"


@given(st.binary(max_size=200), st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_what_was_sealed_is_opened_again(plain: bytes, about: str) -> None:
    seal = Seal(KEY, "totp")

    assert seal.open(seal.shut(plain, about), about) == plain


def test_the_same_secret_never_looks_the_same_twice() -> None:
    seal = Seal(KEY, "totp")

    assert len({seal.shut(b"secret", "1") for _ in range(20)}) == 20


@pytest.mark.parametrize(
    ("key", "purpose", "about"),
    [(b"another key", "totp", "7"), (KEY, "webhook", "7"), (KEY, "totp", "8"), (KEY, "totp", "")],
)
def test_another_key_purpose_or_thing_opens_nothing(key: bytes, purpose: str, about: str) -> None:
    sealed = Seal(KEY, "totp").shut(b"secret", "7")

    assert Seal(key, purpose).open(sealed, about) is None


def test_nothing_of_it_may_be_altered_or_cut_off() -> None:
    seal = Seal(KEY, "totp")
    sealed = seal.shut(b"secret", "7")

    for place in range(len(sealed)):
        altered = bytearray(sealed)
        altered[place] ^= 1
        assert seal.open(bytes(altered), "7") is None, place
        assert seal.open(sealed[:place], "7") is None, place
    assert seal.open(sealed + b"\0", "7") is None
