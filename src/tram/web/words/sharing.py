"""The words of the pages about people, sharing and the journal."""

from collections.abc import Mapping

from tram.runtime.i18n import N_

__all__ = ("ACTIONS", "INVITATION_STATES", "ORG_KINDS", "PROBLEMS", "READ_WAYS")

PROBLEMS: Mapping[str, str] = {
    "access.person_needed": N_("Only a person who is logged in may do this."),
    "api_token.unknown": N_("There is no such API token."),
    "aside.unknown": N_("Nothing with this number is set aside, or you may not see it."),
    "consent.wrong": N_("This cannot be agreed to."),
    "data_request.unknown": N_("There is no such open request."),
    "data_request.wrong": N_("The request cannot be kept like this."),
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
    "aside.again": N_("Let something be tried again"),
    "assignment.create": N_("Gave a role"),
    "assignment.remove": N_("Took a role away"),
    "consent.give": N_("Agreed to something"),
    "consent.withdraw": N_("Took a consent back"),
    "credential.issue": N_("Made a device token"),
    "credential.revoke": N_("Revoked a device token"),
    "data_request.answer": N_("Answered a request about personal data"),
    "data_request.enter": N_("Asked about personal data"),
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
FILTERS: Mapping[str, Mapping[str, str]] = {
    "invitation_state": INVITATION_STATES,
    "org_kind": ORG_KINDS,
    "action_word": ACTIONS,
}
"""Stored words, by the filter that a template says them with."""
