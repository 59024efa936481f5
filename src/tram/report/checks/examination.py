"""Run every rule over one letter: findings in the order of the catalogue."""

from collections.abc import Callable

from tram.report.checks import arithmetic, form, schedule, signs, targets_and_scope, text_and_table
from tram.report.checks.case import Case, RuleOutcome
from tram.report.checks.finding_wording import say
from tram.report.checks.letter_rules import CATALOG, Finding, LetterRule
from tram.report.letter.content import Letter
from tram.report.sources import Sources

__all__ = ("examine",)

_RULES: dict[str, Callable[[Case], RuleOutcome]] = {
    "C01": arithmetic.totals,
    "C02": arithmetic.ratios,
    "C03": arithmetic.blank_totals,
    "C04": arithmetic.shares,
    "C05": arithmetic.needed_stations,
    "C06": arithmetic.needed_pace,
    "C07": arithmetic.ratio_below_target,
    "C08": text_and_table.claimed_operators,
    "C09": text_and_table.area_of_claim,
    "C10": text_and_table.subject_has_figures,
    "C11": text_and_table.undefined_qualifiers,
    "C12": text_and_table.uncounted_uses,
    "C13": text_and_table.domains,
    "C14": targets_and_scope.source_named,
    "C15": targets_and_scope.base_named,
    "C16": targets_and_scope.unit_defined,
    "C17": targets_and_scope.conclusions_have_numbers,
    "C18": targets_and_scope.plan_measured,
    "C19": targets_and_scope.province_before_merger,
    "C20": targets_and_scope.merged_zones,
    "C21": schedule.steps_answered,
    "C22": schedule.plan_covers_request,
    "C23": schedule.answer_days,
    "C24": schedule.rules_in_force,
    "C25": schedule.one_kind_each,
    "C26": form.boxes_present,
    "C27": form.repeated_words,
    "C28": form.doubled_synonyms,
    "C29": form.number_spacing,
    "C30": form.proper_names,
    "C31": form.number_format,
    "C32": form.table_titles,
    "C33": form.first_citations,
    "C34": form.recipients,
    "C35": form.signature,
    "C36": form.personal_data,
    "C37": signs.signs_in_font,
}


def examine(letter: Letter, sources: Sources) -> list[Finding]:
    """Return the outcome of every rule; those that hold are listed too."""
    case = Case(letter, sources)
    return [_finding(rule, _RULES[rule.code](case)) for rule in CATALOG]


def _finding(rule: LetterRule, outcome: RuleOutcome) -> Finding:
    return Finding(
        code=rule.code,
        severity=rule.severity,
        holds=outcome.holds,
        rule_vi=rule.rule_vi,
        rule_en=rule.rule_en,
        place_vi=rule.place_vi,
        place_en=rule.place_en,
        sentence_vi=say(outcome.says, "vi"),
        sentence_en=say(outcome.says, "en"),
        remedy_vi=rule.remedy_vi,
        remedy_en=rule.remedy_en,
        source=rule.source,
    )
