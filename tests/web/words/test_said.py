"""What is said of faults, documents and changed stations, in the language of who reads it."""

from datetime import date

import pytest

from tram.rollout.directives.views import Document
from tram.rollout.inventory.stations.views import Life, StationChange, StationImage
from tram.runtime.errors import Fault
from tram.runtime.i18n import catalog_of
from tram.web.words.faults import fault_text, problem_text, remedy_text
from tram.web.words.rollout import document_label
from tram.web.words.station_changes import changed_fields

VI, EN = catalog_of("vi"), catalog_of("en")


def image(**given: object) -> StationImage:
    kept = {
        "operator": 1, "technology": "5G", "code": "T1", "lon": 108.8, "lat": 15.1,
        "life": (Life(date(2025, 3, 1), "on-air"),),
    }  # fmt: skip
    return StationImage(**kept | given)


def lines(before: StationImage | None, after: StationImage | None, catalog: object = VI) -> list:
    change = StationChange(id=1, at_ms=0, by="", import_id=None, before=before, after=after)
    return changed_fields(catalog, change)


def test_a_fault_is_said_with_its_values_in_both_languages() -> None:
    fault = Fault("name", "text.length", {"least": 1, "most": 200})

    for catalog in (VI, EN):
        text = fault_text(catalog, fault)
        assert "200" in text
        assert "%(" not in text
    assert fault_text(VI, fault) != fault_text(EN, fault)
    assert fault_text(EN, fault) == fault.sentence
    assert remedy_text(EN, fault) == fault.hint


def test_a_code_that_this_page_does_not_know_keeps_its_own_sentence() -> None:
    newer = Fault("x", "thing.newer", {"sentence": "A newer thing.", "hint": "Wait."})

    assert fault_text(VI, newer) == newer.sentence
    assert remedy_text(VI, newer) == newer.hint
    assert problem_text(VI, "thing.newer", "A newer thing.") == "A newer thing."
    assert problem_text(VI, "group.unknown", "x") != problem_text(EN, "group.unknown", "x")
    known = Fault("x", "device.unknown", {"sentence": "There is no such device."})
    assert fault_text(VI, known).startswith("Không")


def test_a_document_is_called_by_what_it_has() -> None:
    kept = {
        "id": 1, "key": "D1", "links": [], "role": "basis", "issuer": "UBND", "subject": "x",
        "kind": "Quyết định", "number": "7/QĐ", "issued_on": date(2025, 9, 1),
    }  # fmt: skip

    def label(locale: str, **given: object) -> str:
        return document_label(Document(**kept | given), locale)

    assert label("vi") == "Quyết định 7/QĐ, 01/09/2025"
    assert label("en") == "Quyết định 7/QĐ, 1 Sep 2025"
    assert label("vi", issued_on=None) == "Quyết định 7/QĐ"
    assert label("vi", number="") == "Quyết định, 01/09/2025"
    assert label("vi", kind="", number="", issued_on=None) == ""


def test_a_station_that_came_or_went_has_no_line_and_one_that_is_the_same_neither() -> None:
    assert lines(None, image()) == []
    assert lines(image(), None) == []
    assert lines(image(), image()) == []


@pytest.mark.parametrize(
    ("given", "ending"),
    [
        ({"lon": 108.123456}, "108,8 → 108,123456"),
        ({"indoor": True}, "– → ✓"),
        ({"name": "Trạm 1"}, "– → Trạm 1"),
        ({"accepted_on": date(2025, 4, 2)}, "– → 02/04/2025"),
        ({"mast_height_m": 42.5}, "– → 42,5"),
    ],
)
def test_each_change_is_said_as_a_reader_writes_it(given: dict, ending: str) -> None:
    (line,) = lines(image(), image(**given))

    assert line.endswith(f": {ending}")
    (english,) = lines(image(), image(**given), EN)
    assert english.partition(":")[0] != line.partition(":")[0], "the field has two names"


def test_a_stations_life_is_told_with_its_days_and_states() -> None:
    later = (Life(date(2025, 3, 1), "on-air"), Life(date(2026, 1, 5), "off"))

    (line,) = lines(image(), image(life=later))

    assert "01/03/2025" in line
    assert line.endswith(f"; 05/01/2026 {VI.gettext('Off')}")
    assert VI.gettext("On air") in line
