"""Devices from outside: a fast generator in C, and a patient fleet in Python."""
