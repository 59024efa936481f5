"""C08–C13: what the text claims against what the table and the platform count."""

import re
from typing import NamedTuple

from tram.domain.sectors import SECTOR_DEFINITIONS, SectorDefinition
from tram.report.checks.case import Case, RuleOutcome, number_in
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
        return RuleOutcome(
            holds=True,
            vi="Văn bản không ghi số trạm 5G cho doanh nghiệp nào.",
            en="The text credits no operator with 5G stations.",
        )
    folded = claim.sentence.casefold()
    having = [row for row in case.operators if row.stations_5g]
    credited = [row for row in having if row.name.casefold() in folded]
    left_out = [row for row in having if row not in credited]
    names = ", ".join(row.name for row in credited) or "–"
    counted = sum(row.stations_5g or 0 for row in credited)
    said = "–" if claim.number is None else number_text(claim.number)
    if not left_out and claim.number in {None, counted}:
        return RuleOutcome(
            holds=True,
            vi=f"Văn bản ghi {said} trạm cho {names}; bảng: {number_text(counted)}.",
            en=f"The text credits {said} stations to {names}; the table: {number_text(counted)}.",
        )
    others_vi = "".join(f"; {row.name} có {row.stations_5g} trạm trong bảng" for row in left_out)
    others_en = "".join(f"; {row.name} has {row.stations_5g} in the table" for row in left_out)
    return RuleOutcome(
        holds=False,
        vi=f"Văn bản ghi {said} trạm cho {names}, theo bảng chỉ có {number_text(counted)}{others_vi}.",
        en=f"The text credits {said} stations to {names}, the table has {number_text(counted)} for them"
        f"{others_en}.",
    )


def area_of_claim(case: Case) -> RuleOutcome:
    """C09: a number of the text belongs to the same area as the table's."""
    claim = _claim(case)
    total = case.totals.stations_5g
    if claim is None or claim.number != total:
        return RuleOutcome(
            holds=True,
            vi="Văn bản không dùng số tổng của bảng cho vùng hẹp hơn.",
            en="The text does not use the table's total for a smaller area.",
        )
    clause = next(c for c in claim.sentence.split(";") if number_text(total or 0) in c)
    narrow = [area for area in _AREAS if area in clause]
    if not narrow:
        return RuleOutcome(
            holds=True,
            vi=f"Số {number_text(total or 0)} trong văn bản là của toàn tỉnh, như trong bảng.",
            en=f"The text gives {number_text(total or 0)} for the province, as the table does.",
        )
    return RuleOutcome(
        holds=False,
        vi=f"Văn bản gắn {number_text(total or 0)} trạm với {', '.join(narrow)}; bảng là của toàn "
        "tỉnh, không chia theo khu hay xã nên không kiểm tra được.",
        en=f"The text ties {number_text(total or 0)} stations to parts of the province; the table "
        "is for all of it, without a split by zone or commune.",
    )


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
        return RuleOutcome(
            holds=True, vi="Các khu, cụm có số liệu.", en="The zones and clusters have figures."
        )
    return RuleOutcome(
        holds=False,
        vi="Khu công nghiệp, cụm công nghiệp không có số liệu nào: không có danh sách, không có số "
        "trạm theo khu.",
        en="Parks and clusters have no figure at all: no list, no stations per zone.",
    )


def undefined_qualifiers(case: Case) -> RuleOutcome:
    """C11: "lớn" (large) says from which size on."""
    vague = [
        text for text in case.texts("2a") if _LARGE.search(text) and not _DEFINED.search(text)
    ]
    if not vague:
        return RuleOutcome(
            holds=True, vi="Không có từ chỉ quy mô bỏ ngỏ.", en="No size word is left open."
        )
    return RuleOutcome(
        holds=False,
        vi="“Lớn” không nêu từ quy mô nào; câu này chỉ khẳng định 4G cho tất cả các khu, cụm đó.",
        en="“Large” is not defined; the sentence claims 4G only for all of those zones.",
    )


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
        return RuleOutcome(
            holds=True,
            vi=f"{len(uses)} ứng dụng đều có số lượng.",
            en=f"All {len(uses)} uses have a count.",
        )
    return RuleOutcome(
        holds=False,
        vi=f"{len(without)}/{len(uses)} ứng dụng không có số lượng, đơn vị và địa điểm: "
        f"{'; '.join(said)}.{_simulated(case)[0]}",
        en=f"{len(without)} of {len(uses)} uses have no count, owner and place."
        f"{_simulated(case)[1]}",
    )


def domains(case: Case) -> RuleOutcome:
    """C13: the sectors of the list are those of the assessment."""
    listed = _domains([text for text in case.items("2b") if "nền tảng" not in text])
    assessed = _domains([text for text in case.conclusions() if "IoT" in text])
    # Security comes with traffic in one item: it is a sector of its own only if it is named alone.
    compared = listed - {"security"}
    union = sorted(compared | assessed)
    named = [_names(d) for d in sorted(compared)]
    judged = [_names(d) for d in sorted(assessed)]
    count = _count(union, listed)
    vi = (
        f"Danh sách nêu {', '.join(n for n, _ in named)}; đánh giá nêu "
        f"{', '.join(n for n, _ in judged)}; hợp lại {count} lĩnh vực."
    )
    en = (
        f"The list names {', '.join(n for _, n in named)}; the assessment "
        f"{', '.join(n for _, n in judged)}; together {count} sectors."
    )
    return RuleOutcome(compared == assessed, vi, en)


def _simulated(case: Case) -> tuple[str, str]:
    """Say why devices that people see on the pages are in no count."""
    number = case.sources.devices.synthetic
    if not number:
        return ("", "")
    return (
        f" {number_text(number)} thiết bị mô phỏng không được tính.",
        f" {number_text(number)} simulated devices do not count.",
    )


def _claim(case: Case) -> _Claim | None:
    """Return the sentence of section 2a that credits operators with 5G stations."""
    for text in case.texts("2a"):
        named = [row for row in case.operators if row.name.casefold() in text.casefold()]
        if "5G" in text and named:
            numbers = [number_in(n) for n in _CLAIM.findall(text)]
            total = [n for n in numbers if n is not None]
            return _Claim(text, max(total, default=None))
    return None


def _names(domain: str) -> tuple[str, str]:
    """Return a sector's names as they stand in a sentence."""
    spoken_of = _SPOKEN_OF[domain]
    return spoken_of.vi.lower(), spoken_of.en.lower()


def _domains(texts: list[str]) -> set[str]:
    joined = " ".join(texts).casefold()
    return {
        name for name, domain in _SPOKEN_OF.items() if any(word in joined for word in domain.words)
    }


def _count(union: list[str], listed: set[str]) -> str:
    return f"{len(union)}–{len(union) + 1}" if "security" in listed else str(len(union))
