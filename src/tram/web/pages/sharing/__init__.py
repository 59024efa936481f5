"""Sharing: loans, groups, who has read, former devices."""
