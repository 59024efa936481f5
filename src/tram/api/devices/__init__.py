"""Devices: the list, one device, what lets it in and what it is sent."""
