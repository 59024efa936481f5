"""C14–C20: targets with source and base, conclusions with numbers, old province and new."""

import re

from tram.domain.province import Merger
from tram.domain.text import fold
from tram.report.checks.case import DOCUMENT_NUMBER, Case, RuleOutcome
from tram.report.formats import day_short, number_text
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
        return RuleOutcome(
            holds=True, vi="Các chỉ tiêu đều nêu nguồn.", en="Every target names its source."
        )
    standing = case.sources.standing(_RATIO)
    known = "" if standing is None else standing.target.source.text
    return RuleOutcome(
        holds=False,
        vi=f"Chỉ tiêu nêu mà không dẫn văn bản; câu chữ trùng với {known}.",
        en=f"The target is stated without a source; its wording is that of {known}.",
    )


def base_named(case: Case) -> RuleOutcome:
    """C15: a target in the text names what it is measured by, with a date."""
    texts = _ratio_texts(case)
    without = [text for text in texts if not (_BASE.search(text) and _DAY.search(text))]
    standing = case.sources.standing(_RATIO)
    base = number_text(standing.base) if standing and standing.base is not None else "–"
    if not without:
        return RuleOutcome(
            holds=True,
            vi=f"Chỉ tiêu nêu cơ sở tính ({base} trạm 4G) và ngày.",
            en=f"The target names its base ({base} 4G stations) and the date.",
        )
    return RuleOutcome(
        holds=False,
        vi=f"“So với số lượng trạm 4G đã phát sóng”: không rõ lấy số của ngày nào, cố định hay thay "
        f"đổi; {base} là số tại thời điểm báo cáo.",
        en=f"It is not said which day's 4G stations are the base, fixed or moving; {base} is the "
        "number at the time of the report.",
    )


def unit_defined(case: Case) -> RuleOutcome:
    """C16: it is said what one station is."""
    standing = case.sources.standing(_RATIO)
    rule = standing.target.counting_rule if standing else ""
    if any(_UNIT.search(text) for text in case.texts()):
        return RuleOutcome(
            holds=True,
            vi="Văn bản nêu thế nào là một trạm.",
            en="The letter says what one station is.",
        )
    kept = f" (sổ chỉ tiêu: {rule})" if rule else ""
    kept_en = f" (register of targets: {rule})" if rule else ""
    return RuleOutcome(
        holds=False,
        vi=f"“Trạm” có thể là vị trí, nút hay ô; vị trí dùng chung có thể đếm một hay nhiều lần{kept}.",
        en=f"“Station” may be a site, a node or a cell; a shared site may count once or more{kept_en}.",
    )


def conclusions_have_numbers(case: Case) -> RuleOutcome:
    """C17: each conclusion refers to a number."""
    found = [text for text in case.conclusions() if _CONCLUSION.search(text)]
    without = [text for text in found if not _NUMBER.search(text)]
    if not without:
        return RuleOutcome(
            holds=True,
            vi=f"{len(found)} kết luận đều gắn với con số.",
            en=f"All {len(found)} conclusions refer to a number.",
        )
    said = [_CONCLUSION.search(text) for text in found]
    words = "; ".join(f"“{match.group()}”" for match in said if match)
    return RuleOutcome(
        holds=False,
        vi=f"Các kết luận {words} nói về những mục tiêu khác nhau; mục tiêu của các khu không nêu "
        "bằng số.",
        en="The conclusions speak of different targets; that of the zones is not stated as a number.",
    )


def plan_measured(case: Case) -> RuleOutcome:
    """C18: what a cited plan asks for is measured."""
    cited = {document.key for document in _cited(case)}
    open_ones = [
        standing
        for standing in case.sources.standings
        if standing.verdict == "unmeasured" and standing.target.source.document in cited
    ]
    if not open_ones:
        return RuleOutcome(
            holds=True,
            vi="Chỉ tiêu của các văn bản được dẫn đều được đo.",
            en="The targets of the cited papers are measured.",
        )
    return RuleOutcome(
        holds=False,
        vi=f"Chưa đo: {'; '.join(_asked(s, s.target.name_vi) for s in open_ones)}.",
        en=f"Not measured: {'; '.join(_asked(s, s.target.name_en) for s in open_ones)}.",
    )


def province_before_merger(case: Case) -> RuleOutcome:
    """C19: papers of the province from before the merger are named as such."""
    merger = _merger(case)
    if merger is None:
        return RuleOutcome(
            holds=True,
            vi="Văn bản lập trước ngày sáp nhập tỉnh.",
            en="The letter is from before the merger.",
        )
    old = [
        document
        for document in _cited(case)
        if document.role == "directive"
        and document.issued_on is not None
        and document.issued_on < merger.on
    ]
    if not old:
        return RuleOutcome(
            holds=True,
            vi="Không dẫn văn bản của tỉnh trước sáp nhập.",
            en="No provincial paper from before the merger is cited.",
        )
    numbers = ", ".join(document.number for document in old)
    return RuleOutcome(
        holds=False,
        vi=f"{len(old)} văn bản của tỉnh trước ngày {day_short(merger.on)}: {numbers}.",
        en=f"{len(old)} provincial papers are from before {day_short(merger.on)}: {numbers}.",
    )


def merged_zones(case: Case) -> RuleOutcome:
    """C20: the zones that are named, or counted one by one, cover the province after the merger."""
    merger = _merger(case)
    folded = fold(" ".join(case.printed()))
    if merger is None or all(fold(_KIND.sub("", zone)) in folded for zone in merger.zones):
        return RuleOutcome(
            holds=True,
            vi="Danh sách khu bao trùm địa bàn sau sáp nhập.",
            en="The zones cover the province after the merger.",
        )
    total = number_text(case.totals.stations_4g or 0)
    before, now = merger.communes_before, len(case.sources.province.communes)
    *first, last = merger.zones
    return RuleOutcome(
        holds=False,
        vi=f"Không nêu {', '.join(merger.zones)}; không rõ "
        f"{total} trạm là của {before} hay {now} đơn vị cấp xã.",
        en=f"{', '.join(first)} and {last} are not named; it is unclear whether "
        f"{total} is for {before} or {now} communes.",
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


def _asked(standing: TargetProgress, name: str) -> str:
    target = standing.target
    unit = " %" if target.unit == "percent" else ""
    value = f"{target.value.normalize():f}"
    return f"{name} ({value}{unit}, {target.deadline.year})"
