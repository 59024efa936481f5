"""Every fault in the source has a sentence by its code, with the values that it is given."""

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest

from tests.repository import ROOT
from tram.registry.sharing.groups import MEMBERS_MAX
from tram.registry.sharing.loans import PARTS_MAX
from tram.rollout.directives.providers import OFFERS_MAX
from tram.runtime.errors import Fault, Refused
from tram.runtime.messages import HINTS, PROGRAM_SENTENCES, SENTENCES, sentence_of

TABLE = {**PROGRAM_SENTENCES, **SENTENCES}
PLACES_OF_CODES = {
    "AddressError": 0,
    "Fault": 1,
    "_beyond": 1,
    "_must_be": 2,
    "_fail": 0,
    "_misread": 2,
    "_wrong": 1,
    "note": 1,
    "payload_fault": 1,
    "unless": 2,
    "unreadable": 0,
}
"""Where the code stands among the arguments of what makes a fault."""


@cache
def given() -> list[tuple[str, str, frozenset[str] | None]]:
    """Return place, code and values of every fault of the source; None for values made elsewhere."""
    return list(_given())


def _given() -> Iterator[tuple[str, str, frozenset[str] | None]]:
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(
                node.func, ast.Name | ast.Attribute
            ):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            place = PLACES_OF_CODES.get(name)
            if place is None or len(node.args) <= place:
                continue
            code = node.args[place]
            if isinstance(code, ast.Constant) and isinstance(code.value, str):
                yield f"{path}:{node.lineno}", code.value, _values(node, place)


def _values(call: ast.Call, place: int) -> frozenset[str] | None:
    more = call.args[place + 1 :]
    if not more:
        names = [keyword.arg for keyword in call.keywords]
        return None if None in names else frozenset(map(str, names))
    if isinstance(more[0], ast.Dict) and all(isinstance(k, ast.Constant) for k in more[0].keys):
        return frozenset(k.value for k in more[0].keys if isinstance(k, ast.Constant))
    return None


def wanted(code: str) -> frozenset[str]:
    """Return the values that stand in the sentence and the hint of a code."""
    return frozenset(re.findall(r"%\((\w+)\)[a-z]", TABLE[code] + HINTS.get(code, "")))


def test_every_fault_is_given_by_a_code_with_its_values() -> None:
    assert [(where, code) for where, code, _ in given() if code not in TABLE] == []
    for where, code, values in given():
        if values is not None:
            known = {"hint", "place"} if code.startswith("condition.") else {"hint"}
            assert values - known == wanted(code) - known, f"{where} {code}"


def test_the_table_says_nothing_that_no_fault_gives() -> None:
    source = "".join(path.read_text() for path in sorted((ROOT / "src").rglob("*.py")))
    limits = {f"limits.{what}" for what in re.findall(r'too_large\(\s*"(\w+)"', source)}
    named = {code for code in TABLE if source.count(f'"{code}"') > 1 + (code in HINTS)}

    exchange = ROOT / "src/tram/rollout/inventory/exchange"
    rows = {
        f"row.{reason}"
        for path in exchange.rglob("*.py")
        for reason in re.findall(r'"([a-z-]+)"', path.read_text())
    }

    assert set(TABLE) - named - limits - rows == set()
    assert set(HINTS) <= set(TABLE)


def test_a_code_says_one_thing_only() -> None:
    """A page looks for the words of a fault first, then for those of an error."""
    errors = set(
        re.findall(r"^\| `([\w.]+)`", (ROOT / "docs/errors.md").read_text(), re.MULTILINE)
    )

    assert not set(PROGRAM_SENTENCES) & set(SENTENCES)
    assert set(TABLE) & errors == set()


def test_limits_in_sentences_are_those_of_the_code() -> None:
    assert str(MEMBERS_MAX) in SENTENCES["group.devices"]
    assert str(PARTS_MAX) in SENTENCES["loan.parts"]
    assert str(OFFERS_MAX) in SENTENCES["offers.count"]


def test_a_code_that_the_table_lacks_says_what_it_brings_along() -> None:
    fault = Fault("form", "device.code_taken", {"sentence": "100 % taken.", "hint": "≤ 5 %"})

    assert (fault.sentence, fault.hint) == ("100 % taken.", "≤ 5 %")
    with pytest.raises(KeyError):
        sentence_of("no.such_code", {})


def test_a_refusal_for_one_fault_speaks_with_it() -> None:
    refusal = Refused(
        "import.unreadable", Fault("file", "file.encoding", {"name": "vni", "names": "a"})
    )

    assert refusal.reason is not None
    assert refusal.sentence == "The text is not in vni."
    assert refusal.hint == "Save the file as CSV UTF-8, or name its encoding: a."
