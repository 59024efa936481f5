"""The map, zones, organisations."""
