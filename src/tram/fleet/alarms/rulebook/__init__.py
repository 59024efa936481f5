"""Rules: kept in versions, checked, tried on the past, given to the engine."""
