"""From the log through the rules to alarms and incidents, each transition once."""
