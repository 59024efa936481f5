"""Routes of groups, loans, and who read what was lent."""

from tram.api.http.list_files import TableFile
from tram.api.http.route_table import delete, get, post, put, tagged
from tram.api.sharing import sharing

__all__ = ("ROUTES",)

_LOAN_COLUMNS = (
    "id from_org_name to_org_name group_name devices metrics purpose basis standing created_ms"
    " until_ms revoked_ms"
)
_READ_COLUMNS = "id at_ms device device_name person_name by_org_name what metric"

ROUTES = tagged(
    "sharing",
    get(
        "/groups",
        sharing.list_groups,
        "List groups",
        "Groups of devices, static or by a condition.",
        files=(TableFile("groups", "Download groups"),),
    ),
    post(
        "/groups",
        sharing.create_group,
        "Make a group",
        "Named devices, or a condition that is kept evaluated.",
    ),
    get("/groups/{group:int}", sharing.show_group, "One group", "The group with its devices."),
    put(
        "/groups/{group:int}",
        sharing.change_group,
        "Replace a group",
        "Loans of the group follow at once.",
    ),
    delete(
        "/groups/{group:int}",
        sharing.remove_group,
        "Remove a group",
        "Refused while the group is lent.",
    ),
    get(
        "/loans",
        sharing.list_loans,
        "List loans",
        "What the viewer's organisations lend and borrow.",
        files=(TableFile("loans", "Download loans", _LOAN_COLUMNS),),
    ),
    post(
        "/loans",
        sharing.create_loan,
        "Lend devices or a group",
        "The borrower sees the data at once.",
    ),
    get(
        "/loans/{loan:int}",
        sharing.show_loan,
        "One loan",
        "The loan with the devices that it lends now.",
    ),
    delete(
        "/loans/{loan:int}",
        sharing.revoke_loan,
        "Revoke a loan",
        "Ends it at once, for history as well as live.",
    ),
    get(
        "/reads",
        sharing.list_reads,
        "Who read my data",
        "People of other organisations who read what was lent to them, newest first.",
        files=(TableFile("reads", "Download who read my data", _READ_COLUMNS),),
    ),
    get(
        "/former-devices",
        sharing.former_devices,
        "Devices once one's own",
        "Their readings of that time stay readable under `/devices/{device}/readings`.",
        files=(TableFile("former-devices", "Download devices once one's own"),),
    ),
)
