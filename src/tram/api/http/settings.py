"""What an operator sets of pages and API."""

from dataclasses import dataclass

from tram.runtime.settings import setting

__all__ = ("WebSettings",)


@dataclass(frozen=True, slots=True)
class WebSettings:
    """The pages and the programming interface."""

    host: str = setting("127.0.0.1", "Address to listen on. 0.0.0.0 only behind a TLS proxy.")
    port: int = setting(8080, "TCP port of pages and API.", 1)
    session_hours: int = setting(12, "Hours until a person must log in again.", 1)
    secure_cookies: bool = setting(default=False, doc="True when a TLS proxy stands in front.")
    hsts_days: int = setting(
        0, "Days that browsers must use https only (HSTS), told over https; 0 = do not tell.", 0
    )
    site: str = setting(
        "", "Address of the pages as people type it (https://tram.example.vn); else the request's."
    )
    token_requests_per_minute: int = setting(600, "Requests a minute of one API token.", 1)
    org_requests_per_minute: int = setting(
        6_000, "Requests a minute of one organisation, people and tokens together.", 1
    )
