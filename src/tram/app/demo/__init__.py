"""A simulated province: about 200 devices that send through real MQTT, all marked synthetic."""
