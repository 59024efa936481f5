"""Conditions that people write mean what arithmetic says; what cannot be read is refused at its place."""

import ast
import operator

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.fleet.rules.making import NOW, block, engine_of, said
from tram.fleet.device.rows import Row
from tram.fleet.rules.expression import SLOTS_MAX, TOKENS_MAX, compile_expression
from tram.runtime.errors import Refused

METRICS = ("p", "độ_pH", "mức nước")
MINUTE_MS = 60_000

leaves = st.sampled_from(["p", "p", "độ_pH", "độ_pH", '"mức nước"', "0", "1", "2.5", "3e0"])
operands = st.one_of(
    leaves,
    leaves.map("-{}".format),
    st.tuples(leaves, st.sampled_from("+-*/"), leaves).map("({0[0]}{0[1]}{0[2]})".format),
    st.tuples(leaves, st.sampled_from("+-*/"), leaves).map("abs({0[0]} {0[1]} {0[2]})".format),
    st.tuples(st.sampled_from(["min", "max"]), leaves, leaves).map("{0[0]}({0[1]},{0[2]})".format),
)
further = st.tuples(st.sampled_from("+-*/"), operands).map(" ".join)
numbers = st.tuples(operands, st.lists(further, max_size=2).map(" ".join)).map(" ".join)
comparisons = st.tuples(numbers, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), numbers)
truths = st.recursive(
    st.one_of(comparisons.map("".join), st.sampled_from(["true", "false"])),
    lambda part: st.one_of(
        part.map("({})".format),
        part.map("not {}".format),
        st.tuples(part, st.sampled_from(["and", "or"]), part).map(" ".join),
        st.tuples(part, st.sampled_from(["==", "!="]), part).map(
            "({0[0]}) {0[1]} ({0[2]})".format
        ),
    ),
    max_leaves=4,
)
values = st.lists(st.tuples(*[st.sampled_from([-1.0, 0.0, 1.0, 2.5])] * 3), min_size=3, max_size=5)

OPERATIONS = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Not: operator.not_, ast.USub: operator.neg,
}  # fmt: skip
FUNCTIONS = {"abs": abs, "min": min, "max": max}


class Plain(ast.NodeVisitor):
    """Reckons what Python's parser read; every part is looked at, as a division by zero counts."""

    def __init__(self, named: dict[str, float]) -> None:
        self._named = named

    def visit_Name(self, node: ast.Name):
        return self._named.get(node.id, node.id == "true")

    def visit_Constant(self, node: ast.Constant):
        return self._named[node.value] if isinstance(node.value, str) else node.value

    def visit_BoolOp(self, node: ast.BoolOp):
        found = [self.visit(part) for part in node.values]
        return all(found) if isinstance(node.op, ast.And) else any(found)

    def visit_UnaryOp(self, node: ast.UnaryOp):
        return OPERATIONS[type(node.op)](self.visit(node.operand))

    def visit_Compare(self, node: ast.Compare):
        (op,), (right,) = node.ops, node.comparators
        return OPERATIONS[type(op)](self.visit(node.left), self.visit(right))

    def visit_BinOp(self, node: ast.BinOp):
        return OPERATIONS[type(node.op)](self.visit(node.left), self.visit(node.right))

    def visit_Call(self, node: ast.Call):
        return FUNCTIONS[node.func.id](*map(self.visit, node.args))


@given(truths, values)
@settings(max_examples=40)
def test_a_condition_means_what_arithmetic_says(when: str, sent: list[tuple]) -> None:
    tree = ast.parse(when, mode="eval").body
    assume(any(name in when for name in METRICS))
    engine = engine_of({"kind": "expression", "when": when}, devices=1)
    is_open, expected, found = False, [], []
    for step, row in enumerate(sent):
        at = NOW + step * MINUTE_MS
        named = dict(zip(METRICS, row, strict=True))
        try:
            holds = Plain(named).visit(tree)
        except ZeroDivisionError:
            holds = is_open  # nothing is said
        if holds != is_open:
            expected.append(("RAISE" if holds else "CLEAR", at))
        is_open = holds
        rows = [Row(name, at, value) for name, value in named.items()]
        lines = said(engine, engine.apply(step + 1, block(at, (1, rows))))
        found += [(kind, when_ms) for _, kind, _, when_ms, _ in lines]

    assert found == expected


REFUSED = {
    "nothing": ("", 1, "number, a metric or ("),
    "a number": ("CO + 1", 1, "whole must be a condition"),
    "no metric": ("1 > 2", 1, "at least one metric"),
    "a sign of another language": ("CO ** 2 > 3", 5, "number, a metric or ("),
    "one equals sign": ("CO = 3", 4, "sign means nothing"),
    "chained": ("1 < CO < 3", 8, "operator or the end"),
    "a truth as a number": ("(CO > 1) + 2 > 3", 10, "number was expected"),
    "a number as a truth": ("CO and O2 > 1", 4, "condition was expected"),
    "not of a number": ("not CO", 7, "condition was expected"),
    "a bracket that is open": ("(CO > 1", 8, ") was expected"),
    "a bracket too much": ("CO > 1)", 7, "operator or the end"),
    "too few arguments": ("min(CO) > 1", 7, ", was expected"),
    "an unknown function": ("pow(CO, 2) > 1", 4, "operator or the end"),
    "an attribute": ("CO.x > 1", 3, "sign means nothing"),
    "a quote that is open": ('"CO > 1', 1, "sign means nothing"),
    "an infinite number": ("CO > 1e999", 6, "too large"),
    "two numbers": ("CO > 1 2", 8, "operator or the end"),
    "a word of the language": ("or > 1", 1, "number, a metric or ("),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_is_refused_at_its_place_with_what_was_expected(case: str) -> None:
    when, place, words = REFUSED[case]

    with pytest.raises(Refused) as refused:
        compile_expression(when)

    (fault,) = refused.value.faults
    assert (refused.value.code, fault.field) == ("alarm.expression_wrong", "when")
    assert (fault.params["place"], words in fault.sentence) == (place, True), fault.sentence


LIMITS = {
    "brackets": lambda n: "(" * n + "CO > 1" + ")" * n,
    "negations": lambda n: "not " * n + "CO > 1",
    "signs": lambda n: "-" * n + "CO > 1",
    "functions": lambda n: "abs(" * n + "CO" + ")" * n + " > 1",
}


@pytest.mark.parametrize("case", LIMITS)
def test_what_lies_within_each_other_is_bounded(case: str) -> None:
    write = LIMITS[case]

    compile_expression(write(30))
    for depth in (31, 95, 100_000):
        with pytest.raises(Refused):
            compile_expression(write(depth))


def test_a_condition_has_bounds_in_words_and_metrics() -> None:
    names = [f"m{number}" for number in range(SLOTS_MAX)]
    assert compile_expression(" + ".join(names) + " + m0 > 1").metrics == tuple(names)
    with pytest.raises(Refused, match="metrics"):
        compile_expression(" + ".join([*names, "more"]) + " > 1")

    most = "a > 1" + " or a > 1" * ((TOKENS_MAX - 3) // 4)
    compile_expression(most)
    with pytest.raises(Refused, match="words"):
        compile_expression(most + " or a > 1")


@given(st.text(st.sampled_from("aπ1.e+-*/()<>=!,\" \n#ornt'\x00"), max_size=30))
def test_any_text_is_read_or_refused_at_a_place_in_it(text: str) -> None:
    try:
        program = compile_expression(text)
    except Refused as refused:
        (fault,) = refused.faults
        assert 1 <= fault.params["place"] <= len(text) + 1
    else:
        assert 1 <= len(program.metrics) <= SLOTS_MAX
