"""What the rules say of a letter, in English, by code; values stand in as ``%(name)s``.

These sentences and words are messages of the catalogues (``tram.runtime.locale``).
"""

from collections.abc import Mapping
from typing import Final

from tram.runtime.i18n import N_

__all__ = ("SENTENCES",)

SENTENCES: Final[Mapping[str, str]] = {
    "area.narrower": N_(
        "The text ties %(total)s stations to parts of the province%(areas)s; the table is for "
        "all of it, without a split by zone or commune."
    ),
    "area.not_claimed": N_("The text does not use the table's total for a smaller area."),
    "area.province": N_("The text gives %(total)s for the province, as the table does."),
    "base.missing": N_(
        "It is not said which day's 4G stations are the base, fixed or moving; %(base)s is the "
        "number at the time of the report."
    ),
    "base.named": N_("The target names its base (%(base)s 4G stations) and the date."),
    "box.country": N_("name of the country"),
    "box.number": N_("number"),
    "box.offices": N_("names of the offices"),
    "boxes.missing": N_("Missing: %(found)s."),
    "boxes.present": N_("Boxes 1, 2 and 3 are there."),
    "citation.day": N_("date"),
    "citation.issuer": N_("issuer"),
    "citation.kind": N_("type"),
    "citation.subject": N_("abstract"),
    "citations.lacking": N_("First citations lack: %(found)s."),
    "citations.whole": N_("First citations are complete."),
    "claim.agrees": N_("The text credits %(said)s stations to %(names)s; the table: %(counted)s."),
    "claim.differs": N_(
        "The text credits %(said)s stations to %(names)s, the table has %(counted)s for "
        "them%(others)s."
    ),
    "claim.left_out": N_("%(name)s has %(stations)s in the table"),
    "claim.none": N_("The text credits no operator with 5G stations."),
    "conclusions.numbered": N_("All %(conclusions)s conclusions refer to a number."),
    "conclusions.unnumbered": N_(
        "The conclusions%(words)s speak of different targets; that of the zones is not stated "
        "as a number."
    ),
    "figures.missing": N_("There are not enough figures to check: %(missing)s missing."),
    "figures.too_few": N_("There are not enough figures to check."),
    "format.right": N_("Numbers are in the Vietnamese format."),
    "format.wrong": N_("Wrong: %(found)s."),
    "kind.money": N_("money"),
    "kind.referral": N_("referrals"),
    "kind.rule": N_("rules"),
    "kind.training": N_("training"),
    "merger.no_paper": N_("No provincial paper from before the merger is cited."),
    "merger.none": N_("The letter is from before the merger."),
    "merger.papers": N_("%(papers)s provincial papers are from before %(day)s: %(numbers)s."),
    "merger.zones": N_("%(first)s and %(last)s"),
    "merger.zones_left_out": N_(
        "%(zones)s are not named; it is unclear whether %(total)s is for %(before)s or %(now)s "
        "communes."
    ),
    "merger.zones_named": N_("The zones cover the province after the merger."),
    "names.right": N_("Proper names are written as on the list."),
    "names.wrong": N_("Names: %(found)s."),
    "needed.stations": N_(
        "%(needed)s 5G stations are needed, %(gap)s are missing. By operator (rounded up): "
        "%(rows)s; the rows sum to %(needed_sum)s and %(gap_sum)s."
    ),
    "numbers.spaced": N_("Space inside: %(found)s."),
    "numbers.unspaced": N_("Document numbers have no space inside."),
    "pace.missed": N_("Missed by %(days)s days (deadline %(deadline)s)."),
    "pace.needed": N_(
        "%(days)s days from %(since)s to %(deadline)s: %(per_day)s stations per day, about "
        "%(per_month)s per month (%(months)s months)."
    ),
    "pace.nothing_missing": N_("No station is missing."),
    "pace.so_far": N_("Pace so far: %(per_day)s stations per day."),
    "persons.found": N_("There is personal data in the contact paragraph (%(places)s places)."),
    "persons.none": N_("No telephone number, e-mail address or form of address."),
    "place.closing": N_("Closing"),
    "place.head": N_("Head, recipients, signer"),
    "place.opening": N_("Opening"),
    "place.section": N_("Section %(section)s"),
    "place.table": N_("%(place)s, table"),
    "plan.covers": N_("The plan's title covers the request%(asked)s."),
    "plan.drops": N_("The request is about %(asked)s; the plan's title drops %(dropped)s."),
    "plan.unnamed": N_("Section 3 does not name the plan."),
    "ratio.against_target": N_(
        "Ratio %(ratio)s %% against the target of %(target)s %%; below it: %(names)s."
    ),
    "ratios.of_rows": N_("Ratios of the rows: %(ratios)s."),
    "recipients.lines": N_("%(lines)s lines, the last: “%(last)s”."),
    "recommendations.in_force": N_("In force already: %(found)s."),
    "recommendations.mixed": N_("The list mixes %(kinds)s; %(codes)s alone holds several."),
    "recommendations.new": N_("No recommendation meets a rule in force."),
    "recommendations.one_kind": N_("Each recommendation asks for one kind of thing."),
    "request.days": N_("%(dates)s: %(days)s days (the date of receipt is unknown)."),
    "request.steps": N_("Steps that were asked for: %(steps)s."),
    "request.unknown": N_("The register of documents has no request."),
    "sectors.compared": N_(
        "The list names %(listed)s; the assessment %(assessed)s; together %(count)s sectors."
    ),
    "shares.of_operators": N_("Shares of 4G: %(of_4g)s; of 5G: %(of_5g)s %%."),
    "signs.more": N_("and %(more)s more places"),
    "signs.set": N_("The letter's font has every sign."),
    "size.defined": N_("No size word is left open."),
    "size.undefined": N_(
        "“Large” is not defined; the sentence claims 4G only for all of those zones."
    ),
    "source.missing": N_(
        "The target is stated without a source; its wording is that of %(source)s."
    ),
    "source.named": N_("Every target names its source."),
    "state.assigned": N_("not begun"),
    "state.cancelled": N_("cancelled"),
    "state.done": N_("done"),
    "state.in-progress": N_("in progress"),
    "state.planned": N_("planned"),
    "step.build": N_("build"),
    "step.carry-out": N_("to carry out"),
    "step.issue": N_("issue"),
    "synonyms.doubled": N_("Doubled synonym: %(found)s."),
    "synonyms.single": N_("No synonym is doubled."),
    "table.devices": N_("table of devices"),
    "table.no_date": N_("%(table)s no date"),
    "table.no_title": N_("%(table)s no number and title"),
    "table.stations": N_("table of stations"),
    "tables.titled": N_("Tables have number, title and date."),
    "tables.untitled": N_("Tables lack: %(found)s."),
    "targets.measured": N_("The targets of the cited papers are measured."),
    "targets.unmeasured": N_("Not measured: %(targets)s."),
    "totals.blank": N_(
        "The ratio of the total row is blank; its value is %(ratio)s %% (%(part)s/%(whole)s)."
    ),
    "totals.ratio": N_("Ratio of the total row: %(ratio)s %% (%(part)s/%(whole)s)."),
    "totals.sums": N_("Sums of the rows: %(sums)s."),
    "unit.defined": N_("The letter says what one station is."),
    "unit.register": N_("register of targets: %(rule)s"),
    "unit.undefined": N_(
        "“Station” may be a site, a node or a cell; a shared site may count once or "
        "more%(register)s."
    ),
    "uses.counted": N_("All %(uses)s uses have a count."),
    "uses.simulated": N_("%(devices)s simulated devices do not count."),
    "uses.uncounted": N_("%(without)s of %(uses)s uses have no count, owner and place%(named)s."),
    "words.once": N_("No word is repeated."),
    "words.repeated": N_("Repeated: %(found)s."),
    "zones.counted": N_("The zones and clusters have figures."),
    "zones.uncounted": N_(
        "Parks and clusters have no figure at all: no list, no stations per zone."
    ),
}
