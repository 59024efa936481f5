"""The schemas of the registry's database, forward only."""
