"""What ``tram up`` says when everything runs: one table, and a line to paste."""

from typing import Any

from rich.console import Console
from rich.table import Table

from tram.app.demo.fleet import DeviceScript
from tram.app.demo.simulation import read_tokens
from tram.app.installation.installation import Installation
from tram.app.installation.log_ins import LogIns

__all__ = ("facts", "print_table")


def facts(installation: Installation, state: dict[str, Any]) -> dict[str, Any]:
    """Return what ``tram up --json`` prints: ports, process ids and where the secrets lie."""
    folder = installation.folder
    tokens = folder.demo_tokens_file
    return {
        **state,
        "data": str(folder.root),
        "web": f"http://{_reachable(installation.settings.web.host)}:{state['ports']['web']}",
        "log_ins": str(folder.log_ins_file),
        "tokens": str(tokens) if tokens.exists() else None,
    }


def print_table(installation: Installation, state: dict[str, Any]) -> None:
    """Print addresses, log-ins and a line that sends a reading."""
    settings, ports = installation.settings, state["ports"]
    gateway = _reachable(settings.gateway.host)
    table = Table(show_header=False, title="Trạm is running (Ctrl-C stops it)", min_width=60)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("Pages and API", f"http://{_reachable(settings.web.host)}:{ports['web']}/")
    table.add_row("Devices: MQTT", f"{gateway}:{ports['mqtt']}  (user name = token)")
    table.add_row("Devices: HTTP", f"http://{gateway}:{ports['http']}/api/v1/TOKEN/telemetry")
    for login, password in LogIns(installation.folder.log_ins_file).all().items():
        table.add_row(f"Log-in {login}", password)
    table.add_row("Log-ins are kept in", str(installation.folder.log_ins_file))
    console = Console(highlight=False)
    console.print(table)
    token = _spare_token(installation)
    if token is None:
        console.print("Add a device in the pages, then send with its token.", soft_wrap=True)
        return
    console.print("Send a reading; it shows on the device's page:", soft_wrap=True)
    for line in _sending(gateway, ports, token):
        console.print(line, soft_wrap=True, markup=False)


def _sending(gateway: str, ports: dict[str, int], token: str) -> tuple[str, ...]:
    """Return lines that a person can paste into a shell."""
    reading = """'{"pH": 7.2, "Temp": 29.5}'"""
    url = f"http://{gateway}:{ports['http']}/api/v1/{token}/telemetry"
    by_http = f"curl -sS -X POST {url} -H 'Content-Type: application/json' -d {reading}"
    topic = "v1/devices/me/telemetry"
    by_mqtt = f"mosquitto_pub -h {gateway} -p {ports['mqtt']} -u {token} -q 1 -t {topic}"
    return f"  {by_http}", f"  {by_mqtt} -m {reading}"


def _spare_token(installation: Installation) -> str | None:
    """Return the token of the demo device that nobody simulates."""
    lines = read_tokens(installation.folder.demo_tokens_file)
    return next((line.token for line in lines if line.part is DeviceScript.SPARE), None)


def _reachable(host: str) -> str:
    """Return an address that works on this machine for one that is listened on."""
    return "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104  # compared, not bound
