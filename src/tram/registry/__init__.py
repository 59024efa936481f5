"""Organisations, people, grants, zones, devices, credentials, audit and jobs; the ``Viewer``."""
