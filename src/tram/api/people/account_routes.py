"""Routes of one's own account: sessions, second factor, tokens, personal data."""

from tram.api.http.route_table import delete, get, post, tagged
from tram.api.people import account

__all__ = ("ROUTES",)

ROUTES = tagged(
    "account",
    get(
        "/me/sessions",
        account.list_sessions,
        "My sessions",
        "From where and with what browser, the one used last first.",
    ),
    delete(
        "/me/sessions/{opened:int}",
        account.revoke_session,
        "End a session",
        "Live views of it end within seconds.",
        noun="session_of_mine",
    ),
    get(
        "/me/tokens",
        account.list_api_tokens,
        "My API tokens",
        "With scope, expiry and last use; past ones included.",
    ),
    post(
        "/me/tokens",
        account.create_api_token,
        "Make an API token",
        "The secret is shown this once.",
    ),
    delete(
        "/me/tokens/{token:int}",
        account.revoke_api_token,
        "Revoke an API token",
        "It opens nothing any more.",
    ),
    get(
        "/me/totp",
        account.factor_state,
        "My second factor",
        "Whether it is on, and how many recovery codes are left.",
        noun="factor",
    ),
    post(
        "/me/totp/offer",
        account.factor_offer,
        "A secret for an authenticator",
        "Nothing is kept until a code of it proves that it arrived.",
        noun="factor_offer",
    ),
    post(
        "/me/totp",
        account.start_factor,
        "Turn the second factor on",
        "Answers ten recovery codes, shown this once.",
        noun="factor",
    ),
    post(
        "/me/totp/recovery",
        account.renew_recovery_codes,
        "New recovery codes",
        "The ones before open nothing any more.",
    ),
    post(
        "/me/totp/off",
        account.stop_factor,
        "Turn the second factor off",
        "Needs the password.",
        noun="factor_off",
        status=204,
    ),
    post(
        "/me/password",
        account.change_password,
        "Change my password",
        "Ends all sessions, this one too, and the API tokens unless `end_tokens` is false.",
        status=204,
    ),
    get(
        "/me/data",
        account.my_data,
        "Everything kept about me",
        "Personal data, roles, sessions, tokens and one's own acts.",
        noun="my_data",
    ),
)
