"""Every message has its text in both languages, and no catalogue holds what nothing asks for."""

import re

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from tools.messages import CATALOGS, SOURCE, collect

from tests.repository import ROOT
from tram.runtime.errors import Fault, Refused
from tram.runtime.i18n import catalog_of
from tram.web.forms import faults_of
from tram.web.words.faults import PROBLEMS, fault_text

ASKED = {message.id: message for message in collect() if message.id}
CODES_OF_DEVICES = {"payload.not_json", "payload.wrong", "payload.too_large", "topic.unknown"}


def catalog(locale: str) -> Catalog:
    with (CATALOGS / locale / "tram.po").open("rb") as file:
        return read_po(file, locale=locale, abort_invalid=True)


def values_in(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)[a-z]", text))


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_every_message_has_a_finished_text(locale: str) -> None:
    known = {message.id: message for message in catalog(locale) if message.id}

    assert set(known) == set(ASKED) if locale == "vi" else set(known) <= set(ASKED)
    assert [key for key, message in known.items() if message.fuzzy] == []
    for key, message in known.items():
        texts = (message.string,) if isinstance(message.string, str) else message.string
        assert all(texts), key


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_a_text_names_the_same_values_as_its_message(locale: str) -> None:
    for message in catalog(locale):
        originals = (message.id,) if isinstance(message.id, str) else message.id
        texts = (message.string,) if isinstance(message.string, str) else message.string
        wanted = values_in(originals[0])
        assert all(values_in(text) == wanted for text in texts), message.id


def test_vietnamese_is_written_whole() -> None:
    """A text equal to its English message was forgotten; these few are the same in both."""
    same = {m.id for m in catalog("vi") if m.id and m.id == m.string}

    assert same <= set()


def test_english_holds_only_what_differs_from_its_message() -> None:
    """The pages show a message itself where the English catalogue has no text."""
    assert [m.id for m in catalog("en") if m.id and m.id == m.string] == []


def test_pages_know_what_is_said_by_its_code() -> None:
    """Nothing in the words of the pages looks into a sentence."""
    sources = [path.read_text() for path in (SOURCE / "web").rglob("*.py")]
    words = [path.read_text() for path in (SOURCE / "web" / "words").rglob("*.py")]

    assert not any(re.search(r"^import re$|^from re ", text, re.MULTILINE) for text in words)
    assert not any(re.search(r"match\(\w*\.?sentence", text) for text in sources)


@pytest.mark.parametrize(("locale", "said"), [("vi", "Cần từ 1 đến 64 ký tự."), ("en", None)])
def test_a_fault_is_said_in_the_language_of_its_reader(locale: str, said: str | None) -> None:
    fault = Fault("name", "text.length", {"least": 1, "most": 64})
    lost = Fault("file", "column.missing", {"name": "Mã 100 %"})
    texts = catalog_of(locale)

    assert fault_text(texts, fault) == (said or fault.sentence)
    assert "“Mã 100 %”" in fault_text(texts, lost)


def test_a_refusal_keeps_its_own_sentence_where_its_code_has_no_words() -> None:
    error = Refused("alarm.setup_wrong", "A device cannot speak through itself.")
    known = Refused("task.taken", "There is a task tram-1 already.")
    list_ = Refused("import.unreadable", Fault("file", "file.sheet", {"name": "A", "names": "B"}))
    english = catalog_of("en")

    assert fault_text(english, faults_of(error)[0]) == "A device cannot speak through itself."
    assert fault_text(english, faults_of(list_)[0]) == "The workbook has no sheet “A”: it has B."
    assert fault_text(english, faults_of(known)[0]) == "A task has this short name already."


def test_refusals_of_devices_have_words() -> None:
    assert set(PROBLEMS) >= CODES_OF_DEVICES


def test_every_code_with_words_exists() -> None:
    listed = (ROOT / "docs" / "errors.md").read_text()

    assert [code for code in PROBLEMS if f"| `{code}`" not in listed] == []
