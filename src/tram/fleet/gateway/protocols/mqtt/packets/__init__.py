"""What lies on the wire of MQTT 3.1.1 and 5: packets, their properties and reasons."""
