"""What bounds rules, alarms and their notices: of one organisation, of one act, in time."""

from typing import Final

from tram.domain.days import DAY_MS

__all__ = (
    "ACT_ALARMS_MAX",
    "ACT_NOTE_CHARACTERS_MAX",
    "ADVICE_CHARACTERS_MAX",
    "ALARM_EVENTS_MAX",
    "CALENDARS_MAX",
    "CHAINS_MAX",
    "COST_MAX",
    "COUNTED_MAX",
    "DELIVERIES_KEPT_MS",
    "DELIVERIES_KEPT_PER_ORG",
    "DELIVERY_ATTEMPTS_MAX",
    "DELIVERY_BACKOFF_S",
    "DELIVERY_MS_MAX",
    "DRILLS_MAX",
    "DRILL_MS_MAX",
    "FILTERS_MAX",
    "FLOOD_MAX",
    "FLOOD_MS",
    "HOURS_MAX",
    "LIMIT_MAX",
    "MAINTENANCE_MS_MAX",
    "MAINTENANCE_WINDOWS_MAX",
    "METRIC_CHARACTERS_MAX",
    "RULES_MAX",
    "RULES_OWN",
    "RULES_PER_ORG_MAX",
    "RULE_DEVICES_MAX",
    "SHELVE_MS_MAX",
    "STEPS_MAX",
    "STEP_AFTER_S_MAX",
    "STEP_PEOPLE_MAX",
    "STEP_WEBHOOKS_MAX",
    "TESTS_WAITING_MAX",
    "TRIAL_DEVICES_MAX",
    "TRIAL_POINTS_MAX",
    "TRIAL_S",
    "WEBHOOKS_MAX",
    "WEBHOOK_CALL_S",
    "WEBHOOK_REASON_CHARACTERS_MAX",
)

# Rules

RULES_PER_ORG_MAX: Final = 500
RULES_MAX: Final = 20_000
"""Rules of the whole installation; what is below each organisation's own part is never refused."""
RULES_OWN: Final = 50
"""Rules that every organisation may have, however many the others have."""
COST_MAX: Final = 100_000
"""What an organisation's rules on one metric may cost a reading: about so many nanoseconds."""
RULE_DEVICES_MAX: Final = 10_000
"""Devices that one rule names; beyond them a group or a profile says it shorter."""
HOURS_MAX: Final = 100
"""Spans of hours of one rule or calendar: more than two for every hour of a week say nothing new."""
LIMIT_MAX: Final = 1e18
"""Greatest number in a limit; no quantity that is measured comes near."""
ADVICE_CHARACTERS_MAX: Final = 1_000
METRIC_CHARACTERS_MAX: Final = 128
TRIAL_DEVICES_MAX: Final = 200
TRIAL_POINTS_MAX: Final = 5_000
TRIAL_S: Final = 5.0
"""After this long no further device is begun: somebody waits for the page."""

# Alarms

ACT_ALARMS_MAX: Final = 1_000
"""Alarms that one act is about."""
ACT_NOTE_CHARACTERS_MAX: Final = 500
SHELVE_MS_MAX: Final = 30 * DAY_MS
ALARM_EVENTS_MAX: Final = 500
"""Events of an alarm that its page tells."""
COUNTED_MAX: Final = 10_000
"""Beyond it a list says 'more than': a search, and alarms of lent devices, are counted one by one."""

# What surrounds them: so many of each one organisation may have at the same time.

CHAINS_MAX: Final = 200
CALENDARS_MAX: Final = 100
WEBHOOKS_MAX: Final = 50
DRILLS_MAX: Final = 10
DRILL_MS_MAX: Final = DAY_MS
MAINTENANCE_WINDOWS_MAX: Final = 200
"""Those that are not over."""
MAINTENANCE_MS_MAX: Final = 366 * DAY_MS
FILTERS_MAX: Final = 50
"""Of one person."""
STEPS_MAX: Final = 10
STEP_PEOPLE_MAX: Final = 50
STEP_WEBHOOKS_MAX: Final = 20
STEP_AFTER_S_MAX: Final = 604_800

# Notices

FLOOD_MAX: Final = 20
"""Notices of alarms to one target within ``FLOOD_MS``; the rest is held back and counted."""
FLOOD_MS: Final = 600_000
TESTS_WAITING_MAX: Final = 20
DELIVERY_ATTEMPTS_MAX: Final = 10
DELIVERY_BACKOFF_S: Final = 5
"""Before the second attempt, and twice as long before each that follows: 43 minutes in all."""
DELIVERY_MS_MAX: Final = 3 * DAY_MS
"""A notice that reached nobody for so long is given up, however few attempts it had."""
DELIVERIES_KEPT_MS: Final = 90 * DAY_MS
"""So long the delivery log remembers."""
DELIVERIES_KEPT_PER_ORG: Final = 100_000
WEBHOOK_CALL_S: Final = 10.0
"""Longest call: looking the host up, connecting, TLS, request and answer together."""
WEBHOOK_REASON_CHARACTERS_MAX: Final = 300
