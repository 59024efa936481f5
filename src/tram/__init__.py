"""Trạm: a province's 5G stations and its IoT devices, in one place."""

__version__ = "0.1.0"
