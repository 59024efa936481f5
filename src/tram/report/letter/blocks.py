"""The free text of the letter: named blocks, each with the wording that the province begins with."""

from pathlib import Path

import msgspec

__all__ = ("BLOCKS", "BlockDefinition")


class BlockDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """One editable block: where it stands and what it is called."""

    key: str
    section: str
    title_vi: str
    title_en: str


BLOCKS: tuple[BlockDefinition, ...] = msgspec.json.decode(
    (Path(__file__).parent / "blocks.json").read_bytes(), type=tuple[BlockDefinition, ...]
)
