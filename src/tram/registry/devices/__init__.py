"""Devices: found, made, changed many at a time, handed over; their profiles and what is sent to them."""
