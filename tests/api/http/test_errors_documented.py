"""docs/errors.md lists exactly the codes that the source raises, with their HTTP status."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.repository import ROOT
from tram.api.http.errors import status_of
from tram.runtime.errors import Broken, Refused, TramError, Unavailable

FAMILIES: dict[str, type[TramError]] = {
    "Refused": Refused,
    "Unavailable": Unavailable,
    "Broken": Broken,
}
HTTP_HERE = ("api", "registry", "web")
RERAISED = {"failure.code", "said['code']", "reply.code"}
"""Codes that came over a wire: whoever raised them first wrote the literal."""

EVENTS = {"connection.failed", "desk.busy", "desk.failed", "session.contested"}
"""Codes that are not raised: a device's page or the desk's answer tells them."""


@cache
def raised() -> list[tuple[str, str, Path]]:
    """Return family, code and file of every error made anywhere in the source."""
    return list(_raised())


def _raised() -> Iterator[tuple[str, str, Path]]:
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                if node.func.id not in FAMILIES:
                    continue
                code = node.args[0]
                if isinstance(code, ast.Constant):
                    yield node.func.id, str(code.value), path
                else:
                    assert ast.unparse(code) in RERAISED, f"{path}:{node.lineno} hides its code"


def documented() -> dict[str, list[str]]:
    """Return the cells of every row of the table by code."""
    lines = (ROOT / "docs" / "errors.md").read_text().splitlines()
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines
        if line.startswith("| `")
    ]
    codes = [row[0].strip("`") for row in rows]
    assert codes == sorted(set(codes)), "each code once, in order"
    return dict(zip(codes, rows, strict=True))


def test_table_and_source_name_the_same_codes() -> None:
    codes = {code for _, code, _ in raised()}

    assert codes - documented().keys() == set(), "add a row to docs/errors.md"
    assert documented().keys() - codes <= EVENTS, "nothing raises these any more"


def test_every_row_says_what_it_means_and_what_to_do() -> None:
    for code, row in documented().items():
        assert len(row) == 5, code
        assert all(row), code


@pytest.mark.parametrize("folder", HTTP_HERE)
def test_table_gives_the_status_that_the_interface_answers(folder: str) -> None:
    table = documented()
    for family, code, path in raised():
        status = table[code][1]
        if folder in path.relative_to(ROOT / "src" / "tram").parts[:1] and status != "—":
            error = FAMILIES[family](code, "")
            assert status == str(int(status_of(error))), code
