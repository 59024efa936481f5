"""C01–C07: sums, ratios, the way to the target."""

from tram.domain.figures import ratio_percent
from tram.report.checks.case import Case, RuleOutcome, ratio_in
from tram.report.formats import day_short, decimal_text, number_text, percent_text
from tram.rollout.inventory.views import TargetProgress

__all__ = (
    "blank_totals",
    "needed_pace",
    "needed_stations",
    "ratio_below_target",
    "ratios",
    "shares",
    "totals",
)

_RATIO = "ratio_5g_4g"


def totals(case: Case) -> RuleOutcome:
    """C01: the total row is the sum of the rows."""
    of_4g = [row.stations_4g for row in case.operators]
    of_5g = [row.stations_5g for row in case.operators]
    if not of_4g or None in of_4g or None in of_5g:
        return _unknown(case)
    sums = (sum(n or 0 for n in of_4g), sum(n or 0 for n in of_5g))
    holds = sums == (case.totals.stations_4g, case.totals.stations_5g)
    text = "; ".join(
        f"{' + '.join(number_text(n or 0) for n in column)} = {number_text(total)}"
        for column, total in zip((of_4g, of_5g), sums, strict=True)
    )
    return RuleOutcome(holds, f"Tổng các dòng: {text}.", f"Sums of the rows: {text}.")


def ratios(case: Case) -> RuleOutcome:
    """C02: each printed ratio is 5G/4G in per cent with two decimals."""
    if not case.operators:
        return _unknown(case)
    wrong = []
    for row in case.operators:
        if not row.stations_4g or row.stations_5g is None:
            return _unknown(case)
        if ratio_in(row.ratio) != ratio_percent(row.stations_5g, row.stations_4g):
            meant = percent_text(row.stations_5g, row.stations_4g)
            wrong.append(f"{row.name}: {row.ratio} ≠ {meant}")
    right = " / ".join(
        percent_text(row.stations_5g or 0, row.stations_4g or 0) for row in case.operators
    )
    found = "; ".join(wrong) or right
    return RuleOutcome(not wrong, f"Tỷ lệ từng dòng: {found}.", f"Ratios of the rows: {found}.")


def blank_totals(case: Case) -> RuleOutcome:
    """C03: no cell of the total row is blank."""
    cells = case.totals.cells
    blank = not cells or any(not any(c.isdigit() for c in text) for text in cells[2:])
    if not case.totals.stations_4g or case.totals.stations_5g is None:
        return _unknown(case)
    part, whole = case.totals.stations_5g, case.totals.stations_4g
    value = f"{percent_text(part, whole)} % ({part}/{whole})"
    if blank:
        return RuleOutcome(
            holds=False,
            vi=f"Ô tỷ lệ của dòng Tổng cộng để trống; giá trị là {value}.",
            en=f"The ratio of the total row is blank; its value is {value}.",
        )
    return RuleOutcome(
        holds=True, vi=f"Tỷ lệ tổng cộng: {value}.", en=f"Ratio of the total row: {value}."
    )


def shares(case: Case) -> RuleOutcome:
    """C04: the operators' shares of the total, for information."""
    total_4g, total_5g = case.totals.stations_4g, case.totals.stations_5g
    if not total_4g or not total_5g:
        return _unknown(case)
    of_4g = ", ".join(
        f"{row.name} {percent_text(row.stations_4g or 0, total_4g)} %" for row in case.operators
    )
    of_5g = " / ".join(percent_text(row.stations_5g or 0, total_5g) for row in case.operators)
    return RuleOutcome(
        holds=True,
        vi=f"Tỷ trọng 4G: {of_4g}; 5G: {of_5g} %.",
        en=f"Shares of 4G: {of_4g}; of 5G: {of_5g} %.",
    )


def needed_stations(case: Case) -> RuleOutcome:
    """C05: the 5G stations that the target asks for, in all and for each operator."""
    standing = case.sources.standing(_RATIO)
    if standing is None or standing.needed is None or standing.gap is None:
        return _unknown(case)
    rows = ", ".join(
        f"{row.name} {number_text(row.needed or 0)} (+{number_text(row.gap or 0)})"
        for row in standing.operators
    )
    needed_sum = sum(row.needed or 0 for row in standing.operators)
    gap_sum = sum(row.gap or 0 for row in standing.operators)
    return RuleOutcome(
        standing.gap == 0,
        f"Cần {number_text(standing.needed)} trạm 5G, còn thiếu {number_text(standing.gap)}. "
        f"Từng doanh nghiệp (làm tròn lên): {rows}; cộng các dòng {number_text(needed_sum)} "
        f"và {number_text(gap_sum)}.",
        f"{number_text(standing.needed)} 5G stations are needed, {number_text(standing.gap)} are "
        f"missing. By operator (rounded up): {rows}; the rows sum to {number_text(needed_sum)} "
        f"and {number_text(gap_sum)}.",
    )


def needed_pace(case: Case) -> RuleOutcome:
    """C06: the pace that the days left ask for; after the deadline, by how much it was missed."""
    standing = case.sources.standing(_RATIO)
    if standing is None or standing.gap is None:
        return _unknown(case)
    if standing.gap == 0:
        return RuleOutcome(holds=True, vi="Không còn thiếu trạm.", en="No station is missing.")
    day = day_short(standing.target.deadline)
    pace = standing.needed_pace
    if pace is None:
        return RuleOutcome(
            holds=False,
            vi=f"Quá hạn {standing.days_over} ngày (thời hạn {day}).",
            en=f"Missed by {standing.days_over} days (deadline {day}).",
        )
    return RuleOutcome(
        holds=False,
        vi=f"Từ {day_short(standing.day)} đến {day} còn {pace.days} ngày: cần "
        f"{decimal_text(pace.per_day, 1)} trạm/ngày, khoảng {pace.per_month} trạm/tháng "
        f"({pace.months} tháng).{_so_far(standing, 'vi')}",
        en=f"{pace.days} days from {day_short(standing.day)} to {day}: "
        f"{decimal_text(pace.per_day, 1)} stations per day, about {pace.per_month} per month "
        f"({pace.months} months).{_so_far(standing, 'en')}",
    )


def ratio_below_target(case: Case) -> RuleOutcome:
    """C07: the ratio against the target, in all and for each operator."""
    standing = case.sources.standing(_RATIO)
    if standing is None or standing.ratio_percent is None:
        return _unknown(case)
    below = [row.name for row in standing.operators if not row.reached]
    holds = standing.gap == 0
    ratio = decimal_text(standing.ratio_percent, 2)
    target = decimal_text(standing.target.value, 0)
    names = ", ".join(below) or "–"
    return RuleOutcome(
        holds,
        f"Tỷ lệ {ratio} % so với chỉ tiêu {target} %; dưới chỉ tiêu: {names}.",
        f"Ratio {ratio} % against the target of {target} %; below it: {names}.",
    )


def _unknown(case: Case) -> RuleOutcome:
    """Say which counts are missing for the rule."""
    missing = ", ".join(case.sources.counts.missing)
    return RuleOutcome(
        holds=False,
        vi=f"Chưa đủ số liệu để kiểm tra{f': thiếu {missing}' if missing else ''}.",
        en=f"There are not enough figures to check{f': {missing} missing' if missing else ''}.",
    )


def _so_far(standing: TargetProgress, language: str) -> str:
    if standing.pace_so_far is None:
        return ""
    pace = decimal_text(standing.pace_so_far, 1)
    return {
        "vi": f" Tốc độ vừa qua: {pace} trạm/ngày.",
        "en": f" Pace so far: {pace} stations per day.",
    }[language]
