"""Alarms: from transitions of rules to the right person, once."""
