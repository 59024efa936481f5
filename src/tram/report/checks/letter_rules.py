"""The catalogue of rules: code, severity, place and remedy of each, in Vietnamese and English."""

from pathlib import Path

import msgspec

__all__ = ("CATALOG", "Finding", "LetterRule")


class LetterRule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule; ``severity`` is E, W or I, ``source`` where what it finds can be mended.

    ``decidable`` is ``yes``, or ``part`` when the program sees only some of the faults.
    """

    code: str
    severity: str
    rule_vi: str
    rule_en: str
    place_vi: str
    place_en: str
    remedy_vi: str
    remedy_en: str
    source: str
    decidable: str


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule found in one letter; ``holds`` when the rule is kept.

    ``source`` names where to mend it: ``counts``, ``targets``, ``directives``,
    ``recommendations``, ``devices``, ``block:KEY`` (an empty KEY: any text block) or nothing.
    """

    code: str
    severity: str
    holds: bool
    rule_vi: str
    rule_en: str
    place_vi: str
    place_en: str
    sentence_vi: str
    sentence_en: str
    remedy_vi: str
    remedy_en: str
    source: str


CATALOG: tuple[LetterRule, ...] = msgspec.json.decode(
    (Path(__file__).parent / "letter_rules.json").read_bytes(), type=tuple[LetterRule, ...]
)
