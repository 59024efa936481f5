"""What an operator sets of the listeners for devices and their limits."""

from dataclasses import dataclass

from tram.runtime.settings import setting

__all__ = ("GatewaySettings",)


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """The listeners for devices."""

    host: str = setting("127.0.0.1", "Address to listen on for devices.")
    mqtt_port: int = setting(1883, "TCP port of MQTT 3.1.1 and 5.", 1)
    http_port: int = setting(8081, "TCP port of the device HTTP API.", 1)
    ws_port: int = setting(0, "TCP port of MQTT over WebSocket (path /mqtt); 0 = closed.", 0)
    mqtts_port: int = setting(0, "TCP port of MQTT over TLS; 0 = closed.", 0)
    wss_port: int = setting(0, "TCP port of MQTT over WebSocket over TLS; 0 = closed.", 0)
    https_port: int = setting(0, "TCP port of the device HTTP API over TLS; 0 = closed.", 0)
    tls_certificate: str = setting("", "PEM file of the gateway's certificate and its chain.")
    tls_key: str = setting("", "PEM file of its private key; empty = in the certificate's file.")
    tls_client_ca: str = setting(
        "", "PEM file of issuers trusted at the TLS handshake beside those of the registry."
    )
    flush_ms: int = setting(20, "Longest wait before the open block is sent to the log.", 1)
    payload_bytes_max: int = setting(65_536, "Largest payload of one message.", 64)
    keep_alive_s_max: int = setting(
        3_600, "Longest keep-alive of MQTT 5 clients, and of those that ask for none.", 10
    )
    connections_max: int = setting(100_000, "Most open device connections per process.", 1)
    device_connections_max: int = setting(
        100, "Most open connections of one device per process.", 1
    )
    pending_bytes_max: int = setting(
        16_777_216, "Bytes accepted but not yet on disk; beyond it every sender waits.", 65_536
    )
    device_messages_per_s: int = setting(
        1_000, "Messages per second of one device; a faster one is slowed, not cut off.", 1
    )
    backlog_rows_per_s: int = setting(
        20_000,
        "Rows per second of old readings (over 15 minutes), so that live ones stay fast.",
        1,
    )
