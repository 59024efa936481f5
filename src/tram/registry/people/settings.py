"""What an operator sets of mail and of log-in by OpenID Connect."""

from dataclasses import dataclass

from tram.runtime.settings import setting

__all__ = ("MailSettings", "OidcSettings")


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The mail server that letters of the product leave by (SMTP)."""

    host: str = setting("", "Name of the mail server; empty sends nothing.")
    port: int = setting(587, "TCP port of the mail server.", 1)
    security: str = setting("starttls", "starttls, tls, or none (only on this machine).")
    user: str = setting("", "User name at the mail server; empty sends without one.")
    password: str = setting("", "Password at the mail server.")
    sender: str = setting("", "Address that the letters come from.")


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """Log-in through another system (OpenID Connect)."""

    issuer: str = setting("", "Address of the provider; empty offers no such log-in.")
    client_id: str = setting("", "This product's name at the provider.")
    client_secret: str = setting("", "This product's secret at the provider.")
    name: str = setting("OpenID", "What the button on the log-in page says.")
