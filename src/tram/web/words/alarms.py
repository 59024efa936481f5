"""The words of the pages for alarms and rules."""

from collections.abc import Mapping

from tram.runtime.i18n import N_

__all__ = (
    "AGGREGATE_WORDS",
    "ALARM_EVENTS",
    "ALARM_PROBLEMS",
    "ALARM_SEVERITIES",
    "ALARM_STATE_WORDS",
    "FILTERS",
    "HELD_WORDS",
    "KIND_MEANINGS",
    "KIND_WORDS",
    "NOTICE_KINDS",
    "NOTICE_STATES",
    "OP_WORDS",
)

ALARM_SEVERITIES: Mapping[str, str] = {
    "info": N_("Information"),
    "warning": N_("Warning"),
    "major": N_("Major"),
    "critical": N_("Critical"),
}
ALARM_STATE_WORDS: Mapping[str, str] = {
    "open": N_("Not over"),
    "active": N_("Active"),
    "acked": N_("Acknowledged"),
    "cleared": N_("Back to normal, not seen"),
    "over": N_("Over"),
    "all": N_("All"),
}
HELD_WORDS: Mapping[str, str] = {
    "maintenance": N_("Announced work"),
    "parent": N_("Its gateway is silent"),
    "shelved": N_("Shelved"),
}
KIND_WORDS: Mapping[str, str] = {
    "limit": N_("Limit"),
    "schedule": N_("Limit at certain hours"),
    "rate": N_("Fast change"),
    "stuck": N_("Stuck value"),
    "missing": N_("No data"),
    "window": N_("Mean or sum over time"),
    "compare": N_("Comparison of two metrics"),
    "geofence": N_("Geofence"),
    "expression": N_("Condition over several metrics"),
}
KIND_MEANINGS: Mapping[str, str] = {
    "limit": N_("A value goes beyond a limit."),
    "schedule": N_("A value goes beyond a limit during these hours."),
    "rate": N_("A value changes too fast between two readings."),
    "stuck": N_("Readings come, but the value does not move."),
    "missing": N_("Nothing comes for too long."),
    "window": N_("The mean, sum or extreme over a span of time goes beyond a limit."),
    "compare": N_("The difference of two metrics goes beyond a limit."),
    "geofence": N_("The position leaves or enters an area."),
    "expression": N_("For example: (CO > 30 and O2 < 19.5) or H2S > 10"),
}
OP_WORDS: Mapping[str, str] = {
    "above": N_("above the upper limit"),
    "below": N_("below the lower limit"),
    "outside": N_("outside both limits"),
}
AGGREGATE_WORDS: Mapping[str, str] = {
    "mean": N_("Mean"),
    "max": N_("Greatest"),
    "min": N_("Least"),
    "sum": N_("Sum"),
    "count": N_("Number of readings"),
}
ALARM_EVENTS: Mapping[str, str] = {
    "raised": N_("Raised"),
    "again": N_("Again"),
    "found": N_("Found in old data"),
    "late": N_("Late data"),
    "moved": N_("Late data moved the start"),
    "present": N_("Goes on now"),
    "cleared": N_("Back to normal"),
    "revoked": N_("Taken back: corrected data, or the rule is off"),
    "ack": N_("Acknowledged"),
    "clear": N_("Ended by hand"),
    "comment": N_("Comment"),
    "assign": N_("Assigned"),
    "shelve": N_("Shelved"),
    "unshelve": N_("Taken from the shelf"),
    "released": N_("No longer kept quiet"),
    "escalated": N_("Next step of the chain"),
}
NOTICE_STATES: Mapping[str, str] = {
    "waiting": N_("Waiting"),
    "sent": N_("Sent"),
    "failed": N_("Given up"),
    "held": N_("Held back"),
    "skipped": N_("Not needed any more"),
    "withdrawn": N_("Withdrawn"),
}
NOTICE_KINDS: Mapping[str, str] = {
    "alarm": N_("Alarm"),
    "clear": N_("End of an alarm"),
    "test": N_("Test"),
    "digest": N_("Summary"),
}
ALARM_PROBLEMS: Mapping[str, str] = {
    "alarm.deed_wrong": N_("This cannot be done to the alarms."),
    "alarm.expression_wrong": N_("The condition cannot be read."),
    "alarm.no_contact": N_("Give an e-mail address first."),
    "alarm.rule_unknown": N_("There is no such rule, or you may not see it."),
    "alarm.rule_wrong": N_("The rule cannot be kept like this."),
    "alarm.setup_full": N_("The organisation has as many of these as there may be. Remove some."),
    "alarm.setup_unknown": N_("There is nothing like this, or you may not see it."),
    "alarm.setup_wrong": N_("This cannot be kept like this."),
    "alarm.unknown": N_("There is no such alarm, or you may not see it."),
}

FILTERS: Mapping[str, Mapping[str, str]] = {
    "alarm_severity": ALARM_SEVERITIES,
    "alarm_state": ALARM_STATE_WORDS,
    "held_word": HELD_WORDS,
    "rule_kind": KIND_WORDS,
    "rule_meaning": KIND_MEANINGS,
    "op_word": OP_WORDS,
    "aggregate_word": AGGREGATE_WORDS,
    "alarm_event": ALARM_EVENTS,
    "notice_state": NOTICE_STATES,
    "notice_kind": NOTICE_KINDS,
}
"""Tables of words by the name that templates write after a bar."""
