"""One's own account: second factor, sessions, API tokens, password, personal data; invitations."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import segno
from litestar import Request, Response, get
from litestar.params import FromPath

from tram.api.http.parameters import TakenServices
from tram.api.http.session import address_of
from tram.api.people.account import (
    ApiTokenForm,
    NewPassword,
    PasswordProof,
    TotpProof,
    change_password,
    create_api_token,
    factor_offer,
    factor_state,
    list_api_tokens,
    list_sessions,
    renew_recovery_codes,
    revoke_api_token,
    revoke_session,
    start_factor,
    stop_factor,
)
from tram.api.people.people import accept_invitation, show_invitation
from tram.registry.people.passwords import LENGTH_MIN
from tram.runtime.errors import Refused
from tram.web.forms import Form, Typed, at_field
from tram.web.page_context import PageContext, TakenPage
from tram.web.rendering import TakenScreen
from tram.web.submission import NO_FAULTS, Faults, submission
from tram.web.words.sharing import PROBLEMS

_HOME = "/account"
_SCALE = 5
_NOTHING: Mapping[str, str] = {}


async def _account(
    page: PageContext,
    data: Mapping[str, str] = _NOTHING,
    faults: Faults = NO_FAULTS,
    secret: str = "",
) -> Response[str]:
    """Show the account with its forms; ``secret`` is a token that was just made."""
    scopes = page.viewer.scopes
    return page.show(
        "people/account.html",
        HTTPStatus.CREATED if secret else HTTPStatus.OK,
        sessions=(await page.call(list_sessions)).items,
        tokens=(await page.call(list_api_tokens)).items,
        factor=await page.call(factor_state),
        permissions=sorted({name for scope in scopes for name in scope.permissions}),
        secret=secret,
        data=data,
        faults=faults,
    )


@get("/account")
async def account_page(page: TakenPage) -> Response[str]:
    """Show sessions, tokens, second factor and password."""
    return await _account(page)


@submission("/account/sessions/{opened:int}/end")
async def end_session(page: TakenPage, opened: FromPath[int]) -> str:
    """End one of one's sessions."""
    await page.call(revoke_session, opened)
    return _HOME


@submission("/account/tokens", _account)
async def make_token(page: TakenPage, data: Form) -> Response[str]:
    """Make an API token and show it this once."""
    wanted = [name.removeprefix("may-") for name in data if name.startswith("may-")]
    form = Typed(data).read(ApiTokenForm, permissions=wanted)
    issued = await page.call(create_api_token, form)
    return await _account(page, secret=issued.secret)


@submission("/account/tokens/{token:int}/revoke")
async def end_token(page: TakenPage, token: FromPath[int]) -> str:
    """End an API token."""
    await page.call(revoke_api_token, token)
    return _HOME


async def _unproven(page: PageContext, faults: Faults) -> Response[str]:
    """Show the account again; no password stays typed."""
    return await _account(page, faults=faults)


@submission("/account/password", _unproven)
async def new_password(page: TakenPage, data: Form) -> str:
    """Replace one's password; every session ends, this one too, and tokens where wished."""
    end_tokens = Typed(data).ticked("end-tokens")
    try:
        wanted = NewPassword(data.get("old", ""), data.get("new", ""), end_tokens)
        await page.call(change_password, wanted)
    except Refused as error:
        raise at_field(
            error, "old" if error.code == "password.wrong_now" else "new", PROBLEMS
        ) from error
    return "/login"


@get("/account/factor")
async def factor_page(page: TakenPage) -> Response[str]:
    """Offer a secret for an authenticator, as a picture and as a word."""
    offer = await page.call(factor_offer)
    return await _factor(page, {"secret": offer.secret, "address": offer.address})


async def _factor(
    page: PageContext, data: Mapping[str, str], faults: Faults = NO_FAULTS
) -> Response[str]:
    address = data.get("address", "")
    return page.show(
        "people/factor.html",
        secret=data.get("secret", ""),
        address=address,
        square=_square(address),
        faults=faults,
    )


@submission("/account/factor", _factor)
async def turn_factor_on(page: TakenPage, data: Form) -> Response[str]:
    """Turn the second factor on, and show the recovery codes this once."""
    proof = TotpProof(data.get("secret", ""), data.get("code", ""))
    try:
        made = await page.call(start_factor, proof)
    except Refused as error:
        raise at_field(error, "code", PROBLEMS) from error
    return page.show("people/recovery.html", HTTPStatus.CREATED, codes=made.codes)


@submission("/account/factor/off", _unproven)
async def turn_factor_off(page: TakenPage, data: Form) -> str:
    """Turn the second factor off with the password."""
    try:
        await page.call(stop_factor, PasswordProof(data.get("password", "")))
    except Refused as error:
        raise at_field(error, "password", PROBLEMS) from error
    return _HOME


@submission("/account/factor/codes", _unproven)
async def new_codes(page: TakenPage, data: Form) -> Response[str]:
    """Make new recovery codes with the password, and show them this once."""
    try:
        made = await page.call(renew_recovery_codes, PasswordProof(data.get("password", "")))
    except Refused as error:
        raise at_field(error, "password", PROBLEMS) from error
    return page.show("people/recovery.html", HTTPStatus.CREATED, codes=made.codes)


@get("/invitations/{secret:str}")
async def invitation_page(
    request: Request[Any, Any, Any],
    services: TakenServices,
    screen: TakenScreen,
    secret: FromPath[str],
) -> Response[str]:
    """Let the bearer of an invitation choose login and password."""
    invited = await show_invitation(services, secret, address_of(request))
    spoken = screen.in_language(invited.locale)
    return spoken.show(
        "people/invitation.html",
        invited=invited,
        secret=secret,
        least=LENGTH_MIN,
        data={},
        faults={},
    )


@submission("/invitations/{secret:str}")
async def join(
    request: Request[Any, Any, Any],
    services: TakenServices,
    screen: TakenScreen,
    secret: FromPath[str],
    data: Form,
) -> str | Response[Any]:
    """Register the invited person, who then logs in; each look at an invitation counts as a guess."""
    address = address_of(request)
    services.login_rate.attempt(address, services.clock.monotonic_s())
    invited = await show_invitation(services, secret, address)
    login, password = data.get("login", ""), data.get("password", "")
    try:
        await accept_invitation(services, secret, login, password, address=address)
    except Refused as error:
        named = {"login.taken": "login", "password.wrong": "password"}.get(error.code)
        faults = at_field(error, named, PROBLEMS).faults if named else error.faults
        return screen.in_language(invited.locale).show(
            "people/invitation.html",
            HTTPStatus.UNPROCESSABLE_ENTITY,
            invited=invited,
            secret=secret,
            least=LENGTH_MIN,
            data={"login": login},
            faults={fault.field: fault for fault in faults},
        )
    return "/login"


def _square(address: str) -> str:
    """Return the square code as the address of a picture that holds it."""
    code = segno.make(address or " ", error="m")
    picture: str = code.svg_data_uri(scale=_SCALE, light="#fff")
    return picture
