"""TCP ports: is a wanted one free, and which ones may the parts use among themselves."""

from tram.app.installation.settings import Settings
from tram.runtime.errors import Fault, Refused
from tram.runtime.processes.process import free_ports, is_free

__all__ = ("INNER_PORTS", "inner_ports", "need_public_ports")

INNER_PORTS = (
    "nats",
    "nats_health",
    "store",
    "ops_gateway",
    "ops_store",
    "ops_web",
    "ops_work",
    "ops_alarms",
    "ops_demo",
)
# Below Linux' ephemeral range: no outgoing connection can sit on a port while its part restarts.
_INNER = range(20_000, 32_000)


def need_public_ports(settings: Settings) -> None:
    """Check the ports that people and devices use.

    Raises:
        Refused: naming every port that is taken and its setting.
    """
    wanted = (
        ("web.port", settings.web.host, settings.web.port),
        ("gateway.mqtt_port", settings.gateway.host, settings.gateway.mqtt_port),
        *(
            (f"gateway.{name}", settings.gateway.host, getattr(settings.gateway, name))
            for name in ("http_port", "ws_port", "mqtts_port", "wss_port", "https_port")
            if getattr(settings.gateway, name)
        ),
    )
    faults = tuple(
        Fault(name, "ports.taken", {"port": port, "host": host})
        for name, host, port in wanted
        if not is_free(host, port)
    )
    if faults:
        names = " and ".join(fault.field for fault in faults)
        variables = ", ".join(f"TRAM_{f.field.replace('.', '_').upper()}" for f in faults)
        raise Refused(
            "port.taken",
            "Trạm cannot listen: " + "; ".join(f"{f.sentence} ({f.field})" for f in faults) + ".",
            f"Stop the other program, or set {names} in tram.toml ({variables}) to a free port.",
            faults,
        )


def inner_ports() -> dict[str, int]:
    """Return a free loopback port for each part, the same until the product stops."""
    return dict(zip(INNER_PORTS, free_ports(len(INNER_PORTS), _INNER), strict=True))
