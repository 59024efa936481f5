"""C14–C20: targets with source and base, conclusions with numbers, old province and new."""

import re

from tram.domain.province import Merger
from tram.domain.text import fold
from tram.report.checks.case import DOCUMENT_NUMBER, Case, RuleOutcome, broken, kept
from tram.report.checks.finding_wording import (
    InBoth,
    Joined,
    Said,
    Unglossed,
    figure,
    joined,
    wording,
)
from tram.report.formats import day_short
from tram.rollout.directives.views import Document
from tram.rollout.inventory.views import TargetProgress

__all__ = (
    "base_named",
    "conclusions_have_numbers",
    "merged_zones",
    "plan_measured",
    "province_before_merger",
    "source_named",
    "unit_defined",
)

_KIND = re.compile(r"^(?:KKT|KCN|CCN) ")
_RATIO = "ratio_5g_4g"
_TARGET = re.compile(r"chỉ tiêu|mục tiêu")
_BASE = re.compile(r"(?:làm cơ sở|số trạm 4G (?:tại|đến) ngày)")
_DAY = re.compile(r"\d{1,2}/\d{1,2}/\d{4}")
_CONCLUSION = re.compile(
    r"có thể thực hiện|có thể đạt|khả năng đạt|đã đạt|chưa đạt|không đạt|khó có thể"
)
_UNIT = re.compile(
    r"được (?:tính|đếm) là một trạm|mỗi (?:vị trí|trạm)[^.]* là một trạm", re.IGNORECASE
)
_NUMBER = re.compile(r"\d[\d.,]* ?%")


def source_named(case: Case) -> RuleOutcome:
    """C14: a target in the text names the paper that sets it."""
    without = [text for text in _ratio_texts(case) if not DOCUMENT_NUMBER.search(text)]
    if not without:
        return kept("source.named")
    progress = case.sources.progress(_RATIO)
    known = "" if progress is None else progress.target.source.text
    return broken("source.missing", source=known)


def base_named(case: Case) -> RuleOutcome:
    """C15: a target in the text names what it is measured by, with a date."""
    texts = _ratio_texts(case)
    without = [text for text in texts if not (_BASE.search(text) and _DAY.search(text))]
    progress = case.sources.progress(_RATIO)
    base: Said = figure(progress.base) if progress and progress.base is not None else "–"
    return broken("base.missing", base=base) if without else kept("base.named", base=base)


def unit_defined(case: Case) -> RuleOutcome:
    """C16: it is said what one station is."""
    progress = case.sources.progress(_RATIO)
    rule = progress.target.counting_rule if progress else ""
    if any(_UNIT.search(text) for text in case.texts()):
        return kept("unit.defined")
    register = joined((" (", wording("unit.register", rule=rule), ")")) if rule else ""
    return broken("unit.undefined", register=register)


def conclusions_have_numbers(case: Case) -> RuleOutcome:
    """C17: each conclusion refers to a number."""
    found = [text for text in case.conclusions() if _CONCLUSION.search(text)]
    without = [text for text in found if not _NUMBER.search(text)]
    if not without:
        return kept("conclusions.numbered", conclusions=len(found))
    said = [_CONCLUSION.search(text) for text in found]
    words = "; ".join(f"“{match.group()}”" for match in said if match)
    return broken("conclusions.unnumbered", words=Unglossed(f" {words}"))


def plan_measured(case: Case) -> RuleOutcome:
    """C18: what a cited plan asks for is measured."""
    cited = {document.key for document in _cited(case)}
    open_ones = [
        progress
        for progress in case.sources.standings
        if progress.verdict == "unmeasured" and progress.target.source.document in cited
    ]
    if not open_ones:
        return kept("targets.measured")
    return broken("targets.unmeasured", targets=joined(map(_asked, open_ones), "; "))


def province_before_merger(case: Case) -> RuleOutcome:
    """C19: papers of the province from before the merger are named as such."""
    merger = _merger(case)
    if merger is None:
        return kept("merger.none")
    old = [
        document
        for document in _cited(case)
        if document.role == "directive"
        and document.issued_on is not None
        and document.issued_on < merger.on
    ]
    if not old:
        return kept("merger.no_paper")
    numbers = ", ".join(document.number for document in old)
    return broken("merger.papers", papers=len(old), day=day_short(merger.on), numbers=numbers)


def merged_zones(case: Case) -> RuleOutcome:
    """C20: the zones that are named, or counted one by one, cover the province after the merger."""
    merger = _merger(case)
    folded = fold(" ".join(case.printed()))
    if merger is None or all(fold(_KIND.sub("", zone)) in folded for zone in merger.zones):
        return kept("merger.zones_named")
    *first, last = merger.zones
    return broken(
        "merger.zones_left_out",
        zones=wording("merger.zones", first=", ".join(first), last=last) if first else last,
        total=figure(case.totals.stations_4g or 0),
        before=merger.communes_before,
        now=len(case.sources.province.communes),
    )


def _merger(case: Case) -> Merger | None:
    """Return the merger that a letter comes after, if the province has one."""
    merger = case.sources.province.merger
    return merger if merger is not None and merger.on <= case.letter.as_of else None


def _ratio_texts(case: Case) -> list[str]:
    """Return the paragraphs that state the target of 5G against 4G."""
    return [text for text in case.conclusions() if "chỉ tiêu" in text and "4G" in text]


def _cited(case: Case) -> list[Document]:
    """Return the register's documents whose number stands in the letter, spaces aside."""
    text = re.sub(r"(?<=\d) (?=[-/])", "", " ".join(case.texts()))
    return [document for document in case.sources.documents if document.number in text]


def _asked(progress: TargetProgress) -> Joined:
    """Return what a target asks for, and by when."""
    target = progress.target
    unit = " %" if target.unit == "percent" else ""
    value = f"{target.value.normalize():f}"
    name = InBoth(vi=target.name_vi, en=target.name_en)
    return joined((name, f" ({value}{unit}, {target.deadline.year})"))
