"""Devices: the list, one device, adding one, what it is sent."""
