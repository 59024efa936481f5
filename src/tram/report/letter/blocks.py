"""The free text of the letter: named blocks with the wording that the product ships."""

from pathlib import Path

import msgspec

__all__ = ("BLOCKS", "BlockDefinition", "shipped_texts")


class BlockDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """One editable block: where it stands, what it is called, and its shipped wording."""

    key: str
    section: str
    title_vi: str
    title_en: str
    text: str


BLOCKS: tuple[BlockDefinition, ...] = msgspec.json.decode(
    (Path(__file__).parent / "blocks.json").read_bytes(), type=tuple[BlockDefinition, ...]
)


def shipped_texts() -> dict[str, str]:
    """Return the shipped wording by key."""
    return {block.key: block.text for block in BLOCKS}
