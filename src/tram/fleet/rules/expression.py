"""Conditions that people write: parsed, typed and compiled to a small program; never Python's eval.

Grammar, from loosest to tightest: ``or``, ``and``, ``not``, one comparison, ``+ -``, ``* /``, unary
minus, numbers, ``true false``, metric names (``"any text"`` in quotes for odd names), ``( )``, and
``abs(x) min(a, b) max(a, b)``. Numbers and truths do not mix; the whole must be a truth.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum

from tram.runtime.errors import Fault, Refused
from tram.runtime.messages import Param

__all__ = ("Op", "Program", "compile_expression")

TOKENS_MAX = 200
SLOTS_MAX = 8
DEPTH_MAX = 30

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<quoted>\"[^\"]{1,128}\")"
    r"|(?P<name>[^\W\d]\w*)|(?P<sign><=|>=|==|!=|[<>+\-*/(),]))"
)


class Op(IntEnum):
    """One step of a program; ``CONST`` and ``SLOT`` have an argument."""

    CONST = 0
    SLOT = 1
    ADD = 2
    SUB = 3
    MUL = 4
    DIV = 5
    NEG = 6
    LT = 7
    LE = 8
    GT = 9
    GE = 10
    EQ = 11
    NE = 12
    AND = 13
    OR = 14
    NOT = 15
    ABS = 16
    MIN = 17
    MAX = 18


_COMPARISONS = {"<": Op.LT, "<=": Op.LE, ">": Op.GT, ">=": Op.GE, "==": Op.EQ, "!=": Op.NE}
_FUNCTIONS = {"abs": (Op.ABS, 1), "min": (Op.MIN, 2), "max": (Op.MAX, 2)}
_WORDS = frozenset({"and", "or", "not", "true", "false", *_FUNCTIONS})


@dataclass(frozen=True, slots=True)
class Program:
    """Postfix steps (op, argument) over values of ``metrics``, which the slots number."""

    metrics: tuple[str, ...]
    steps: tuple[tuple[int, float], ...]


def compile_expression(text: str) -> Program:
    """Return the program of a condition.

    Raises:
        Refused: ``alarm.expression_wrong`` with the place and what was expected there.
    """
    parser = _Parser(text, _tokens(text))
    kind = parser.either()
    parser.end()
    if kind != "truth":
        raise _misread(text, 0, "condition.whole")
    if not parser.metrics:
        raise _misread(text, 0, "condition.no_metric")
    return Program(tuple(parser.metrics), tuple(parser.steps))


def _misread(text: str, place: int, code: str, **params: Param) -> Refused:
    fault = Fault("when", code, {"place": place + 1, **params})
    return Refused(
        "alarm.expression_wrong",
        f"The condition cannot be read at {fault.sentence[0].lower()}{fault.sentence[1:]}",
        f"Before that place stands: {text[:place][-40:]!r}.",
        (fault,),
    )


def _tokens(text: str) -> list[tuple[str, str, int]]:
    tokens: list[tuple[str, str, int]] = []
    place = 0
    end = len(text.rstrip())
    while place < end:
        found = _TOKEN.match(text, place)
        if found is None:
            rest = text[place:]
            raise _misread(text, place + len(rest) - len(rest.lstrip()), "condition.sign")
        kind = str(found.lastgroup)
        tokens.append((kind, found.group(kind), found.start(kind)))
        place = found.end()
        if len(tokens) > TOKENS_MAX:
            raise _misread(text, place, "condition.words", most=TOKENS_MAX)
    return [*tokens, ("end", "", end)]


@dataclass
class _Parser:
    """Recursive descent; each method returns the type of what it read, ``number`` or ``truth``."""

    text: str
    tokens: list[tuple[str, str, int]]
    place: int = 0
    depth: int = 0
    metrics: list[str] = field(default_factory=list)
    steps: list[tuple[int, float]] = field(default_factory=list)

    def either(self) -> str:
        return self._joined(self._both, "truth", {"or": Op.OR})

    def end(self) -> None:
        if self.tokens[self.place][0] != "end":
            self._fail("condition.operator")

    def _both(self) -> str:
        return self._joined(self._negated, "truth", {"and": Op.AND})

    def _negated(self) -> str:
        if self._takes("not"):
            self._deeper()
            self._need(self._negated(), "truth")
            self.depth -= 1
            self._emit(Op.NOT)
            return "truth"
        return self._comparison()

    def _comparison(self) -> str:
        kind = self._sum()
        sign = self.tokens[self.place][1]
        if sign not in _COMPARISONS or self.tokens[self.place][0] != "sign":
            return kind
        self.place += 1
        if sign not in ("==", "!="):
            self._need(kind, "number")
        self._need(self._sum(), kind)
        self._emit(_COMPARISONS[sign])
        return "truth"

    def _sum(self) -> str:
        return self._joined(self._product, "number", {"+": Op.ADD, "-": Op.SUB})

    def _product(self) -> str:
        return self._joined(self._unary, "number", {"*": Op.MUL, "/": Op.DIV})

    def _unary(self) -> str:
        if self._takes("-"):
            self._deeper()
            self._need(self._unary(), "number")
            self.depth -= 1
            self._emit(Op.NEG)
            return "number"
        return self._atom()

    def _atom(self) -> str:  # noqa: PLR0911  # one per kind of word
        kind, word, _ = self.tokens[self.place]
        if kind == "number":
            if not math.isfinite(float(word)):
                self._fail("condition.number")
            self.place += 1
            self._emit(Op.CONST, float(word))
            return "number"
        if self._takes("("):
            self._deeper()
            inner = self.either()
            self.depth -= 1
            self._expect(")")
            return inner
        if kind == "name" and word in _FUNCTIONS:
            return self._call(word)
        if kind == "name" and word in ("true", "false"):
            self.place += 1
            self._emit(Op.CONST, float(word == "true"))
            return "truth"
        if kind == "quoted" or (kind == "name" and word not in _WORDS):
            return self._metric(word.strip('"'))
        return self._fail("condition.operand")

    def _metric(self, name: str) -> str:
        self.place += 1
        if name not in self.metrics:
            self.metrics.append(name)
        if len(self.metrics) > SLOTS_MAX:
            self._fail("condition.metrics", most=SLOTS_MAX)
        self._emit(Op.SLOT, float(self.metrics.index(name)))
        return "number"

    def _call(self, word: str) -> str:
        op, count = _FUNCTIONS[word]
        self.place += 1
        self._expect("(")
        self._deeper()
        for number in range(count):
            if number:
                self._expect(",")
            self._need(self._sum(), "number")
        self.depth -= 1
        self._expect(")")
        self._emit(op)
        return "number"

    def _joined(self, part: Callable[[], str], wanted: str, words: dict[str, Op]) -> str:
        kind = part()
        while (op := self._operator(words)) is not None:
            self._need(kind, wanted)
            self.place += 1
            self._need(part(), wanted)
            self._emit(op)
        return kind

    def _operator(self, words: dict[str, Op]) -> Op | None:
        kind, word, _ = self.tokens[self.place]
        return words.get(word) if kind in ("sign", "name") else None

    def _takes(self, word: str) -> bool:
        kind, there, _ = self.tokens[self.place]
        if there != word or kind not in ("sign", "name"):
            return False
        self.place += 1
        return True

    def _expect(self, word: str) -> None:
        if not self._takes(word):
            self._fail("condition.expected", word=word)

    def _need(self, kind: str, wanted: str) -> None:
        if kind != wanted:
            self._fail("condition.not_truth" if wanted == "truth" else "condition.not_number")

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > DEPTH_MAX:
            self._fail("condition.brackets", most=DEPTH_MAX)

    def _emit(self, op: Op, argument: float = 0.0) -> None:
        self.steps.append((int(op), argument))

    def _fail(self, code: str, **params: Param) -> str:
        raise _misread(self.text, self.tokens[self.place][2], code, **params)
