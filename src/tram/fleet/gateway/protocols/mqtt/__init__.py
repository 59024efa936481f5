"""MQTT 3.1.1: packets and the session of one connected device."""
