"""C08–C13: what the text claims against what the table and the platform count."""

import re
from typing import NamedTuple

from tram.domain.sectors import SECTOR_DEFINITIONS, SectorDefinition
from tram.report.checks.case import Case, RuleOutcome, broken, kept, number_in
from tram.report.checks.finding_wording import InBoth, Said, Unglossed, figure, joined, wording
from tram.report.formats import number_text

__all__ = (
    "area_of_claim",
    "claimed_operators",
    "domains",
    "subject_has_figures",
    "uncounted_uses",
    "undefined_qualifiers",
)

_CLAIM = re.compile(r"(\d[\d.]*) trạm(?: BTS)?")
_AREAS = ("khu đô thị", "khu công nghiệp", "khu kinh tế", "cụm công nghiệp", "dọc Quốc lộ")
_ZONES = re.compile(r"khu công nghiệp|cụm công nghiệp|khu kinh tế")
_LARGE = re.compile(r"(?:khu|cụm) công nghiệp lớn|khu kinh tế lớn")
_DEFINED = re.compile(r"\d[\d.,]* ?ha\b|gồm|danh sách kèm theo")


_SPOKEN_OF = {
    sector.code: sector
    for sector in (
        *SECTOR_DEFINITIONS,
        SectorDefinition("security", "An ninh", "Security", ("an ninh",)),
    )
}
"""What the letter speaks of: the sectors, and security, which no device of the platform is for."""


class _Claim(NamedTuple):
    """A sentence that gives operators and a number of 5G stations."""

    sentence: str
    number: int | None


def claimed_operators(case: Case) -> RuleOutcome:
    """C08: the operators that the text credits are those with 5G in the table."""
    claim = _claim(case)
    if claim is None:
        return kept("claim.none")
    folded = claim.sentence.casefold()
    having = [row for row in case.operators if row.stations_5g]
    credited = [row for row in having if row.name.casefold() in folded]
    left_out = [row for row in having if row not in credited]
    names = ", ".join(row.name for row in credited) or "–"
    counted = sum(row.stations_5g or 0 for row in credited)
    said: Said = "–" if claim.number is None else figure(claim.number)
    if not left_out and claim.number in {None, counted}:
        return kept("claim.agrees", said=said, names=names, counted=figure(counted))
    others = [
        wording("claim.left_out", name=row.name, stations=row.stations_5g or 0) for row in left_out
    ]
    return broken(
        "claim.differs",
        said=said,
        names=names,
        counted=figure(counted),
        others=joined(("", *others), "; "),
    )


def area_of_claim(case: Case) -> RuleOutcome:
    """C09: a number of the text belongs to the same area as the table's."""
    claim = _claim(case)
    total = case.totals.stations_5g
    if claim is None or claim.number != total:
        return kept("area.not_claimed")
    clause = next(c for c in claim.sentence.split(";") if number_text(total or 0) in c)
    given = figure(total or 0)
    narrow = [area for area in _AREAS if area in clause]
    if not narrow:
        return kept("area.province", total=given)
    return broken("area.narrower", total=given, areas=Unglossed(", ".join(narrow)))


def subject_has_figures(case: Case) -> RuleOutcome:
    """C10: the zones, which the letter is about, have a figure."""
    by_zone = any(
        _ZONES.search(" ".join(cell.text for row in grid.head for cell in row))
        for grid in case.grids
    )
    numbered = [
        text
        for text in case.texts("2a")
        if re.search(r"\d[\d.]* (?:khu công nghiệp|cụm công nghiệp|khu kinh tế)", text)
    ]
    if by_zone or numbered:
        return kept("zones.counted")
    return broken("zones.uncounted")


def undefined_qualifiers(case: Case) -> RuleOutcome:
    """C11: "lớn" (large) says from which size on."""
    vague = [
        text for text in case.texts("2a") if _LARGE.search(text) and not _DEFINED.search(text)
    ]
    if not vague:
        return kept("size.defined")
    return broken("size.undefined")


def uncounted_uses(case: Case) -> RuleOutcome:
    """C12: every use of IoT that is named has a count, in the text or from the platform."""
    counted = {sector.sector for sector in case.sources.devices.sectors if sector.devices}
    uses = [text for text in case.items("2b") if _domains([text]) and "nền tảng" not in text]
    without = [
        text
        for text in uses
        if not any(c.isdigit() for c in text) and not _domains([text]) & counted
    ]
    said = [text.split(":", 1)[0].strip() for text in without]
    if not without:
        return kept("uses.counted", uses=len(uses))
    says = [
        wording(
            "uses.uncounted",
            without=len(without),
            uses=len(uses),
            named=Unglossed(f": {'; '.join(said)}"),
        )
    ]
    simulated = case.sources.devices.synthetic
    if simulated:  # people see them on the pages
        says.append(wording("uses.simulated", devices=figure(simulated)))
    return RuleOutcome(holds=False, says=joined(says, " "))


def domains(case: Case) -> RuleOutcome:
    """C13: the sectors of the list are those of the assessment."""
    listed = _domains([text for text in case.items("2b") if "nền tảng" not in text])
    assessed = _domains([text for text in case.conclusions() if "IoT" in text])
    # Security comes with traffic in one item: it is a sector of its own only if it is named alone.
    compared = listed - {"security"}
    union = sorted(compared | assessed)
    says = wording(
        "sectors.compared",
        listed=joined(map(_name, sorted(compared)), ", "),
        assessed=joined(map(_name, sorted(assessed)), ", "),
        count=_count(union, listed),
    )
    return RuleOutcome(compared == assessed, says)


def _claim(case: Case) -> _Claim | None:
    """Return the sentence of section 2a that credits operators with 5G stations."""
    for text in case.texts("2a"):
        named = [row for row in case.operators if row.name.casefold() in text.casefold()]
        if "5G" in text and named:
            numbers = [number_in(n) for n in _CLAIM.findall(text)]
            total = [n for n in numbers if n is not None]
            return _Claim(text, max(total, default=None))
    return None


def _name(domain: str) -> InBoth:
    """Return a sector's name as it stands in a sentence."""
    spoken_of = _SPOKEN_OF[domain]
    return InBoth(vi=spoken_of.vi.lower(), en=spoken_of.en.lower())


def _domains(texts: list[str]) -> set[str]:
    joined = " ".join(texts).casefold()
    return {
        name for name, domain in _SPOKEN_OF.items() if any(word in joined for word in domain.words)
    }


def _count(union: list[str], listed: set[str]) -> str:
    return f"{len(union)}–{len(union) + 1}" if "security" in listed else str(len(union))
