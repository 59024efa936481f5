"""Blocks judged one by one by a copy of the rules as they were kept last, to see what each does to them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from tram.fleet.block.block import decode_block
from tram.fleet.rules.engine import RuleEngine
from tram.fleet.rules.ready import make_ready
from tram.fleet.rules.snapshot import read_snapshot

__all__ = ("examine_block",)


def examine_block(folder: Path, _scratch: Path, blocks: Sequence[bytes]) -> Iterator[None]:
    """Judge each block, yielding after each; nothing is written."""
    make_ready()
    found = read_snapshot(folder)
    engine = RuleEngine() if found is None else found[0]
    for payload in blocks:
        engine.apply(engine.seq + 1, decode_block(payload))
        yield
