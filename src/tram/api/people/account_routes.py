"""Routes of one's own account: sessions, second factor, tokens, personal data."""

from litestar import Router, delete, get, post
from litestar.params import FromPath, JSONBody

from tram.api.http.list_files import with_every_format
from tram.api.http.paging import LIMIT_DEFAULT
from tram.api.http.parameters import Cursor, PageLimit, TakenServices, TakenViewer
from tram.api.people.account import (
    ApiTokenForm,
    ApiTokenList,
    IssuedApiToken,
    NewPassword,
    PasswordProof,
    RecoveryCodes,
    SessionList,
    TotpProof,
    change_password,
    create_api_token,
    factor_offer,
    factor_state,
    list_api_tokens,
    list_sessions,
    my_data,
    renew_recovery_codes,
    revoke_api_token,
    revoke_session,
    start_factor,
    stop_factor,
)
from tram.registry.people.second_factor import TotpOffer, TotpState
from tram.registry.privacy.subject_access import PersonalData

__all__ = ("account_routes",)


@get("/me/sessions", summary="My sessions", tags=["account"])
async def get_sessions(services: TakenServices, viewer: TakenViewer) -> SessionList:
    """From where and with what browser, the one used last first."""
    return await list_sessions(services, viewer)


@delete("/me/sessions/{opened:int}", summary="End a session", tags=["account"], status_code=204)
async def delete_session_of_mine(
    services: TakenServices, viewer: TakenViewer, opened: FromPath[int]
) -> None:
    """Live views of it end within seconds."""
    await revoke_session(services, viewer, opened)


@get("/me/tokens", summary="My API tokens", tags=["account"])
async def get_tokens(
    services: TakenServices,
    viewer: TakenViewer,
    cursor: Cursor = None,
    limit: PageLimit = LIMIT_DEFAULT,
) -> ApiTokenList:
    """With scope, expiry and last use; past ones included."""
    return await list_api_tokens(services, viewer, cursor, limit)


@post("/me/tokens", summary="Make an API token", tags=["account"])
async def post_token(
    services: TakenServices, viewer: TakenViewer, data: JSONBody[ApiTokenForm]
) -> IssuedApiToken:
    """The secret is shown this once."""
    return await create_api_token(services, viewer, data)


@delete("/me/tokens/{token:int}", summary="Revoke an API token", tags=["account"], status_code=204)
async def delete_token(services: TakenServices, viewer: TakenViewer, token: FromPath[int]) -> None:
    """It opens nothing any more."""
    await revoke_api_token(services, viewer, token)


@get("/me/totp", summary="My second factor", tags=["account"])
async def get_factor(services: TakenServices, viewer: TakenViewer) -> TotpState:
    """Whether it is on, and how many recovery codes are left."""
    return await factor_state(services, viewer)


@post("/me/totp/offer", summary="A secret for an authenticator", tags=["account"])
async def post_factor_offer(services: TakenServices, viewer: TakenViewer) -> TotpOffer:
    """Nothing is kept until a code of it proves that it arrived."""
    return await factor_offer(services, viewer)


@post("/me/totp", summary="Turn the second factor on", tags=["account"])
async def post_factor(
    services: TakenServices, viewer: TakenViewer, data: JSONBody[TotpProof]
) -> RecoveryCodes:
    """Answers ten recovery codes, shown this once."""
    return await start_factor(services, viewer, data)


@post("/me/totp/recovery", summary="New recovery codes", tags=["account"])
async def post_recovery(
    services: TakenServices, viewer: TakenViewer, data: JSONBody[PasswordProof]
) -> RecoveryCodes:
    """The ones before open nothing any more."""
    return await renew_recovery_codes(services, viewer, data)


@post("/me/totp/off", summary="Turn the second factor off", tags=["account"], status_code=204)
async def post_factor_off(
    services: TakenServices, viewer: TakenViewer, data: JSONBody[PasswordProof]
) -> None:
    """Needs the password."""
    await stop_factor(services, viewer, data)


@post("/me/password", summary="Change my password", tags=["account"], status_code=204)
async def post_password(
    services: TakenServices, viewer: TakenViewer, data: JSONBody[NewPassword]
) -> None:
    """Ends all sessions, this one too, and the API tokens unless `end_tokens` is false."""
    await change_password(services, viewer, data)


@get("/me/data", summary="Everything kept about me", tags=["account"])
async def get_my_data(services: TakenServices, viewer: TakenViewer) -> PersonalData:
    """Personal data, roles, sessions, tokens and one's own acts."""
    return await my_data(services, viewer)


def account_routes() -> Router:
    """Return the routes of this module."""
    return Router(
        "/",
        route_handlers=with_every_format(
            [
                get_sessions,
                delete_session_of_mine,
                get_tokens,
                post_token,
                delete_token,
                get_factor,
                post_factor_offer,
                post_factor,
                post_recovery,
                post_factor_off,
                post_password,
                get_my_data,
            ]
        ),
    )
