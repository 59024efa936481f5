"""The words of the pages about people, sharing and the journal."""

from collections.abc import Mapping

from tram.web.words import N_

__all__ = ("ACTIONS", "FAULTS", "INVITATION_STATES", "ORG_KINDS", "PROBLEMS", "READ_WAYS")

PROBLEMS: Mapping[str, str] = {
    "access.person_needed": N_("Only a person who is logged in may do this."),
    "api_token.unknown": N_("There is no such API token."),
    "group.in_use": N_("The group is lent. Revoke its loans first."),
    "group.unknown": N_("There is no such group, or you may not see it."),
    "invitation.unknown": N_("This invitation is over, or was used or taken back."),
    "loan.unknown": N_("There is no such loan, or you may not see it."),
    "login.challenge_over": N_("The log-in waited too long. Begin again."),
    "login.code_wrong": N_("This code does not fit. Wait for the next one."),
    "login.taken": N_("Somebody has this user name already."),
    "oidc.stranger": N_("Nobody here is known by this identity. Ask for an invitation."),
    "oidc.unavailable": N_("The other log-in does not answer at the moment."),
    "oidc.wrong": N_("The other log-in did not prove who you are. Begin again."),
    "organisation.unknown": N_("There is no such organisation, or you may not see it."),
    "password.too_often": N_("Too many wrong passwords or codes. Wait a little, then try again."),
    "password.wrong": N_("The password needs 12 to 1,000 characters."),
    "password.wrong_now": N_("This is not your password."),
    "person.unknown": N_("There is no such person, or you may not see them."),
    "rate.too_often": N_("Too many requests. Wait a moment."),
    "session.unknown": N_("There is no such session."),
    "totp.code_wrong": N_("This code does not fit."),
    "totp.on_already": N_(
        "The second factor is on already. Turn it off with your password first."
    ),
}
FAULTS: tuple[str, ...] = (
    N_("A group has at most 4000 devices."),
    N_("Choose 1 to 200 devices, or a group."),
    N_("Choose 1 to 50 metrics."),
    N_("Choose at least one."),
    N_("A token lives 1 to 366 days."),
    N_("Devices times metrics are at most 4000 in one loan."),
    N_("Give devices or a condition, not both."),
    N_("Lend devices of one organisation at a time."),
    N_("Must lie in the future, at most five years from now."),
    N_("Some are not devices of this organisation."),
    N_("The devices belong to it already."),
    N_("The organisation has a group of this name already."),
    N_("The organisation has too many groups."),
    N_("The organisation lends too much already."),
    N_("There is no such organisation."),
    N_("There is no such role."),
    N_("This code is taken; choose another."),
    N_("This is not a mail address."),
    N_("Too many invitations are waiting."),
    N_("You do not hold all of these yourself."),
    N_("You have too many live tokens."),
    N_("Must be one word."),
)
"""Sentences of the registry about fields, in the words of ``registry``."""
INVITATION_STATES: Mapping[str, str] = {
    "waiting": N_("Waiting"),
    "accepted": N_("Accepted"),
    "revoked": N_("Taken back"),
    "over": N_("Over"),
}
READ_WAYS: Mapping[str, str] = {
    "device": N_("Newest values"),
    "latest": N_("Newest values"),
    "readings": N_("History"),
    "chart": N_("History"),
    "events": N_("Events"),
    "messages": N_("Messages"),
    "attributes": N_("Attributes"),
    "audience": N_("Access"),
    "access": N_("Access"),
    "live": N_("Live"),
}
"""How lent data was read; what ends in .csv, .xlsx or .json was taken as a file."""
ACTIONS: Mapping[str, str] = {
    "api_token.create": N_("Made an API token"),
    "api_token.revoke": N_("Revoked an API token"),
    "assignment.create": N_("Gave a role"),
    "assignment.remove": N_("Took a role away"),
    "credential.issue": N_("Made a device token"),
    "credential.revoke": N_("Revoked a device token"),
    "device.change": N_("Changed a device"),
    "device.create": N_("Added a device"),
    "device.remove": N_("Removed a device"),
    "device.seed": N_("Made simulated devices"),
    "export.make": N_("Took a file"),
    "grant.create": N_("Lent a device"),
    "grant.revoke": N_("Revoked a loan"),
    "group.change": N_("Changed a group"),
    "group.create": N_("Made a group"),
    "group.remove": N_("Removed a group"),
    "invitation.create": N_("Invited somebody"),
    "invitation.revoke": N_("Took an invitation back"),
    "lent.read": N_("Read lent data"),
    "loan.create": N_("Lent data"),
    "loan.revoke": N_("Revoked a loan"),
    "organisation.create": N_("Added an organisation"),
    "organisation.move": N_("Moved an organisation"),
    "person.create": N_("Registered a person"),
    "person.disable": N_("Shut a person out"),
    "person.erase": N_("Erased a person"),
    "person.join": N_("Accepted an invitation"),
    "person.link": N_("Linked another log-in"),
    "person.password": N_("Changed a password"),
    "person.recovery_codes": N_("Made new recovery codes"),
    "person.totp_off": N_("Turned the second factor off"),
    "person.totp_on": N_("Turned the second factor on"),
    "person.totp_reset": N_("Took a lost second factor away"),
    "session.revoke": N_("Ended a session"),
    "session.start": N_("Logged in"),
}
ORG_KINDS: Mapping[str, str] = {
    "province": N_("Province"),
    "department": N_("Department"),
    "zone-authority": N_("Zone authority"),
    "commune": N_("Commune"),
    "enterprise": N_("Enterprise"),
    "cooperative": N_("Cooperative"),
    "operator": N_("Network operator"),
    "unit": N_("Unit"),
}
