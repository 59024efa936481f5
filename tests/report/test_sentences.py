"""Every code that a rule says has its sentence, with the values that it is given."""

import ast
import re
from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.repository import ROOT
from tram.report.checks.finding_sentences import SENTENCES
from tram.report.checks.finding_wording import InBoth, Unglossed, figure, joined, say, wording

CHECKS = ROOT / "src" / "tram" / "report" / "checks"
FAMILIES = ("box.", "citation.", "kind.", "state.", "step.", "table.")
"""Words that a rule picks by what it found."""


def calls() -> Iterator[ast.Call]:
    for path in sorted(CHECKS.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                yield node


def given() -> Iterator[tuple[str, frozenset[str]]]:
    """Return code and values of every sentence that the rules name in full."""
    for call in calls():
        assert isinstance(call.func, ast.Name)
        match call.func.id, call.args:
            case "kept" | "broken" | "wording", [ast.Constant(str(code))]:
                yield code, frozenset(str(keyword.arg) for keyword in call.keywords)
            case "wording", [ast.IfExp(body=ast.Constant(one), orelse=ast.Constant(other))]:
                values = frozenset(str(keyword.arg) for keyword in call.keywords)
                yield from ((str(one), values), (str(other), values))
            case "_listed", [_, ast.Constant(right), ast.Constant(wrong)]:
                yield from ((str(right), frozenset()), (str(wrong), frozenset({"found"})))


def test_every_sentence_is_given_the_values_that_stand_in_it() -> None:
    for code, values in given():
        assert set(re.findall(r"%\((\w+)\)s", SENTENCES[code])) == values, code


def test_no_sentence_is_left_that_no_rule_says() -> None:
    named = {code for code, _ in given()}

    assert {
        code for code in SENTENCES if code not in named and not code.startswith(FAMILIES)
    } == set()


@pytest.mark.parametrize(
    ("said", "vi", "en"),
    [
        (figure(2635), "2.635", "2,635"),
        (figure(Decimal("4.365"), 2), "4,37", "4.37"),
        ("1.234", "1.234", "1.234"),
        (InBoth(vi="giao thông", en="traffic"), "giao thông", "traffic"),
        (Unglossed(" “khó có thể”"), " “khó có thể”", ""),
        (joined((wording("step.carry-out"), 3), ": "), "triển khai: 3", "carry out: 3"),
    ],
)
def test_a_value_is_written_in_the_manner_of_the_language(said, vi: str, en: str) -> None:
    assert (say(said, "vi"), say(said, "en")) == (vi, en)


def test_an_operator_whose_name_looks_like_a_number_is_quoted_as_it_is() -> None:
    row = wording("claim.left_out", name="1.234", stations=92)

    assert say(row, "en") == "1.234 has 92 in the table"
