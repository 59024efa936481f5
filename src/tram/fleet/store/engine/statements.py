"""Which statements a caller of the query port may run: one that reads tables, nothing else.

The engine's ``readonly`` alone is not enough: measured on chDB 26.9 it still allows the function
``file('/etc/passwd')``, ``INTO OUTFILE``, ``KILL QUERY``, ``USE`` and several statements at once.
"""

import re
from typing import NamedTuple

from tram.runtime.errors import Refused

__all__ = ("FORMATS", "Statement", "checked_statement")

FORMATS = {
    "ArrowStream": "application/vnd.apache.arrow.stream",
    "CSV": "text/csv; charset=utf-8",
    "JSONEachRow": "application/x-ndjson",
    "TabSeparated": "text/tab-separated-values; charset=utf-8",
}
"""Formats whose chunks can be joined, with their media types."""

STATEMENT_CHARS_MAX = 65_536
_FORMAT_AT_END = re.compile(r"\s+FORMAT\s+(\w+)\s*;?\s*$", re.IGNORECASE)
_TOKEN = re.compile(
    r"""'(?:[^'\\]|\\.|'')*'"""  # a text
    r"""|(?P<quoted>`[^`]*`|"[^"]*")"""  # a quoted name
    r"""|--[^\n]*|/\*.*?\*/""",  # a comment
    re.DOTALL,
)
_FIRST_WORDS = ("SELECT", "WITH", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "EXISTS")
_REFUSED_WORDS = re.compile(r"\b(INTO|OUTFILE|FORMAT|SETTINGS|KILL)\b", re.IGNORECASE)
_REFUSED_CALLS = re.compile(r"\bfile\w*\s*\(", re.IGNORECASE)


class Statement(NamedTuple):
    """A statement that may run, without its FORMAT clause, and its format."""

    sql: str
    format: str


def checked_statement(text: str) -> Statement:
    """Return the statement if it only reads tables.

    Raises:
        Refused: ``sql.refused`` with the reason.
    """
    if len(text) > STATEMENT_CHARS_MAX:
        raise _refusal(f"The statement is longer than {STATEMENT_CHARS_MAX} characters")
    wanted = _FORMAT_AT_END.search(text)
    format_ = wanted.group(1) if wanted else "ArrowStream"
    if format_ not in FORMATS:
        raise _refusal(f"The format {format_} is not offered ({', '.join(FORMATS)})")
    sql = (text[: wanted.start()] if wanted else text).strip().removesuffix(";")
    bare = _TOKEN.sub(_name_or_blank, sql)
    words = bare.split(maxsplit=1)
    if not words or words[0].upper() not in _FIRST_WORDS:
        raise _refusal("Only statements that read are accepted")
    if any(sign in bare for sign in (";", "'", "`", '"', "\\", "$")):
        raise _refusal("One plain statement is accepted: no ';', '$' or escaped names")
    refused = _REFUSED_WORDS.search(bare) or _REFUSED_CALLS.search(bare)
    if refused:
        raise _refusal(f"'{refused.group().strip(' (')}' is not accepted")
    return Statement(sql, format_)


def _name_or_blank(match: re.Match[str]) -> str:
    quoted = match.group("quoted")
    return quoted[1:-1] if quoted else " "


def _refusal(reason: str) -> Refused:
    return Refused(
        "sql.refused", f"{reason}.", "Send one SELECT; bind values as {name:Type} parameters."
    )
