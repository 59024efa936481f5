"""What is said of a move to a server; who asks for one needs no engine."""

import msgspec

__all__ = ("Compared", "Home", "MoveReport")


class Home(msgspec.Struct, frozen=True):
    """Where the tables are, other than in the folder."""

    url: str
    key: str


class Compared(msgspec.Struct, frozen=True):
    """One table on both sides: how many rows, and the sum of their hashes."""

    table: str
    rows: int
    hash: str


class MoveReport(msgspec.Struct, frozen=True):
    """What was moved; every line was equal on both sides."""

    url: str
    tables: list[Compared]
