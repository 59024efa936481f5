"""Search finds Vietnamese names however they are typed."""

import pytest

from tram.domain.text import fold, normal


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Khu kinh tế Dung Quất", "khu kinh te dung quat"),
        ("ĐẮK TÔ", "dak to"),
        ("Đặc khu Lý Sơn", "dac khu ly son"),
        ("  hai\u00a0 khoảng\ttrắng ", "hai khoang trang"),
        ("Tru\u031bo\u031b\u0300ng", "truong"),
    ],
)
def test_folding(text: str, key: str) -> None:
    assert fold(text) == key


def test_normal_form_is_composed() -> None:
    assert normal("Qua\u0302\u0301t") == "Quất"
