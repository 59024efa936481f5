"""What ``tram up`` says when everything runs: one table, and a line to paste."""

from typing import Any

from rich.console import Console
from rich.table import Table

from tram.app.installation import Installation

__all__ = ("print_table",)


def print_table(installation: Installation, state: dict[str, Any]) -> None:
    """Print addresses, log-ins and a line that sends a reading."""
    ports = state["ports"]
    table = Table(show_header=False, title="Trạm is running")
    table.add_row("Pages and API", f"http://{installation.settings.web.host}:{ports['web']}/")
    table.add_row("Devices by MQTT", f"{installation.settings.gateway.host}:{ports['mqtt']}")
    table.add_row(
        "Devices by HTTP", f"http://{installation.settings.gateway.host}:{ports['http']}"
    )
    table.add_row("Log-ins", str(installation.folder.log_ins_file))
    Console().print(table)
