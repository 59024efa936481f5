"""Every setting of the product: one frozen class per subject, from one file and the environment.

Order of precedence: ``TRAM_<SUBJECT>_<FIELD>`` in the environment, then ``tram.toml`` in the data
folder, then the default written here. ``tram settings`` prints this page as a commented file.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from tram.runtime.errors import Fault, Refused

__all__ = (
    "AlarmsSettings",
    "GatewaySettings",
    "LogSettings",
    "MailSettings",
    "OidcSettings",
    "PrivacySettings",
    "RegistrySettings",
    "Settings",
    "StoreSettings",
    "WebSettings",
    "commented_file",
    "load_settings",
)


def _setting(default: Any, doc: str, least: int | None = None) -> Any:  # noqa: ANN401  # dataclass field of any type
    """Declare a setting with its documentation and its least allowed value."""
    return field(default=default, metadata={"doc": doc, "least": least})


@dataclass(frozen=True, slots=True)
class WebSettings:
    """The pages and the programming interface."""

    host: str = _setting("127.0.0.1", "Address to listen on. 0.0.0.0 only behind a TLS proxy.")
    port: int = _setting(8080, "TCP port of pages and API.", 1)
    session_hours: int = _setting(12, "Hours until a person must log in again.", 1)
    secure_cookies: bool = _setting(False, "True when a TLS proxy stands in front.")
    hsts_days: int = _setting(
        0, "Days that browsers must use https only (HSTS), told over https; 0 = do not tell.", 0
    )
    site: str = _setting(
        "", "Address of the pages as people type it (https://tram.example.vn); else the request's."
    )
    token_requests_per_minute: int = _setting(600, "Requests a minute of one API token.", 1)
    org_requests_per_minute: int = _setting(
        6_000, "Requests a minute of one organisation, people and tokens together.", 1
    )


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """The listeners for devices."""

    host: str = _setting("127.0.0.1", "Address to listen on for devices.")
    mqtt_port: int = _setting(1883, "TCP port of MQTT 3.1.1 and 5.", 1)
    http_port: int = _setting(8081, "TCP port of the device HTTP API.", 1)
    ws_port: int = _setting(0, "TCP port of MQTT over WebSocket (path /mqtt); 0 = closed.", 0)
    mqtts_port: int = _setting(0, "TCP port of MQTT over TLS; 0 = closed.", 0)
    wss_port: int = _setting(0, "TCP port of MQTT over WebSocket over TLS; 0 = closed.", 0)
    https_port: int = _setting(0, "TCP port of the device HTTP API over TLS; 0 = closed.", 0)
    tls_certificate: str = _setting("", "PEM file of the gateway's certificate and its chain.")
    tls_key: str = _setting("", "PEM file of its private key; empty = in the certificate's file.")
    tls_client_ca: str = _setting(
        "", "PEM file of issuers trusted at the TLS handshake beside those of the registry."
    )
    flush_ms: int = _setting(20, "Longest wait before the open block is sent to the log.", 1)
    payload_bytes_max: int = _setting(65_536, "Largest payload of one message.", 64)
    keep_alive_s_max: int = _setting(
        3_600, "Longest keep-alive of MQTT 5 clients, and of those that ask for none.", 10
    )
    connections_max: int = _setting(100_000, "Most open device connections per process.", 1)
    device_connections_max: int = _setting(
        100, "Most open connections of one device per process.", 1
    )
    pending_bytes_max: int = _setting(
        16_777_216, "Bytes accepted but not yet on disk; beyond it every sender waits.", 65_536
    )
    device_messages_per_s: int = _setting(
        1_000, "Messages per second of one device; a faster one is slowed, not cut off.", 1
    )
    backlog_rows_per_s: int = _setting(
        20_000,
        "Rows per second of old readings (over 15 minutes), so that live ones stay fast.",
        1,
    )


@dataclass(frozen=True, slots=True)
class LogSettings:
    """The durable log (NATS JetStream)."""

    url: str = _setting(
        "",
        "Servers of a NATS cluster (nats://A:4222,nats://B:4222,…) instead of the own server; "
        "see 'tram log users'.",
    )
    max_bytes: int = _setting(
        4_294_967_296, "Room of the block log on disk; when full, senders wait.", 1_048_576
    )
    keep_minutes: int = _setting(10, "Blocks younger than this are never purged.", 10)


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """The telemetry store."""

    url: str = _setting("", "ClickHouse server to use instead of the embedded engine.")
    server_key: str = _setting("", "Key that the ClickHouse server asks for.")
    batch_rows: int = _setting(100_000, "Rows collected before an insert.", 1)
    batch_ms: int = _setting(500, "Longest wait before an insert.", 1)
    keys_per_device: int = _setting(1_000, "Most metrics that one device may have.", 1)
    retention: str = _setting(
        "", "Days that raw readings stay by metric pattern, as 'battery*=90, *=0'; 0 keeps them."
    )
    query_seconds_max: int = _setting(30, "A query running longer is stopped.", 1)


@dataclass(frozen=True, slots=True)
class RegistrySettings:
    """The registry's database."""

    url: str = _setting(
        "", "PostgreSQL address (postgresql+asyncpg://…) instead of the embedded SQLite."
    )
    province: str = _setting(
        "quang-ngai",
        "Province of a new installation: a shipped one by name, another by the path of its folder.",
    )


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The mail server that letters of the product leave by (SMTP)."""

    host: str = _setting("", "Name of the mail server; empty sends nothing.")
    port: int = _setting(587, "TCP port of the mail server.", 1)
    security: str = _setting("starttls", "starttls, tls, or none (only on this machine).")
    user: str = _setting("", "User name at the mail server; empty sends without one.")
    password: str = _setting("", "Password at the mail server.")
    sender: str = _setting("", "Address that the letters come from.")


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """Log-in through another system (OpenID Connect)."""

    issuer: str = _setting("", "Address of the provider; empty offers no such log-in.")
    client_id: str = _setting("", "This product's name at the provider.")
    client_secret: str = _setting("", "This product's secret at the provider.")
    name: str = _setting("OpenID", "What the button on the log-in page says.")


@dataclass(frozen=True, slots=True)
class AlarmsSettings:
    """Alarms: how notices leave the house."""

    public_url: str = _setting(
        "http://127.0.0.1:8080", "Address of the pages, for the links in notices."
    )
    webhook_networks: str = _setting(
        "", "Private networks that webhooks may reach, e.g. 10.1.0.0/16, separated by blanks."
    )


@dataclass(frozen=True, slots=True)
class PrivacySettings:
    """Requests about personal data: the periods are our choice, not verified against the law."""

    access_days: int = _setting(10, "Days to answer a request for access (unverified).", 1)
    correction_days: int = _setting(10, "Days to answer a request to correct (unverified).", 1)
    erasure_days: int = _setting(10, "Days to answer a request to erase (unverified).", 1)
    restriction_days: int = _setting(10, "Days to answer a request to restrict (unverified).", 1)
    withdrawal_days: int = _setting(
        10, "Days to answer a withdrawal of consent on paper (unverified).", 1
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings by subject."""

    web: WebSettings = field(default_factory=WebSettings)
    gateway: GatewaySettings = field(default_factory=GatewaySettings)
    log: LogSettings = field(default_factory=LogSettings)
    store: StoreSettings = field(default_factory=StoreSettings)
    registry: RegistrySettings = field(default_factory=RegistrySettings)
    mail: MailSettings = field(default_factory=MailSettings)
    oidc: OidcSettings = field(default_factory=OidcSettings)
    alarms: AlarmsSettings = field(default_factory=AlarmsSettings)
    privacy: PrivacySettings = field(default_factory=PrivacySettings)


_SUBJECTS = (
    WebSettings,
    GatewaySettings,
    LogSettings,
    StoreSettings,
    RegistrySettings,
    MailSettings,
    OidcSettings,
    AlarmsSettings,
    PrivacySettings,
)


def load_settings(file: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the file (it may be absent) and the environment; list every wrong setting at once.

    Raises:
        Refused: with one fault per wrong or unknown setting.
    """
    environment = os.environ if environment is None else environment
    faults: list[Fault] = []
    written = _read_file(file, faults)
    subjects: dict[str, Any] = {}
    for subject_class in _SUBJECTS:
        subject = _subject_name(subject_class)
        table = written.pop(subject, {})
        subjects[subject] = _read_subject(subject_class, table, environment, faults)
    faults += [Fault(name, "settings.subject") for name in written]
    if faults:
        raise Refused(
            "settings.wrong",
            "Some settings are wrong: " + "; ".join(f"{f.field}: {f.sentence}" for f in faults),
            f"Mend them in {file} or in the environment.",
            tuple(faults),
        )
    return Settings(**subjects)


def commented_file() -> str:
    """Return the settings file with every default, each with its meaning above it."""
    lines: list[str] = []
    for subject_class in _SUBJECTS:
        lines += [f"# {subject_class.__doc__}", f"[{_subject_name(subject_class)}]"]
        for item in fields(subject_class):
            value = str(item.default).lower() if item.type is bool else repr(item.default)
            lines += [
                f"# {item.metadata['doc']}",
                f"{item.name} = {value.replace(chr(39), chr(34))}",
            ]
        lines.append("")
    return "\n".join(lines)


def _subject_name(subject_class: type) -> str:
    return subject_class.__name__.removesuffix("Settings").lower()


def _read_file(file: Path, faults: list[Fault]) -> dict[str, Any]:
    if not file.exists():
        return {}
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        faults.append(Fault(str(file), "settings.file", {"problem": str(error)}))
        return {}


def _read_subject(
    subject_class: type, table: object, environment: Mapping[str, str], faults: list[Fault]
) -> object:
    subject = _subject_name(subject_class)
    given = dict(table) if isinstance(table, dict) else {}
    values: dict[str, Any] = {}
    for item in fields(subject_class):
        name = f"{subject}.{item.name}"
        variable = f"TRAM_{subject}_{item.name}".upper()
        if item.name in given:
            values[item.name] = _checked(item, name, given.pop(item.name), faults)
        if variable in environment:
            values[item.name] = _checked(item, variable, environment[variable], faults)
    faults += [Fault(f"{subject}.{name}", "settings.unknown") for name in given]
    return subject_class(**values)


def _checked(item: Field[Any], name: str, value: object, faults: list[Fault]) -> object:
    """Return the value in the field's type; on a fault note it and return the default."""
    try:
        result = _converted(item.type, value)
    except ValueError:
        wanted = getattr(item.type, "__name__", item.type)
        faults.append(Fault(name, "settings.type", {"value": repr(value), "wanted": str(wanted)}))
        return item.default
    least = item.metadata["least"]
    if least is not None and isinstance(result, int) and result < least:
        faults.append(Fault(name, "settings.least", {"value": result, "least": least}))
    return result


def _converted(wanted: object, value: object) -> object:
    if wanted is bool:
        words = {"true": True, "false": False, "1": True, "0": False}
        if str(value).lower() not in words:
            raise ValueError(value)
        return words[str(value).lower()]
    if wanted is int:
        if isinstance(value, bool | float):
            raise ValueError(value)
        return int(str(value))
    if not isinstance(value, str):
        raise ValueError(value)  # noqa: TRY004  # one family of faults for the caller
    return value
