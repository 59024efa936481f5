"""C01–C07: sums, ratios, the way to the target."""

from decimal import Decimal

from tram.domain.figures import ratio_percent
from tram.report.checks.case import Case, RuleOutcome, broken, kept, ratio_in
from tram.report.checks.finding_wording import Figure, Said, figure, joined, wording
from tram.report.formats import day_short

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
    written = [
        joined((joined((figure(n or 0) for n in column), " + "), figure(total)), " = ")
        for column, total in zip((of_4g, of_5g), sums, strict=True)
    ]
    return RuleOutcome(holds, wording("totals.sums", sums=joined(written, "; ")))


def ratios(case: Case) -> RuleOutcome:
    """C02: each printed ratio is 5G/4G in per cent with two decimals."""
    if not case.operators:
        return _unknown(case)
    wrong: list[Said] = []
    for row in case.operators:
        if not row.stations_4g or row.stations_5g is None:
            return _unknown(case)
        if ratio_in(row.ratio) != ratio_percent(row.stations_5g, row.stations_4g):
            meant = _percent(row.stations_5g, row.stations_4g)
            wrong.append(joined((f"{row.name}: ", _printed(row.ratio), " ≠ ", meant)))
    right = joined(
        (_percent(row.stations_5g or 0, row.stations_4g or 0) for row in case.operators), " / "
    )
    found = joined(wrong, "; ") if wrong else right
    return RuleOutcome(not wrong, wording("ratios.of_rows", ratios=found))


def blank_totals(case: Case) -> RuleOutcome:
    """C03: no cell of the total row is blank."""
    cells = case.totals.cells
    blank = not cells or any(not any(c.isdigit() for c in text) for text in cells[2:])
    if not case.totals.stations_4g or case.totals.stations_5g is None:
        return _unknown(case)
    part, whole = case.totals.stations_5g, case.totals.stations_4g
    says = wording(
        "totals.blank" if blank else "totals.ratio",
        ratio=_percent(part, whole),
        part=part,
        whole=whole,
    )
    return RuleOutcome(not blank, says)


def shares(case: Case) -> RuleOutcome:
    """C04: the operators' shares of the total, for information."""
    total_4g, total_5g = case.totals.stations_4g, case.totals.stations_5g
    if not total_4g or not total_5g:
        return _unknown(case)
    of_4g = [
        joined((f"{row.name} ", _percent(row.stations_4g or 0, total_4g), " %"))
        for row in case.operators
    ]
    of_5g = [_percent(row.stations_5g or 0, total_5g) for row in case.operators]
    return kept("shares.of_operators", of_4g=joined(of_4g, ", "), of_5g=joined(of_5g, " / "))


def needed_stations(case: Case) -> RuleOutcome:
    """C05: the 5G stations that the target asks for, in all and for each operator."""
    progress = case.sources.progress(_RATIO)
    if progress is None or progress.needed is None or progress.gap is None:
        return _unknown(case)
    rows = [
        joined((f"{row.name} ", figure(row.needed or 0), " (+", figure(row.gap or 0), ")"))
        for row in progress.operators
    ]
    says = wording(
        "needed.stations",
        needed=figure(progress.needed),
        gap=figure(progress.gap),
        rows=joined(rows, ", "),
        needed_sum=figure(sum(row.needed or 0 for row in progress.operators)),
        gap_sum=figure(sum(row.gap or 0 for row in progress.operators)),
    )
    return RuleOutcome(progress.gap == 0, says)


def needed_pace(case: Case) -> RuleOutcome:
    """C06: the pace that the days left ask for; after the deadline, by how much it was missed."""
    progress = case.sources.progress(_RATIO)
    if progress is None or progress.gap is None:
        return _unknown(case)
    if progress.gap == 0:
        return kept("pace.nothing_missing")
    deadline = day_short(progress.target.deadline)
    pace = progress.needed_pace
    if pace is None:
        return broken("pace.missed", days=str(progress.days_over), deadline=deadline)
    says: list[Said] = [
        wording(
            "pace.needed",
            days=pace.days,
            since=day_short(progress.day),
            deadline=deadline,
            per_day=figure(pace.per_day, 1),
            per_month=pace.per_month,
            months=str(pace.months),
        )
    ]
    if progress.pace_so_far is not None:
        says.append(wording("pace.so_far", per_day=figure(progress.pace_so_far, 1)))
    return RuleOutcome(holds=False, says=joined(says, " "))


def ratio_below_target(case: Case) -> RuleOutcome:
    """C07: the ratio against the target, in all and for each operator."""
    progress = case.sources.progress(_RATIO)
    if progress is None or progress.ratio_percent is None:
        return _unknown(case)
    below = [row.name for row in progress.operators if not row.reached]
    says = wording(
        "ratio.against_target",
        ratio=figure(progress.ratio_percent, 2),
        target=figure(progress.target.value),
        names=", ".join(below) or "–",
    )
    return RuleOutcome(progress.gap == 0, says)


def _unknown(case: Case) -> RuleOutcome:
    """Say which counts are missing for the rule."""
    missing = ", ".join(case.sources.counts.missing)
    return broken("figures.missing", missing=missing) if missing else broken("figures.too_few")


def _percent(part: int, whole: int) -> Figure:
    return figure(Decimal(part) * 100 / Decimal(whole), 2)


def _printed(ratio: str) -> Said:
    """Return a ratio of the letter: as a number where it is written as one, else as it stands."""
    whole, comma, decimals = ratio.strip().partition(",")
    is_number = comma and whole.isdecimal() and decimals.isdecimal()
    return figure(Decimal(f"{whole}.{decimals}"), len(decimals)) if is_number else ratio
