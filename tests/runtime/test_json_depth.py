"""JSON that nests too deeply is refused before anything decodes it, and other JSON never."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tram.runtime.errors import Refused
from tram.runtime.json_depth import DEPTH_MAX, check_depth

documents = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(["", '"', "\\", '[{"', "\\\\[[", "ữ]"]),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.sampled_from("a[{\\"), part),
    max_leaves=12,
)


def depth_of(document: object) -> int:
    if isinstance(document, dict):
        document = list(document.values())
    return 1 + max(map(depth_of, document), default=0) if isinstance(document, list) else 0


@given(documents, st.integers(DEPTH_MAX - 8, DEPTH_MAX + 2), st.booleans())
def test_the_depth_is_that_of_lists_and_objects_not_of_signs_in_texts(
    document: object, around: int, in_objects: bool
) -> None:
    for _ in range(around):
        document = {"k": document, "t": '[["'} if in_objects else [document, "{" * 9]
    content = json.dumps(document).encode()

    if depth_of(document) <= DEPTH_MAX:
        check_depth(content)
    else:
        with pytest.raises(Refused) as refused:
            check_depth(content)
        assert refused.value.code == "request.too_deep"


WIDE = {
    "many beside each other": b"[" + b"[]," * 10_000 + b"[]]",
    "brackets in a text": b'"' + b"[" * 1_000 + b'"',
    "a text that does not end": b'["' + b"{" * 1_000,
    "a quote in a text": b'["\\"' + b"[" * 1_000 + b'"]',
    "too many ends": b"]" * 1_000 + b"[]" * 200,
}


@pytest.mark.parametrize("case", WIDE)
def test_what_is_not_deep_is_left_to_the_decoder(case: str) -> None:
    check_depth(WIDE[case])


@pytest.mark.parametrize("content", [b"[" * 100_000, b'{"a":' * 65, b"]" * 9 + b"[" * 200])
def test_what_is_deep_is_refused_though_it_is_no_json(content: bytes) -> None:
    with pytest.raises(Refused):
        check_depth(content)
