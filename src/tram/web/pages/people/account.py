"""One's own account: second factor, sessions, API tokens, password, personal data; invitations."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import segno
from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from tram.api.http.parameters import TakenServices, TakenViewer
from tram.api.http.services import Services
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
from tram.registry.kernel.viewer import Viewer
from tram.runtime.errors import Fault, Refused
from tram.web.forms import Form, Typed, fault_of, faults_of
from tram.web.rendering import Screen, TakenScreen

_HOME = "/account"
_SCALE = 5


@get("/account")
async def account_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen
) -> Response[str]:
    """Show sessions, tokens, second factor and password."""
    return await _account(services, viewer, screen, {})


@post("/account/sessions/{opened:int}/end", status_code=HTTPStatus.SEE_OTHER)
async def end_session(
    services: TakenServices, viewer: TakenViewer, opened: FromPath[int]
) -> Redirect:
    """End one of one's sessions."""
    await revoke_session(services, viewer, opened)
    return Redirect(_HOME, status_code=303)


@post("/account/tokens", status_code=HTTPStatus.CREATED)
async def make_token(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, data: Form
) -> Response[str]:
    """Make an API token and show it this once."""
    typed = Typed(data)
    form = ApiTokenForm(
        name=typed.text("name", needed=True),
        permissions=[name.removeprefix("may-") for name in data if name.startswith("may-")],
        days=typed.whole("days"),
    )
    faults = tuple(typed.faults)
    if not faults:
        try:
            issued = await create_api_token(services, viewer, form)
        except Refused as error:
            faults = faults_of(error)
        else:
            return await _account(services, viewer, screen, {}, secret=issued.secret)
    return await _account(services, viewer, screen, data, faults)


@post("/account/tokens/{token:int}/revoke", status_code=HTTPStatus.SEE_OTHER)
async def end_token(
    services: TakenServices, viewer: TakenViewer, token: FromPath[int]
) -> Redirect:
    """End an API token."""
    await revoke_api_token(services, viewer, token)
    return Redirect(_HOME, status_code=303)


@post("/account/password", status_code=HTTPStatus.SEE_OTHER)
async def new_password(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, data: Form
) -> Response[Any]:
    """Replace one's password; every session ends, this one too, and tokens where wished."""
    try:
        end_tokens = Typed(data).ticked("end-tokens")
        wanted = NewPassword(data.get("old", ""), data.get("new", ""), end_tokens)
        await change_password(services, viewer, wanted)
    except Refused as error:
        fault = fault_of(error, "old" if error.code == "password.wrong_now" else "new")
        return await _account(services, viewer, screen, {}, (fault,))
    return Redirect("/login", status_code=303)


@get("/account/factor")
async def factor_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen
) -> Response[str]:
    """Offer a secret for an authenticator, as a picture and as a word."""
    offer = await factor_offer(services, viewer)
    return _factor(screen, offer.secret, offer.address)


@post("/account/factor", status_code=HTTPStatus.CREATED)
async def turn_factor_on(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, data: Form
) -> Response[str]:
    """Turn the second factor on, and show the recovery codes this once."""
    secret, address = data.get("secret", ""), data.get("address", "")
    try:
        made = await start_factor(services, viewer, TotpProof(secret, data.get("code", "")))
    except Refused as error:
        return _factor(screen, secret, address, fault_of(error, "code"))
    return screen.show("people/recovery.html", HTTPStatus.CREATED, codes=made.codes)


@post("/account/factor/off", status_code=HTTPStatus.SEE_OTHER)
async def turn_factor_off(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, data: Form
) -> Response[Any]:
    """Turn the second factor off with the password."""
    try:
        await stop_factor(services, viewer, PasswordProof(data.get("password", "")))
    except Refused as error:
        return await _account(services, viewer, screen, {}, (fault_of(error, "password"),))
    return Redirect(_HOME, status_code=303)


@post("/account/factor/codes", status_code=HTTPStatus.CREATED)
async def new_codes(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, data: Form
) -> Response[str]:
    """Make new recovery codes with the password, and show them this once."""
    try:
        proof = PasswordProof(data.get("password", ""))
        made = await renew_recovery_codes(services, viewer, proof)
    except Refused as error:
        return await _account(services, viewer, screen, {}, (fault_of(error, "password"),))
    return screen.show("people/recovery.html", HTTPStatus.CREATED, codes=made.codes)


@get("/invitations/{secret:str}")
async def invitation_page(
    request: Request[Any, Any, Any],
    services: TakenServices,
    screen: TakenScreen,
    secret: FromPath[str],
) -> Response[str]:
    """Let the bearer of an invitation choose login and password."""
    invited = await services.registry.invitations.shown(secret, address=address_of(request))
    spoken = screen.in_language(invited.locale)
    return spoken.show(
        "people/invitation.html", invited=invited, secret=secret, data={}, faults={}
    )


@post("/invitations/{secret:str}", status_code=HTTPStatus.CREATED)
async def join(
    request: Request[Any, Any, Any],
    services: TakenServices,
    screen: TakenScreen,
    secret: FromPath[str],
    data: Form,
) -> Response[Any]:
    """Register the invited person, who then logs in."""
    address = address_of(request)
    services.throttle.attempt(address, services.clock.monotonic_s())
    invited = await services.registry.invitations.shown(secret, address=address)
    login, password = data.get("login", ""), data.get("password", "")
    try:
        await services.registry.invitations.accept(secret, login, password, address=address)
    except Refused as error:
        named = {"login.taken": "login", "password.wrong": "password"}.get(error.code)
        faults = (fault_of(error, named),) if named else error.faults
        return screen.in_language(invited.locale).show(
            "people/invitation.html",
            HTTPStatus.UNPROCESSABLE_ENTITY,
            invited=invited,
            secret=secret,
            data={"login": login},
            faults={fault.field: fault for fault in faults},
        )
    return Redirect("/login", status_code=303)


async def _account(  # noqa: PLR0913, PLR0917  # a form with what was typed
    services: Services,
    viewer: Viewer,
    screen: Screen,
    data: Mapping[str, str],
    faults: tuple[Fault, ...] = (),
    secret: str = "",
) -> Response[str]:
    status = HTTPStatus.CREATED if secret else HTTPStatus.OK
    return screen.show(
        "people/account.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else status,
        sessions=(await list_sessions(services, viewer)).items,
        tokens=(await list_api_tokens(services, viewer)).items,
        factor=await factor_state(services, viewer),
        permissions=sorted({name for scope in viewer.scopes for name in scope.permissions}),
        secret=secret,
        data=data,
        faults={fault.field: fault for fault in faults},
    )


def _factor(
    screen: Screen, secret: str, address: str, fault: Fault | None = None
) -> Response[str]:
    return screen.show(
        "people/factor.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if fault else HTTPStatus.OK,
        secret=secret,
        address=address,
        square=_square(address),
        faults={fault.field: fault} if fault else {},
    )


def _square(address: str) -> str:
    """Return the square code as the address of a picture that holds it."""
    code = segno.make(address or " ", error="m")
    picture: str = code.svg_data_uri(scale=_SCALE, light="#fff")
    return picture
