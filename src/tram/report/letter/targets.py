"""The sentences about targets: each names its source, its base with a date, and the numbers."""

from tram.report.formats import day_short, decimal_text, number_text
from tram.report.letter.citations import Citations
from tram.report.sources import Sources
from tram.rollout.inventory.views import TargetProgress

__all__ = ("ratio_target", "zones_target")

_ZONES = "share_with_5g"
_RATIO = "ratio_5g_4g"
_BELOW = frozenset({"behind", "undecided"})


def zones_target(sources: Sources, judgement: str, citations: Citations) -> str:
    """Return the judgement on the zones with the target that it speaks of."""
    standing = sources.standing(_ZONES)
    if not judgement or standing is None:
        return f"{judgement}." if judgement else ""
    target = standing.target
    source = _source(sources, standing, citations)
    measured = (
        f"đã đạt {decimal_text(standing.ratio_percent, 2)}%"
        if standing.ratio_percent is not None
        else "chưa có số liệu theo từng khu"
    )
    what = (
        f"{decimal_text(target.value, 0)}% khu kinh tế, khu công nghiệp, cụm công nghiệp có mạng 5G "
        f"trong năm {target.deadline.year} theo {source}"
    )
    if standing.days_over and standing.verdict != "reached":
        # After the deadline a judgement on what can be done says nothing any more.
        return f"Mục tiêu {what}: {measured}; quá hạn {standing.days_over} ngày."
    return f"{judgement} ({what}; {measured})."


def ratio_target(sources: Sources, texts: dict[str, str], citations: Citations) -> str:
    """Return the sentence on 5G of 4G: the target, its source, the verdict, the numbers, why."""
    standing = sources.standing(_RATIO)
    if standing is None:
        return ""
    quote = standing.target.quote or standing.target.name_vi
    subject = (
        f"đối với chỉ tiêu {quote.replace(' %', '%')} "
        f"(theo {_source(sources, standing, citations)})"
    )
    verdict = _verdict(standing, texts["assessment.outlook"])
    is_below = standing.verdict in _BELOW or standing.verdict == "missed"
    lead = f"Tuy nhiên, {subject}" if is_below else f"Đ{subject[1:]}"
    reasons = f" {texts['assessment.reasons']}" if is_below and texts["assessment.reasons"] else ""
    return f"{lead} {verdict}{_numbers(standing)}.{reasons}"


def _verdict(standing: TargetProgress, outlook: str) -> str:
    """Return the verdict in words; below the target it is the department's own judgement."""
    words = {
        "reached": "thì tỉnh đã đạt",
        "reached-late": "thì tỉnh đã đạt sau thời hạn",
        "on-way": "là có khả năng đạt được",
        "missed": _missed(standing),
        "unmeasured": "thì chưa có số liệu để đánh giá",
    }
    return words.get(standing.verdict, f"là {outlook}")


def _missed(standing: TargetProgress) -> str:
    """Return how long the deadline is over; counts from before it cannot say more."""
    late = f"quá hạn {standing.days_over} ngày"
    if standing.counted_on is not None and standing.counted_on < standing.target.deadline:
        return f"đã {late} mà chưa có số liệu tại thời hạn"
    return f"thì tỉnh chưa đạt, {late}"


def _numbers(standing: TargetProgress) -> str:
    """Return the numbers that the verdict rests on, or nothing where nothing was counted."""
    base, there = standing.base, standing.there
    if base is None or there is None or standing.ratio_percent is None:
        return ""
    counted = standing.counted_on or standing.day
    there_text = (
        f": đến ngày {day_short(counted)}, tỷ lệ trên địa bàn tỉnh là "
        f"{decimal_text(standing.ratio_percent, 2)}% ({number_text(there)}/{number_text(base)} trạm)"
    )
    if not standing.gap or standing.needed is None:
        return there_text
    based = day_short(standing.base_on or counted)
    missing = (
        f"; lấy số trạm 4G tại ngày {based} làm cơ sở, cần {number_text(standing.needed)} trạm 5G, "
        f"còn thiếu {number_text(standing.gap)} trạm"
    )
    pace = standing.needed_pace
    if pace is None:
        return there_text + missing
    return (
        f"{there_text}{missing} trong {number_text(pace.days)} ngày còn lại của thời hạn "
        f"{day_short(standing.target.deadline)} (bình quân {decimal_text(pace.per_day, 1)} "
        "trạm/ngày)"
    )


def _source(sources: Sources, standing: TargetProgress, citations: Citations) -> str:
    """Return the paper that sets the target, cited as its place in the letter asks."""
    source = standing.target.source
    document = sources.document(source.document) if source.document else None
    return citations.cite(document) if document is not None else source.text
