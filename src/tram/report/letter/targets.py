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
    progress = sources.progress(_ZONES)
    if not judgement or progress is None:
        return f"{judgement}." if judgement else ""
    target = progress.target
    source = _source(sources, progress, citations)
    measured = (
        f"đã đạt {decimal_text(progress.ratio_percent, 2)}%"
        if progress.ratio_percent is not None
        else "chưa có số liệu theo từng khu"
    )
    what = (
        f"{decimal_text(target.value, 0)}% khu kinh tế, khu công nghiệp, cụm công nghiệp có mạng 5G "
        f"trong năm {target.deadline.year} theo {source}"
    )
    if progress.days_over and progress.verdict != "reached":
        # After the deadline a judgement on what can be done says nothing any more.
        return f"Mục tiêu {what}: {measured}; quá hạn {progress.days_over} ngày."
    return f"{judgement} ({what}; {measured})."


def ratio_target(sources: Sources, texts: dict[str, str], citations: Citations) -> str:
    """Return the sentence on 5G of 4G: the target, its source, the verdict, the numbers, why."""
    progress = sources.progress(_RATIO)
    if progress is None:
        return ""
    quote = progress.target.quote or progress.target.name_vi
    subject = (
        f"đối với chỉ tiêu {quote.replace(' %', '%')} "
        f"(theo {_source(sources, progress, citations)})"
    )
    verdict = _verdict(progress, texts["assessment.outlook"])
    is_below = progress.verdict in _BELOW or progress.verdict == "missed"
    lead = f"Tuy nhiên, {subject}" if is_below else f"Đ{subject[1:]}"
    reasons = f" {texts['assessment.reasons']}" if is_below and texts["assessment.reasons"] else ""
    return f"{lead} {verdict}{_numbers(progress)}.{reasons}"


def _verdict(progress: TargetProgress, outlook: str) -> str:
    """Return the verdict in words; below the target it is the department's own judgement."""
    words = {
        "reached": "thì tỉnh đã đạt",
        "reached-late": "thì tỉnh đã đạt sau thời hạn",
        "on-way": "là có khả năng đạt được",
        "missed": _missed(progress),
        "unmeasured": "thì chưa có số liệu để đánh giá",
    }
    return words.get(progress.verdict, f"là {outlook}")


def _missed(progress: TargetProgress) -> str:
    """Return how long the deadline is over; counts from before it cannot say more."""
    late = f"quá hạn {progress.days_over} ngày"
    if progress.counted_on is not None and progress.counted_on < progress.target.deadline:
        return f"đã {late} mà chưa có số liệu tại thời hạn"
    return f"thì tỉnh chưa đạt, {late}"


def _numbers(progress: TargetProgress) -> str:
    """Return the numbers that the verdict rests on, or nothing where nothing was counted."""
    base, there = progress.base, progress.there
    if base is None or there is None or progress.ratio_percent is None:
        return ""
    counted = progress.counted_on or progress.day
    there_text = (
        f": đến ngày {day_short(counted)}, tỷ lệ trên địa bàn tỉnh là "
        f"{decimal_text(progress.ratio_percent, 2)}% ({number_text(there)}/{number_text(base)} trạm)"
    )
    if not progress.gap or progress.needed is None:
        return there_text
    based = day_short(progress.base_on or counted)
    missing = (
        f"; lấy số trạm 4G tại ngày {based} làm cơ sở, cần {number_text(progress.needed)} trạm 5G, "
        f"còn thiếu {number_text(progress.gap)} trạm"
    )
    pace = progress.needed_pace
    if pace is None:
        return there_text + missing
    return (
        f"{there_text}{missing} trong {number_text(pace.days)} ngày còn lại của thời hạn "
        f"{day_short(progress.target.deadline)} (bình quân {decimal_text(pace.per_day, 1)} "
        "trạm/ngày)"
    )


def _source(sources: Sources, progress: TargetProgress, citations: Citations) -> str:
    """Return the paper that sets the target, cited as its place in the letter asks."""
    source = progress.target.source
    document = sources.document(source.document) if source.document else None
    return citations.cite(document) if document is not None else source.text
