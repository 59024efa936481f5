"""C21–C25: what was asked for, what is planned, what is requested."""

import re

from tram.report.checks.case import Case, RuleOutcome
from tram.report.formats import day_short

__all__ = (
    "answer_days",
    "one_kind_each",
    "plan_covers_request",
    "rules_in_force",
    "steps_answered",
)

_STEPS = {
    "build": ("xây dựng", "build"),
    "issue": ("ban hành", "issue"),
    "carry-out": ("triển khai", "carry out"),
}
_STATES = {
    "assigned": ("chưa bắt đầu", "not begun"),
    "planned": ("dự kiến", "planned"),
    "in-progress": ("đang thực hiện", "in progress"),
    "done": ("đã hoàn thành", "done"),
    "cancelled": ("không thực hiện", "cancelled"),
}
_KINDS = {
    "rule": ("quy định", "rules"),
    "money": ("ngân sách", "money"),
    "referral": ("kêu gọi", "referrals"),
    "training": ("đào tạo", "training"),
}
_ZONE_KINDS = ("khu công nghiệp", "cụm công nghiệp", "khu kinh tế")
_PLAN = re.compile(r"[“\"](Kế hoạch[^”\"]+)[”\"]")
_REQUEST_UNKNOWN = RuleOutcome(
    holds=False,
    vi="Sổ văn bản không có văn bản yêu cầu.",
    en="The register of documents has no request.",
)


def steps_answered(case: Case) -> RuleOutcome:
    """C21: each step that was asked for (build, issue, carry out a plan) is done."""
    request = case.sources.request
    if request is None:
        return _REQUEST_UNKNOWN
    states = {
        task.step: task.state for task in case.sources.tasks if task.document_key == request.key
    }
    found = [
        (_STEPS[step], states.get(step, "assigned")) for step in request.asks if step in _STEPS
    ]
    holds = bool(found) and all(state == "done" for _, state in found)
    vi = "; ".join(f"{names[0]}: {_STATES[state][0]}" for names, state in found)
    en = "; ".join(f"{names[1]}: {_STATES[state][1]}" for names, state in found)
    return RuleOutcome(holds, f"Các bước được yêu cầu: {vi}.", f"Steps that were asked for: {en}.")


def plan_covers_request(case: Case) -> RuleOutcome:
    """C22: the plan's title covers the kinds of zones that the request names."""
    request = case.sources.request
    if request is None:
        return _REQUEST_UNKNOWN
    titles = [title for text in case.texts("3") for title in _PLAN.findall(text)]
    asked = [kind for kind in _ZONE_KINDS if kind in request.subject]
    dropped = [kind for kind in asked if titles and not any(kind in title for title in titles)]
    if titles and not dropped:
        return RuleOutcome(
            holds=True,
            vi=f"Tên kế hoạch nêu đủ: {', '.join(asked)}.",
            en="The plan's title covers the request.",
        )
    if not titles:
        return RuleOutcome(
            holds=False,
            vi="Mục 3 không nêu tên kế hoạch.",
            en="Section 3 does not name the plan.",
        )
    return RuleOutcome(
        holds=False,
        vi=f"Văn bản yêu cầu nói về {', '.join(asked)}; tên kế hoạch bỏ {', '.join(dropped)}.",
        en=f"The request is about {', '.join(asked)}; the plan's title drops {', '.join(dropped)}.",
    )


def answer_days(case: Case) -> RuleOutcome:
    """C23: the days between request and answer, for information."""
    request = case.sources.request
    if request is None or request.issued_on is None:
        return _REQUEST_UNKNOWN
    days = (case.letter.as_of - request.issued_on).days
    dates = f"{day_short(request.issued_on)} – {day_short(case.letter.as_of)}"
    return RuleOutcome(
        holds=True,
        vi=f"{dates}: {days} ngày (không rõ ngày nhận).",
        en=f"{dates}: {days} days (the date of receipt is unknown).",
    )


def rules_in_force(case: Case) -> RuleOutcome:
    """C24: a request for a new rule is compared with the rules in force."""
    asked = [r for r in case.sources.recommendations if r.existing and r.state == "sent"]
    if not asked:
        return RuleOutcome(
            holds=True,
            vi="Không kiến nghị nào trùng với quy định đang có hiệu lực.",
            en="No recommendation meets a rule in force.",
        )
    found = "; ".join(f"{r.code}: {', '.join(r.existing)}" for r in asked)
    return RuleOutcome(holds=False, vi=f"Đã có: {found}.", en=f"In force already: {found}.")


def one_kind_each(case: Case) -> RuleOutcome:
    """C25: one recommendation asks for one kind of thing."""
    mixed = [r for r in case.sources.recommendations if len(r.kinds) > 1 and r.state == "sent"]
    if not mixed:
        return RuleOutcome(
            holds=True,
            vi="Mỗi kiến nghị một loại.",
            en="Each recommendation asks for one kind of thing.",
        )
    kinds = {kind for r in case.sources.recommendations for kind in r.kinds}
    named = [kind for kind in _KINDS if kind in kinds]
    codes = ", ".join(r.code for r in mixed)
    return RuleOutcome(
        holds=False,
        vi=f"Danh sách lẫn {', '.join(_KINDS[k][0] for k in named)}; riêng {codes} có nhiều loại.",
        en=f"The list mixes {', '.join(_KINDS[k][1] for k in named)}; {codes} alone holds several.",
    )
