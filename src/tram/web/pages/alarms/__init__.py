"""Alarms, rules, and who is told."""
