"""Rules of the demo: for simulated devices only, so that the list of alarms has something to show."""

from collections.abc import Mapping

from tram.fleet.alarms.alarms import Alarms
from tram.fleet.alarms.escalation_chains import EscalationStep
from tram.fleet.alarms.views import Calendar, Chain, NewRule, RuleContent
from tram.fleet.rules.kinds import AggregateWindow, Expression, Hours, Limit, Missing, Stuck
from tram.registry.kernel.viewer import Viewer

__all__ = ("seed_rules",)

_MARK = "mô phỏng"
_RULES: tuple[tuple[str, str, RuleContent], ...] = (
    (
        "Mất tín hiệu quá 2 phút",
        "warning",
        RuleContent(
            spec=Missing(for_s=120), query=_MARK,
            advice="Gọi đơn vị vận hành; kiểm tra nguồn điện và sóng tại điểm đo.",
        ),
    ),
    (
        "COD vượt 63 mg/L",
        "major",
        RuleContent(
            spec=Limit(metric="COD", high=63.0, hysteresis=3.0, dwell_s=10, clear_s=30),
            query=_MARK,
            advice="Lấy mẫu đối chứng; báo bộ phận xử lý nước thải.",
        ),
    ),
    (
        "Khí độc: CO hoặc H2S cao",
        "critical",
        RuleContent(
            spec=Expression(when="CO > 8 or H2S > 1.3"), query=_MARK,
            advice="Đưa người ra khỏi khu vực, rồi mới kiểm tra đầu dò.",
        ),
    ),
    (
        "TSS trung bình 10 phút vượt 50 mg/L",
        "warning",
        RuleContent(
            spec=AggregateWindow(metric="TSS", high=50.0, hysteresis=2.0, window_s=600, least=5),
            query=_MARK,
        ),
    ),
    (
        "pH đứng yên 30 phút",
        "info",
        RuleContent(spec=Stuck(metric="pH", for_s=1800, tolerance=0.001), query=_MARK),
    ),
)  # fmt: skip


_OFFICE = Hours(days=[0, 1, 2, 3, 4], start=7 * 60, end=17 * 60)


async def seed_rules(alarms: Alarms, viewer: Viewer, people: Mapping[str, int]) -> None:
    """Make the demo's rules where there are none at all; ``people`` are numbers by log-in."""
    if await alarms.rules.all(viewer):
        return
    office = await alarms.setup.add_calendar(
        viewer, Calendar(name=f"Giờ hành chính ({_MARK})", hours=[_OFFICE])
    )
    steps = [
        EscalationStep(people=_found(people, "banquanly", "nhamaya")),
        EscalationStep(after_s=900, people=_found(people, "moitruong"), calendar=office),
        EscalationStep(
            after_s=900, people=_found(people, "quantri"), calendar=office, inside=False
        ),
        EscalationStep(after_s=3_600, people=_found(people, "quantri")),
    ]
    chain = await alarms.setup.add_chain(viewer, Chain(name=f"Trực ban ({_MARK})", steps=steps))
    for name, severity, content in _RULES:
        new = NewRule(
            name=f"{name} ({_MARK})", severity=severity, content=content, enabled=True, chain=chain
        )
        await alarms.rules.create(viewer, new)


def _found(people: Mapping[str, int], *log_ins: str) -> list[int]:
    return [people[log_in] for log_in in log_ins if log_in in people]
