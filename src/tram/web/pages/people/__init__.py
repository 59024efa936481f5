"""Logging in, one's own account and data, people and organisations."""
