"""The two languages: what has a text is said in it, and what has none in the language of the code."""

from pathlib import Path

import pytest

from tram.runtime import i18n
from tram.runtime.errors import Broken
from tram.runtime.i18n import Catalog, catalog_of, load_catalogs


def test_both_languages_are_there_and_a_third_is_english() -> None:
    assert set(load_catalogs()) == {"vi", "en"}
    assert catalog_of("fr") is catalog_of("en")
    assert catalog_of("../secrets").gettext("Warning") == "Warning"
    assert catalog_of("vi").gettext("Warning") == "Cảnh báo"


def test_a_text_that_no_catalogue_has_is_shown_as_it_is() -> None:
    for locale in ("vi", "en"):
        assert catalog_of(locale).gettext("No such text 7") == "No such text 7"
    texts = catalog_of("vi").for_scripts(("Warning", "No such text 7"))
    assert texts == {"Warning": "Cảnh báo", "No such text 7": "No such text 7"}


def test_vietnamese_has_one_form_for_any_number_and_english_two() -> None:
    english = Catalog("en", {})
    vietnamese = Catalog("vi", {"%d station": ("%d trạm",)})

    for count, text in ((0, "%d stations"), (1, "%d station"), (2, "%d stations")):
        assert english.ngettext("%d station", "%d stations", count) == text
        assert vietnamese.ngettext("%d station", "%d stations", count) == "%d trạm"


@pytest.mark.parametrize("content", [None, b"nonsense\n", b"\xff\xfe\x00"])
def test_a_damaged_catalogue_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    folder = tmp_path / "vi"
    folder.mkdir()
    if content is not None:
        (folder / "tram.po").write_bytes(content)
    monkeypatch.setattr(i18n, "_FOLDER", tmp_path)
    catalog_of.cache_clear()
    try:
        with pytest.raises(Broken, match="texts of vi") as caught:
            catalog_of("vi")
        assert caught.value.code == "locale.damaged"
    finally:
        catalog_of.cache_clear()
