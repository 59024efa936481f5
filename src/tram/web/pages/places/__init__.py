"""The map and the zones."""
