"""Nothing stored is shown raw: each value that the product keeps has a word in both languages."""

from collections.abc import Iterable, Mapping

import pytest

from tram.domain.alarms import HeldBy, NoticeState
from tram.fleet.alarms.views import ALARM_STATES
from tram.fleet.rules.kinds import AGGREGATES, KINDS, OPS, SEVERITIES
from tram.registry.kernel.personal_data import declared, places
from tram.registry.privacy.privacy import WORDINGS
from tram.rollout.directives import documents, recommendations, tasks
from tram.runtime.i18n import catalog_of
from tram.web import app
from tram.web.words import alarms, network, privacy, rollout, set_aside, sharing, terms

TABLES = [
    (alarms.ALARM_SEVERITIES, SEVERITIES),
    (alarms.ALARM_STATE_WORDS, [*ALARM_STATES, "open", "all"]),
    (alarms.HELD_WORDS, HeldBy),
    (alarms.NOTICE_STATES, NoticeState),
    (alarms.KIND_WORDS, KINDS),
    (alarms.KIND_MEANINGS, KINDS),
    (alarms.OP_WORDS, OPS),
    (alarms.AGGREGATE_WORDS, AGGREGATES),
    (rollout.DOCUMENT_ROLES, documents.ROLES),
    (rollout.RELATIONS, documents.RELATIONS),
    (rollout.TASK_STEPS, documents.STEPS),
    (rollout.TASK_STATES, tasks.TASK_STATES),
    (rollout.RECOMMENDATION_KINDS, recommendations.KINDS),
    (terms.STATE_MEANINGS, terms.STATES),
    (terms.STATE_WORDS, terms.STATES),
    (privacy.EFFECTS, ["delete", "blank", "keep"]),
    (privacy.CONSENTS, WORDINGS.items()),
]


@pytest.mark.parametrize(("words", "values"), TABLES, ids=[str(n) for n in range(len(TABLES))])
def test_each_value_has_a_word_and_each_word_a_value(
    words: Mapping[object, str], values: Iterable[object]
) -> None:
    assert set(words) == {value if isinstance(value, tuple) else str(value) for value in values}
    for word in words.values():
        for locale in ("vi", "en"):
            assert catalog_of(locale).gettext(word).strip()
        assert catalog_of("vi").gettext(word) != word, word


def test_whatever_is_kept_of_a_person_has_the_words_that_a_person_uses() -> None:
    assert app.create_app, "with every table that the pages need"
    for table, place in places():
        assert table.name in privacy.TABLES
        assert set(place.data) <= set(privacy.COLUMNS), table.name
        assert {place.purpose, place.ground, place.kept} <= set(privacy.PLACES), table.name
    assert set(privacy.TABLES) <= set(declared())
    names = ["to", "email", "name", "person_name"]
    assert privacy.column_words(names) == ["mail address", "name"], "each word once, in order"


@pytest.mark.parametrize(
    ("kind", "key", "address"),
    [
        ("rule", "7", "/alarms/rules/7"),
        ("step", "7.2", "/alarms/7"),
        ("survey round", "12", "/network/surveys/12"),
        ("mail", "7", ""),
        ("unheard of", "7", ""),
        ("rule", "", ""),
        ("rule", "../../x", ""),
        ("rule", "-7", ""),
        ("rule", "٣", ""),
    ],
)
def test_what_is_set_aside_leads_to_its_page_and_nowhere_else(
    kind: str, key: str, address: str
) -> None:
    assert set_aside.address_of(kind, key) == address


def test_an_error_has_one_sentence_only() -> None:
    shown = [network.PROBLEMS, alarms.ALARM_PROBLEMS, sharing.PROBLEMS, rollout.PROBLEMS]
    codes = [code for table in shown for code in table]

    assert len(codes) == len(set(codes)), "which of two sentences is shown is no accident"
