"""Zones and communes against operators; borders and figures imported from files."""
